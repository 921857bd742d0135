"""What is sent is what the engine would have seen: to the pixel, and to the thousandth of a box."""

from __future__ import annotations

import itertools
import json
import random

import numpy as np
import pytest
from PIL import Image

from got_loaders.engine.processor.preprocess import make_tiles
from got_loaders.engine.processor.prompt import normalized_box
from got_loaders.engine.remote.encode import encode_request, sent_box
from got_loaders.errors import OptionError
from got_loaders.types import Box, OcrRequest
from got_loaders.types.engines import EngineInfo
from tests.engine.remote.stand_in import to_request

SIDE = 96
INFO = EngineInfo(model="tiny", fingerprint="tiny", image_size=SIDE)


def noise(mode: str, size: tuple[int, int]) -> Image.Image:
    """A picture without two equal pixels beside each other."""
    rng = np.random.default_rng(5)
    picture = Image.fromarray(rng.integers(0, 256, (size[1], size[0], 4), np.uint8), "RGBA")
    if mode == "I;16":
        return Image.fromarray(rng.integers(0, 2**16, (size[1], size[0]), np.uint16))
    return picture.convert("RGB").convert(mode) if mode != "RGBA" else picture


def keyed(mode: str) -> Image.Image:
    """A picture in which one colour stands for what is transparent."""
    picture = noise(mode, (70, 50))
    picture.info["transparency"] = 3
    return picture


PICTURES = [
    *(
        noise(mode, (130, 70))
        for mode in ("L", "RGB", "RGBA", "P", "1", "CMYK", "I;16", "F", "LAB")
    ),
    noise("RGB", (SIDE, SIDE)),
    noise("RGB", (700, 310)),
    noise("L", (310, 900)),
    noise("P", (640, 640)),
    noise("L", (1, 300)),
    noise("L", (40, 30)).convert("RGB"),
    keyed("L"),
    keyed("P"),
]


@pytest.mark.parametrize("resample", ["bicubic", "bilinear", "lanczos"])
@pytest.mark.parametrize("tiled", [False, True])
def test_the_server_makes_the_same_tiles(resample: str, tiled: bool) -> None:
    """Of every kind of picture, whole or cut into tiles, by the filter that the model wants."""
    info = EngineInfo(model="tiny", fingerprint="tiny", image_size=SIDE, resample=resample)
    how = {"size": SIDE, "resample": Image.Resampling[resample.upper()]}
    for picture in PICTURES:
        request = OcrRequest(images=(picture,), crop_to_patches=tiled, max_patches=6)
        sent = to_request(json.loads(encode_request(request, info)))
        assert np.array_equal(make_tiles(sent, **how), make_tiles(request, **how)), picture.mode  # type: ignore[arg-type]  # of a dictionary
        assert tiled or sent.images[0].size == (SIDE, SIDE)


def test_no_more_is_sent_than_the_model_sees() -> None:
    """A photograph of many pixels goes at the size of its tiles, and whole in one more."""
    photo = noise("RGB", (1600, 1200))
    request = OcrRequest(images=(photo,), crop_to_patches=True, max_patches=12)
    sent = to_request(json.loads(encode_request(request, INFO)))
    assert sent.thumbnail is not None
    assert sent.thumbnail.size == (SIDE, SIDE)
    assert sent.images[0].size == (4 * SIDE, 3 * SIDE)
    small = OcrRequest(images=(photo.reduce(8),), crop_to_patches=True, max_patches=12)
    sent = to_request(json.loads(encode_request(small, INFO)))
    assert (sent.thumbnail, sent.images[0].size) == (None, (200, 150))


def test_a_box_is_in_the_same_thousandths() -> None:
    """Though it is told in pixels of another picture; also at the edges, and where it is thin."""
    rng = random.Random(3)
    for width, height in [(97, 1), (1, 97), (96, 96), (300, 200), (4961, 7016)]:
        picture = Image.new("L", (width, height))
        for _ in range(300):
            x0, x1 = sorted(rng.choice([0, width, rng.uniform(-9, width + 9)]) for _ in range(2))
            y0, y1 = sorted(rng.choice([0, height, rng.uniform(-9, height + 9)]) for _ in range(2))
            if not (x0 < x1 and y0 < y1 and Box(x0, y0, x1, y1).clipped(width, height)):
                continue
            request = OcrRequest(images=(picture,), box=Box(x0, y0, x1, y1))
            for side in (96, 1024):
                view = Image.new("L", (side, side))
                sent = OcrRequest(images=(view,), box=Box(*sent_box(request, view)))
                assert normalized_box(sent) == normalized_box(request)


def test_all_that_is_asked_arrives() -> None:
    """Every field of a request, whatever it is combined with."""
    picture = Image.new("L", (SIDE, SIDE))
    for format, stop, tokens in itertools.product([False, True], [False, True], [1, 4096]):
        for more in ({}, {"color": "red"}, {"box": Box(0, 0, 5, 9)}, {"crop_to_patches": True}):
            request = OcrRequest(
                images=(picture,),
                format=format,
                stop_on_repetition=stop,
                max_new_tokens=tokens,
                min_patches=2,
                max_patches=5,
                **more,
            )
            sent = to_request(json.loads(encode_request(request, INFO)))
            fields = [name for name in OcrRequest.__dataclass_fields__ if name != "images"]
            assert [getattr(sent, n) for n in fields] == [getattr(request, n) for n in fields]


def test_what_the_model_cannot_do_is_refused_by_name() -> None:
    """Before anything is sent; what is not asked for does not matter."""
    info = EngineInfo(model="m", fingerprint="m", unsupported=frozenset({"box", "color", "format"}))
    request = OcrRequest(images=(Image.new("L", (9, 9)),))
    encode_request(request, info)
    with pytest.raises(OptionError, match="color='red': the server's model 'm' can't do that"):
        encode_request(OcrRequest(images=request.images, color="red"), info)
