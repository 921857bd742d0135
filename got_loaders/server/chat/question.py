"""A chat completion's JSON → what is asked: pictures as they were sent, and how to read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from got_loaders.engine.remote.protocol import FORMATTED_PROMPT, PLAIN_PROMPT
from got_loaders.errors import shown
from got_loaders.server.chat.draft import read_draft
from got_loaders.server.chat.fields import TOKEN_LIMITS, check_fields
from got_loaders.server.errors import ApiError
from got_loaders.server.reading.json_body import parse_json
from got_loaders.server.request_limits import check_numbers
from got_loaders.types import REQUEST_FIELDS

__all__ = ["ChatQuestion", "PictureUrl", "parse_question"]

_FLAGS = ("stream", "logprobs", "return_token_ids")
_REQUEST_FLAGS = ("format", "crop_to_patches", "multi_page", "stop_on_repetition")
_PROMPTS = {PLAIN_PROMPT.casefold(): False, FORMATTED_PROMPT.casefold(): True}


@dataclass(frozen=True, slots=True)
class PictureUrl:
    """A picture as it was sent, and its place in the request, for messages."""

    url: str = field(repr=False)
    param: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatQuestion:
    """``options`` are the fields of an :class:`~got_loaders.types.OcrRequest` but its images.

    With ``has_thumbnail`` the last picture is the request's thumbnail.
    """

    pictures: tuple[PictureUrl, ...]
    options: Mapping[str, Any]
    has_thumbnail: bool = False
    model: str | None = None
    stream: bool = False
    include_usage: bool = False
    logprobs: bool = False
    return_token_ids: bool = False


def parse_question(body: bytes) -> ChatQuestion:
    """What a body asks; :class:`ApiError` where it is not as it should be. Opens no picture."""
    given = check_fields(_load(body))
    pictures, prompt = _read_messages(given.get("messages"))
    options = {name: given[name] for name in REQUEST_FIELDS if name in given}
    for name in _REQUEST_FLAGS:
        _check_flag(name, options.get(name, False))
    flags = {name: _check_flag(name, given.get(name, False)) for name in _FLAGS}
    if prompt is not None:
        if options.get("format", prompt) != prompt:
            _refuse("format", f"format={shown(options['format'])}: the text asks for the other")
        options["format"] = prompt
    options |= _token_limit(given) | {"draft": read_draft(given)}
    model = given.get("model")
    if model is not None and not isinstance(model, str):
        _refuse("model", f"model={shown(model)}: expected a name")
    check_numbers(options)
    if "thumbnail" in given:
        pictures = (*pictures, PictureUrl(_data_url(given["thumbnail"]), "thumbnail"))
    usage = _include_usage(given.get("stream_options"))
    return ChatQuestion(
        pictures=pictures,
        options=options,
        has_thumbnail="thumbnail" in given,
        model=model,
        include_usage=usage,
        **flags,
    )


def _load(body: bytes) -> dict[str, Any]:
    value = parse_json(body, "the body")
    if not isinstance(value, dict):
        raise ApiError("invalid_request", "the body is not a JSON object")
    return value


def _read_messages(messages: object) -> tuple[tuple[PictureUrl, ...], bool | None]:
    """The pictures, and whether the text asks for the formatted reading; None without a text."""
    if not isinstance(messages, list) or not messages:
        _refuse("messages", "messages: expected a list with one message, of the role user")
    found: tuple[tuple[PictureUrl, ...], bool | None] | None = None
    for number, message in enumerate(messages):
        param = f"messages[{number}]"
        if not isinstance(message, dict):
            _refuse(param, f"{param}: expected an object with role and content")
        role, content = message.get("role"), message.get("content")
        if role in ("system", "developer") and content in (None, "", []):
            continue
        if role != "user" or found is not None:
            _refuse(
                param,
                f"{param}: a reading is one message of the role user; the model takes neither "
                "instructions nor a conversation",
            )
        found = _read_content(content, f"{param}.content")
    if found is None:
        _refuse("messages", "messages: there is none of the role user")
    return found


def _read_content(content: object, param: str) -> tuple[tuple[PictureUrl, ...], bool | None]:
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    pictures, texts = [], []
    for number, part in enumerate(parts):
        place = f"{param}[{number}]" if parts is content else param
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "image_url":
            pictures.append(
                PictureUrl(_url(part.get("image_url"), place), f"{place}.image_url.url")
            )
        elif kind == "text" and isinstance(part.get("text"), str):
            texts.append((part["text"], place))
        else:
            _refuse(
                place,
                f"{place}: expected a part of the type image_url or text; whole documents go to "
                "/v1/ocr",
            )
    if not pictures:
        _refuse(param, f"{param}: there is no picture in it: send an image_url part with each page")
    prompts = [_formatted(*text) for text in texts if text[0].strip()]
    if len(prompts) > 1:
        _refuse(param, f"{param}: more than one text; {_prompts_text()}")
    return tuple(pictures), prompts[0] if prompts else None


def _url(value: object, place: str) -> str:
    url = value.get("url") if isinstance(value, dict) else value
    if not isinstance(url, str) or not url.strip():
        _refuse(f"{place}.image_url.url", f"{place}.image_url.url: expected a data: URL")
    return url.strip()


def _data_url(value: object) -> str:
    if not isinstance(value, str) or not value.startswith("data:"):
        _refuse("thumbnail", "thumbnail: expected a data: URL")
    return value


def _formatted(text: str, place: str) -> bool:
    words = " ".join(text.split()).casefold().rstrip(" :")
    if words not in _PROMPTS:
        _refuse(place, f"{place}: {shown(text)}: the model knows two questions; {_prompts_text()}")
    return _PROMPTS[words]


def _prompts_text() -> str:
    return f"the text is {PLAIN_PROMPT!r} or {FORMATTED_PROMPT!r}"


def _token_limit(given: Mapping[str, Any]) -> dict[str, Any]:
    """``max_new_tokens``, by whichever of its names."""
    limits = {name: given[name] for name in TOKEN_LIMITS if name in given}
    values = list(limits.values())
    if any(value != values[0] for value in values):
        names = " and ".join(f"{name}={shown(value)}" for name, value in limits.items())
        _refuse(next(iter(limits)), f"{names}: they are names of one thing; send one of them")
    return {"max_new_tokens": values[0]} if values else {}


def _include_usage(options: object) -> bool:
    if options is None:
        return False
    if not isinstance(options, dict):
        _refuse("stream_options", f"stream_options={shown(options)}: expected an object")
    return _check_flag("stream_options.include_usage", options.get("include_usage") or False)


def _check_flag(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        _refuse(name, f"{name}={shown(value)}: expected true or false")
    return value


def _refuse(param: str, message: str) -> NoReturn:
    raise ApiError("invalid_option", message, param=param)
