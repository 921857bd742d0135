"""A PDF as pdfium sees it: its words with their boxes, and its pages' pictures."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium

from got_loaders import Box

Gray = npt.NDArray[np.uint8]

_UNITS = 64
"""Parts of a point that pdfium's whole numbers are asked for in."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, and its box in points on the page as it is shown, from the top left."""

    text: str
    box: Box


class PdfiumDocument:
    """An open PDF; pages count from 0."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self.total = len(document)

    @classmethod
    def open(cls, path: Path, password: str | None) -> PdfiumDocument | None:
        """The document; None where pdfium can't open it."""
        try:
            return cls(pdfium.PdfDocument(path, password=password))
        except (pdfium.PdfiumError, OSError, ValueError):
            return None

    def close(self) -> None:
        """Close it."""
        self._document.close()

    def size(self, number: int) -> tuple[float, float]:
        """Width and height in points as the page is shown."""
        width, height = self._document[number].get_size()
        return float(width), float(height)

    def picture(self, number: int, width: int, height: int) -> Gray:
        """The page in gray, of so many pixels."""
        page = self._document[number]
        scale = max(width / page.get_width(), height / page.get_height())
        image = page.render(scale=scale, may_draw_forms=True).to_pil().convert("L")
        return np.asarray(image.resize((width, height)))

    def words(self, number: int) -> list[Word]:
        """What stands between blanks, in the order of the file; none where pdfium gives up."""
        page = self._document[number]
        try:
            text = page.get_textpage()
        except pdfium.PdfiumError:
            return []
        words: list[Word] = []
        letters: list[tuple[str, Box]] = []
        for index in range(text.count_chars()):
            letter = chr(pdfium.raw.FPDFText_GetUnicode(text, index))
            if letter.isspace() or not letter.isprintable():
                words += _word(letters)
                letters = []
            else:
                letters.append((letter, _shown(page, text.get_charbox(index, loose=False))))
        return words + _word(letters)


def _word(letters: list[tuple[str, Box]]) -> list[Word]:
    if not letters:
        return []
    boxes = np.array([box for _, box in letters])
    box = Box(*boxes[:, :2].min(axis=0).tolist(), *boxes[:, 2:].max(axis=0).tolist())
    return [Word("".join(letter for letter, _ in letters), box)]


def _shown(page: Any, box: tuple[float, float, float, float]) -> Box:
    """A box of the page's own space, rotated and moved as the page is shown."""
    left, bottom, right, top = box
    first, second = _device(page, left, bottom), _device(page, right, top)
    xs, ys = sorted((first[0], second[0])), sorted((first[1], second[1]))
    return Box(xs[0], ys[0], xs[1], ys[1])


def _device(page: Any, x: float, y: float) -> tuple[float, float]:
    width, height = (round(side * _UNITS) for side in page.get_size())
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.raw.FPDF_PageToDevice(
        page, 0, 0, width, height, 0, x, y, ctypes.byref(across), ctypes.byref(down)
    )
    return across.value / _UNITS, down.value / _UNITS
