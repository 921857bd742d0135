"""Requests → jobs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from starlette.requests import Request

from got_loaders._async import call_in_thread
from got_loaders._spelling import did_you_mean
from got_loaders.errors import SourceError, shown
from got_loaders.server.bodies import take_body
from got_loaders.server.errors import ApiError
from got_loaders.server.jobs.service import JobService
from got_loaders.server.jobs.values import NewJob
from got_loaders.server.reading.document import (
    DocumentRef,
    bytes_ref,
    decode_header_name,
    resolve,
    to_ref,
)
from got_loaders.server.reading.json_body import parse_json
from got_loaders.server.reading.model_name import check_model
from got_loaders.server.reading.options import parse_options
from got_loaders.server.reading.read import document_error
from got_loaders.server.settings import ServerSettings
from got_loaders.server.state import ServerState

__all__ = ["from_body", "from_json"]

_FIELDS = ("document", "options", "model")
_REFUSED = {
    "password": "it would be kept on the disk; POST /v1/ocr reads encrypted documents and keeps "
    "nothing",
}
_NO_SINGLE = (
    'options.mode: "single" would begin anew whenever the server is restarted; join the records of '
    '"page" with an empty line between them'
)


async def from_json(
    text: bytes, state: ServerState, jobs: JobService, *, key: str | None
) -> NewJob:
    """The job of a JSON body: ``document`` as for ``/v1/ocr``, and ``options``."""
    body = await call_in_thread(lambda: parse_json(text, "the body"))
    if not isinstance(body, Mapping):
        raise ApiError("invalid_request", "expected a JSON object")
    for name in body:
        if name not in _FIELDS:
            wrong = f"{shown(name)} is no field of this request{did_you_mean(str(name), _FIELDS)}"
            raise ApiError("unknown_field", wrong, param=str(name))
    _check_model(body.get("model"), state)
    options = _options(body.get("options"), state.settings)
    ref = await call_in_thread(lambda: to_ref(body.get("document")))
    return await _new_job(await jobs.resolve(ref), options, state.settings, key)


async def from_body(request: Request, state: ServerState, *, key: str | None) -> NewJob:
    """The job of a body that is the document itself."""
    text = request.query_params.get("options")
    values = None if text is None else parse_json(text, "options")
    options = _options(values, state.settings)
    name = decode_header_name(request.headers.get("x-filename", ""))
    return await _new_job(bytes_ref(await take_body(request), name), options, state.settings, key)


def _check_model(model: object, state: ServerState) -> None:
    """As far as it is known by now: a job may be submitted while the model loads."""
    if not isinstance(model, str | None):
        raise ApiError("invalid_option", "model: expected a text", param="model")
    engine = state.engine_source.engine
    if engine is not None:
        check_model(model, engine.info)


def _options(values: object, settings: ServerSettings) -> str:
    """The options as they are kept; all that can be wrong about them is told now."""
    options = parse_options(values, settings, refused=_REFUSED)
    if options.mode == "single":
        raise ApiError("invalid_option", _NO_SINGLE, param="options.mode")
    return json.dumps(values or {}, sort_keys=True)


async def _new_job(
    ref: DocumentRef, options: str, settings: ServerSettings, key: str | None
) -> NewJob:
    def make() -> NewJob:
        if ref.data is not None and not ref.data:
            raise SourceError(f"{ref.name}: there are no bytes in it", source=ref.name)
        if ref.locator is not None and not _is_text(ref.locator):
            wrong = "document: a file whose name is not UTF-8 can't be named; send its bytes"
            raise ApiError("invalid_request", wrong, param="document")
        if ref.data is None:
            resolve(ref, settings)  # what is known to be refused is refused now
        what = ref.locator or hashlib.sha256(ref.data or b"").hexdigest()
        digest = hashlib.sha256(json.dumps([ref.name, what, options]).encode()).hexdigest()
        return NewJob(
            name=ref.name, data=ref.data, locator=ref.locator, options=options, key=key,
            digest=digest,
        )  # fmt: skip

    try:
        return await call_in_thread(make)
    except SourceError as error:
        raise document_error(error) from error


def _is_text(value: str) -> bool:
    """Whether a database takes it: half a character is none."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
