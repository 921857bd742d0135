"""What the files of ``-o FOLDER/`` are called: as what they were read from, with another suffix."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from got_loaders.sources import FOLDER_SUFFIXES, Source

__all__ = ["output_paths"]

_MAX_BYTES = 240
"""Of a file's name: systems take 255, and while it is written it is called ``….part``."""

_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')


def output_paths(
    folder: Path, sources: Iterable[Source], suffix: str, *, several_inputs: bool
) -> dict[str, Path]:
    """Where in ``folder`` the text of each source goes, by the source's name.

    A file below a folder that was named keeps its path below it; where there are ``several_inputs``
    the folder's own name, too. Where two would have the same name (``a.pdf``, ``a.png``), theirs
    keep the first suffix (``a.pdf.md``, ``a.png.md``); where that does not help, the later ones are
    numbered (``a-2.md``). No name leads out of the folder, and none is that of a file to read, nor
    that of a folder of others (``a.md/b.pdf``).
    """
    wanted = {source.name: (source, _place(source, several_inputs)) for source in sources}
    short: defaultdict[str, list[str]] = defaultdict(list)
    for _, place in wanted.values():
        short[_key(_named(place, _stem(place.name), suffix))].append(_key(place))
    taken = {_key(os.path.abspath(s.path)) for s, _ in wanted.values() if s.path is not None}  # noqa: PTH100
    taken |= {_key(os.path.abspath(f)) for _, p in wanted.values() for f in (folder / p).parents}  # noqa: PTH100
    paths: dict[str, Path] = {}
    for name, (_, place) in wanted.items():
        rivals = short[_key(_named(place, _stem(place.name), suffix))]
        stem = _stem(place.name) if len(set(rivals)) == 1 else place.name
        paths[name] = _free(folder, place, stem, suffix, taken)
    return paths


def _place(source: Source, several_inputs: bool) -> PurePath:
    """The path below the output folder, with the source's own name."""
    if source.inner is not None and source.path is not None:
        parts = [part for part in source.inner.parts if part not in ("..", source.inner.anchor)]
        own = Path(*source.path.parts[: len(source.path.parts) - len(source.inner.parts)]).name
        return PurePath(own if several_inputs and own != ".." else "", *parts)
    if source.path is not None:
        return PurePath(source.path.name or "document")
    name = source.file_name or (urlsplit(source.url).hostname if source.url else source.name)
    return PurePath(_UNSAFE.sub("_", name or "").lstrip(".") or "document")


def _stem(name: str) -> str:
    """A name without the suffix of a document: ``2301.12345`` has none."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122  # as text
    return stem if suffix.lower() in FOLDER_SUFFIXES else name


def _named(place: PurePath, stem: str, suffix: str) -> PurePath:
    while len(os.fsencode(stem)) > _MAX_BYTES:
        stem = stem[:-1]
    return place.with_name(stem + suffix)


def _free(folder: Path, place: PurePath, stem: str, suffix: str, taken: set[str]) -> Path:
    """The first of ``a.md``, ``a-2.md``, … that nobody has; it is taken then."""
    number = 1
    while True:
        path = folder / _named(place, stem, suffix if number == 1 else f"-{number}{suffix}")
        key = _key(os.path.abspath(path))  # noqa: PTH100  # keeps links
        if key not in taken:
            taken.add(key)
            return path
        number += 1


def _key(path: str | PurePath) -> str:
    """What two names have in common that some file systems take for one."""
    return unicodedata.normalize("NFC", os.fspath(path)).casefold()
