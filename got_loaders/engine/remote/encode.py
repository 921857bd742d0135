"""A request → the JSON that our server takes: the pictures as the model sees them, as PNG.

Runs in the caller's thread, as an engine's own preparing does.
"""

from __future__ import annotations

import base64
import io
import json
import math
from dataclasses import dataclass
from typing import Any, Literal

from PIL import Image

from got_loaders.engine.processor.pictures import resize, to_gray_or_rgb
from got_loaders.engine.processor.prompt import normalized_box
from got_loaders.engine.remote.protocol import FORMATTED_PROMPT, MAX_DRAFT, PLAIN_PROMPT
from got_loaders.errors import OptionError
from got_loaders.types import OcrRequest
from got_loaders.types.engines import EngineInfo
from got_loaders.types.requests import REQUEST_FIELDS
from got_loaders.types.tiling import choose_grid

__all__ = ["check_supported", "encode_request", "png_data_url", "sent_box", "visible_pictures"]

_Z_RLE = 3
"""zlib's strategy that only looks for runs. On pages of 1024 × 1024 pixels, encoding, base64 and
decoding together take 28 ms with it and 35 ms without, at level 1, for files of the same size;
level 6 takes 53 ms for files 4 % smaller, and no compression 23 ms for 2.7 times the bytes."""


def encode_request(request: OcrRequest, info: EngineInfo) -> bytes:
    """The body of ``POST /v1/chat/completions``."""
    check_supported(request, info)
    prompt = FORMATTED_PROMPT if request.format else PLAIN_PROMPT
    tiles = _tiles(request, info)
    pictures = [tiles.picture] if tiles else visible_pictures(request, info)
    content: list[dict[str, Any]] = [
        {"type": "image_url", "image_url": {"url": png_data_url(picture)}} for picture in pictures
    ]
    content.append({"type": "text", "text": prompt})
    fields = {name: getattr(request, name) for name in REQUEST_FIELDS}
    if request.box is not None:
        fields["box"] = sent_box(request, pictures[0])
    if tiles is not None:
        fields |= {"min_patches": tiles.count, "max_patches": tiles.count}
        fields["thumbnail"] = png_data_url(tiles.thumbnail)
    if "draft" not in info.unsupported:
        fields["draft"] = _sent_draft(request)
    body = {
        "model": info.model,
        "messages": [{"role": "user", "content": content}],
        "return_token_ids": True,
        **{name: value for name, value in fields.items() if value is not None},
    }
    return json.dumps(body, separators=(",", ":")).encode("ascii")


def check_supported(request: OcrRequest, info: EngineInfo) -> None:
    """Raise :class:`OptionError` where the request asks for what the engine can't do."""
    for name in sorted(info.unsupported & set(REQUEST_FIELDS)):
        if getattr(request, name) != getattr(_PLAIN, name):
            value = getattr(request, name)
            raise OptionError(f"{name}={value!r}: the server's model {info.model!r} can't do that")


def visible_pictures(request: OcrRequest, info: EngineInfo) -> list[Image.Image]:
    """The pictures to send: squeezed to the model's view, or as they are, for it to cut tiles of.

    They are what the engine makes of its pictures itself: there, doing it again changes no pixel.
    """
    pictures = [to_gray_or_rgb(image) for image in request.images]
    if info.image_size is None or _is_tiled(request):
        return pictures
    side, resample = info.image_size, Image.Resampling[info.resample.upper()]
    return [resize(picture, side, side, resample) for picture in pictures]


@dataclass(frozen=True, slots=True)
class _Tiles:
    """A picture at the size of its tiles, ``count`` of them, and once more in one view."""

    picture: Image.Image
    thumbnail: Image.Image
    count: int


def _tiles(request: OcrRequest, info: EngineInfo) -> _Tiles | None:
    """The picture at the size of its tiles, where that is smaller than the picture itself."""
    if info.image_size is None or not _is_tiled(request):
        return None
    side, resample = info.image_size, Image.Resampling[info.resample.upper()]
    (image,) = request.images
    columns, rows = choose_grid(
        *image.size, tile=side, min_patches=request.min_patches, max_patches=request.max_patches
    )
    count = columns * rows
    if request.thumbnail is not None or image.width * image.height <= (count + 1) * side**2:
        return None
    picture = to_gray_or_rgb(image)
    return _Tiles(
        picture=resize(picture, columns * side, rows * side, resample),
        thumbnail=resize(picture, side, side, resample),
        count=count,
    )


def png_data_url(picture: Image.Image) -> str:
    """A picture, gray or RGB, as a ``data:`` URL."""
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1, compress_type=_Z_RLE)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


def _is_tiled(request: OcrRequest) -> bool:
    return request.crop_to_patches and request.max_patches > 1


def sent_box(request: OcrRequest, picture: Image.Image) -> list[float]:
    """The box in pixels of the picture that is sent, so that it is in the same thousandths there.

    The model is told whole thousandths, cut off: so the middle of each is sent.
    """
    assert request.box is not None, "only a request with a box has one to send"
    if picture.size == request.images[0].size:
        return list(request.box)
    x0, y0, x1, y1 = normalized_box(request)
    width, height = picture.size
    return [
        _place(x0 + 0.25, width, last=math.nextafter(width, 0)),
        _place(y0 + 0.25, height, last=math.nextafter(height, 0)),
        _place(x1 + 0.75, width, last=width),
        _place(y1 + 0.75, height, last=height),
    ]


def _sent_draft(request: OcrRequest) -> str | Literal[False] | None:
    """A hint: so the beginning of a long one will do, and halves of characters go."""
    if not isinstance(request.draft, str):
        return request.draft
    return request.draft[:MAX_DRAFT].encode("utf-8", "replace").decode("utf-8")


def _place(thousandths: float, side: int, *, last: float) -> float:
    return min(thousandths * side / 1000, last)


_PLAIN = OcrRequest(images=(Image.new("L", (1, 1)),))
"""A request with nothing but defaults."""
