"""A figure's picture → the bytes of a file, and that file: named by content, written once.

A drawing is a PNG. What a PNG takes more than half a byte a pixel for, photographs and the paper of
scans, is a WebP at quality 90 where that is smaller: of a scanned chart of 1.4 megapixels 83 kB in
place of 2.1 MB. The name is a digest of the pixels, so that the same picture is the same file
whatever wrote it, and the choice depends on the picture alone.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import secrets
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from got_loaders.errors import OptionError, shown
from got_loaders.types import Figure

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["figure_in_folder", "inline_figure"]

_DRAWING = 0.5
"""Bytes of a PNG for a pixel, at most; more, and it is no drawing."""

_QUALITY = 90
_MAX_WEBP_SIDE = 16_383
"""The format's own limit, in pixels."""

_NAME_LENGTH = 16
"""Characters of the digest, 64 bits: among a billion pictures hardly two are called the same."""


@dataclass(frozen=True, slots=True)
class _Encoded:
    data: bytes
    suffix: str

    @property
    def media_type(self) -> str:
        return f"image/{self.suffix}"


def inline_figure(picture: Image) -> Figure:
    """The figure as a ``data:`` URL. ``picture`` is RGB; blocks."""
    encoded = _encode(picture)
    text = base64.b64encode(encoded.data).decode("ascii")
    return _figure(picture, f"data:{encoded.media_type};base64,{text}", None, encoded.suffix)


def figure_in_folder(picture: Image, folder: str, *, png: bool = False) -> Figure:
    """The figure as a file in ``folder``, which is made where it is not there; blocks.

    A file that is there already is not written again. ``png``: it is one, whatever it shows. Raises
    :class:`OptionError` where the folder can't be written to: so it would be with every page.
    """
    name = _name(picture)
    place = Path(os.path.abspath(os.path.expanduser(folder)))  # noqa: PTH100, PTH111  # keeps links
    try:
        suffix = _existing(picture, place, name, png=png)
        if suffix is None:
            encoded = _png(picture) if png else _encode(picture)
            suffix = encoded.suffix
            place.mkdir(parents=True, exist_ok=True)
            _write(place / f"{name}.{suffix}", encoded.data)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise OptionError(
            f"figures_dir={shown(folder)}: a figure can't be written there: {reason}"
        ) from error
    path = PurePath(os.path.expanduser(folder), f"{name}.{suffix}")  # noqa: PTH111  # never raises
    return _figure(picture, path.as_posix(), str(place / path.name), suffix)


def _figure(picture: Image, path: str, file: str | None, suffix: str) -> Figure:
    return Figure(
        path=path,
        file=file,
        width=picture.width,
        height=picture.height,
        media_type=f"image/{suffix}",
    )


def _name(picture: Image) -> str:
    head = f"{picture.mode} {picture.width} {picture.height}\n".encode("ascii")
    return hashlib.sha256(head + picture.tobytes()).hexdigest()[:_NAME_LENGTH]


def _encode(picture: Image) -> _Encoded:
    """As a PNG, or a WebP, by what it shows."""
    from PIL import features  # here: importing the pipeline loads no Pillow

    encoded = _png(picture)
    if _is_drawing(picture, len(encoded.data)) or max(picture.size) > _MAX_WEBP_SIDE:
        return encoded
    if not features.check("webp"):
        return encoded
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=_QUALITY)
    return _Encoded(buffer.getvalue(), "webp") if buffer.tell() < len(encoded.data) else encoded


def _png(picture: Image) -> _Encoded:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return _Encoded(buffer.getvalue(), "png")


def _is_drawing(picture: Image, png_bytes: int) -> bool:
    return png_bytes <= _DRAWING * picture.width * picture.height


def _existing(picture: Image, folder: Path, name: str, *, png: bool) -> str | None:
    """The suffix of the picture's file, if it was written before; no link is trusted.

    A PNG that is no drawing is there for LaTeX, which knows no WebP.
    """
    if not png and _is_whole(folder / f"{name}.webp"):
        return "webp"
    file = folder / f"{name}.png"
    if _is_whole(file) and (png or _is_drawing(picture, file.stat().st_size)):
        return "png"
    return None


def _is_whole(file: Path) -> bool:
    return file.is_file() and not file.is_symlink() and file.stat().st_size > 0


def _write(file: Path, data: bytes) -> None:
    """All at once, or not at all; what is called so is replaced, and no link is followed."""
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as out:
            out.write(data)
        os.replace(part, file)  # noqa: PTH105  # as elsewhere
    finally:
        part.unlink(missing_ok=True)
