r"""Commands of formulas that ``math_core`` lacks, and what is written instead: tables, no code."""

from __future__ import annotations

__all__ = [
    "BRACKETED", "INSTEAD", "LIMIT_SIGNS", "ONE_ARGUMENT", "ONLY_CONTENT", "SAME_AS",
    "TEXT_FONTS", "TEXT_SIGNS",
]  # fmt: skip

INSTEAD = {
    "Arrowvert": r"\Vert", "arrowvert": r"\vert", "bracevert": r"\vert",
    "dotsb": r"\cdots", "dotsc": r"\ldots", "dotsi": r"\cdots", "dotsm": r"\cdots",
    "dotso": r"\ldots", "mathellipsis": r"\ldots",
    "centerdot": r"\cdot", "sdot": r"\cdot", "intop": r"\int", "smallint": r"\int",
    "shortmid": r"\mid", "shortparallel": r"\parallel", "nshortmid": r"\nmid",
    "nshortparallel": r"\nparallel", "smallfrown": r"\frown", "smallsmile": r"\smile",
    "smallsetminus": r"\setminus", "thickapprox": r"\approx", "thicksim": r"\sim",
    "varpropto": r"\propto", "leftsquigarrow": "⇜", "pmb": r"\boldsymbol",
    "enskip": r"\enspace", "hfil": r"\quad", "hfill": r"\quad",
    "allowbreak": "", "nobreak": "", "strut": "", "relax": "",
    "oldstyle": "", "mit": "", "scr": "",
    "tiny": "", "scriptsize": "", "footnotesize": "", "small": "", "normalsize": "", "large": "",
    "Large": "", "LARGE": "", "huge": "", "Huge": "",
    "i": r"\imath", "j": r"\jmath",
}  # fmt: skip
"""Signs that look alike; sizes of letters, which a formula takes from around it, are left out."""

LIMIT_SIGNS = {
    "varlimsup": r"\overline{\lim}", "varliminf": r"\underline{\lim}",
    "varinjlim": r"\underrightarrow{\lim}", "varprojlim": r"\underleftarrow{\lim}",
}  # fmt: skip
"""Signs of several parts; what stands below them is put there."""

_ONLY_CONTENT = "mathclap mathllap mathrlap smash mathnormal ensuremath mathord mathinner mathopen"
ONLY_CONTENT = frozenset(_ONLY_CONTENT.split())
"""Commands that say where their argument is set, not how it looks."""

_ONE_ARGUMENT = """
    cancel bcancel xcancel overbracket underbracket overgroup undergroup overparen underparen
    utilde widecheck Overrightarrow overleftharpoon overrightharpoon xleftrightarrow xRightarrow
    xLeftarrow xLeftrightarrow xmapsto xhookleftarrow xhookrightarrow xlongequal xtofrom
    xtwoheadleftarrow xtwoheadrightarrow xleftharpoonup xleftharpoondown xrightharpoonup
    xrightharpoondown xleftrightharpoons xrightleftharpoons
    """
ONE_ARGUMENT = frozenset(_ONE_ARGUMENT.split())
"""Commands with an argument that may be missing in what was repaired."""

SAME_AS = {
    "wideparen": "overparen", "sout": "cancel", "overlinesegment": "overline",
    "underlinesegment": "underline",
}  # fmt: skip
"""Commands with an argument that have another name."""

BRACKETED = {
    "bra": (r"\langle ", r"\vert "), "ket": (r"\vert ", r"\rangle "),
    "braket": (r"\langle ", r"\rangle "), "set": (r"\{", r"\}"),
}  # fmt: skip
"""Commands that put their argument between signs; with a capital, between such as grow."""

TEXT_FONTS = {
    "text": "text", "textrm": "text", "textbf": "textbf", "textit": "textit",
    "textsf": "textsf", "texttt": "texttt", "emph": "textit", "textsl": "textit",
    "mbox": "text", "hbox": "text", "textnormal": "text", "textmd": "text", "textup": "text",
    "textsc": "text", "llap": "text", "rlap": "text", "clap": "text", "fbox": "text", "pu": "text",
    "ce": "text", "tag": "text",
}  # fmt: skip
"""Commands whose argument is text, and those that set it here."""

TEXT_SIGNS = {
    "textbullet": "•", "textmu": "µ", "textpm": "±", "textquotesingle": "'", "texttimes": "×",
    "textasciicircum": "^", "textasciitilde": "~", "textbackslash": "\\", "textbar": "|",
    "textbardbl": "‖", "textbraceleft": "{", "textbraceright": "}", "textdagger": "†",
    "textdaggerdbl": "‡", "textdegree": "°", "textdollar": "$", "textellipsis": "…",
    "textemdash": "—", "textendash": "–", "textgreater": ">", "textless": "<",
    "textquotedblleft": "“", "textquotedblright": "”", "textquoteleft": "\u2018",
    "textquoteright": "\u2019", "textregistered": "®", "textsterling": "£", "textunderscore": "_",
    "euro": "€", "AA": "Å", "aa": "å", "AE": "Æ", "ae": "æ", "OE": "Œ", "oe": "œ", "O": "Ø",
    "circledR": "®", "o": "ø", "L": "Ł", "l": "ł", "ss": "ß",
}  # fmt: skip
"""Characters that are commands of text, or are better text than signs of a formula."""
