"""Sets random text on a page: lines, paragraphs, headings, formulas, tables.

Knows how text is broken into lines and marked up; does not choose what a page is made of.
Lengths are points, origin top left.
"""

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass

from .pages import BLACK, NEWLINE, Box, Face, Page, Piece, joined, literal
from .text import Style, Writer

REGULAR = ("helv",) * 5 + ("tiro",) * 3 + ("cour",) * 2
BOLD = {"helv": "hebo", "tiro": "tibo", "cour": "cobo", "heit": "hebo"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Where a paragraph stands and how it is set."""

    left: float
    right: float
    face: Face
    leading: float
    style: Style
    centered: bool = False

    @property
    def width(self) -> float:
        """Room for a line."""
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class Block:
    """Text that has been set: its pieces in reading order, its box, and where the next starts."""

    pieces: list[Piece]
    box: Box
    below: float


class Composer:
    """Fills one page from the top down, until its bottom or its budget of characters."""

    def __init__(self, rng: random.Random, writer: Writer, page: Page, *, budget: int) -> None:
        self.rng = rng
        self.writer = writer
        self.page = page
        self.budget = budget
        self.bottom = page.height - 18

    def paragraph(self, column: Column, top: float, lines: int) -> Block:
        """At most this many lines; an empty block where there is no room."""
        set_lines: list[list[Piece]] = []
        left, right, y, size = column.right, column.left, top, column.face.size
        texts = broken_lines(self.rng, self.writer, column)
        while len(set_lines) < lines and y + size * 1.05 < self.bottom and self.budget > 0:
            text = next(texts)
            slack = column.width - column.face.width(text)
            x = column.left + (slack / 2 if column.centered else 0)
            pieces, end = self.page.put(x, y + size, text, column.face)
            set_lines.append(pieces)
            left, right = min(left, x), max(right, end)
            y += column.leading
            self.budget -= len(text) + 1
        box = Box(left, top + size * 0.15, right, y - column.leading + size * 1.3)
        return Block(joined(set_lines), box, y)

    def heading(self, column: Column, top: float, markup: str) -> Block:
        r"""A heading of one line, inside `markup` ("\title{") or bare ("")."""
        text = self.writer.heading()
        while column.face.width(text) > column.width:
            text = fit_words(self.rng, self.writer, column)
        slack = column.width - column.face.width(text)
        x = column.left + (slack / 2 if column.centered else 0)
        size = column.face.size
        pieces, end = self.page.put(x, top + size, text, column.face)
        self.budget -= len(text)
        if markup:
            pieces = [Piece(markup), *pieces, Piece("}")]
        return Block(pieces, Box(x, top, end, top + size * 1.3), top + column.leading)

    def formulas(self, column: Column, top: float, lines: int, *, marked_up: bool) -> Block:
        """Lines that end in a formula, at times with words before it."""
        set_lines: list[list[Piece]] = []
        size, y = column.face.size, top
        while len(set_lines) < lines and y + size * 1.4 < self.bottom:
            pieces: list[Piece] = []
            x, baseline = column.left, y + size * 1.1
            if self.rng.random() < 0.6:
                text = fit_words(self.rng, self.writer, column, share=0.4) + " "
                pieces, x = self.page.put(x, baseline, text, column.face)
            pieces = pieces + self._formula(x, baseline, size * 1.1, marked_up=marked_up)
            set_lines.append(pieces)
            self.budget -= len(pieces)
            y += column.leading * 1.15
        box = Box(column.left, top, column.right, y)
        return Block(joined(set_lines), box, y + size * 0.5)

    def table(self, left: float, top: float, size: float, *, marked_up: bool) -> Block:
        """A ruled table of 2–3 columns and 2–4 rows, a word or a number in each cell."""
        columns, rows = self.rng.randint(2, 3), self.rng.randint(2, 4)
        width = self.rng.uniform(110, 160) if columns == 3 else self.rng.uniform(140, 220)
        height = size * self.rng.uniform(1.5, 1.9)
        face = Face(self.rng.choice(("helv", "tiro")), size)
        set_rows: list[list[Piece]] = []
        for row in range(rows):
            pieces: list[Piece] = []
            baseline = top + row * height + height / 2 + size * 0.35
            for column in range(columns):
                text = self._cell(face, width - 14)
                cell, _ = self.page.put(left + column * width + 7, baseline, text, face)
                pieces += literal(" & " if marked_up else " ") if column else []
                pieces += cell
            set_rows.append(pieces)
        box = Box(left, top, left + columns * width, top + rows * height)
        self._grid(box, columns, rows)
        pieces = _tabular(set_rows, columns) if marked_up else joined(set_rows)
        self.budget -= len(pieces)
        return Block(pieces, box, box.y1 + 14)

    def _formula(self, x: float, baseline: float, size: float, *, marked_up: bool) -> list[Piece]:
        pieces = literal(r"\( ") if marked_up else []
        for text, level in _formula_runs(self.rng):
            upright = text.strip() in "+-=" or text.isdigit()
            face = Face("tiro" if upright else "tiit", size * (0.65 if level else 1))
            shift = {1: 0.38, 0: 0.0, -1: -0.18}[level] * size
            run, x = self.page.put(x, baseline - shift, text, face)
            if marked_up and level:
                pieces += [*literal("^{" if level > 0 else "_{"), *run, Piece("}")]
            else:
                pieces += run
        return pieces + literal(r" \)") if marked_up else pieces

    def _cell(self, face: Face, width: float) -> str:
        while True:
            kind = self.rng.random()
            text = self.writer.jumble_word() if kind < 0.4 else self.writer.pick("nouns")
            text = text if kind < 0.7 else self.writer.number()
            if face.width(text) < width and not set(text) & set("&\\"):
                return text

    def _grid(self, box: Box, columns: int, rows: int) -> None:
        for row in range(rows + 1):
            y = box.y0 + row * (box.y1 - box.y0) / rows
            self.page.rules.append(((box.x0, y), (box.x1, y)))
        for column in range(columns + 1):
            x = box.x0 + column * (box.x1 - box.x0) / columns
            self.page.rules.append(((x, box.y0), (x, box.y1)))


def broken_lines(rng: random.Random, writer: Writer, column: Column) -> Iterator[str]:
    """Endless lines that fit the column: running prose, entries, or words of ragged length."""
    if column.style == "jumble":
        while True:
            yield fit_words(rng, writer, column)
    if column.style == "entries":
        while True:
            text = writer.entry()
            if column.face.width(text) <= column.width:
                yield text
    line = ""
    for token in writer.tokens("prose"):
        longer = f"{line} {token}" if line else token
        if column.face.width(longer) <= column.width:
            line = longer
        elif line:
            yield line
            line = token if column.face.width(token) <= column.width else ""


def fit_words(rng: random.Random, writer: Writer, column: Column, share: float = 1.0) -> str:
    """Random words that fit in this share of the column's width."""
    room = column.width * share
    target = room * (rng.uniform(0.35, 1) if rng.random() < 0.5 else 1)
    line = ""
    for _ in range(40):
        word = writer.jumble_word()
        longer = f"{line} {word}" if line else word
        if line and column.face.width(longer) > target:
            break
        if column.face.width(longer) <= room:
            line = longer
    return line or rng.choice("abcdefgh")


def ink(rng: random.Random) -> tuple[float, float, float]:
    """Mostly black, at times another dark colour."""
    if rng.random() < 0.8:
        return BLACK
    return (rng.uniform(0, 0.35), rng.uniform(0, 0.35), rng.uniform(0, 0.35))


def _formula_runs(rng: random.Random) -> list[tuple[str, int]]:
    """Terms and signs with their level: 1 raised, 0 on the line, -1 lowered."""
    runs: list[tuple[str, int]] = []
    count = rng.randint(1, 3)
    for index in range(count):
        if index:
            runs.append((f" {rng.choice('+-=') if index < count - 1 else '='} ", 0))
        runs.append((rng.choice(string.ascii_lowercase.translate({105: None, 108: None})), 0))
        kind = rng.random()
        if kind < 0.5:
            runs.append((rng.choice("23456789nkm"), 1))
        elif kind < 0.8:
            runs.append((rng.choice("0123456789ijkn"), -1))
    return runs


def _tabular(rows: list[list[Piece]], columns: int) -> list[Piece]:
    pieces = [Piece("\\begin{tabular}"), *literal("{" + "|l" * columns + "|}"), NEWLINE]
    pieces += [Piece("\\hline"), NEWLINE]
    for row in rows:
        pieces += [*row, *literal(" \\\\"), NEWLINE, Piece("\\hline"), NEWLINE]
    return [*pieces, Piece("\\end{tabular}")]
