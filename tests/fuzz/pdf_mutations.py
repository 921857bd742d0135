"""Mutations that know what a PDF is made of: numbers, references, loops and filters."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

__all__ = ["PDF_MUTATIONS"]

_NUMBERS = (
    b"0", b"1", b"-1", b"3", b"65536", b"100000", b"2147483647", b"2147483648", b"-2147483648",
    b"4294967296", b"99999999999999999999", b"1e38", b"-0.0000001", b"null", b"(x)", b"[1 2 3]",
)  # fmt: skip
_KEYS = re.compile(
    rb"/(?:Count|Length|Width|Height|W|H|Index|Size|N|First|BitsPerComponent|BPC|Columns|Colors|Rows"
    rb"|Predictor|Rotate|Prev|XRefStm|K|Kids|St|V|R|P|FirstChar|LastChar|ShadingType|XStep|YStep|ca"
    rb"|PaintType|Q|F|FunctionType|UserUnit)[ ]*(-?[\d.]+|\[[^\]]*\])"
)
_IN_BOX = re.compile(rb"/(?:MediaBox|BBox|Rect|Coords|Domain|FontMatrix|Matrix|D)[ ]*\[([^\]]*)\]")
_REFERENCE = re.compile(rb"\d+ 0 R")
_OBJECT = re.compile(rb"(\d+) 0 obj")
_FILTER = re.compile(rb"/Filter[ ]*(?:\[[^\]]*\]|/\w+)")
_FILTERS = (
    b"FlateDecode", b"LZWDecode", b"ASCIIHexDecode", b"ASCII85Decode", b"RunLengthDecode",
    b"CCITTFaxDecode", b"DCTDecode", b"JPXDecode", b"JBIG2Decode", b"Crypt", b"NoSuchDecode",
)  # fmt: skip
_OPERATOR = re.compile(
    rb"(?<=[\s\]>])(?:cm|re|l|m|c|Do|sh|scn?|Tf|Td|Tm|gs|q|Q|W n|f|S|BI|ID|EI|d1)\s"
)
_TOKEN = re.compile(rb"(?<=[\s\[])-?\d+(?:\.\d+)?(?=[\s\]])")


def _number(data: bytearray, dice: random.Random) -> None:
    """Another number behind one of the keys that programs trust."""
    _replace(data, dice, _KEYS, dice.choice(_NUMBERS), group=1)


def _any_number(data: bytearray, dice: random.Random) -> None:
    _replace(data, dice, _TOKEN, dice.choice(_NUMBERS))


def _box(data: bytearray, dice: random.Random) -> None:
    numbers = b" ".join(dice.choice(_NUMBERS) for _ in range(dice.choice((4, 4, 4, 2, 6))))
    _replace(data, dice, _IN_BOX, numbers, group=1)


def _reference(data: bytearray, dice: random.Random) -> None:
    """A reference to another object, or to none."""
    others = [match[0] for match in _REFERENCE.finditer(data)] + [b"0 0 R", b"9999 0 R", b"null"]
    _replace(data, dice, _REFERENCE, dice.choice(others))


def _loop(data: bytearray, dice: random.Random) -> None:
    """An object that refers to itself."""
    places = list(_REFERENCE.finditer(data))
    if not places:
        return
    place = dice.choice(places)
    own = [match[1] for match in _OBJECT.finditer(data, 0, place.start())]
    if own:
        data[place.start() : place.end()] = own[-1] + b" 0 R"


def _kid(data: bytearray, dice: random.Random) -> None:
    """A page tree whose branch leads back to its root, or that is its own parent."""
    word = dice.choice((b"/Kids[2 0 R ", b"/Kids[1 0 R ", b"/Kids[3 0 R 3 0 R "))
    _replace(data, dice, re.compile(rb"/Kids[ ]*\["), word)


def _earlier(data: bytearray, dice: random.Random) -> None:
    """A cross-reference table that names itself, or nothing, as the one before it."""
    at = re.search(rb"startxref\s+(\d+)", data)
    value = dice.choice((at[1] if at else b"0", b"0", b"-5", b"99999999"))
    key = dice.choice((b"/Prev ", b"/XRefStm "))
    _replace(data, dice, re.compile(rb"/Size "), key + value + b"/Size ")


def _filter(data: bytearray, dice: random.Random) -> None:
    """Other filters, up to twenty in a row."""
    count = dice.choice((1, 1, 2, 3, 20))
    names = b"".join(b"/" + dice.choice(_FILTERS) for _ in range(count))
    _replace(data, dice, _FILTER, b"/Filter[" + names + b"]")


def _operator(data: bytearray, dice: random.Random) -> None:
    """Another operator in what draws a page, or the same one many times."""
    found = _OPERATOR.findall(data) or [b"q "]
    word: bytes = dice.choice(found) * dice.choice((1, 1, 3, 500))
    _replace(data, dice, _OPERATOR, word)


def _key(data: bytearray, dice: random.Random) -> None:
    """A name in the place of another one."""
    names = re.findall(rb"/[A-Za-z]\w*", data)
    if names:
        _replace(data, dice, re.compile(rb"/[A-Za-z]\w*"), dice.choice(names))


def _deep(data: bytearray, dice: random.Random) -> None:
    """Brackets in brackets."""
    sign, count = dice.choice((b"[", b"<<", b"(")), dice.choice((10, 200, 20_000))
    _replace(data, dice, _TOKEN, sign * count)


PDF_MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _number, _number, _number, _any_number, _box, _reference, _reference, _loop, _loop, _kid,
    _earlier, _filter, _filter, _operator, _key, _deep,
)  # fmt: skip
"""For PDFs; what they look for may be absent, and nothing then changes."""


def _replace(
    data: bytearray, dice: random.Random, pattern: re.Pattern[bytes], word: bytes, *, group: int = 0
) -> None:
    """One of the matches, by ``word``; half the time of the same length, so that offsets hold."""
    places = [match.span(group) for match in pattern.finditer(data)]
    if not places:
        return
    low, high = dice.choice(places)
    if dice.random() < 0.5:
        word = word.ljust(high - low)
    data[low:high] = word
