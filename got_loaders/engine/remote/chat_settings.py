"""How a model that others serve is asked: its name, the prompt, and the size of its pictures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_args

from got_loaders.errors import OptionError, shown
from got_loaders.types import check_positive_int
from got_loaders.types.requests import MarkupLanguage

__all__ = ["DEFAULT_MAX_SIDE", "UNSUPPORTED", "ChatSettings"]

DEFAULT_MAX_SIDE = 1540
"""Pixels along the longer side of a picture. It is what LightOnOCR's authors render pages at, 132
dpi on A4, where the x of 8-point type is 7 pixels high. Other models see more if they are let
(Qwen2.5-VL and its descendants), at a cost that grows with the square; none is the better for
less, and a server makes pictures smaller by itself, if it must."""

UNSUPPORTED = frozenset(["box", "color", "crop_to_patches", "multi_page"])
"""What GOT-OCR2 was trained on, and no chat with pictures knows."""

_OURS = frozenset(
    ["model", "messages", "stream", "n", "max_tokens", "logprobs", "return_token_ids"]
)
"""Fields of the body that are not the caller's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSettings:
    """``model``: as the server calls it; None: the only one that it has.

    ``prompt``: the text beside each picture; None: none. ``writes``: the language of its answers.
    ``max_side``: pixels along the longer side of a picture. ``extra_body``: further fields of the
    request, such as ``top_p``.
    """

    model: str | None = None
    prompt: str | None = None
    writes: MarkupLanguage = "markdown"
    max_side: int = DEFAULT_MAX_SIDE
    extra_body: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.model is not None and (not isinstance(self.model, str) or not self.model.strip()):
            raise OptionError(f"model={shown(self.model)}: expected the name of a model")
        if self.prompt is not None and not isinstance(self.prompt, str):
            raise OptionError(f"prompt={shown(self.prompt)}: expected a text")
        if self.writes not in get_args(MarkupLanguage):
            known = " or ".join(map(repr, get_args(MarkupLanguage)))
            raise OptionError(f"writes={shown(self.writes)}: expected {known}")
        check_positive_int("max_side", self.max_side, minimum=64)
        self._check_extra_body()

    def fingerprint(self, model: str) -> str:
        """The name of what reads: the model, the language, and a digest of how it is asked."""
        asked = [self.prompt or "", self.max_side, dict(self.extra_body)]
        text = json.dumps(asked, sort_keys=True, ensure_ascii=True)
        digest = hashlib.blake2b(text.encode("ascii"), digest_size=6).hexdigest()
        return f"{model}@{digest}/{self.writes}"

    def arguments(self) -> dict[str, Any]:
        """The arguments that make an engine of its kind."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def described(self) -> list[str]:
        """``name=value`` of those that differ from the defaults, or the language, if none does."""
        default = ChatSettings()
        changed = [
            f"{name}={shown(value)}"
            for name, value in self.arguments().items()
            if value != getattr(default, name)
        ]
        return changed or [f"writes={self.writes!r}"]

    def _check_extra_body(self) -> None:
        if not isinstance(self.extra_body, Mapping):
            raise OptionError(f"extra_body={shown(self.extra_body)}: expected fields of a body")
        if taken := sorted(_OURS & set(self.extra_body)):
            raise OptionError(f"extra_body: {taken[0]!r} is not yours to set")
        try:
            json.dumps(dict(self.extra_body), sort_keys=True, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as error:
            raise OptionError(f"extra_body is no JSON: {error}") from None
