# ruff: noqa: RUF001  # signs that look like others are what this module is about
r"""Signs that the usual fonts of TeX lack, as what shows them with every engine.

``✓`` in a PDF by XeLaTeX is nothing at all, not even an error; ``\(\checkmark\)`` is there with
pdfLaTeX, too. All of it is LaTeX's own, amsmath's or amssymb's.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["math_of_sign", "show_signs", "text_of_sign"]

_MATHS = {
    "leq": "≤⩽", "geq": "≥⩾", "neq": "≠", "approx": "≈", "equiv": "≡", "sim": "∼", "simeq": "≃",
    "cong": "≅", "propto": "∝", "ll": "≪", "gg": "≫", "rightarrow": "→➔➜➙➞➠", "leftarrow": "←",
    "uparrow": "↑", "downarrow": "↓", "leftrightarrow": "↔", "updownarrow": "↕",
    "Rightarrow": "⇒", "Leftarrow": "⇐", "Leftrightarrow": "⇔", "Uparrow": "⇑", "Downarrow": "⇓",
    "mapsto": "↦", "longrightarrow": "⟶", "longleftarrow": "⟵", "Longrightarrow": "⟹",
    "nearrow": "↗", "searrow": "↘", "swarrow": "↙", "nwarrow": "↖", "rightleftharpoons": "⇌",
    "leftrightarrows": "⇆", "rightleftarrows": "⇄", "hookleftarrow": "↩", "hookrightarrow": "↪",
    "infty": "∞", "sum": "∑", "prod": "∏", "int": "∫", "oint": "∮", "surd": "√", "partial": "∂",
    "nabla": "∇", "in": "∈", "notin": "∉", "ni": "∋", "subset": "⊂", "supset": "⊃",
    "subseteq": "⊆", "supseteq": "⊇", "cup": "∪", "cap": "∩", "wedge": "∧", "vee": "∨",
    "forall": "∀", "exists": "∃", "nexists": "∄", "emptyset": "∅", "angle": "∠", "perp": "⊥",
    "parallel": "∥", "mid": "∣", "therefore": "∴", "because": "∵", "oplus": "⊕", "ominus": "⊖",
    "otimes": "⊗", "oslash": "⊘", "odot": "⊙☉", "circledast": "⊛", "star": "⋆☆✩", "circ": "∘",
    "ast": "∗",
    "cdot": "⋅", "cdots": "⋯", "vdots": "⋮", "ddots": "⋱", "prime": "\N{PRIME}", "ell": "ℓ",
    "hbar": "ℏ", "Re": "ℜ",
    "Im": "ℑ", "aleph": "ℵ", "wp": "℘", "langle": "⟨", "rangle": "⟩",
    "lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "square": "□☐▢◻", "bullet": "●⚫∙",
    "blacksquare": "■◼▪◾", "boxtimes": "☒⊠", "boxplus": "⊞", "boxminus": "⊟", "boxdot": "⊡",
    "bigcirc": "○◯⚪", "blacktriangle": "▲▴", "triangle": "△▵", "blacktriangledown": "▼▾",
    "triangledown": "▽▿", "blacktriangleright": "▶►▸‣➢➤", "blacktriangleleft": "◀◄◂",
    "triangleright": "▷▹", "triangleleft": "◁◃", "blacklozenge": "◆⬥❖", "lozenge": "◇◊⬦",
    "bigstar": "★", "checkmark": "✓✔", "times": "✗✘✕✖", "spadesuit": "♠", "clubsuit": "♣",
    "heartsuit": "♥♡", "diamondsuit": "♦♢", "flat": "♭", "natural": "♮", "sharp": "♯",
    "models": "⊨", "vdash": "⊢", "dashv": "⊣", "top": "⊤", "prec": "≺", "succ": "≻",
    "triangleq": "≜", "doteq": "≐", "asymp": "≍", "setminus": "∖", "sqcup": "⊔", "sqcap": "⊓",
    "uplus": "⊎", "wr": "≀", "lesssim": "≲", "gtrsim": "≳", "mp": "∓", "coprod": "∐",
    "iint": "∬", "iiint": "∭", "complement": "∁", "nmid": "∤", "subsetneq": "⊊",
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "vartheta": "ϑ", "iota": "ι", "kappa": "κ", "lambda": "λ",
    "mu": "μ", "nu": "\N{GREEK SMALL LETTER NU}", "xi": "ξ", "pi": "π", "varpi": "ϖ",
    "rho": "\N{GREEK SMALL LETTER RHO}", "varrho": "ϱ", "varsigma": "ς",
    "sigma": "\N{GREEK SMALL LETTER SIGMA}", "tau": "τ",
    "upsilon": "\N{GREEK SMALL LETTER UPSILON}", "varphi": "φ", "phi": "ϕ", "chi": "χ",
    "psi": "ψ", "omega": "ω", "epsilon": "ϵ", "Gamma": "Γ", "Delta": "Δ∆", "Theta": "Θ",
    "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "ΩΩ",
}  # fmt: skip
_LATIN_CAPITALS = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True))
"""Greek letters that look like Latin ones, and have no command."""

_MATH_SIGNS = {sign: rf"\{name}" for name, signs in _MATHS.items() for sign in signs}
_MATH_SIGNS |= {sign: rf"\mathrm{{{letter}}}" for sign, letter in _LATIN_CAPITALS.items()}
_MATH_SIGNS |= dict(zip("ℝℕℤℚℂ", map(r"\mathbb{{{}}}".format, "RNZQC"), strict=True))
_MATH_SIGNS |= {"″": r"{\prime\prime}", "‴": r"{\prime\prime\prime}", "\N{MINUS SIGN}": "-"}
_RAISED_IN_TEXT = {sign: "^{" + r"\prime" * n + "}" for n, sign in enumerate("\N{PRIME}″‴", 1)}

_IN_MATHS_ONLY = {
    "×": r"\times", "÷": r"\div", "±": r"\pm", "·": r"\cdot", "¬": r"\neg", "µ": r"\mu",
    "…": r"\ldots", "†": r"\dagger", "‡": r"\ddagger", "•": r"\bullet", "‖": r"\|",
}  # fmt: skip
"""Signs that every text font has, but none of mathematics."""

_TEXTS = {
    "☑": r"\mbox{\rlap{\(\square\)}\(\checkmark\)}", "℃": r"\textdegree{}C",
    "℉": r"\textdegree{}F", "⁄": "/", "―": "—", "⁃": "-",
    **dict.fromkeys("\u2010\u2011", "-"), "\u2012": "--", "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl",
    "ﬃ": "ffi", "ﬄ": "ffl", **dict.fromkeys(map(chr, range(0x2000, 0x200B)), " "),
    **dict.fromkeys("\u202f\u205f", r"\,"),
}  # fmt: skip
_TEXTS |= {
    sign: rf"\textsubscript{{{letter}}}"
    for sign, letter in zip("ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "aehijklmnoprstuvx", strict=True)
}
_FRACTIONS = "⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞⅐⅑⅒"


def _circled() -> dict[str, str]:
    """Numbers and letters in circles."""
    signs: dict[str, str] = {}
    for code in (*range(0x2460, 0x2474), *range(0x24B6, 0x24EB), *range(0x3251, 0x325F),
                 *range(0x32B1, 0x32C0), *range(0x2776, 0x2794)):  # fmt: skip
        text = unicodedata.normalize("NFKC", chr(code))
        if text == chr(code):  # on a black ground
            text = str(unicodedata.digit(text, 10))
        size = r"\scriptsize " if len(text) > 1 else ""
        signs[chr(code)] = rf"\textcircled{{{size}{text}}}"
    return signs


def _fractions() -> dict[str, str]:
    pairs = {sign: unicodedata.normalize("NFKC", sign).split("⁄") for sign in _FRACTIONS}
    return {sign: rf"\(\frac{{{over}}}{{{under}}}\)" for sign, (over, under) in pairs.items()}


_GREEK = "\u0370-\u03ff\u1f00-\u1fff"
_TEXT_SIGNS = {
    **{
        sign: rf"\({_RAISED_IN_TEXT.get(sign, tex)}\)"
        for sign, tex in _MATH_SIGNS.items()
        if sign != "\N{MINUS SIGN}"
    },
    "\N{MINUS SIGN}": r"\(-\)",
    **_TEXTS, **_circled(), **_fractions(),
}  # fmt: skip
_others = "".join(sign for sign in _TEXT_SIGNS if not "\u0370" <= sign <= "\u03ff")
_SIGN = re.compile(f"[{re.escape(_others)}]")
_SIGN_OR_LETTER = re.compile(f"[{re.escape(_others)}{_GREEK}]")
_WORD = re.compile(f"[{_GREEK}][{_GREEK}\u0300-\u036f]")
"""A word of Greek. Letters that stand alone are symbols, but not where there are such words."""


def show_signs(text: str) -> str:
    """Text of LaTeX with signs that every engine shows."""
    if text.isascii():
        return text
    return (_SIGN if _WORD.search(text) else _SIGN_OR_LETTER).sub(_shown, text)


def math_of_sign(sign: str) -> str | None:
    """The command that shows a character in a formula; None for one that has none."""
    return _MATH_SIGNS.get(sign) or _IN_MATHS_ONLY.get(sign)


def text_of_sign(sign: str) -> str | None:
    """What shows a character in text; None for one that fonts have."""
    return _TEXT_SIGNS.get(sign)


def _shown(match: re.Match[str]) -> str:
    return _TEXT_SIGNS.get(match[0], match[0])
