"""A request → the model's input: tiles and prompt ids. Runs in the caller's thread.

Pixels stay ``uint8`` here; they are normalised on the device. Pillow, numpy and the tokenizer, no
torch.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

from got_loaders.engine.config import PromptStyle
from got_loaders.engine.processor.drafts import draft_variants, pieces
from got_loaders.engine.processor.pictures import resize, to_gray_or_rgb
from got_loaders.engine.processor.prompt import prompt_text
from got_loaders.types import OcrRequest
from got_loaders.types.tiling import choose_grid

__all__ = ["ModelInput", "Preprocessor", "Tiles", "Tokenizer", "make_tiles"]

Tiles = npt.NDArray[np.uint8]

_PIECE = 8_192
"""Characters of a draft that are encoded at a time, while other threads wait to encode theirs."""

_TOKENS_PER_NEW_TOKEN, _FEWEST_TOKENS = 2, 1_000
"""Of a draft, in proportion to those of the answer, which may begin late in it."""


class Tokenizer(Protocol):
    """What is used of a transformers tokenizer."""

    def encode(self, text: str, *, split_special_tokens: bool = False) -> list[int]:
        """The token ids of ``text``; marks such as ``<|im_end|>`` as one id each, or as text."""

    def decode(self, token_ids: list[int], *, skip_special_tokens: bool) -> str:
        """The text of ``token_ids``."""


@dataclass(frozen=True, slots=True)
class ModelInput:
    """``tiles``: uint8, (tiles, size, size, 3), RGB. ``prompt_ids`` hold a place for each token."""

    tiles: Tiles
    prompt_ids: tuple[int, ...]
    digests: tuple[bytes, ...]
    """SHA-256 of each tile: equal tiles are encoded once."""
    drafts: tuple[tuple[int, ...], ...] | None = ()
    """What the answer may turn out to be, in tokens; None: it is written a token at a time."""


class Preprocessor:
    """Requests → model inputs, and token ids → text; usable from any number of threads."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        *,
        image_size: int,
        tokens_per_tile: int,
        prompt_style: PromptStyle,
        resample: Image.Resampling = Image.Resampling.BICUBIC,
    ) -> None:
        self.image_size = image_size
        self.tokens_per_tile = tokens_per_tile
        self._tokenizer = tokenizer
        self._style = prompt_style
        self._resample = resample
        # Fast tokenizers keep padding as state: "Already borrowed" is what racing threads get.
        self._lock = threading.Lock()

    def prepare(self, request: OcrRequest) -> ModelInput:
        """Cut and resize the request's images and encode its prompt."""
        tiles = make_tiles(request, size=self.image_size, resample=self._resample)
        image_tokens = len(tiles) * self.tokens_per_tile
        text = prompt_text(request, image_tokens=image_tokens, style=self._style)
        digests = tuple(hashlib.sha256(tile).digest() for tile in tiles)
        with self._lock:
            prompt_ids = tuple(self._tokenizer.encode(text))
        return ModelInput(tiles, prompt_ids, digests, self._drafts(request))

    def decode(self, token_ids: list[int]) -> str:
        """The text of ``token_ids`` without its special tokens, otherwise as the model wrote it."""
        with self._lock:
            return self._tokenizer.decode(token_ids, skip_special_tokens=True)

    def _drafts(self, request: OcrRequest) -> tuple[tuple[int, ...], ...] | None:
        """The request's draft in each of its variants; what looks like a special token is text."""
        if request.draft is False:
            return None
        variants = draft_variants(
            request.draft or "", formatted=request.format, max_new_tokens=request.max_new_tokens
        )
        most = _TOKENS_PER_NEW_TOKEN * request.max_new_tokens + _FEWEST_TOKENS
        return tuple(tuple(islice(self._encode_text(variant), most)) for variant in variants)

    def _encode_text(self, text: str) -> Iterator[int]:
        for piece in pieces(text, _PIECE):
            with self._lock:
                ids = self._tokenizer.encode(piece, split_special_tokens=True)
            yield from ids


def make_tiles(request: OcrRequest, *, size: int, resample: Image.Resampling) -> Tiles:
    """The tiles in the model's order: rows of the grid, then the whole image as the last one.

    As transformers' PIL image processor does it: every image is squeezed to ``size`` × ``size``,
    its aspect not kept; with crops, the image is stretched over the grid first.
    """
    images = [to_gray_or_rgb(image) for image in request.images]
    # The processor makes no tiles for max_patches=1, whatever the prompt says.
    if not request.crop_to_patches or request.max_patches == 1:
        return np.stack([_pixels(image, size, size, resample) for image in images])
    (image,) = images
    columns, rows = choose_grid(
        image.width,
        image.height,
        tile=size,
        min_patches=request.min_patches,
        max_patches=request.max_patches,
    )
    canvas = _pixels(image, columns * size, rows * size, resample)
    grid = canvas.reshape(rows, size, columns, size, 3).swapaxes(1, 2).reshape(-1, size, size, 3)
    grid = np.ascontiguousarray(grid)  # a single row of tiles may still be a view
    if len(grid) == 1:
        return grid
    whole = image if request.thumbnail is None else to_gray_or_rgb(request.thumbnail)
    return np.concatenate([grid, _pixels(whole, size, size, resample)[None]])


def _pixels(image: Image.Image, width: int, height: int, resample: Image.Resampling) -> Tiles:
    return np.asarray(resize(image, width, height, resample).convert("RGB"), dtype=np.uint8)
