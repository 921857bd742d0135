"""Whether and how a page is cut into tiles."""

from __future__ import annotations

import random
from typing import Any

import pytest

from got_loaders.options import ReadOptions
from got_loaders.pipeline.rendering import RenderPlan
from got_loaders.pipeline.tiling import TilingPlan
from got_loaders.types.tiling import TILE, choose_grid

PIXELS_PER_MM = 200 / 25.4


def plan_mm(width: float, height: float, **options: Any) -> TilingPlan:
    """The plan for a page of this size in millimetres."""
    shape = (width * PIXELS_PER_MM, height * PIXELS_PER_MM)
    return plan(shape, ReadOptions(**options))


def plan(shape: tuple[float, float], options: ReadOptions) -> TilingPlan:
    """The tiles of a page of this shape, by the options."""
    how = RenderPlan.from_options(options)
    return (how.grouped if options.multi_page else how).tiling(shape)


def test_grids_are_those_of_transformers() -> None:
    """For 3,000 sizes and bounds the grid equals the processor's."""
    from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import (
        get_optimal_tiled_canvas,
    )

    rng = random.Random(0)
    for _ in range(3000):
        width, height = rng.randint(1, 6000), rng.randint(1, 6000)
        most = rng.randint(1, 14)
        least = rng.randint(1, most)
        theirs = get_optimal_tiled_canvas((height, width), (TILE, TILE), least, most)
        ours = choose_grid(width, height, min_patches=least, max_patches=most)
        assert ours == theirs, (width, height, least, most)


@pytest.mark.parametrize(
    ("size", "tiles"),
    [
        ((210, 297), (1, 1)),  # A4
        ((297, 210), (1, 1)),
        ((216, 279), (1, 1)),  # Letter
        ((148, 210), (1, 1)),  # A5
        ((250, 353), (1, 1)),  # B4: 1.4 A4
        ((297, 420), (1, 2)),  # A3
        ((420, 297), (2, 1)),
        ((216, 356), (1, 1)),  # Legal
        ((100, 30), (1, 1)),  # a few lines
        ((200, 8), (4, 1)),  # a line of small type across a page
        ((200, 100), (2, 1)),
        ((100, 200), (1, 2)),
        ((300, 100), (3, 1)),
        ((80, 240), (1, 3)),
        ((50, 500), (1, 8)),
        ((594, 841), (2, 3)),  # A1
        ((841, 1189), (3, 4)),  # A0
    ],
)
def test_auto_follows_the_table(size: tuple[int, int], tiles: tuple[int, int]) -> None:
    """Ordinary pages are one view; strips and large sheets get tiles of about a page each."""
    found = plan_mm(*size)
    assert (found.columns, found.rows) == tiles
    assert found.crop == (tiles != (1, 1))
    assert (found.width, found.height) == (tiles[0] * TILE, tiles[1] * TILE)


def test_auto_keeps_within_the_bounds() -> None:
    """Whatever the page and the bounds: never more than ``max_patches``, nor fewer than the min."""
    rng = random.Random(1)
    for _ in range(2000):
        most = rng.randint(1, 14)
        least = rng.randint(1, most)
        found = plan_mm(
            rng.uniform(20, 2000), rng.uniform(20, 2000), min_patches=least, max_patches=most
        )
        if found.crop:
            assert least <= found.columns * found.rows <= most


def test_the_engine_finds_the_planned_grid() -> None:
    """The bounds in a plan lead the model's own rule to the plan's grid."""
    rng = random.Random(2)
    for _ in range(2000):
        shape = (rng.uniform(100, 9000), rng.uniform(100, 9000))
        found = plan(shape, ReadOptions())
        if found.crop:
            bounds = {"min_patches": found.min_patches, "max_patches": found.max_patches}
            assert choose_grid(*shape, **bounds) == (found.columns, found.rows)
            whole = choose_grid(found.width, found.height, **bounds)
            assert whole == (found.columns, found.rows)


@pytest.mark.parametrize("one_view", [{"box": (0, 0, 9, 9)}, {"color": "red"}, {"multi_page": 2}])
def test_regions_and_groups_are_one_view(one_view: dict[str, Any]) -> None:
    """The model was not trained on tiles of those."""
    assert plan_mm(300, 100, **one_view) == TilingPlan()


def test_crop_to_patches_decides_otherwise() -> None:
    """True cuts every page as the model's rule has it; False cuts none."""
    assert plan_mm(300, 100, crop_to_patches=False) == TilingPlan()
    found = plan_mm(210, 297, crop_to_patches=True)
    assert (found.crop, found.columns, found.rows) == (True, 2, 3)
    found = plan_mm(210, 297, crop_to_patches=True, max_patches=2)
    assert (found.columns, found.rows) == (1, 2)


def test_one_patch_is_one_view() -> None:
    """``max_patches=1`` leaves nothing to cut."""
    assert plan_mm(300, 100, max_patches=1) == TilingPlan()
