"""Pages on their way between processes: what is asked is the same on the other side."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from PIL import Image

from got_loaders.pipeline.detached import DetachedPage, DetachedResult
from got_loaders.results import PageResult
from got_loaders.sources import Source
from got_loaders.types import OcrRequest, PageInfo

GRAY = Image.linear_gradient("L").convert("RGB")
COLOURED = Image.merge("RGB", [Image.linear_gradient("L"), *[Image.new("L", (256, 256))] * 2])


def detached(**asked: Any) -> DetachedPage:
    """A page with one request."""
    result = PageResult(info=PageInfo(source="scan.pdf", number=2))
    request = OcrRequest(**asked)
    source = Source(name="scan.pdf", data=b"%PDF")
    return DetachedPage(source, 1, (DetachedResult(result, None, request, ()),))


@pytest.mark.parametrize(
    "asked",
    [
        {"images": (GRAY,)},
        {"images": (COLOURED,), "draft": "What is there"},
        {"images": (GRAY, COLOURED, GRAY.convert("L")), "multi_page": True, "format": True},
        {"images": (GRAY,), "thumbnail": COLOURED, "crop_to_patches": True},
        {"images": (COLOURED,), "thumbnail": GRAY, "crop_to_patches": True, "max_patches": 3},
    ],
    ids=["gray", "coloured", "several", "coloured thumbnail", "gray thumbnail"],
)
def test_a_request_arrives_as_it_was(asked: dict[str, Any]) -> None:
    """To the last pixel, and in the same mode: what a cache or an engine sees of it is the same."""
    page = detached(**asked)
    arrived = pickle.loads(pickle.dumps(page))
    assert arrived == page
    before, after = page.results[0].request, arrived.results[0].request
    assert before is not None
    assert [each.mode for each in after.images] == [each.mode for each in before.images]
    assert after.draft == before.draft
    assert arrived.key == ("scan.pdf", 2)
    assert arrived.requests == 1


def test_a_picture_without_colours_takes_a_third() -> None:
    """Most scans have none, and all go through the memory that machines share."""
    sizes = [len(pickle.dumps(detached(images=(image,)))) for image in (GRAY, COLOURED)]
    assert sizes[0] < sizes[1] / 2.8


def test_who_waits_keeps_no_pixels() -> None:
    """The name of a page is left, and a row for it can be made."""
    page = detached(images=(GRAY,)).without_pixels()
    assert page.requests == 0
    ((result, error),) = page.failed("the engine died").results
    assert (result.info.source, result.info.number) == page.key == ("scan.pdf", 2)
    assert result.origin == "failed"
    assert str(error) == "the engine died"
