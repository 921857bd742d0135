"""Opens image files through Pillow: every frame is a page. Runs in the worker only."""

from __future__ import annotations

import io
import itertools
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from got_loaders._image_ops import Levels
from got_loaders.pages.image.decoder_messages import printed_lines
from got_loaders.pages.image.modes import display_dpi, display_size, upright_rgb
from got_loaders.pages.image.truncated import has_stray_marker, jpeg_share, load_truncated
from got_loaders.pages.media_type import describe, media_type
from got_loaders.pages.own_words import PageWord
from got_loaders.pages.protocol import (
    Bytes,
    DocumentInfo,
    FailureKind,
    PageGeometry,
    RenderedPage,
    WorkerFailure,
)
from got_loaders.pages.render_size import size_at_nominal_dpi
from got_loaders.pages.text_layer import TextLayer

FORMATS = (
    "AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "JPEG2000", "PCX", "PNG", "PPM", "PSD", "QOI",
    "SGI", "TIFF", "WEBP",
)  # fmt: skip
"""What is read. Not EPS (it would run Ghostscript), not TGA (it has no signature: any file may
pass for one), nor formats that hold no picture of a page."""

_CLAIMED = re.compile(r"\((\d+) pixels\)")
"""In Pillow's words of a decompression bomb."""

_ENDS_EARLY = "the image ends early: its last rows of pixels may be missing, 16 at most"

_FAX_ERROR = re.compile(r"^Fax.*(Bad code word|Premature|mismatch|Uncompressed|Invalid)")
"""In libtiff's words; what it says of a file's tags does no harm to the picture."""

_BITS_PER_SAMPLE = 258
_PHOTOMETRIC = 262
_WHITE_IS_ZERO = 0


class ImageDocument:
    """An open image file."""

    def __init__(self, path: str | None, data: Bytes, head: bytes, max_pixels: int) -> None:
        Image.init()
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        self._max_pixels = max_pixels
        Image.MAX_IMAGE_PIXELS = None  # the header alone is read; what it claims is checked next
        self._file = path if path is not None else io.BytesIO(data)
        self._head = head
        self._damage: dict[int, tuple[str, ...]] = {}
        self._image = _open(self._file, head)
        self._check_pixels("source")
        self._set_pillow_limit()
        self._total = _frame_count(self._image)

    @property
    def info(self) -> DocumentInfo:
        """The number of frames and the media type."""
        kind = Image.MIME.get(self._image.format or "", "application/octet-stream")
        return DocumentInfo(total=self._total, file_type=kind)

    def measure(self, number: int) -> PageGeometry:
        """Frame ``number``'s size in pixels as it is shown, and its shape."""
        image = self._seek(number)
        width, height = display_size(image)
        return PageGeometry(
            label=str(number + 1),
            width=float(width),
            height=float(height),
            unit="px",
            shape=size_at_nominal_dpi((width, height), display_dpi(image)),
        )

    def render(self, number: int, *_: object) -> RenderedPage:
        """The frame at its full size, whatever is asked for."""
        frame = self._seek(number)
        try:
            with printed_lines() as lines:
                image = upright_rgb(frame, levels=_levels(frame))
            if number not in self._damage:  # Pillow keeps the pixels, and decodes once
                self._damage[number] = tuple(self._warnings(lines))
            damage = self._damage[number]
            return RenderedPage(size=image.size, pixels=image.tobytes(), damage=damage)
        except Image.DecompressionBombError as error:
            raise self._decompression_bomb("page", error) from error
        except MemoryError as error:
            text = "decoding it takes more memory than max_page_bytes allows"
            raise WorkerFailure("page", text) from error
        except Exception as error:  # Pillow's plugins raise anything on damaged data
            nearly_whole = "truncated" in str(error) and jpeg_share(frame) == 1
            self._reopen()
            if nearly_whole:
                with suppress(Exception):  # else it is as damaged as it seemed
                    return self._render_to_its_end(number)
            raise WorkerFailure("page", f"the image is damaged: {_error_text(error)}") from error

    def _warnings(self, lines: list[str]) -> Iterator[str]:
        """What is wrong with a frame that was decoded, by the ``lines`` that were printed."""
        for line in filter(_FAX_ERROR.search, lines):
            yield f"the image is damaged: {line}"
            return
        if self._image.format in ("JPEG", "MPO") and has_stray_marker(self._bytes()):
            yield "the image is damaged: a broken JPEG"
        if self._image.format == "PNG" and self._total == 1:
            try:
                with Image.open(self._file, formats=("PNG",)) as image:
                    image.verify()
            except Exception as error:  # noqa: BLE001  # Pillow's plugins raise anything
                if "IDAT" in str(error):
                    yield f"the image is damaged: {error}"

    def _bytes(self) -> bytes:
        if isinstance(self._file, str):
            return Path(self._file).read_bytes()
        return bytes(self._file.getvalue())

    def _render_to_its_end(self, number: int) -> RenderedPage:
        """A JPEG that lacks its last rows at most, with gray in their place."""
        with Image.open(self._file, formats=FORMATS) as image, load_truncated():
            if self._total > 1:
                image.seek(number)
            picture = upright_rgb(image)
        return RenderedPage(size=picture.size, pixels=picture.tobytes(), damage=(_ENDS_EARLY,))

    def text_layer(self, number: int) -> TextLayer:
        """An image has none."""
        self._seek(number)
        return TextLayer(good=False, reason="an image has no text of its own")

    def regions(self, number: int) -> None:
        """An image tells none."""
        self._seek(number)

    def words(self, number: int) -> list[PageWord]:
        """An image has none."""
        self._seek(number)
        return []

    def close(self) -> None:
        """Close the file."""
        self._image.close()

    def _reopen(self) -> None:
        """Begin anew: an image that has stopped half-way says something else the next time."""
        if isinstance(self._file, str):
            self._image.close()
        self._image = _open(self._file, self._head)

    def _set_pillow_limit(self) -> None:
        """Set Pillow's own limit, which all documents of the process share.

        Pillow refuses at twice this; we refuse more plainly, and for every frame.
        """
        Image.MAX_IMAGE_PIXELS = max(1, self._max_pixels // 2)

    def _seek(self, number: int) -> Image.Image:
        self._set_pillow_limit()
        if self._total == 1:  # what has no frames may not seek at all: a PSD counts from 1
            return self._image
        try:
            self._image.seek(number)
        except Image.DecompressionBombError as error:
            failure = self._decompression_bomb("page", error)
            self._reopen()
            raise failure from error
        except Exception as error:  # Pillow's plugins raise anything on damaged data
            self._reopen()
            raise WorkerFailure("page", f"the image is damaged: {_error_text(error)}") from error
        self._check_pixels("page")
        return self._image

    def _check_pixels(self, kind: FailureKind) -> None:
        if self._image.width * self._image.height > self._max_pixels:
            raise self._decompression_bomb(kind)

    def _decompression_bomb(
        self, kind: FailureKind, error: Exception | None = None
    ) -> WorkerFailure:
        """The failure; Pillow's ``error`` tells of a frame that it did not take on."""
        claimed = None if error is None else _CLAIMED.search(str(error))
        size = f"{self._image.width} × {self._image.height} pixels"
        if claimed is not None:
            size = f"{int(claimed[1]):,} pixels"
        limit = f"more than max_image_pixels={self._max_pixels} are not decoded"
        return WorkerFailure(
            "refused" if kind == "source" else kind, f"the image claims {size}; {limit}"
        )


def _open(file: Any, head: bytes) -> Image.Image:
    try:
        return Image.open(file, formats=FORMATS)
    except Exception as error:
        kind = media_type(head)
        if kind is None:
            text = f"it is neither a PDF nor an image that is read here, but {describe(head)}"
            raise WorkerFailure("unsupported", text) from error
        raise WorkerFailure(
            "source", f"the image ({kind}) is damaged: {_error_text(error)}"
        ) from error


def _frame_count(image: Image.Image) -> int:
    if image.format in ("PSD", "MPO"):  # the first frame is the picture; the others are layers,
        return 1  # or in a camera's JPEG its previews
    try:
        return max(1, int(getattr(image, "n_frames", 1)))
    except Exception:  # noqa: BLE001  # Pillow's plugins raise anything on damaged data
        return _frames_before_damage(image) + 1


def _frames_before_damage(image: Image.Image) -> int:
    """How many frames can be found; the next one is counted, too, and reading it will fail."""
    for number in itertools.count(1):
        try:
            image.seek(number)
        except Exception:  # noqa: BLE001  # as above
            return number
    raise AssertionError("an endless file")


def _levels(image: Image.Image) -> Levels | None:
    """The values of black and white where a TIFF has 9 to 16 bits and says what they mean."""
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(_BITS_PER_SAMPLE)
    if not isinstance(bits, tuple) or len(bits) != 1 or not 8 < bits[0] <= 16:
        return None
    white = float(2 ** bits[0] - 1)
    return (white, 0.0) if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO else (0.0, white)


def _error_text(error: Exception) -> str:
    if isinstance(error, UnidentifiedImageError):  # its text holds an address, new in every run
        return "its header can't be read"
    return str(error) or type(error).__name__
