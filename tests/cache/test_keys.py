"""What makes two requests the same, and what makes them different."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
from PIL import Image

from got_loaders.cache.keys import request_key
from got_loaders.types import Box, OcrRequest
from tests.cache.making import asked


def key(fingerprint: str = "model", **changed: Any) -> bytes | None:
    """The key of a request with these fields."""
    return request_key(asked(**changed), fingerprint)


def test_equal_requests_have_equal_keys() -> None:
    """The same pixels and the same question, wherever they come from."""
    assert key() == key()
    assert key(box=Box(0, 0, 3, 3)) == key(box=Box(0, 0, 3, 3))


OTHER: dict[str, dict[str, Any]] = {
    "format": {"format": True},
    "box": {"box": Box(0, 0, 3, 3)},
    "color": {"color": "red"},
    "crop_to_patches": {"crop_to_patches": True},
    "min_patches": {"crop_to_patches": True, "min_patches": 2},
    "max_patches": {"crop_to_patches": True, "max_patches": 5},
    "multi_page": {"multi_page": True},
    "max_new_tokens": {"max_new_tokens": 9},
    "stop_on_repetition": {"stop_on_repetition": True},
    "images": {"number": 1},
    "thumbnail": {"crop_to_patches": True, "thumbnail": Image.new("L", (4, 4), 7)},
}


def test_every_part_of_a_question_counts() -> None:
    """No two of them share a key, nor do two models; a new field has to be thought of here."""
    assert set(OTHER) == {field.name for field in fields(OcrRequest)} - {"draft"}
    keys = [key(), key("other model"), *(key(**changed) for changed in OTHER.values())]
    assert None not in keys
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("draft", ["a text", "", False])
def test_a_draft_is_no_part_of_a_question(draft: Any) -> None:
    """It changes how fast the answer comes, not what it is."""
    assert key(draft=draft) == key()


def test_bounds_of_tiles_count_where_there_are_tiles() -> None:
    """They say nothing of a page that is seen whole."""
    assert key(max_patches=5) == key()


def test_the_same_bytes_in_another_shape_are_another_picture() -> None:
    """Sizes count, and so does how several pages are cut from the same bytes."""
    wide, tall = Image.new("RGB", (8, 2)), Image.new("RGB", (2, 8))
    both = [OcrRequest(images=images, multi_page=True) for images in ((wide, tall), (tall, wide))]
    ones = [OcrRequest(images=(image,)) for image in (wide, tall)]
    keys = {request_key(request, "model") for request in both + ones}
    assert len(keys) == 4


def test_large_pictures_count_to_the_last_pixel() -> None:
    """They are taken in bands; the last band is as good as the first."""
    one, other = (Image.new("RGB", (3000, 2001)) for _ in range(2))
    other.putpixel((2999, 2000), (0, 0, 1))
    first, second = (request_key(OcrRequest(images=(image,)), "m") for image in (one, other))
    assert first != second


@pytest.mark.parametrize("mode", ["RGBA", "P", "CMYK", "I;16", "LA"])
def test_pictures_that_pages_never_are_have_no_key(mode: str) -> None:
    """Palettes and transparency are not judged: such a request is read each time."""
    request = OcrRequest(images=(Image.new(mode, (4, 4)),))
    assert request_key(request, "model") is None
