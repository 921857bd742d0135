"""Turns what a user passes into sources: a path, URL, content, folder, or any number of these.

Expanding opens no document: a path that does not exist is reported by
:func:`got_loaders.pages.open_document`. What is known to be wrong here (a URL that is not allowed,
a file opened as text, an empty folder) is *yielded* as an error in its place instead of raised, so
that the other sources of a list are not lost.

This package knows paths, bytes and the looks of URLs; it must not know what is in them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TypedDict

from got_loaders.errors import SourceError
from got_loaders.sources.describe import describe_source
from got_loaders.sources.file_urls import is_file_url
from got_loaders.sources.folders import FOLDER_SUFFIXES
from got_loaders.sources.inline import describe_inline
from got_loaders.sources.iterables import is_collection, not_a_source, once
from got_loaders.sources.objects import from_content, is_content, is_named_content
from got_loaders.sources.paths import SourceRules, from_text, local_path, looks_like_url
from got_loaders.sources.pictures import array_to_image
from got_loaders.sources.root import RootFolder
from got_loaders.sources.sanitize import display_path, sanitize_text
from got_loaders.sources.source import Source, as_of_now, check_file, file_version
from got_loaders.types import Limits

__all__ = [
    "FOLDER_SUFFIXES",
    "FileRules",
    "RootFolder",
    "Source",
    "array_to_image",
    "as_of_now",
    "check_file",
    "describe_inline",
    "describe_source",
    "display_path",
    "file_sources",
    "file_version",
    "is_file_url",
    "local_path",
    "looks_like_url",
    "once",
    "sanitize_text",
]


class FileRules(TypedDict):
    """What the options of a read say to :func:`file_sources`."""

    glob: str | None
    root: str | None
    urls: bool
    max_bytes: int
    max_pixels: int
    figures_dir: str | None


def file_sources(
    obj: object,
    *,
    glob: str | None = None,
    root: str | None = None,
    urls: bool = True,
    max_bytes: int = Limits().file_bytes,
    max_pixels: int = Limits().image_pixels,
    figures_dir: str | None = None,
    base: str = "",
) -> Iterator[Source | SourceError]:
    """The files that ``obj`` stands for, lazily and in order; errors come as values.

    ``obj`` is a path, a pattern (``"scans/*.png"``), a ``file:`` or http(s) URL, ``bytes``, a
    binary file object (read from its start where it can seek, its position restored; at most
    ``max_bytes``), a Pillow image or a numpy array of at most ``max_pixels``, one of the last four
    with its name, ``(name, content)``, a folder, or an iterable of these, of which the next is
    taken when the one before is done with. A folder gives every PDF and image in it and below, or
    what matches ``glob``; it and a pattern give files in natural order, hidden ones left out. With
    ``root`` no path may lead out of that folder; else relative ones begin at ``base``, where it is
    another than the current folder. Pictures of figures that a read has kept in
    ``figures_dir`` are no documents of a folder that this lies in. What this gave before is given
    as it is.
    """
    folder = None if root is None else RootFolder.from_path(root)
    rules = SourceRules(
        glob=glob,
        root=folder,
        urls=urls,
        max_bytes=max_bytes,
        max_pixels=max_pixels,
        figures_dir=figures_dir,
        base=base,
    )
    yield from _sources(obj, rules)


def _sources(obj: object, rules: SourceRules) -> Iterator[Source | SourceError]:
    if isinstance(obj, Source | SourceError):
        yield obj
        return
    try:
        if isinstance(obj, str | os.PathLike):
            yield from from_text(os.fsdecode(obj), rules)
            return
        if is_named_content(obj) or is_content(obj):
            name, content = obj if is_named_content(obj) else (None, obj)
            limits = {"max_bytes": rules.max_bytes, "max_pixels": rules.max_pixels}
            yield from_content(content, name=name, **limits)
            return
        if not is_collection(obj):
            raise not_a_source(obj)
    except SourceError as error:
        yield error
        return
    for item in obj:
        yield from _sources(item, rules)
