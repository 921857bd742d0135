r"""What the signs and commands of a formula are in a text: tables, no code."""

from __future__ import annotations

from typing import Literal

__all__ = ["ALPHABETS", "COMMANDS", "SIGNS", "TEXTS", "FormulaStyle", "Kind"]

Kind = Literal[
    "digits", "word", "text", "unit", "open", "close", "comma", "stop", "colon", "operator",
    "relation", "tight", "after", "before", "raised", "soft", "loose", "hard",
]  # fmt: skip
"""``operator`` stands as written, ``relation`` between blanks, ``tight`` without; ``after`` is the
``%`` of a number, ``before`` its ``$``. Blanks: ``hard`` ones count, TeX ignores ``soft`` ones,
and ``loose`` ones are those among bold digits, between all of which Mathpix sets them."""
FormulaStyle = Literal["bold", "italic", "underline"]

SIGNS: dict[str, Kind] = {
    **dict.fromkeys("([", "open"), **dict.fromkeys(")]", "close"), **dict.fromkeys(",;", "comma"),
    **dict.fromkeys("-+=<>*±×÷≈≠≤≥—\N{MINUS SIGN}\N{EN DASH}\N{TILDE OPERATOR}", "operator"),
    **dict.fromkeys("/·~&", "tight"), **dict.fromkeys("%°'\"‰\N{PRIME}\N{DOUBLE PRIME}", "after"),
    "#": "before", ".": "stop", ":": "colon",
    **dict.fromkeys("…§¶†‡•®™©№@", "word"), "½": "raised", "¼": "raised", "¾": "raised",
}  # fmt: skip
COMMANDS: dict[str, tuple[str, Kind]] = {
    "pm": ("±", "relation"), "mp": ("∓", "relation"), "times": ("×", "relation"),
    "approx": ("≈", "relation"), "leq": ("≤", "relation"), "le": ("≤", "relation"),
    "geq": ("≥", "relation"), "ge": ("≥", "relation"), "leqslant": ("≤", "relation"),
    "geqslant": ("≥", "relation"), "neq": ("≠", "relation"), "ne": ("≠", "relation"),
    "div": ("÷", "relation"), "lt": ("<", "relation"), "gt": (">", "relation"),
    "sim": ("~", "tight"), "cdot": ("·", "tight"), "ast": ("*", "operator"),
    "ldots": ("…", "word"), "dots": ("…", "word"), "dotsc": ("…", "word"),
    "degree": ("°", "after"), "textdegree": ("°", "after"), "permil": ("‰", "after"),
    "textperthousand": ("‰", "after"), "pounds": ("£", "before"), "textsterling": ("£", "before"),
    "mathsterling": ("£", "before"), "euro": ("€", "before"), "texteuro": ("€", "before"),
    "yen": ("¥", "before"), "textyen": ("¥", "before"), "rupee": ("₹", "before"),
    "textdollar": ("$", "before"), "mathdollar": ("$", "before"), "cent": ("¢", "after"),
    "textcent": ("¢", "after"), "textpm": ("±", "relation"), "texttimes": ("×", "relation"),
    "colon": (":", "colon"), "lbrack": ("[", "open"), "rbrack": ("]", "close"),
    "slash": ("/", "tight"), "S": ("§", "word"), "P": ("¶", "word"), "dagger": ("†", "word"),
    "ddagger": ("‡", "word"), "copyright": ("©", "word"), "circledR": ("®", "word"),
    "bullet": ("•", "word"), "AA": ("Å", "unit"),
}  # fmt: skip
TEXTS: dict[str, FormulaStyle | None] = {
    **dict.fromkeys(["text", "textrm", "textnormal", "textsf", "textup", "textmd", "texttt"]),
    **dict.fromkeys(["mbox", "hbox", "textsc"]), "textbf": "bold", "textit": "italic",
    "textsl": "italic", "emph": "italic",
}  # fmt: skip
ALPHABETS: dict[str, FormulaStyle | None] = {
    **dict.fromkeys(["mathrm", "mathsf", "mathtt", "operatorname"]),
    "mathbf": "bold", "boldsymbol": "bold", "bm": "bold", "mathit": "italic",
    "underline": "underline", "rm": None, "bf": "bold", "it": "italic",
}  # fmt: skip
