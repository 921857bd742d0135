"""The values that flow: frozen, checked, told apart by their words."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from PIL import Image

from got_loaders.errors import OptionError
from got_loaders.results import PageResult
from got_loaders.testing import FakeEngine
from got_loaders.types import Box, Engine, OcrRequest, OcrResult, PageInfo, checked_box

IMAGE = Image.new("RGB", (100, 50), "white")


def test_a_box_is_clipped_to_a_page() -> None:
    """What lies on the page stays, what lies beside it is None."""
    assert Box(-5, 10, 200, 20).clipped(100, 50) == Box(0, 10, 100, 20)
    assert Box(100, 0, 120, 50).clipped(100, 50) is None
    assert Box(0, 60, 10, 70).clipped(100, 50) is None


def test_a_box_knows_its_size() -> None:
    """And scales in both directions."""
    box = Box(1, 2, 4, 8)
    assert (box.width, box.height) == (3, 6)
    assert box.scaled(2, 0.5) == Box(2, 1, 8, 4)


@pytest.mark.parametrize(
    "wrong", [None, "abcd", "1234", b"1234", (1, 2, 3), (1, 1, 1, 2), (0, 0, 1, float("nan"))]
)
def test_a_wrong_box_is_refused(wrong: object) -> None:
    """Four finite ascending numbers, or an error with the value."""
    with pytest.raises(OptionError, match="region="):
        checked_box(wrong, name="region")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"images": ()}, "images"),
        ({"images": [IMAGE]}, "images"),
        ({"images": ("a.png",)}, "Pillow"),
        ({"images": (IMAGE, IMAGE)}, "2 images need multi_page=True"),
        ({"color": "magenta"}, "color='magenta'"),
        ({"box": Box(0, 0, 5, 5), "color": "red"}, "exclude each other"),
        ({"box": Box(0, 0, 5, 5), "multi_page": True}, "box can't be combined"),
        ({"crop_to_patches": True, "multi_page": True}, "crop_to_patches can't be combined"),
        ({"box": Box(100, 0, 120, 5)}, "outside the image"),
        ({"thumbnail": IMAGE}, "thumbnail: it goes with crop_to_patches=True"),
        ({"thumbnail": "a.png", "crop_to_patches": True}, "Pillow"),
        ({"min_patches": 3, "max_patches": 2}, "min_patches=3"),
        ({"max_new_tokens": 0}, "max_new_tokens=0"),
    ],
)
def test_a_wrong_request_is_refused(wrong: dict[str, Any], message: str) -> None:
    """What the model was not trained on never reaches an engine."""
    with pytest.raises(OptionError, match=message):
        OcrRequest(**{"images": (IMAGE,), **wrong})


def test_a_request_does_not_touch_what_it_is_given() -> None:
    """A caller's list of coordinates stays as it is."""
    coordinates: Any = [20, 10, 90, 40]
    request = OcrRequest(images=(IMAGE,), box=coordinates)
    assert request.box == Box(20, 10, 90, 40)
    assert coordinates == [20, 10, 90, 40]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (OcrRequest(images=(IMAGE,)), "format"),
        (OcrResult(text="x"), "text"),
        (PageInfo(source="a"), "number"),
        (PageResult(info=PageInfo(source="a")), "error"),
    ],
)
def test_values_are_frozen(value: object, name: str) -> None:
    """Nobody changes a value behind another's back."""
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, None)


def test_a_fake_engine_is_an_engine() -> None:
    """The protocol can be asked for at run time."""
    assert isinstance(FakeEngine(), Engine)
    assert not isinstance("http://localhost", Engine)
