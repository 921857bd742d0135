r"""Upright letters in formulas that are no variables: units, elements, and what stands on them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from got_loaders.markup.parse.raised_signs import RAISED, to_mark, to_subscript, to_superscript

__all__ = ["is_acronym", "is_chemical", "is_group", "is_name", "is_unit", "script_on"]

_UNIT = re.compile(
    r"""
      (?:[TGMkhdcmunpf]|da|µ)? (?:m|s|g|K|mol|Hz|Pa|J|W|L|l|eV|bar|rad|sr|cd|Gy|Sv|Bq|lm|lx|kat)
    | [TGMkmnp]? (?:N|V|A|F|C|T|S|H|Wb|B) | [kmµun]A | [kM]?(?:bit|byte|cal|Wh|VA|bps)
    | ft | in | yd | mi | mile | h | hr | min | sec | d | day | yr | year | acre | ha | oz | lb | sq
    | кг | мм | см | км | м | мл | л | ч | мин | шт | кВт | Вт | Гц
    | Å | Ω | px | dB | mmHg | IU | [pfnµ]b
    """,
    re.VERBOSE,
)
"""The SI Brochure's (9th edition, 2019) and what trade has beside it."""
_ELEMENTS = """
    H D He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As
    Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd
    Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am
    Cm Bk Cf Es Fm
"""
_CHEMICAL = re.compile(f"(?:{'|'.join(sorted(_ELEMENTS.split(), key=len, reverse=True))})+")
_CHARGE = re.compile(r"[{\s]*\d?\s*[-+][}\s]*")
_ACRONYM = re.compile("[A-Z]{3,}")
_NO_LOWERED = dict.fromkeys(map(ord, "₀₁₂₃₄₅₆₇₈₉"))
_POWER = re.compile(r"[{\s]*-?\s*\d{1,2}[}\s]*")
_SUBSCRIPT = re.compile(r"[{\s]*(?:[2-9]|[1-9]\d)[}\s]*")
_UPRIGHT = re.compile(r"\\(?:text|textrm|mathrm|mathbf|textbf|rm)\s*\{[^{}]*\}|\\[A-Za-z]+")
_BRACKETED = re.compile(r"[{\s]*[(\[].*[)\]][}\s]*", re.DOTALL)
_ORDINAL = re.compile(r"[{\s]*(?:s\s*t|n\s*d|r\s*d|t\s*h)[}\s]*")
_CURRENCIES = (
    "USD|EUR|GBP|JPY|CNY|RMB|CHF|INR|HKD|AUD|CAD|NZD|SGD|KRW|TWD|NTD|SEK|NOK|DKK|PLN|CZK|HUF|RUB|TRY"
    "|BRL|MXN|ZAR|THB|IDR|MYR|PHP|VND|AED|SAR|ILS|EGP|NGN|KES|PKR|BDT|Rs|DM|pH"
)
_SMALL = "[a-zß-öø-ÿāăąćčďđēęěğīıłńňőœřśşšťūůűźżžа-џ]"
_NAME = re.compile(rf".*[^\W\d_]{_SMALL}{{2}}|{_CURRENCIES}", re.DOTALL)
"""A word in small letters, a currency's code (ISO 4217), and ``pH``."""


def is_unit(word: str) -> bool:
    """Whether a word is the symbol of a unit."""
    return bool(_UNIT.fullmatch(word))


def is_chemical(word: str) -> bool:
    """Whether a word can consist of the symbols of elements."""
    return bool(_CHEMICAL.fullmatch(word))


def is_acronym(word: str) -> bool:
    """Whether a word is three capitals or more that are no symbols of elements."""
    return bool(_ACRONYM.fullmatch(word)) and not is_chemical(word)


def is_group(parts: Sequence[str], tex: str) -> bool:
    """Whether what stands up to a bracket's end is the ``(OH)`` of ``Ca(OH)_2``."""
    start = len(parts) - 1
    while start and parts[start] not in ("(", "["):
        start -= 1
    inside = "".join(parts[start + 1 : -1]).translate(_NO_LOWERED)
    is_whole = parts[start] in ("(", "[") and is_chemical(inside) and len(inside) > 1
    return is_whole and bool(_SUBSCRIPT.fullmatch(tex))


def is_name(word: str) -> bool:
    """Whether it is a word of a language, which has blanks around it, and no symbol."""
    return bool(_NAME.fullmatch(word))


def script_on(base: str, kind: str, script: str, tex: str) -> str | None:
    """What stands above or below a number, a word or a bracket; None in a real formula."""
    if script == "_":
        return _below(base, kind, tex)
    mark = to_mark(tex)
    if kind == "before":
        return mark if mark == "\N{PRIME}" else None  # ``£'000``
    if mark is None or kind in ("open", "relation", "tight"):
        return None
    if base in ("N", "n") and mark == "ᵒ":
        return mark  # a number's sign
    if kind == "digits":
        is_upright = not re.search("[A-Za-z]", _UPRIGHT.sub("", tex))
        ordinal = _ORDINAL.fullmatch(tex) and "".join(tex.split()).strip("{}") == _ordinal(base)
        return mark if is_upright or _BRACKETED.fullmatch(tex) or ordinal else None
    if kind in ("word", "unit") and is_unit(base) and _POWER.fullmatch(tex):
        return to_superscript(tex)
    if _CHARGE.fullmatch(tex) and (kind == "raised" or (kind == "word" and is_chemical(base))):
        return to_superscript(tex)
    if kind in ("word", "unit", "close", "raised") and not is_name(base):
        plain = _BRACKETED.fullmatch(tex) or not any(map(str.isalnum, mark.translate(RAISED)))
        return mark if plain else None
    return mark


def _below(base: str, kind: str, tex: str) -> str | None:
    if kind in ("word", "text") and is_chemical(base) and _SUBSCRIPT.fullmatch(tex):
        return to_subscript(tex)
    is_dose = kind in ("word", "text") and re.fullmatch("[A-Z]{2}", base)
    return to_subscript(tex) if is_dose and re.fullmatch(r"[{\s]*[59]0[}\s]*", tex) else None


def _ordinal(number: str) -> str:
    """The letters after a number: ``st``, ``nd``, ``rd``, ``th``."""
    is_teen = number[-2:-1] == "1"
    return "th" if is_teen else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th")
