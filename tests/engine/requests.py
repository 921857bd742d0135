"""At least a hundred requests in every mode, shape and length: what parity is checked on."""

from __future__ import annotations

from itertools import cycle, product
from typing import Any

from got_loaders.types import Box, OcrRequest
from tests.engine.pictures import page

LIMITS = (8, 48, 200)
SHAPES = {"wide": (1000, 480), "tall": (420, 1150), "square": (600, 600)}
BOUNDS = ((1, 4), (2, 6), (4, 9))
WHERE: tuple[dict[str, Any], ...] = (
    {},
    {"box": Box(10, 12.5, 480.2, 330)},
    {"color": "red"},
    {"color": "blue"},
)


def parity_requests() -> list[OcrRequest]:
    """Plain, formatted, box and colour (both ways), crops of three shapes, two and three pages."""
    return [*single_pages(), *crops(), *several_pages()]


def single_pages() -> list[OcrRequest]:
    """Every limit, on three pages, plain and formatted, whole and by region."""
    return [
        OcrRequest(images=(page(seed),), format=format, max_new_tokens=limit, **where)
        for seed, format, where, limit in product(range(3), (False, True), WHERE, LIMITS)
    ]


def crops() -> list[OcrRequest]:
    """Wide, tall and square pages with several bounds on the grid."""
    limits = cycle(LIMITS)
    return [
        OcrRequest(
            images=(page(10, *SHAPES[shape]),),
            format=format,
            crop_to_patches=True,
            min_patches=least,
            max_patches=most,
            max_new_tokens=next(limits),
        )
        for shape, (least, most), format in product(SHAPES, BOUNDS, (False, True))
    ]


def several_pages() -> list[OcrRequest]:
    """Two and three pages in one request."""
    return [
        OcrRequest(
            images=tuple(page(20 + number) for number in range(count)),
            format=format,
            multi_page=True,
            max_new_tokens=limit,
        )
        for count, format, limit in product((2, 3), (False, True), LIMITS)
    ]
