"""``got-loaders sample``: writes documents to try the library with, which tiny can read.

Scans: the pages are drawn, rendered, and kept as pictures alone. No file is part of the package.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.cli.drawn_pdf import A4, line, make_pdf, text_at
from got_loaders.errors import OptionError, printable

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["write_sample"]

_MARGIN, _TITLE, _SIZE, _LEADING = 45, 38, 31, 44
"""Large type, as tiny has learnt it."""

_DPI = 150
_FILES = ("scan.pdf", "notice.png")


def write_sample(folder: str) -> int:
    """Write the files into ``folder``, which is made, and print what to try next; 0.

    Raises :class:`OptionError` where one is there already: nothing is replaced.
    """
    if not folder:  # Path("") is the current folder: a variable that was never set
        raise OptionError('sample: the name is empty; for the current folder name "."')
    place = Path(folder).expanduser()
    scan, notice = (place / name for name in _FILES)
    if os.path.lexists(place) and not place.is_dir():
        raise OptionError(f"sample {folder}: it is no folder")
    for path in (scan, notice):
        if os.path.lexists(path):
            raise OptionError(f"sample {folder}: {path} is there already; name another folder")
    *pages, last = _pictures()
    place.mkdir(parents=True, exist_ok=True)
    first, *others = pages
    with scan.open("xb") as file:
        first.save(
            file, "PDF", save_all=True, append_images=others, resolution=_DPI, quality=90,
            title="Annual Report",
        )  # fmt: skip
    with notice.open("xb") as file:
        last.save(file, "PNG", dpi=(_DPI, _DPI))
    _print_hints(place, scan, notice)
    return 0


def _print_hints(place: Path, scan: Path, notice: Path) -> None:
    names = ("place", "scan", "notice")
    paths = {
        name: shlex.quote(printable(str(p)))
        for name, p in zip(names, (place, scan, notice), strict=True)
    }
    print(f"{paths['scan']}: three pages: headings, a table, a formula")
    print(f"{paths['notice']}: one page, as a photo of a notice would be")
    print("\nto try:")
    for command in _COMMANDS:
        print(f"  got-loaders {command.format(**paths)}")


_COMMANDS = (
    "read {scan} --model tiny",
    "read {scan} --model tiny --pages 2 --output html",
    "read {place} --model tiny --jsonl - --regions auto --mode region",
)


def _pictures() -> Iterator[Image]:
    """The pages as pictures, those of the scan first."""
    from got_loaders.pages import open_document
    from got_loaders.sources import Source

    data = make_pdf([_report(), _prices(), _formula(), _notice()])
    document = open_document(Source(name="sample", data=data))
    try:
        for number in range(document.total):
            yield document.page(number, width=A4[0], height=A4[1], dpi=_DPI).image.convert("L")
    finally:
        document.close()


def _report() -> str:
    lines = (
        "The river was high in May",
        "and the old bridge is closed.",
        "",
        "Call 555-0142 for help.",
    )
    return _heading("Annual Report") + _lines(700, lines)


def _prices() -> str:
    rows = (("Part", "Price"), ("Bolt", "$14"), ("Wheel", "$27"))
    return _heading("Spare Parts") + _lines(700, ("These are needed soon.",)) + _table(rows, 660)


def _formula() -> str:
    """Words and a formula; a raised letter is smaller and higher."""
    drawn = _heading("A Formula") + _lines(700, ("The sides of a triangle",))
    for number, (letter, sign) in enumerate(zip("abc", "+= ", strict=True)):
        x = _MARGIN + 68 * number
        drawn += text_at(x, 600, letter, font="italic", size=34)
        drawn += text_at(x + 17, 613, "2", font="roman", size=22)
        drawn += text_at(x + 40, 600, sign, font="roman", size=34)
    return drawn


def _notice() -> str:
    return _heading("Notice") + _lines(700, ("The library is closed", "on Monday."))


def _heading(text: str) -> str:
    return text_at(_MARGIN, 752, text, font="bold", size=_TITLE)


def _lines(top: float, lines: tuple[str, ...]) -> str:
    places = ((top - number * _LEADING, text) for number, text in enumerate(lines))
    return "".join(text_at(_MARGIN, y, text, size=_SIZE) for y, text in places if text)


def _table(rows: tuple[tuple[str, ...], ...], top: float) -> str:
    """A ruled table."""
    width, height = 160, _SIZE * 1.7
    right, bottom = _MARGIN + width * len(rows[0]), top - height * len(rows)
    drawn = "".join(
        text_at(
            _MARGIN + column * width + 7,
            top - (row + 0.5) * height - _SIZE * 0.35,
            cell,
            size=_SIZE,
        )
        for row, cells in enumerate(rows)
        for column, cell in enumerate(cells)
    )
    for row in range(len(rows) + 1):
        drawn += line(_MARGIN, top - row * height, right, top - row * height)
    for column in range(len(rows[0]) + 1):
        drawn += line(_MARGIN + column * width, top, _MARGIN + column * width, bottom)
    return drawn
