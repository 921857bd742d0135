r"""The commands and environments that a document may use: LaTeX's, amsmath's, amssymb's, and those
of the packages for tables, code and pictures. Words of the language, so that one that is not
there, which would stop an engine, is noticed. A name missing here is added, if LaTeX knows it.
"""

from __future__ import annotations

__all__ = ["IN_MATHS_ONLY", "KNOWN", "VERBATIM"]

VERBATIM = {"verbatim", "verbatim*", "lstlisting", "Verbatim", "filecontents", "minted"}

_TEXT = """
    documentclass usepackage title author date maketitle section subsection subsubsection
    paragraph subparagraph chapter part abstract begin end item caption footnote footnotetext
    footnotemark label ref cite textbf textit texttt textsc textsl textsf textrm textnormal emph
    underline textsuperscript textsubscript textbackslash textasciitilde textasciicircum
    textdollar textbar textless textgreater textquotedbl textunderscore textbraceleft
    textbraceright textbullet textdegree textregistered texttrademark textcopyright
    textasciigrave textquotesingle textsection textparagraph ldots dots quad qquad enspace
    hspace vspace hline cline toprule midrule bottomrule cmidrule multicolumn multirow
    multirowcell makecell newline linebreak par noindent centering raggedright raggedleft
    includegraphics tableofcontents and thanks footnotesize small normalsize scriptsize tiny
    large Large LARGE bfseries itshape ttfamily rmfamily sffamily mdseries upshape url href verb
    S P dag ddag copyright pounds euro o O l L ss ae AE oe OE aa AA i j null relax hfill vfill
    newpage clearpage protect selectfont today LaTeX TeX smallskip medskip bigskip addlinespace
    specialrule shortstack setcounter arraystretch renewcommand setlength tabcolsep linewidth
    textwidth columnwidth
    strut sout raisebox mbox hbox makebox fbox leavevmode document center flushleft flushright
    quote quotation verse itemize enumerate description table table* figure figure* tabular
    tabular* tabularx longtable array minipage tikzpicture thebibliography verbatim equation
    equation* align align* gather gather* multline multline* eqnarray eqnarray* draw node fill
    path foreach coordinate clip shade filldraw usetikzlibrary at cycle circle grid tikzset tikz
"""
_BOTH = """
    text textrm textbf textit mathrm ensuremath thinspace negthinspace enskip quad qquad
    ldots dots phantom hphantom vphantom hspace mbox color textcolor underline nonumber notag
    tag label displaystyle textstyle scriptstyle scriptscriptstyle left right big Big bigg Bigg
    bigl bigr Bigl Bigr biggl biggr Biggl Biggr middle hline cline limits nolimits
"""
_MATHS = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi
    pi varpi rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta Theta
    Lambda Xi Pi Sigma Upsilon Phi Psi Omega frac dfrac tfrac cfrac sqrt binom sum prod int iint
    iiint oint lim limsup liminf sup inf max min sin cos tan cot sec csc arcsin arccos arctan
    sinh cosh tanh log ln lg exp det dim ker deg gcd arg Pr hom operatorname times div cdot
    cdots vdots ddots pm mp ast star circ bullet oplus ominus otimes oslash odot cap cup uplus
    sqcap sqcup vee wedge setminus wr amalg leq le geq ge neq ne equiv sim simeq approx cong
    propto ll gg prec succ subset supset subseteq supseteq in ni notin mid parallel perp models
    vdash dashv to rightarrow leftarrow Rightarrow Leftarrow leftrightarrow Leftrightarrow
    longrightarrow Longrightarrow mapsto longmapsto uparrow downarrow iff implies hookrightarrow
    rightleftharpoons xrightarrow xleftarrow infty partial nabla forall exists neg lnot emptyset
    varnothing hbar ell Re Im aleph wp prime angle triangle square Box Diamond clubsuit
    diamondsuit heartsuit spadesuit checkmark langle rangle lceil rceil lfloor rfloor lbrace
    rbrace lvert rvert lVert rVert vert Vert backslash lbrack rbrack mathbf mathit mathbb
    mathcal mathfrak mathsf mathtt mathscr boldsymbol bm hat widehat bar overline vec dot ddot
    tilde widetilde check breve acute grave overbrace underbrace overset underset stackrel
    overrightarrow overleftarrow not lt gt land lor bmod pmod mod dagger ddagger circledR
    circledS textcircled because therefore lesssim gtrsim leqslant geqslant blacksquare bigcup
    bigcap bigoplus bigotimes bigvee bigwedge substack aligned alignedat split gathered cases
    rcases dcases matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix colon dotsc dotsb
    top bot complement upharpoonright trianglelefteq nmid rm bf it cal
"""
_IN_TEXT_TOO = {
    *("text", "textrm", "textbf", "textit", "hspace", "mbox", "ldots", "dots", "quad", "qquad"),
    *("label", "dagger", "ddagger", "checkmark", "circledR", "textcircled", "lbrack", "rbrack"),
    *("rm", "bf", "it", "array", "square"),
}

KNOWN = {*_TEXT.split(), *_BOTH.split(), *_MATHS.split()}
IN_MATHS_ONLY = {*_MATHS.split()} - _IN_TEXT_TOO - {*_TEXT.split()}
