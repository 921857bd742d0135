"""Pages with little text beside something large, and where each of their words stands."""

from __future__ import annotations

import io
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont

from got_loaders.types import Box
from tests.layout.typeset import font_data

__all__ = ["PAGES", "DrawnPage", "draw_page"]


@dataclass(slots=True, eq=False)
class DrawnPage:
    """A page's picture and the boxes of its words' ink, in pixels; lengths are points."""

    width: float
    height: float
    dpi: float
    size: float
    words: list[tuple[str, Box]] = field(default_factory=list)
    rng: random.Random = field(default_factory=lambda: random.Random(1))
    image: Image.Image = field(init=False)
    draw: ImageDraw.ImageDraw = field(init=False)

    def __post_init__(self) -> None:
        scale = self.dpi / 72
        self.image = Image.new("L", (round(self.width * scale), round(self.height * scale)), 255)
        self.draw = ImageDraw.Draw(self.image)

    def px(self, *points: float) -> list[float]:
        """Points as pixels."""
        return [value * self.dpi / 72 for value in points]

    def text(self, x: float, y: float, text: str, factor: float = 1, font: str = "helv") -> None:
        """A line at a baseline, in so many times the page's size of type."""
        face = ImageFont.truetype(io.BytesIO(font_data(font)), self.px(self.size * factor)[0])
        left, base = self.px(x, y)
        for word in text.split():
            ends = face.getbbox(word, anchor="ls")
            above, right, below = base + ends[1] - 4, left + ends[2] + 4, base + ends[3] + 4
            area = round(left - 4), round(above), round(right), round(below)
            before = self.image.crop(area)
            self.draw.text((left, base), word, 0, face, anchor="ls")
            ink = ImageChops.difference(before, self.image.crop(area)).point(
                lambda v: 255 * (v > 60)
            )
            x0, y0, x1, y1 = ink.getbbox() or (0, 0, 0, 0)
            box = Box(x0 + area[0], y0 + area[1], x1 + area[0], y1 + area[1])
            self.words.append((word, box))
            left += face.getlength(f"{word} ")

    def lines(self, x: float, y: float, texts: list[str], step: float = 1.3) -> None:
        """Lines below each other."""
        for number, text in enumerate(texts):
            self.text(x, y + number * step * self.size, text)

    def rule(self, x0: float, y0: float, x1: float, y1: float, thick: float = 1) -> None:
        self.draw.line(self.px(x0, y0, x1, y1), 0, max(1, round(self.px(thick)[0])))

    def frame(self, x0: float, y0: float, x1: float, y1: float, thick: float = 1.5) -> None:
        self.draw.rectangle(self.px(x0, y0, x1, y1), None, 0, max(1, round(self.px(thick)[0])))

    def bar(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.draw.rectangle(self.px(x0, y0, x1, y1), 0)

    def photo(self, x0: float, y0: float, x1: float, y1: float) -> None:
        noise = np.random.default_rng(self.rng.randrange(1 << 30))
        tones = Image.fromarray(noise.integers(10, 210, (9, 11)).astype(np.uint8))
        size = [round(value) for value in self.px(x1 - x0, y1 - y0)]
        place = [round(value) for value in self.px(x0, y0)]
        self.image.paste(
            tones.resize((size[0], size[1]), Image.Resampling.BICUBIC), (place[0], place[1])
        )

    def bar_code(self, x0: float, y0: float, x1: float, y1: float) -> None:
        while x0 < x1:
            thick = self.rng.choice((1, 1, 2, 3))
            self.bar(x0, y0, x0 + 0.9 * thick, y1)
            x0 += thick + self.rng.choice((1, 1, 2, 3))

    def qr_code(self, x: float, y: float, side: float, count: int = 29) -> None:
        marks = [(0, 0), (0, count - 7), (count - 7, 0)]
        for row in range(count):
            for column in range(count):
                dark = self.rng.random() < 0.5
                for top, left in marks:
                    down, across = row - top, column - left
                    if 0 <= down < 7 and 0 <= across < 7:
                        middle = 2 <= down <= 4 and 2 <= across <= 4
                        dark = middle or down in (0, 6) or across in (0, 6)
                if dark:
                    module = side / count
                    at = self.px(x + column * module, y + row * module)
                    end = self.px(x + (column + 1) * module, y + (row + 1) * module)
                    self.draw.rectangle([round(v) for v in at] + [round(v) - 1 for v in end], 0)


def _frame(page: DrawnPage) -> None:
    page.text(72, 100, "Invoice 4711 of 3 May")
    page.frame(72, 144, 504, 324)
    page.text(72, 400, "Total 1,234.56 EUR")


def _page_in_a_frame(page: DrawnPage) -> None:
    page.frame(30, 30, 565, 812, 3)
    page.text(80, 200, "SALE", 120 / page.size, "hebo")
    page.text(80, 300, "Only this weekend in our shop", 1.5)
    page.photo(80, 350, 515, 650)
    page.text(80, 720, "Open from 9 to 18, closed on Monday")
    page.text(80, 780, "while stocks last", 0.8)


def _photo_with_one_line(page: DrawnPage) -> None:
    page.photo(90, 90, 500, 420)
    page.text(90, 420 + 1.8 * page.size, "Figure 1. The harbour at noon")


def _photo_with_two_lines(page: DrawnPage) -> None:
    page.photo(90, 90, 500, 420)
    page.lines(90, 420 + 1.8 * page.size, ["Figure 1. The harbour at noon,", "seen from the mill"])


def _photo_beside_text(page: DrawnPage) -> None:
    page.photo(40, 60, 250, 780)
    page.text(290, 120, "Arrival", 1.5, "hebo")
    page.lines(290, 150, ["We came by night, and nobody", "was there to meet us"])
    page.text(290, 500, "Page 3 of 9")


def _photo_page_with_number(page: DrawnPage) -> None:
    page.photo(30, 30, 565, 760)
    page.text(295, 810, "7")


def _slide(page: DrawnPage) -> None:
    page.text(60, 90, "Results of the year", 2.5, "hebo")
    page.photo(330, 150, 560, 450)
    page.lines(60, 190, [f"Growth in {year}" for year in range(2019, 2023)], 3)
    page.text(540, 820, "12", 0.8)


def _form_of_boxes(page: DrawnPage) -> None:
    page.text(60, 70, "Application for a permit", 1.4, "hebo")
    for number, label in enumerate(["Name", "First name", "Street", "Town", "Birthday"]):
        y = 120 + number * 3.2 * page.size
        page.text(60, y, label)
        page.frame(200, y - 1.5 * page.size, 540, y + 0.7 * page.size, 1)
        if number % 2:
            page.text(210, y, f"Smith {number}")
    page.frame(60, 600, 60 + page.size, 600 + page.size, 1)
    page.text(70 + page.size, 600 + page.size, "I agree")


def _form_of_lines(page: DrawnPage) -> None:
    page.text(60, 70, "Application", 1.4, "hebo")
    for number, label in enumerate(["Name:", "Street:", "Town:", "Date:"]):
        y = 130 + number * 3 * page.size
        page.text(60, y, label)
        page.rule(200, y + 2, 540, y + 2)


def _form_of_cells(page: DrawnPage) -> None:
    down = 4 * page.size
    for row in range(6):
        for column in range(3):
            x, y = 50 + column * 165, 60 + row * down
            page.frame(x, y, x + 165, y + down, 1)
            page.text(x + 4, y + page.size, f"Field {row}{column}", 0.75)
            if (row + column) % 2:
                page.text(x + 10, y + 3 * page.size, f"value {row * column}")
    page.text(50, 60 + 6 * down + 2.5 * page.size, "Signature of the applicant")


def _bar_code(page: DrawnPage) -> None:
    page.bar_code(60, 60, 340, 180)
    page.text(100, 180 + 1.6 * page.size, "4 006381 333931")


def _parcel_label(page: DrawnPage) -> None:
    page.frame(10, 10, 585, 830, 2)
    page.text(30, 60, "Acme Parcels", 1.5, "hebo")
    page.lines(30, 130, ["Jane Doe", "12 High Street"])
    page.bar_code(30, 320, 370, 480)
    page.text(120, 480 + 1.6 * page.size, "00340434161094")


def _qr_code_beside_text(page: DrawnPage) -> None:
    page.qr_code(60, 90, 150)
    page.lines(240, 110, ["Payable to", "Robert Schneider AG"])
    page.text(240, 230, "Amount 1949.75")


def _qr_code(page: DrawnPage) -> None:
    page.qr_code(200, 200, 200)
    page.text(230, 400 + 2 * page.size, "Scan me")


def _page_number(page: DrawnPage) -> None:
    page.text(295, 800, "7")


def _heading(page: DrawnPage) -> None:
    page.text(100, 400, "PART II", 3, "hebo")


def _large_and_small(page: DrawnPage) -> None:
    page.text(100, 400, "MARKET", 90 / page.size, "hebo")
    page.text(60, 700, "Hall of the exhibition")


def _stamp(page: DrawnPage) -> None:
    page.lines(60, 80, ["We have received your letter", "and thank you for it"])
    page.draw.ellipse(page.px(370, 200, 490, 320), None, 0, 3)
    page.text(395, 265, "PAID", 1.2)
    page.text(60, 500, "Yours sincerely")


def _heavy_rules(page: DrawnPage) -> None:
    page.text(60, 70, "Minutes")
    page.bar(40, 90, 555, 110)
    page.text(60, 150, "Adopted on Monday")
    page.bar(40, 180, 555, 184)


def _chart(page: DrawnPage) -> None:
    page.text(60, 60, "Sales by quarter", 1.2, "hebo")
    page.rule(110, 100, 110, 400)
    page.rule(110, 400, 520, 400)
    for number in range(5):
        page.text(75, 404 - number * 70, str(number * 25), 0.8)
        page.rule(105, 400 - number * 70, 110, 400 - number * 70)
    for number in range(4):
        x = 140 + number * 95
        page.draw.rectangle(page.px(x, 340 - number * 60, x + 50, 400), 90)
        page.text(x + 8, 400 + 1.3 * page.size, f"Q{number + 1}", 0.8)
    page.text(240, 400 + 3 * page.size, "Quarter", 0.9)
    page.lines(60, 560, ["The year began slowly, and ended", "with the best quarter in a decade"])


def _invoice(page: DrawnPage) -> None:
    page.photo(420, 30, 560, 90)
    page.text(50, 60, "Acme Ltd", 1.6, "hebo")
    page.text(50, 140, "To: Jane Doe")
    page.lines(380, 140, ["Invoice no. 4711", "3 May 2024"])
    for row in range(5):
        y = 240 + row * 2 * page.size
        page.rule(50, y - 1.4 * page.size, 540, y - 1.4 * page.size)
        for x, cell in ((55, f"Item {row}"), (150, "Widget"), (350, str(row + 1)), (460, "9.50")):
            page.text(x, y, cell)
    page.text(400, 420 + 3 * page.size, "Total 1,234.56", 1, "hebo")
    page.bar_code(50, 650, 250, 720)
    page.text(50, 740, "INV4711", 0.8)


_DRAWERS = (
    *(_frame, _page_in_a_frame, _photo_with_one_line, _photo_with_two_lines, _photo_beside_text),
    *(_photo_page_with_number, _slide, _form_of_boxes, _form_of_lines, _form_of_cells, _bar_code),
    *(_parcel_label, _qr_code_beside_text, _qr_code, _page_number, _heading, _large_and_small),
    *(_stamp, _heavy_rules, _chart, _invoice),
)
PAGES: dict[str, Callable[[DrawnPage], None]] = {
    drawer.__name__.strip("_").replace("_", " "): drawer for drawer in _DRAWERS
}


def draw_page(name: str, dpi: float, size: float, skew: float = 0.0) -> DrawnPage:
    """An A4 page in type of ``size`` points, its lines turned clockwise by ``skew`` degrees."""
    page = DrawnPage(595, 842, dpi, size)
    PAGES[name](page)
    if skew:
        size_before = page.image.size
        page.image = page.image.rotate(-skew, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
        page.words = [
            (word, _turned(box, skew, size_before, page.image.size)) for word, box in page.words
        ]
    return page


def _turned(box: Box, skew: float, before: tuple[int, int], after: tuple[int, int]) -> Box:
    """The upright hull of a box on the turned page."""
    cos, sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
    corners = [
        (x - before[0] / 2, y - before[1] / 2) for x in (box.x0, box.x1) for y in (box.y0, box.y1)
    ]
    across = [x * cos - y * sin + after[0] / 2 for x, y in corners]
    down = [x * sin + y * cos + after[1] / 2 for x, y in corners]
    return Box(min(across), min(down), max(across), max(down))
