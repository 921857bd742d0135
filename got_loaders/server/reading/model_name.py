"""The model that a document's request asks for."""

from __future__ import annotations

from got_loaders.errors import shown
from got_loaders.server.errors import ApiError
from got_loaders.types import EngineInfo

__all__ = ["check_model"]

_STANDS_FOR_ANY = "mistral-ocr"
"""How the names begin that programs send who know no other OCR than Mistral's."""


def check_model(model: str | None, info: EngineInfo) -> None:
    """Raise :class:`ApiError` (404) unless the server's model is meant.

    That is its name, its fingerprint, no name, or one of Mistral's for OCR: LibreChat and Open
    WebUI send such a one, whoever answers.
    """
    if not model or model in (info.model, info.fingerprint) or model.startswith(_STANDS_FOR_ANY):
        return
    raise ApiError(
        "model_not_found",
        f"model={shown(model)}: this server reads with {info.model!r}; leave the model out, or "
        "name that one",
        param="model",
    )
