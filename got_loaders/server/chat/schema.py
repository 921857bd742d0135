"""The chat completion in the words of OpenAPI, for ``/docs``."""

from __future__ import annotations

from typing import Any

from got_loaders.server.chat.fields import IGNORED, NEUTRAL, TOKEN_LIMITS
from got_loaders.types import COLORS

__all__ = ["OPENAPI", "PROPERTIES"]

_PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNoAAAAggCB"
    "d81ytgAAAABJRU5ErkJggg=="
)
_LIMIT = {
    "type": "integer",
    "minimum": 1,
    "description": "Tokens of the answer; three names of one thing.",
}


def _flag(text: str) -> dict[str, Any]:
    return {"type": "boolean", "default": False, "description": text}


_TEXT_PART: dict[str, Any] = {
    "type": "object",
    "required": ["type", "text"],
    "properties": {"type": {"const": "text"}, "text": {"type": "string"}},
}

_PARTS = {
    "oneOf": [
        {
            "type": "object",
            "required": ["type", "image_url"],
            "properties": {
                "type": {"const": "image_url"},
                "image_url": {
                    "type": "object",
                    "required": ["url"],
                    "properties": {"url": {"type": "string"}, "detail": {"type": "string"}},
                },
            },
        },
        {
            "type": "object",
            "required": ["type", "text"],
            "properties": {
                "type": {"const": "text"},
                "text": {"type": "string", "enum": ["OCR", "OCR with format"]},
            },
        },
    ]
}

PROPERTIES: dict[str, dict[str, Any]] = {
    "messages": {
        "type": "array",
        "description": "One message of the role user: image_url parts (data: URLs), and a text.",
        "items": {
            "type": "object",
            "required": ["role", "content"],
            "properties": {
                "role": {"type": "string", "enum": ["user"]},
                "content": {"type": "array", "items": _PARTS},
            },
        },
    },
    "model": {"type": "string", "description": "As /v1/models has it; may be left out."},
    "stream": _flag("Server-sent events, as the tokens come."),
    "stream_options": {
        "type": "object",
        "properties": {"include_usage": _flag("A last chunk with the numbers of tokens.")},
    },
    "logprobs": _flag("How likely each token was."),
    "return_token_ids": _flag("The answer's token ids, beside its text."),
    "format": _flag("Formatted: tables, formulas, headings. The text says the same."),
    "box": {
        "type": "array",
        "items": {"type": "number"},
        "minItems": 4,
        "maxItems": 4,
        "description": "Left, top, right, bottom in pixels of the picture: reads this part.",
    },
    "color": {"type": "string", "enum": list(COLORS), "description": "Reads what this frames."},
    "crop_to_patches": _flag("Shows the picture in tiles too, for small print."),
    "min_patches": {"type": "integer", "minimum": 1, "default": 1},
    "max_patches": {"type": "integer", "minimum": 1, "default": 12},
    "thumbnail": {
        "type": "string",
        "description": "With crop_to_patches, and a picture that has the size of all tiles: the "
        "whole page in one more, as a data: URL. Left out, it is made of the picture.",
    },
    "draft": {
        "oneOf": [{"type": "string"}, {"const": False}],
        "description": "What the answer may turn out to be: checked, it saves steps and changes "
        "no token. false: no drafts at all. OpenAI's prediction is another name of it.",
    },
    "prediction": {
        "type": "object",
        "required": ["type", "content"],
        "properties": {
            "type": {"const": "content"},
            "content": {
                "oneOf": [
                    {"type": "string"},
                    {"type": "array", "items": _TEXT_PART},
                ]
            },
        },
        "description": "As draft.",
    },
    "multi_page": _flag("Several pictures are pages of one text."),
    "stop_on_repetition": _flag("Ends where the model repeats itself."),
    **dict.fromkeys(TOKEN_LIMITS, _LIMIT),
    **{name: {"description": "Accepted, and changes nothing."} for name in IGNORED},
    **{
        name: {"description": "Refused, unless it asks for nothing.", "enum": list(values)}
        for name, values in NEUTRAL.items()
        if values
    },
}

_QUESTION = [
    {"type": "image_url", "image_url": {"url": _PIXEL}},
    {"type": "text", "text": "OCR with format"},
]

OPENAPI: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["messages"],
                    "additionalProperties": False,
                    "properties": PROPERTIES,
                },
                "example": {"messages": [{"role": "user", "content": _QUESTION}]},
            }
        },
    },
}
