"""The language of servers that others make: OpenAI's chat completions, a picture and a prompt.

vLLM, SGLang, llama.cpp, Ollama and hosted models speak it. What only some of them know
(probabilities, the tokens' numbers) is asked for, and done without where it is refused.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from got_loaders._spelling import did_you_mean
from got_loaders.engine.remote.chat_answer import read_answer
from got_loaders.engine.remote.chat_settings import UNSUPPORTED, ChatSettings
from got_loaders.engine.remote.dialect import Answer, Failure
from got_loaders.engine.remote.failures import explain_answer
from got_loaders.engine.remote.json_answer import load_answer
from got_loaders.engine.remote.text_loops import cut_loop
from got_loaders.errors import ModelNotFoundError, shown
from got_loaders.types import OcrRequest, OcrResult
from got_loaders.types.engines import EngineInfo

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["ChatDialect"]

_OPTIONAL = ("logprobs", "return_token_ids")
_REFUSING = frozenset([400, 422])
_MAX_NAMED = 8
"""Models of a server that a message names."""

_MIN_SIDE = 56
_MAX_RATIO = 100
"""A smaller or longer picture is put on a white ground: models refuse it (Qwen2-VL: 200 to 1)."""


class ChatDialect:
    """A :class:`~got_loaders.engine.remote.dialect.Dialect` for any server of OpenAI's API.

    Remembers which optional fields the server refused; usable from any number of threads.
    """

    server_kind = "server of OpenAI's API"
    advice = ""
    described_by = frozenset([200, 404, 405, 501])
    describe_path = "/v1/models"
    read_path = "/v1/chat/completions"

    def __init__(self, settings: ChatSettings) -> None:
        self._settings = settings
        self._refused: set[str] = set()

    def describe(self, answer: Answer) -> EngineInfo:
        """Which model is meant; :class:`ModelNotFoundError` if the server says it has no such."""
        model = self._settings.model
        known = _model_names(answer) if answer.ok else None
        if model is None:
            model = _only_one(known)
        elif known is not None and known and model not in known:
            meant = did_you_mean(model, known) or f"; it has {_listed(known)}"
            raise ModelNotFoundError(
                f"model={shown(model)}: the server has none of that name{meant}"
            )
        return EngineInfo(
            model=model,
            fingerprint=self._settings.fingerprint(model),
            max_side=self._settings.max_side,
            unsupported=UNSUPPORTED,
        )

    def encode(self, request: OcrRequest, info: EngineInfo) -> bytes:
        """The body: the picture in its own shape, and the prompt."""
        from got_loaders.engine.remote.encode import check_supported, png_data_url

        check_supported(request, info)
        url = png_data_url(_fitted(request.images[0], self._settings.max_side))
        content: list[dict[str, Any]] = [{"type": "image_url", "image_url": {"url": url}}]
        if self._settings.prompt:
            content.append({"type": "text", "text": self._settings.prompt})
        optional = {name: True for name in _OPTIONAL if name not in self._refused}
        body = {
            "model": info.model,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": request.max_new_tokens,
            "temperature": 0,
            **optional,
            **self._settings.extra_body,
        }
        return json.dumps(body, separators=(",", ":")).encode("ascii")

    def revise(self, body: bytes, answer: Answer) -> bytes | None:
        """The body without the optional fields that the server does not know; None: as it was."""
        if answer.status not in _REFUSING:
            return None
        fields: dict[str, Any] = json.loads(body)
        sent = [name for name in _OPTIONAL if name in fields]
        said = answer.body[:100_000].decode("utf-8", "replace")
        named = [name for name in sent if name in said]
        for name in named or sent:
            del fields[name]
        self._refused.update(named)
        return json.dumps(fields, separators=(",", ":")).encode("ascii") if sent else None

    def decode(self, answer: Answer, info: EngineInfo) -> OcrResult:
        """The result; ``confidence`` is None where the server gives no probabilities."""
        return read_answer(answer, info, self._settings.writes)

    def finish(self, result: OcrResult, *, stop_on_repetition: bool) -> OcrResult:
        """The result, cut where the model went in circles until its tokens ran out."""
        return cut_loop(result) if stop_on_repetition else result

    def explain(self, answer: Answer, server: str) -> Failure:
        """By the status; the errors' codes of others mean other things."""
        return explain_answer(answer, server, by_code=False)


def _fitted(image: Picture, max_side: int) -> Picture:
    """The picture, gray or RGB, no larger than ``max_side``, and no narrower than models take."""
    from PIL import Image

    from got_loaders.engine.processor.pictures import to_gray_or_rgb

    image = to_gray_or_rgb(image)
    scale = max_side / max(image.size)
    if scale < 1:
        size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    least = max(_MIN_SIDE, max(image.size) // _MAX_RATIO)
    if min(image.size) >= least:
        return image
    size = max(image.width, least), max(image.height, least)
    ground = Image.new(image.mode, size, 255 if image.mode == "L" else (255, 255, 255))
    ground.paste(image, ((size[0] - image.width) // 2, (size[1] - image.height) // 2))
    return ground


def _model_names(answer: Answer) -> list[str]:
    value = load_answer(answer)
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, list):
        raise TypeError("it has no list of models")
    names = [each.get("id") for each in data if isinstance(each, dict)]
    return [name for name in names if isinstance(name, str) and name]


def _only_one(known: list[str] | None) -> str:
    if known is None:
        raise ModelNotFoundError("the server does not say which models it has: pass model=")
    if len(known) != 1:
        has = f"it has {_listed(known)}" if known else "it has none"
        raise ModelNotFoundError(f"which of the server's models is meant? {has}: pass model=")
    return known[0]


def _listed(names: list[str]) -> str:
    more = ", …" if len(names) > _MAX_NAMED else ""
    return ", ".join(map(shown, names[:_MAX_NAMED])) + more
