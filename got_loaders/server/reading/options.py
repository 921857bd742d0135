"""What a client may ask of a reading → options, within what the server allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from got_loaders.errors import OptionError, shown
from got_loaders.options import ReadOptions
from got_loaders.options.serialization import options_from_json
from got_loaders.server.errors import ApiError
from got_loaders.server.request_limits import check_numbers
from got_loaders.server.settings import ServerSettings

__all__ = ["parse_options", "server_options"]

_SERVERS = "is the server's to say"
_REFUSED = {
    "progress": "there is no bar over HTTP; ask for the job's state",
    "root": f"{_SERVERS}: --root",
    "urls": f"{_SERVERS}: --urls",
    "url_hosts": _SERVERS,
    "cache": f"{_SERVERS}: --cache",
    "max_cache_bytes": _SERVERS,
    "corrections": "they are put in by who asks: put them into what comes back",
    "figures": "the server keeps none; /v1/ocr gives them, with include_image_base64",
    "figures_dir": _SERVERS,
    "glob": "a request is about one document",
    "layout_model": f'{_SERVERS}; regions="auto" works without one',
    "max_url_seconds": _SERVERS,
    "max_file_bytes": _SERVERS,
    "max_image_pixels": _SERVERS,
    "max_page_seconds": _SERVERS,
    "max_page_bytes": _SERVERS,
}
"""Options that no client may set, and why."""


def server_options(settings: ServerSettings) -> ReadOptions:
    """How a document is read where the client says nothing: a page that fails fails alone.

    The cache is the engine's own.
    """
    limits = settings.limits
    return ReadOptions(
        on_error="keep",
        root=settings.root,
        urls=settings.urls,
        max_url_seconds=min(300.0, settings.request_seconds),
        max_file_bytes=limits.file_bytes,
        max_pages=limits.pages,
        max_image_pixels=limits.image_pixels,
        max_page_seconds=limits.page_seconds,
        max_page_bytes=limits.page_bytes,
    )


def parse_options(
    values: object,
    settings: ServerSettings,
    *,
    refused: Mapping[str, str],
    param: str = "options",
) -> ReadOptions:
    """The options of a request, given as JSON under their own names.

    ``refused`` are those that this endpoint does not take, beside those that none does.
    :class:`ApiError` names what is wrong.
    """
    if values is None:
        values = {}
    if not isinstance(values, Mapping):
        raise ApiError("invalid_option", f"{param}: expected an object", param=param)
    for name in values:
        reason = refused.get(name, _REFUSED.get(name)) if isinstance(name, str) else None
        if reason:
            raise ApiError("invalid_option", f"{param}.{name}: {reason}", param=f"{param}.{name}")
    check_numbers(values, prefix=f"{param}.")
    try:
        asked = options_from_json(values)
    except OptionError as error:
        raise ApiError("invalid_option", f"{param}: {error}", param=param) from error
    except (TypeError, ValueError) as error:
        text = f"{param}: {shown(values)}: not the JSON of options"
        raise ApiError("invalid_option", text, param=param) from error
    ours = server_options(settings)
    max_pages = min(asked.max_pages, ours.max_pages)
    chosen = {name: getattr(asked, name) for name in values if name != "max_pages"}
    return replace(ours, **chosen, max_pages=max_pages)
