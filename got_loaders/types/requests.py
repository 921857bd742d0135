"""An engine's requests and results, in the words of the model's processor."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Literal

from got_loaders.errors import OptionError, shown
from got_loaders.types.boxes import Box, checked_box

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    "COLORS",
    "REQUEST_FIELDS",
    "Color",
    "FinishReason",
    "MarkupLanguage",
    "OcrRequest",
    "OcrResult",
    "check_patches",
    "check_positive_int",
]

Color = Literal["red", "green", "blue"]
FinishReason = Literal["stop", "length", "repetition"]
MarkupLanguage = Literal["mathpix", "markdown"]
"""What a formatted reading is written in: Mathpix Markdown, as GOT-OCR2 does, or Markdown."""

_MAX_SHOWN = 60
"""Characters of a text that ``repr`` shows."""

COLORS: tuple[Color, ...] = ("red", "green", "blue")


@dataclass(frozen=True, slots=True, kw_only=True)
class OcrRequest:
    """One question to the model, in the words of transformers' ``GotOcr2Processor``.

    ``box`` is in pixels of ``images[0]``. Several images need ``multi_page=True``; a box and a
    colour exclude each other, and neither a box nor crops go with ``multi_page``: the model was
    not trained on those. A request that breaks a rule raises :class:`OptionError`.

    ``thumbnail`` is for those who prepare pictures elsewhere: where ``images[0]`` was brought to
    the size of all tiles, it is the whole page in one more. None: it is made of ``images[0]``.

    ``draft`` is a hint: text that the answer may turn out to be, such as the page's own. The engine
    checks several of its tokens at a time, and the answer is the same with any draft, or none; a
    good one takes fewer steps. None: nobody knows one, and the engine may find some in what it has
    written. False: the answer is written a token at a time.
    """

    images: tuple[Image, ...]
    format: bool = False
    box: Box | None = None
    color: Color | None = None
    crop_to_patches: bool = False
    min_patches: int = 1
    max_patches: int = 12
    multi_page: bool = False
    max_new_tokens: int = 4096
    stop_on_repetition: bool = False
    thumbnail: Image | None = None
    draft: str | Literal[False] | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.images or type(self.images) is not tuple:
            raise OptionError(
                f"images={shown(self.images)}: expected a tuple of at least one image"
            )
        for image in (*self.images, *([] if self.thumbnail is None else [self.thumbnail])):
            if not hasattr(image, "convert") or min(image.size) < 1:
                raise OptionError(f"images: expected Pillow images with pixels, got {shown(image)}")
        if self.box is not None:
            object.__setattr__(self, "box", checked_box(self.box))
        if self.color is not None and self.color not in COLORS:
            raise OptionError(f"color={shown(self.color)}: expected one of {', '.join(COLORS)}")
        check_patches(self.min_patches, self.max_patches)
        check_positive_int("max_new_tokens", self.max_new_tokens)
        if not (self.draft is None or self.draft is False or isinstance(self.draft, str)):
            raise OptionError(f"draft={shown(self.draft)}: expected a text, None or False")
        self._check_combination()

    def _check_combination(self) -> None:
        if len(self.images) > 1 and not self.multi_page:
            raise OptionError(f"images: {len(self.images)} images need multi_page=True")
        if self.box is not None and self.color is not None:
            raise OptionError(
                f"box={shown(self.box)} and color={shown(self.color)} exclude each other"
            )
        if self.multi_page and (self.box is not None or self.crop_to_patches):
            name = "box" if self.box is not None else "crop_to_patches"
            raise OptionError(f"{name} can't be combined with multi_page=True")
        if self.thumbnail is not None and not self.crop_to_patches:
            raise OptionError("thumbnail: it goes with crop_to_patches=True alone")
        if self.box is not None and self.box.clipped(*self.images[0].size) is None:
            raise OptionError(f"box={shown(self.box)} lies outside the image {self.images[0].size}")


REQUEST_FIELDS = tuple(
    field.name for field in fields(OcrRequest) if field.name not in ("images", "thumbnail", "draft")
)
"""The names of all that is asked beside the pictures; a server's clients use them."""


def check_positive_int(name: str, value: object, *, minimum: int = 1) -> int:
    """``value``; :class:`OptionError` unless it is a whole number of at least ``minimum``."""
    if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
        raise OptionError(f"{name}={shown(value)}: expected a whole number, at least {minimum}")
    return value


def check_patches(min_patches: object, max_patches: object) -> None:
    """Raise :class:`OptionError` unless these can bound the number of tiles."""
    fewest = check_positive_int("min_patches", min_patches)
    if fewest > check_positive_int("max_patches", max_patches):
        raise OptionError(
            f"min_patches={shown(min_patches)} is more than max_patches={shown(max_patches)}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OcrResult:
    """The model's output for a request.

    ``text`` is as the model wrote it. ``token_ids`` are what transformers' ``generate`` returns
    after the prompt, the end-of-sequence token included; ``num_tokens`` counts them.
    ``confidence`` is the mean probability of the chosen tokens, 0 to 1; None where the engine does
    not say: a server made by others may keep it to itself. ``finish_reason``:
    "stop" the model ended, "length" ``max_new_tokens`` ran out, "repetition" it repeated itself:
    all of this is then of what was kept, everything before the loop and its first round.
    ``markup`` is what a formatted ``text`` is written in. ``model`` is the fingerprint of the
    engine that read it, "" where the engine does not say. ``prompt_tokens`` are those of the
    question, pictures included; 0 where the engine does not say. ``cached``: it was not read now,
    but taken from a cache. ``accepted_tokens`` and ``rejected_tokens`` are those of drafts that
    were the answer's own, and that were not. The last five are no part of what is compared.
    """

    text: str
    finish_reason: FinishReason = "stop"
    token_ids: tuple[int, ...] = ()
    confidence: float | None = 1.0
    num_tokens: int = 0
    markup: MarkupLanguage = "mathpix"
    prompt_tokens: int = field(default=0, compare=False)
    accepted_tokens: int = field(default=0, compare=False)
    rejected_tokens: int = field(default=0, compare=False)
    model: str = field(default="", compare=False)
    cached: bool = field(default=False, compare=False)

    def __repr__(self) -> str:
        """How the text begins, and the numbers; the tokens are counted, and not listed."""
        if len(self.text) <= _MAX_SHOWN:
            parts = [f"text={self.text!r}"]
        else:
            start = f"{self.text[:_MAX_SHOWN]}…"
            parts = [f"text={start!r} ({len(self.text):,} characters)"]
        parts += [f"finish_reason={self.finish_reason!r}", f"num_tokens={self.num_tokens}"]
        confidence = None if self.confidence is None else f"{self.confidence:.2f}"
        parts += [f"confidence={confidence}", f"model={self.model!r}"]
        return f"OcrResult({', '.join(parts)}{', cached' if self.cached else ''})"
