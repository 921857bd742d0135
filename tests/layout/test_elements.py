"""The steps of the whitespace method, each by itself."""

from __future__ import annotations

import itertools
import random
from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from got_loaders.layout.scan.analyzer import find_regions
from got_loaders.layout.scan.binarize import binarize
from got_loaders.layout.scan.components import find_components
from got_loaders.layout.scan.intervals import clusters, merge_spans
from tests.layout.scoring import overlap
from tests.layout.typeset import Sheet, Style

BODY = Style("tiro", 10, 1.2)


def flooded(mask: np.ndarray) -> set[tuple[int, int, int, int, int]]:
    """The box and the pixels of each patch, the slow way."""
    todo = {(int(y), int(x)) for y, x in np.argwhere(mask)}
    found = set()
    while todo:
        queue, patch = deque([todo.pop()]), []
        while queue:
            y, x = queue.popleft()
            patch.append((y, x))
            around = {(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)} & todo
            todo -= around
            queue.extend(around)
        ys, xs = zip(*patch, strict=True)
        found.add((min(xs), min(ys), max(xs) + 1, max(ys) + 1, len(patch)))
    return found


@given(st.integers(0, 10_000), st.integers(1, 14), st.integers(1, 14), st.floats(0, 1))
def test_blobs_are_connected_patches(seed: int, height: int, width: int, share: float) -> None:
    """Every patch of ink is found once, with its box and its pixels."""
    mask = np.random.default_rng(seed).random((height, width)) < share
    components = find_components(mask)
    boxes = components.boxes().astype(int).tolist()
    found = {(*box, int(area)) for box, area in zip(boxes, components.areas, strict=True)}
    assert found == flooded(mask)


@pytest.mark.parametrize("skew", [-3.0, 1.0])
def test_blobs_are_levelled(skew: float) -> None:
    """A line that falls by the skew is as thin on the levelled page as it was drawn."""
    image = Image.new("L", (600, 200), 0)
    ImageDraw.Draw(image).rectangle((50, 95, 550, 104), 255)
    mask = np.asarray(image.rotate(-skew)) > 128
    ((x0, y0, x1, y1),) = find_components(mask).boxes(skew)
    assert y1 - y0 == pytest.approx(10, abs=2)
    assert x1 - x0 == pytest.approx(501, abs=3)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9)), min_size=1), st.integers(0, 5))
def test_clusters_have_gaps_between_them(places: list[tuple[int, int]], least: int) -> None:
    """Clusters are in order and further apart than asked; within one there is no such gap."""
    low = np.array([float(start) for start, _ in places])
    high = low + np.array([float(length) for _, length in places])
    labels = clusters(low, high, least)
    spans = [(low[labels == n].min(), high[labels == n].max()) for n in range(labels.max() + 1)]
    assert all(two[0] - one[1] > least for one, two in itertools.pairwise(spans))
    assert merge_spans(list(zip(low.tolist(), high.tolist(), strict=True)), least) == spans


@pytest.mark.parametrize("paper", ["white", "#f4e8c8", "#a8c0d8", "#303030", "#802020"])
def test_ink_is_found_on_paper_of_any_colour(paper: str) -> None:
    """Dark ink on light paper, light ink on dark paper, and colours of one brightness."""
    image = Image.new("RGB", (400, 400), paper)
    draw = ImageDraw.Draw(image)
    color = "#f0f0f0" if paper[1] in "38" else "#104010"
    for n in range(10):
        draw.rectangle((50 + 30 * n, 50, 60 + 30 * n, 70), color)
    mask = binarize(image).mask
    assert int(mask.sum()) == pytest.approx(10 * 11 * 21, rel=0.1)


def test_a_scanners_border_is_no_ink() -> None:
    """Black rims are taken off, and a letter near them is not."""
    image = Image.new("L", (400, 600), 230)
    draw = ImageDraw.Draw(image)
    draw.polygon((0, 0, 30, 0, 10, 599, 0, 599), 0)
    draw.rectangle((0, 580, 399, 599), 10)
    draw.rectangle((60, 300, 90, 330), 0)
    boxes = find_components(binarize(image).mask).boxes()
    assert [60, 300, 91, 331] in boxes.astype(int).tolist()
    assert len(boxes) == 1


def sheet() -> Sheet:
    return Sheet(500, 700, 150, random.Random(8))


def drawn(page: Sheet) -> list[tuple[str, str]]:
    """The types as they were drawn and as they were found, in the order of reading."""
    regions = find_regions(page.image)
    assert len(regions) == len(page.blocks)
    pairs: list[tuple[str, str]] = []
    for block, region in zip(page.blocks, regions, strict=True):
        low, high = block.ink.min(axis=0), block.ink.max(axis=0)
        box = type(region.box)(*low.tolist(), *high.tolist())
        assert overlap(box, region.box) > 0.8
        pairs.append((block.type, region.type))
    return pairs


def test_types_are_told() -> None:
    """Title, heading, text, figure and its caption, table, header and footer."""
    page = sheet()
    page.text(50, 25, 120, 1, BODY, "header")
    page.text(50, 70, 400, 1, Style("tibo", 20, 1.2), "title")
    y = page.text(50, 110, 400, 4, BODY) + 10
    y = page.text(50, y, 100, 1, Style("tibo", 10, 1.2), "title") + 8
    y = page.text(50, y, 400, 5, BODY) + 12
    y = page.figure(120, y, 260, 120, "chart") + 6
    y = page.text(120, y, 260, 2, Style("tiro", 9, 1.2), "caption") + 20
    y = page.text(50, y, 400, 3, BODY) + 14
    y = page.table(50, y, 400, 5, 4, BODY, "grid") + 16
    page.text(50, y, 400, 4, BODY)
    page.text(240, 675, 20, 1, BODY, "footer")
    pairs = drawn(page)
    assert [one for one, other in pairs if one != other] == []


@pytest.mark.parametrize("ruled", ["grid", "lines", "none"])
def test_a_table_is_one_region(ruled: str) -> None:
    """Ruled or not, a table between paragraphs is not cut into its columns."""
    page = sheet()
    y = page.text(50, 60, 400, 4, BODY) + 14
    y = page.table(50, y, 400, 6, 5, BODY, ruled) + 16
    page.text(50, y, 400, 4, BODY)
    assert [other for _, other in drawn(page)] == ["text", "table", "text"]


def test_what_spans_the_columns_ends_them() -> None:
    """Both columns above a wide paragraph are read before it, and it before those below."""
    page = sheet()
    wide = page.text(50, 60, 190, 9, BODY), page.text(270, 60, 190, 7, BODY)
    y = page.text(50, max(wide) + 12, 410, 4, BODY) + 12
    page.text(50, y, 190, 5, BODY)
    page.text(270, y, 190, 8, BODY)
    drawn(page)


def test_aligned_gaps_in_columns_do_not_join_them() -> None:
    """Columns whose paragraphs end at the same height are still read one after the other."""
    page = sheet()
    for x in (50, 270):
        y = 60.0
        for _ in range(4):
            y = page.text(x, y, 190, 5, BODY) + 10
    drawn(page)


def test_a_numbered_list_is_a_list() -> None:
    """Lines that begin with a number, and lines that are hung below them."""
    page = sheet()
    font = page.font(BODY)
    for n in range(6):
        y = page.px(100 + 12 * n)[0]
        if n % 2 == 0:
            page.draw.text((page.px(50)[0], y), f"{n // 2 + 1}.", 0, font, anchor="ls")
        page.draw.text((page.px(68)[0], y), "some words that are set in line", 0, font, anchor="ls")
    (region,) = find_regions(page.image)
    assert region.type == "list"
    assert region.box.x0 == pytest.approx(page.px(50)[0], abs=3)
