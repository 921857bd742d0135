r"""What the commands and environments of LaTeX mean to a reader: tables, no code.

A signature has a sign for each argument in braces: ``+`` is content, ``-`` is not (a length, a
colour, a key). Arguments in square brackets are never content of these commands.
"""

from __future__ import annotations

from typing import Literal

__all__ = [
    "ACCENTS", "ARGUMENTS", "ESCAPED", "FLOATS", "FONTS", "HEADINGS", "INNER_MATH", "LISTS",
    "MATH_ENVIRONMENTS", "PASS_THROUGH", "STYLES", "SYMBOLS", "TABLES", "THEOREMS", "VERBATIM",
    "WIDE_TABLES",
]  # fmt: skip

Style = Literal["bold", "italic", "underline", "code", "superscript", "subscript"]

HEADINGS = {
    "title": 1, "part": 1, "chapter": 1, "section": 2, "subsection": 3, "subsubsection": 4,
    "paragraph": 5, "subparagraph": 6,
}  # fmt: skip

STYLES: dict[str, Style] = {
    "textbf": "bold", "textit": "italic", "emph": "italic", "textsl": "italic",
    "underline": "underline", "uline": "underline", "ul": "underline", "texttt": "code",
    "textsuperscript": "superscript", "textsubscript": "subscript",
}  # fmt: skip

FONTS: dict[str, Style | None] = {
    "bf": "bold", "bfseries": "bold", "it": "italic", "itshape": "italic", "em": "italic",
    "sl": "italic", "slshape": "italic", "tt": "code", "ttfamily": "code",
    **dict.fromkeys(["rm", "rmfamily", "sf", "sffamily", "sc", "scshape", "normalfont"]),
    **dict.fromkeys(["mdseries", "upshape", "selectfont"]),
    **dict.fromkeys(["tiny", "scriptsize", "footnotesize", "small", "normalsize", "large"]),
    **dict.fromkeys(["Large", "LARGE", "huge", "Huge", "boldmath", "unboldmath"]),
}  # fmt: skip
"""Switches that hold to the end of their group; those of a size or a family change nothing."""

_SIGNATURES = {
    "": """
        centering raggedright raggedleft noindent indent maketitle newpage clearpage
        cleardoublepage pagebreak nopagebreak nolinebreak hline toprule midrule bottomrule endhead
        endfirsthead endfoot endlastfoot smallskip medskip bigskip hfill vfill hfil vfil
        hrulefill dotfill tableofcontents appendix protect relax leavevmode strut null sloppy
        fussy bigstrut arraybackslash allowbreak nobreak firsthline lasthline nointerlineskip
        onecolumn twocolumn frenchspacing nonfrenchspacing hdashline firsthdashline lasthdashline
        morecmidrules flushbottom raggedbottom singlespacing onehalfspacing doublespacing
        FloatBarrier goodbreak filbreak unskip ignorespaces vline Hline thickhline hfilneg
    """,
    "-": """
        vspace hspace label cline cdashline Cline cmidrule vskip hskip hhline Xhline hlinewd
        color rowcolor cellcolor
        columncolor pagestyle thispagestyle captionsetup noalign linespread arrayrulecolor
        addlinespace usepackage documentclass bibliographystyle phantom
    """,
    "--": """
        setlength addtolength renewcommand setcounter addtocounter fontsize rule
        addcontentsline markboth
    """,
    "---": "specialrule rowcolors",
    "+": """
        text textrm textsf textsc textmd textup textnormal textlf mbox hbox fbox makebox framebox
        makecell thead shortstack centerline leftline rightline ensuremath boxed uppercase
        lowercase MakeUppercase MakeLowercase url path nolinkurl ref eqref pageref autoref cref
        Cref nameref
    """,
    "-+": "textcolor colorbox scalebox rotatebox raisebox parbox",
    "--+": "resizebox",
}
ARGUMENTS = {name: sign for sign, names in _SIGNATURES.items() for name in names.split()}
"""``addlinespace`` and ``vskip`` may stand without; only arguments that are there are taken."""

ESCAPED = "&%_#{}$"
"""Signs that a backslash makes characters."""

ACCENTS = {
    "'": "\u0301", "`": "\u0300", '"': "\u0308", "^": "\u0302", "~": "\u0303", "=": "\u0304",
    ".": "\u0307", "c": "\u0327", "v": "\u030c", "u": "\u0306", "H": "\u030b", "k": "\u0328",
    "r": "\u030a", "d": "\u0323", "b": "\u0331",
}  # fmt: skip

SYMBOLS = {
    "ldots": "…", "dots": "…", "textellipsis": "…", "dag": "†", "ddag": "‡", "textdagger": "†",
    "textdaggerdbl": "‡", "S": "§", "P": "¶", "textsection": "§", "textparagraph": "¶",
    "copyright": "©", "textcopyright": "©", "textregistered": "®", "circledR": "®",
    "texttrademark": "™", "pounds": "£", "textsterling": "£", "euro": "€", "texteuro": "€",
    "textyen": "¥", "textcent": "¢", "textdegree": "°", "degree": "°", "textbullet": "•",
    "textperiodcentered": "·", "textmu": "µ", "textpm": "±", "texttimes": "×", "textdiv": "÷",
    "textonehalf": "½", "textonequarter": "¼", "textthreequarters": "¾",
    "textordfeminine": "ª", "textordmasculine": "º", "textexclamdown": "¡",
    "textquestiondown": "¿", "textendash": "\N{EN DASH}", "textemdash": "—",
    "textquotedblleft": "“", "textquotedblright": "”",
    "textquoteleft": "\N{LEFT SINGLE QUOTATION MARK}",
    "textquoteright": "’", "quotedblbase": "„", "guillemotleft": "«", "guillemotright": "»",
    "textasciitilde": "~", "textasciicircum": "^", "textbackslash": "\\", "textless": "<",
    "textgreater": ">", "textbar": "|", "textunderscore": "_", "textdollar": "$",
    "textbraceleft": "{", "textbraceright": "}", "textasteriskcentered": "*", "checkmark": "✓",
    "cmark": "✓", "xmark": "✗", "Checkmark": "✓", "XSolidBrush": "✗", "CheckedBox": "☑",
    "XBox": "☒", "Square": "□", "square": "□", "Box": "□", "blacksquare": "■",
    "boxtimes": "☒", "bigstar": "★",
    "lbrack": "[", "rbrack": "]", "slash": "/",
    "ss": "ß", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "o": "ø", "O": "Ø", "aa": "å",
    "AA": "Å", "l": "ł", "L": "Ł", "i": "\N{LATIN SMALL LETTER DOTLESS I}", "j": "ȷ",
    "dh": "ð", "th": "þ", "LaTeX": "LaTeX", "TeX": "TeX",
}  # fmt: skip

WIDE_TABLES = {"tabularx", "tabulary", "xltabular"}
"""Tables whose width is an argument before their columns, as it is in a ``tabular*``."""

TABLES = {"tabular", "longtable", "longtabu", "array", "supertabular", "tabu", *WIDE_TABLES}

MATH_ENVIRONMENTS = {
    "equation": "", "displaymath": "", "math": "", "align": "align", "eqnarray": "align",
    "flalign": "align", "alignat": "align", "aligned": "align", "split": "align",
    "gather": "gather", "multline": "gather", "gathered": "gather",
}  # fmt: skip
"""Environments that are formulas, and in what form they are written; starred alike."""

INNER_MATH = {
    "array", "cases", "dcases", "rcases", "drcases", "matrix", "pmatrix", "bmatrix", "Bmatrix",
    "vmatrix", "Vmatrix", "smallmatrix", "darray", "multlined", "alignedat",
}  # fmt: skip
"""Environments that stand within a formula, and are one where the marks around it are missing."""

LISTS: dict[str, Literal["itemize", "enumerate", "description"]] = {
    "itemize": "itemize", "enumerate": "enumerate", "description": "description",
    "compactitem": "itemize", "compactenum": "enumerate", "tasks": "itemize",
    "compactdesc": "description", "inparaenum": "enumerate", "inparaitem": "itemize",
    "asparaenum": "enumerate", "asparaitem": "itemize",
    "thebibliography": "itemize",
}  # fmt: skip

FLOATS: dict[str, tuple[Literal["table", "figure"], str]] = {
    "table": ("table", ""), "figure": ("figure", ""), "sidewaystable": ("table", ""),
    "sidewaysfigure": ("figure", ""), "wraptable": ("table", "--"), "wrapfigure": ("figure", "--"),
    "margintable": ("table", ""), "marginfigure": ("figure", ""), "SCtable": ("table", ""),
    "SCfigure": ("figure", ""), "floatingtable": ("table", ""), "floatingfigure": ("figure", "-"),
    "teaserfigure": ("figure", ""),
}  # fmt: skip
"""Environments that hold a table or a figure with its caption, with their signatures."""

PASS_THROUGH = {
    "center": "", "flushleft": "", "flushright": "", "raggedright": "", "minipage": "-",
    "quote": "", "quotation": "", "verse": "", "document": "", "titlepage": "", "landscape": "",
    "multicols": "-", "adjustbox": "-", "threeparttable": "", "tablenotes": "", "subfigure": "-",
    "subtable": "-", "small": "", "footnotesize": "", "scriptsize": "", "large": "", "frame": "",
    "mdframed": "", "tcolorbox": "", "framed": "", "spacing": "-", "sloppypar": "", "appendix": "",
    "keywords": "", "acknowledgments": "", "acknowledgements": "", "frontmatter": "",
    "singlespace": "", "doublespace": "", "sideways": "", "varwidth": "-", "adjustwidth": "--",
    "subequations": "", "widetext": "", "fullwidth": "", "ThreePartTable": "", "TableNotes": "",
    "changemargin": "--", "turn": "-", "rotate": "-", "paracol": "-", "normalsize": "",
    "onehalfspace": "", "itshape": "", "bfseries": "", "tiny": "", "Large": "", "LARGE": "",
}  # fmt: skip
"""Environments of which only the content matters, with their signatures."""

_THEOREMS = """
    theorem lemma proof definition corollary proposition remark example conjecture claim axiom
    exercise solution
"""
THEOREMS = set(_THEOREMS.split())
VERBATIM = {"verbatim", "lstlisting", "minted", "Verbatim", "alltt"}
