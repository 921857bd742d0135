"""The kinds of pages that the checkpoint is trained on.

Knows what a page is made of; knows no images and no token ids. Lengths are points.
"""

import random
from dataclasses import dataclass

from .compose import BOLD, REGULAR, Block, Column, Composer, ink
from .pages import Box, Face, Page, Piece, Rgb, joined
from .text import Style, Writer
from .tokenizer import Color
from .words import load_words

FRAME_COLORS: dict[Color, Rgb] = {"red": (1, 0, 0), "green": (0, 0.6, 0), "blue": (0, 0, 1)}
A4, LETTER = (595.0, 842.0), (612.0, 792.0)
PAGE_CHARACTERS = 330
MOST_LINES = 14


@dataclass(frozen=True, slots=True)
class Layout:
    """A page and what should be read from it; a box in points or a colour, if asked for one."""

    page: Page
    pieces: list[Piece]
    box: Box | None = None
    color: Color | None = None

    @property
    def text(self) -> str:
        """What a perfect reading gives."""
        return "".join(piece.token for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Generator:
    """Draws pages from `rng`; `lines` bounds the lines of a page, and so how hard it is."""

    rng: random.Random
    lines: int = MOST_LINES
    held_out: bool = False

    def plain(self) -> Layout:
        """Lines of one size of type, from a single word to a full page."""
        if self.rng.random() < 0.08:
            return self._few_words()
        composer = self._composer(self._page(), PAGE_CHARACTERS)
        font = self._font(bold=0.15)
        size = self.rng.uniform(30, 44) if self.rng.random() < 0.85 else self.rng.uniform(26, 30)
        column = Column(
            left=self.rng.uniform(30, 75),
            right=composer.page.width - self.rng.uniform(25, 60),
            face=Face(font, size, ink(self.rng)),
            leading=size * self.rng.uniform(1.15, 1.7),
            style=self._style(),
            centered=self.rng.random() < 0.08,
        )
        lines = 1 if self.rng.random() < 0.06 else self.rng.randint(1, self.lines)
        top = self.rng.uniform(30, 90)
        if self.rng.random() < 0.35:
            top = self.rng.uniform(30, max(40.0, 790 - lines * column.leading))
        return Layout(composer.page, composer.paragraph(column, top, lines).pieces)

    def document(self, *, marked_up: bool) -> Layout:
        """Title, sections, paragraphs, formulas, a table; with mark-up or as bare text."""
        composer = self._composer(self._page(), 300)
        body = self._body(composer.page)
        blocks, top = self._title(composer, body, marked_up)
        for _ in range(self.rng.randint(1, max(1, min(4, self.lines // 3)))):
            if top > composer.page.height - 120 or composer.budget < 40:
                break
            section, top = self._section(composer, body, top, marked_up)
            blocks += section
        return Layout(composer.page, joined(block.pieces for block in blocks))

    def letter(self) -> Layout:
        """One to three paragraphs of regular type with no heading: nothing to mark up."""
        composer = self._composer(self._page(), PAGE_CHARACTERS)
        top, blocks = self.rng.uniform(30, 120), list[Block]()
        size = self.rng.uniform(27, 40)
        face, leading = Face(self._font(bold=0.0), size), size * self.rng.uniform(1.2, 1.6)
        left, right = self.rng.uniform(30, 65), composer.page.width - self.rng.uniform(25, 50)
        for _ in range(self.rng.randint(1, 3)):
            style = self._style()
            column = Column(left=left, right=right, face=face, leading=leading, style=style)
            block = composer.paragraph(column, top, self.rng.randint(1, min(self.lines, 5)))
            if block.pieces:
                blocks.append(block)
            top = block.below + size * self.rng.choice((0.0, 0.5, 1.0))
        return Layout(composer.page, joined(block.pieces for block in blocks))

    def blocks(self) -> Layout:
        """Two to four separate paragraphs, at times two side by side."""
        page, blocks = self._blocks()
        return Layout(page, joined(block.pieces for block in blocks))

    def boxed(self) -> Layout:
        """The same, one of them asked for by its box."""
        page, blocks = self._blocks()
        block = self.rng.choice(blocks)
        return Layout(page, block.pieces, box=block.box.grown(self.rng.uniform(1, 9), page))

    def framed(self) -> Layout:
        """The same, some framed in colour and one of these asked for by its colour."""
        page, blocks = self._blocks()
        colors = self.rng.sample(list(FRAME_COLORS), self.rng.randint(1, min(3, len(blocks))))
        chosen = self.rng.sample(blocks, len(colors))
        for block, color in zip(chosen, colors, strict=True):
            frame = block.box.grown(self.rng.uniform(3, 7), page)
            page.frames.append((frame, FRAME_COLORS[color], self.rng.uniform(2, 4)))
        return Layout(page, chosen[0].pieces, color=colors[0])

    def wide(self) -> Layout:
        """A page twice as wide as high, in two columns: two tiles side by side."""
        page = Page(1190, 595)
        lines, top = self.rng.randint(1, min(self.lines, 7)), self.rng.uniform(25, 60)
        left = self._tile_column(self.rng.uniform(28, 50), 570)
        shift = self.rng.uniform(590, 600) - left.left + self.rng.uniform(28, 50)
        right = Column(
            left=left.left + shift,
            right=1160,
            face=left.face,
            leading=left.leading,
            style=left.style,
        )
        blocks = [
            self._composer(page, PAGE_CHARACTERS // 2).paragraph(column, top, lines)
            for column in (left, right)
        ]
        return Layout(page, joined(block.pieces for block in blocks))

    def tall(self) -> Layout:
        """A page twice as high as wide: two tiles, one above the other."""
        page = Page(595, 1190)
        column = self._tile_column(self.rng.uniform(28, 60), 565)
        lines, top = self.rng.randint(1, self.lines), self.rng.uniform(25, 200)
        block = self._composer(page, PAGE_CHARACTERS).paragraph(column, top, lines)
        return Layout(page, block.pieces)

    def _few_words(self) -> Layout:
        """One to three words anywhere on the page."""
        page = self._page()
        face = Face(self._font(bold=0.3), self.rng.uniform(30, 48), ink(self.rng))
        writer = self._writer()
        words = [writer.pick("nouns") for _ in range(self.rng.randint(1, 3))]
        text = " ".join(words).capitalize() if self.rng.random() < 0.6 else writer.jumble_word()
        x = self.rng.uniform(25, max(26.0, page.width - 25 - face.width(text)))
        pieces, _ = page.put(x, self.rng.uniform(60, page.height - 30), text, face)
        return Layout(page, pieces)

    def _title(
        self, composer: Composer, body: Column, marked_up: bool
    ) -> tuple[list[Block], float]:
        top = self.rng.uniform(25, 70)
        if self.rng.random() > 0.7:
            return [], top
        column = _headline(body, self.rng.uniform(34, 42), 1.7, centered=self.rng.random() < 0.5)
        title = composer.heading(column, top, "\\title{" if marked_up else "")
        return [title], title.below

    def _section(
        self, composer: Composer, body: Column, top: float, marked_up: bool
    ) -> tuple[list[Block], float]:
        blocks, size = [], body.face.size
        if self.rng.random() < 0.5:
            column = _headline(body, self.rng.uniform(28, 32), 1.5)
            blocks.append(composer.heading(column, top, "\\section*{" if marked_up else ""))
            top = blocks[-1].below
        kind = self.rng.random()
        if kind < 0.25 and not composer.page.rules and top < composer.page.height - 265:
            blocks.append(composer.table(body.left, top + 6, size, marked_up=marked_up))
        elif 0.25 <= kind < 0.45:
            lines = self.rng.randint(1, 3)
            blocks.append(composer.formulas(body, top, lines, marked_up=marked_up))
        else:
            lines = self.rng.randint(1, min(self.lines, 6))
            blocks.append(composer.paragraph(body, top, lines))
        return [block for block in blocks if block.pieces], blocks[-1].below + size * 0.6

    def _blocks(self) -> tuple[Page, list[Block]]:
        composer = self._composer(self._page(), 2 * PAGE_CHARACTERS)
        top, blocks = self.rng.uniform(30, 70), list[Block]()
        while top < composer.page.height - 110 and len(blocks) < 4:
            row = [composer.paragraph(c, top, n) for c, n in self._row(composer.page)]
            blocks += [block for block in row if block.pieces]
            top = max(block.below for block in row) + self.rng.uniform(15, 60)
        return composer.page, blocks

    def _row(self, page: Page) -> list[tuple[Column, int]]:
        """One paragraph across the page, or two side by side, with their numbers of lines."""
        size, lines = self.rng.uniform(27, 40), self.rng.randint(1, min(self.lines, 4))
        bounds = [(self.rng.uniform(30, 90), page.width - 35)]
        if size < 33 and self.rng.random() < 0.4:
            middle = page.width / 2
            bounds = [(self.rng.uniform(30, 45), middle - 12), (middle + 12, page.width - 30)]
        leading = size * self.rng.uniform(1.15, 1.45)
        face, style = Face(self._font(bold=0.08), size), self._style()
        return [
            (Column(left=a, right=b, face=face, leading=leading, style=style), lines)
            for a, b in bounds
        ]

    def _tile_column(self, left: float, right: float) -> Column:
        size = self.rng.uniform(23, 33)
        return Column(
            left=left,
            right=right,
            face=Face(self._font(bold=0.05), size, ink(self.rng)),
            leading=size * self.rng.uniform(1.2, 1.6),
            style=self._style(),
        )

    def _body(self, page: Page) -> Column:
        size = self.rng.uniform(26, 32)
        return Column(
            left=self.rng.uniform(30, 65),
            right=page.width - self.rng.uniform(25, 50),
            face=Face(self._font(bold=0.0), size),
            leading=size * self.rng.uniform(1.25, 1.6),
            style=self._style(),
        )

    def _composer(self, page: Page, budget: int) -> Composer:
        return Composer(self.rng, self._writer(), page, budget=budget)

    def _writer(self) -> Writer:
        return Writer(self.rng, load_words(held_out=self.held_out), held_out=self.held_out)

    def _page(self) -> Page:
        return Page(*(A4 if self.rng.random() < 0.7 else LETTER))

    def _font(self, *, bold: float) -> str:
        font = self.rng.choice((*REGULAR, "heit"))
        return BOLD[font] if self.rng.random() < bold else font

    def _style(self) -> Style:
        styles: tuple[Style, ...] = ("prose", "entries", "jumble")
        return self.rng.choices(styles, (45, 17, 38))[0]


def _headline(body: Column, size: float, leading: float, *, centered: bool = False) -> Column:
    return Column(
        left=body.left,
        right=body.right,
        face=Face(BOLD[body.face.font], size),
        leading=size * leading,
        style="entries",
        centered=centered,
    )
