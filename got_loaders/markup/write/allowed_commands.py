r"""The commands and environments that a formula may have: those that draw, and no others.

A formula is run: by MathJax or KaTeX in a browser, by TeX, or first by one and then by the other
(pandoc). All three know commands that make links, load pictures, read and write files, run
programs or define others, and with each package come more. So what is listed is not what is
forbidden but what is known to set mathematics: the commands that MathJax 3 or KaTeX document for
it, as far as LaTeX, amsmath and amssymb understand them or show their names. What is not here is
shown by its name. Not here, though they know it: links, styles, classes, ids, tooltips,
definitions, ``\verb``, ``\bbox``, ``\enclose`` and ``\fcolorbox`` (their options are styles),
``\label`` and ``\ref`` (ids and links), ``\rule`` (a page full of ink), ``\genfrac``.
"""

from __future__ import annotations

__all__ = ["COLORS", "COMMANDS", "ENVIRONMENTS", "LENGTHS", "OPERATORS", "RELATIONS", "SIZES"]

_LETTERS = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma
    tau upsilon phi chi psi omega varepsilon vartheta varkappa varpi varrho varsigma varphi digamma
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega varGamma varDelta varTheta varLambda
    varXi varPi varSigma varUpsilon varPhi varPsi varOmega Alpha Beta Epsilon Zeta Eta Iota Kappa
    Mu Nu Omicron Rho Tau Chi thetasym
    aleph beth gimel daleth alef alefsym hbar hslash imath jmath ell wp weierp Re Im real image
    Reals reals cnums Complex natnums N R Z Bbbk eth mho Finv Game
"""
_SIGNS = """
    partial infty infin nabla prime backprime emptyset empty varnothing top bot angle measuredangle
    sphericalangle triangle triangledown blacktriangle blacktriangledown vartriangle square Box
    blacksquare lozenge blacklozenge Diamond bigstar clubsuit diamondsuit heartsuit spadesuit clubs
    diamonds hearts spades flat natural sharp forall exists exist nexists neg lnot surd complement
    diagup diagdown degree checkmark maltese circledR circledS copyright yen pounds mathsterling
    euro dag ddag S P And backslash lq rq AA aa AE ae OE oe O o L l ss i j
"""
_BINARY = """
    pm mp plusmn times div cdot ast star circ bullet bull oplus ominus otimes oslash odot cap cup
    Cap Cup doublecap doublecup uplus sqcap sqcup vee wedge lor land veebar barwedge doublebarwedge
    curlyvee curlywedge setminus smallsetminus wr amalg diamond bigcirc bigtriangleup
    bigtriangledown triangleleft triangleright lhd rhd unlhd unrhd ltimes rtimes leftthreetimes
    rightthreetimes dotplus divideontimes centerdot intercal boxplus boxminus boxtimes boxdot
    circledast circledcirc circleddash dagger ddagger Dagger mod bmod pmod pod gtrdot lessdot sdot
"""
_RELATIONS = """
    le leq ge geq lt gt ne neq ll gg lll llless ggg gggtr leqq geqq leqslant geqslant eqslantless
    eqslantgtr lesssim gtrsim lessapprox gtrapprox lessgtr gtrless lesseqgtr gtreqless lesseqqgtr
    gtreqqless prec succ preceq succeq preccurlyeq succcurlyeq curlyeqprec curlyeqsucc precsim
    succsim precapprox succapprox sim simeq approx approxeq thickapprox thicksim cong equiv asymp
    doteq doteqdot Doteq risingdotseq fallingdotseq eqcirc circeq triangleq eqsim backsim backsimeq
    bumpeq Bumpeq propto varpropto in isin notin ni owns notni subset supset subseteq supseteq
    subseteqq supseteqq Subset Supset sqsubset sqsupset sqsubseteq sqsupseteq sub sube supe mid
    parallel shortmid shortparallel perp vdash dashv models vDash Vdash Vvdash smile frown
    smallsmile smallfrown bowtie Join between pitchfork therefore because backepsilon
    trianglelefteq trianglerighteq vartriangleleft vartriangleright blacktriangleleft
    blacktriangleright colon coloneq coloneqq Coloneq Coloneqq eqcolon eqqcolon Eqcolon Eqqcolon
    colonapprox Colonapprox colonsim Colonsim dblcolon vcentcolon not
"""
_NEGATED = """
    nless ngtr nleq ngeq nleqslant ngeqslant nleqq ngeqq lneq gneq lneqq gneqq lvertneqq gvertneqq
    lnsim gnsim lnapprox gnapprox nprec nsucc npreceq nsucceq precneqq succneqq precnsim succnsim
    precnapprox succnapprox nsim ncong nmid nparallel nshortmid nshortparallel nvdash nvDash nVdash
    nVDash ntriangleleft ntriangleright ntrianglelefteq ntrianglerighteq nsubseteq nsupseteq
    nsubseteqq nsupseteqq subsetneq supsetneq subsetneqq supsetneqq varsubsetneq varsupsetneq
    varsubsetneqq varsupsetneqq
"""
_ARROWS = """
    leftarrow rightarrow leftrightarrow Leftarrow Rightarrow Leftrightarrow gets to mapsto
    longleftarrow longrightarrow longleftrightarrow Longleftarrow Longrightarrow Longleftrightarrow
    longmapsto iff implies impliedby leadsto uparrow downarrow updownarrow Uparrow Downarrow
    Updownarrow nearrow searrow nwarrow swarrow hookleftarrow hookrightarrow leftharpoonup
    leftharpoondown rightharpoonup rightharpoondown upharpoonleft upharpoonright downharpoonleft
    downharpoonright restriction leftrightharpoons rightleftharpoons leftleftarrows
    rightrightarrows leftrightarrows rightleftarrows upuparrows downdownarrows Lleftarrow
    Rrightarrow twoheadleftarrow twoheadrightarrow leftarrowtail rightarrowtail looparrowleft
    looparrowright curvearrowleft curvearrowright circlearrowleft circlearrowright Lsh Rsh multimap
    leftsquigarrow rightsquigarrow leftrightsquigarrow dashleftarrow dashrightarrow nleftarrow
    nrightarrow nleftrightarrow nLeftarrow nRightarrow nLeftrightarrow larr rarr lrarr harr Larr
    Rarr Lrarr Harr lArr rArr hArr uarr darr xrightarrow xleftarrow xleftrightarrow xRightarrow
    xLeftarrow xLeftrightarrow xmapsto xhookleftarrow xhookrightarrow xlongequal xtofrom
    xtwoheadleftarrow xtwoheadrightarrow xleftharpoonup xleftharpoondown xrightharpoonup
    xrightharpoondown xleftrightharpoons xrightleftharpoons
"""
_OPERATORS = """
    sum prod coprod int iint iiint iiiint oint oiint oiiint intop smallint idotsint bigcap bigcup
    bigsqcup biguplus bigvee bigwedge bigoplus bigotimes bigodot lim limsup liminf varlimsup
    varliminf injlim projlim varinjlim varprojlim sup inf max min det gcd Pr argmax argmin plim
    arccos arcsin arctan arg cos cosh cot coth csc deg dim exp hom ker lg ln log sec sin sinh tan
    tanh arcctg arctg cosec cotg ctg cth sh ch tg
"""
OPERATORS = frozenset(_OPERATORS.split())
r"""Named functions and signs that are large in a display: ``\limits`` may follow."""

RELATIONS = frozenset(f"{_RELATIONS} {_ARROWS}".split()) - {"not"}
"""Signs between two sides, which ``\\not`` may cross."""

_DELIMITERS = """
    left right middle lbrace rbrace lbrack rbrack langle rangle lang rang lceil rceil lfloor rfloor
    lvert rvert lVert rVert vert Vert lgroup rgroup lmoustache rmoustache ulcorner urcorner
    llcorner lrcorner arrowvert Arrowvert bracevert llbracket rrbracket
"""
_SIZES = """
    big Big bigg Bigg bigl bigr bigm Bigl Bigr Bigm biggl biggr biggm Biggl Biggr Biggm
"""
SIZES = frozenset(_SIZES.split())
"""Sizes of the delimiter that follows."""

_DOTS_AND_SPACES = """
    dots ldots cdots vdots ddots iddots dotsb dotsc dotsi dotsm dotso mathellipsis ldotp cdotp quad
    qquad enspace enskip thinspace medspace thickspace negthinspace negmedspace negthickspace space
    nobreakspace allowbreak nobreak relax strut mathstrut phantom hphantom vphantom smash hfil hfill
"""
_ACCENTS = """
    hat widehat check widecheck tilde widetilde utilde acute grave breve bar vec dot ddot dddot
    ddddot mathring overline underline overbrace underbrace overbracket underbracket overgroup
    undergroup overparen underparen wideparen overrightarrow overleftarrow overleftrightarrow
    underrightarrow underleftarrow underleftrightarrow Overrightarrow overleftharpoon
    overrightharpoon overlinesegment underlinesegment cancel bcancel xcancel cancelto sout
"""
_STRUCTURE = """
    frac dfrac tfrac cfrac binom dbinom tbinom over atop choose brace brack sqrt stackrel overset
    underset substack boxed fbox limits nolimits displaystyle textstyle scriptstyle
    scriptscriptstyle mathord mathop mathbin mathrel mathopen mathclose mathpunct mathinner
    operatorname mathclap mathllap mathrlap clap llap rlap tag notag nonumber hline hdashline cline
    cr newline multicolumn multirow toprule midrule bottomrule
    bra ket braket Bra Ket Braket set Set ce pu
"""
_FONTS = """
    mathrm mathbf mathit mathsf mathtt mathcal mathbb mathfrak mathscr mathnormal boldsymbol bm
    mathbbm mathds bold pmb Bbb frak scr rm bf it sf tt cal mit oldstyle
    text textrm textbf textit textsf texttt
    textnormal textmd textup textsl textsc emph mbox hbox ensuremath textsuperscript textsubscript
    textcircled tiny scriptsize footnotesize small normalsize large Large LARGE huge Huge
"""
_TEXT_SIGNS = """
    textasciitilde textasciicircum textbackslash textbar textbardbl textbraceleft textbraceright
    textdagger textdaggerdbl textdegree textdollar textellipsis textemdash textendash textgreater
    textless textquotedblleft textquotedblright textquoteleft textquoteright textregistered
    textsterling textunderscore textbullet textmu textquotesingle texttimes textpm
"""
COLORS = frozenset(["color", "textcolor", "colorbox"])
"""Allowed with the name of a colour, which cannot be anything else."""

LENGTHS = frozenset(["hspace", "hskip", "kern", "mkern", "mskip", "mspace"])
"""Allowed with a length that is a number of two digits at most before its point."""

COMMANDS = OPERATORS | SIZES | frozenset(
    " ".join(
        [_LETTERS, _SIGNS, _BINARY, _RELATIONS, _NEGATED, _ARROWS, _DELIMITERS, _DOTS_AND_SPACES,
         _ACCENTS, _STRUCTURE, _FONTS, _TEXT_SIGNS]
    ).split()
)  # fmt: skip
"""All that may follow a backslash, whatever comes next."""

_ENVIRONMENTS = """
    matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix array subarray darray cases dcases
    rcases drcases aligned alignedat gathered split align alignat flalign gather multline multlined
    eqnarray equation tabular CD
"""
ENVIRONMENTS = frozenset(_ENVIRONMENTS.split())
"""Those that may begin in a formula; starred alike."""
