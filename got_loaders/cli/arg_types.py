"""Parses the values of flags into those of options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable

from got_loaders._spelling import did_you_mean

__all__ = ["PARSERS"]

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s*([kmgt]?)b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 3, "m": 6, "g": 9, "t": 12}


def _box(text: str) -> tuple[float, ...]:
    """``10,20,300,400``."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 10,20,300,400") from None


def _boxes(text: str) -> str | list[tuple[float, ...]]:
    """``auto``, or boxes with semicolons between them."""
    if text == "auto":
        return text
    if meant := did_you_mean(text, ("auto",), quoted=False):
        raise argparse.ArgumentTypeError(f"{text!r} is neither auto nor like 10,20,300,400{meant}")
    return [_box(part) for part in text.split(";")]


def _names(text: str) -> list[str]:
    """Names with commas between them."""
    return [name.strip() for name in text.split(",")]


def _size(text: str) -> int:
    """A number of bytes or pixels: ``1000``, ``500M``, ``2GB``; a thousand is 1000."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 500M or 2G")
    return int(float(match[1]) * 10.0 ** _POWERS[match[2].lower()] + 0.5)


def _whole(text: str) -> int:
    """A whole number; the option knows its bounds."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def _number(text: str) -> float:
    """A number, with a point if need be."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None


def _crop(text: str) -> bool | str:
    """``auto``, ``yes`` or ``no``."""
    choices: dict[str, bool | str] = {"auto": "auto", "yes": True, "no": False}
    if text not in choices:
        meant = did_you_mean(text, choices, quoted=False)
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(choices)}{meant}")
    return choices[text]


PARSERS: dict[str, Callable[[str], object]] = {
    "DPI": _number,
    "FRACTION": _number,
    "HOSTS": _names,
    "KEYS": _names,
    "N": _whole,
    "S": _number,
    "SIZE": _size,
    "TYPES": _names,
    "X0,Y0,X1,Y1": _box,
    "auto|BOXES": _boxes,
    "auto|yes|no": _crop,
}
"""By what ``--help`` calls the value; other values stay texts."""
