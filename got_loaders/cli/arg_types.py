"""Values of flags → values of options."""

from __future__ import annotations

import argparse
import re

__all__ = ["boxes", "flag_box", "names", "size"]

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)\s*([kmgt]?)b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 3, "m": 6, "g": 9, "t": 12}


def flag_box(text: str) -> tuple[float, ...]:
    """``10,20,300,400``."""
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 10,20,300,400") from None


def boxes(text: str) -> str | list[tuple[float, ...]]:
    """``auto``, or boxes with semicolons between them."""
    return text if text == "auto" else [flag_box(part) for part in text.split(";")]


def names(text: str) -> list[str]:
    """Names with commas between them."""
    return [name.strip() for name in text.split(",")]


def size(text: str) -> int:
    """A number of bytes or pixels: ``1000``, ``500M``, ``2GB``; a thousand is 1000."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 500M or 2G")
    return int(float(match[1]) * 10.0 ** _POWERS[match[2].lower()] + 0.5)
