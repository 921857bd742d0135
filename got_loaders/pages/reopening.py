"""Opens a document once more that was read before, and tells whether it is still the same."""

from __future__ import annotations

from got_loaders.errors import OptionError, SourceError, shown
from got_loaders.options import ReadOptions
from got_loaders.pages.document import PageDocument
from got_loaders.pages.opening import open_document
from got_loaders.sources import Source, as_of_now, file_sources, looks_like_url
from got_loaders.sources.temp_files import TempFiles
from got_loaders.types import PageInfo

__all__ = ["check_unchanged", "reopen"]


def reopen(
    name: str,
    info: PageInfo | None,
    *,
    given: object,
    password: str | None,
    options: ReadOptions,
    temp_files: TempFiles,
) -> PageDocument:
    """The document that metadata calls ``name``, opened: what is ``given``, or what has that name.

    ``info`` is what is known of a page of it, where a result tells. Raises :class:`SourceError`
    where it is not to be had, or was changed, and :class:`OptionError` where ``given`` is not one
    document. The caller closes it, and the folder of downloads.
    """
    if given is None:
        source = _known_by_name(name, info, options)
    else:
        source = _only_one(given, options, f"source={shown(given)}")
    password = options.password if password is None else password
    try:
        source = as_of_now(temp_files.fetch(source))
        if given is None and info is not None and source.stamp not in (None, info.file_stamp):
            raise _changed(name, "the file was changed since it was read")
        return open_document(source, password=password, limits=options.limits)
    except SourceError as error:
        if given is None and type(error) is SourceError and "source=" not in str(error):
            text = f"{error}. If it is elsewhere now, say where by source="
            raise SourceError(text, source=name) from error
        raise


def check_unchanged(document: PageDocument, number: int, info: PageInfo | None) -> None:
    """Raise :class:`SourceError` where page ``number`` can't be the one that ``info`` is of."""
    if info is None:
        return
    total, name = document.total, info.source
    if info.total not in (None, total):
        raise _changed(name, f"it had {info.total} pages when it was read, and has {total} now")
    now = document.info(number)
    if (
        info.number == number
        and info.width
        and (now.width, now.height) != (info.width, info.height)
    ):
        raise _changed(name, f"page {number + 1} has another size than when it was read")


def _known_by_name(name: str, info: PageInfo | None, options: ReadOptions) -> Source:
    by_path = info is None or info.file_stamp is not None or looks_like_url(name)
    if name.startswith("sha256:") or not by_path:
        text = f"{name}: it was read from bytes, which are not kept: pass them as source="
        raise SourceError(text, source=name)
    return _only_one(name, options, name)


def _only_one(source: object, options: ReadOptions, label: str) -> Source:
    """The one file that a source stands for."""
    files = file_sources(
        source,
        root=None if options.root is None else str(options.root),
        urls=options.urls,
        max_bytes=options.max_file_bytes,
    )
    first, more = next(files, None), next(files, None)
    if first is None or more is not None:
        raise OptionError(f"{label}: expected one document, and not {'more' if first else 'none'}")
    if isinstance(first, SourceError):
        raise first
    return first


def _changed(name: str, how: str) -> SourceError:
    text = f"{name}: {how}; read it again, or draw on what is there now by source="
    return SourceError(text, source=name)
