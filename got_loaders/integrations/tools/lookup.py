"""Lists the documents that agents may read, and finds the one that they mean."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import PurePath

from got_loaders.errors import SourceError, SourceRefusedError, UnsupportedSourceError, printable
from got_loaders.integrations.tools.names import matching_names, similar_names
from got_loaders.integrations.tools.roots import ResolvedPath, RootFolders
from got_loaders.options import ReadOptions
from got_loaders.sources import (
    RootFolder,
    Source,
    describe_inline,
    display_path,
    file_sources,
    is_file_url,
    local_path,
    looks_like_url,
)

__all__ = ["check_single", "find_document", "list_documents"]

_MAX_SUGGESTED = 20
"""Files that are named where one was asked for and a folder found."""

_MAX_SEARCHED = 20_000
"""Files among which one is looked for that is not there by the name that was asked for."""

_HINT = "see list_documents"


def find_document(
    name: str, roots: RootFolders, options: ReadOptions, *, folder: bool = False
) -> ResolvedPath:
    """The file or folder that is meant by ``name``: by this name, else the only one that matches.

    Raises :class:`SourceError` with similar names where there is none, or more than one. Only what
    :func:`list_documents` lists is looked through; whether anything is elsewhere is not told.
    """
    name = local_path(name) if is_file_url(name) else name
    if looks_like_url(name) or describe_inline(name) is not None:
        return _printable(roots.resolve(name))
    try:
        target = roots.resolve(name)
        if _is_there(target):
            return _printable(target)
        problem = SourceError(f"{name}: there is no such {'folder' if folder else 'file'}")
    except SourceRefusedError as error:
        problem = error
    listed = {target.requested: target for target in _all_documents(roots, options)}
    folders = {target.requested: target for target in _folders(listed.values(), roots)}
    for candidates in (folders, listed) if folder else (listed, folders):
        matches = matching_names(roots.relative(name), list(candidates), roots.labels)
        if len(matches) == 1 and not _leads_out(name, roots):
            return _printable(candidates[matches[0]])
        if matches:
            raise _not_found(name, problem, matches[:3])
    raise _not_found(name, problem, similar_names(name, list(folders if folder else listed)))


def _printable(target: ResolvedPath) -> ResolvedPath:
    """The same place by a name that is one line to show, as lists have it."""
    return replace(target, requested=printable(target.requested))


def list_documents(target: ResolvedPath, options: ReadOptions) -> Iterator[ResolvedPath]:
    """The files in and below a folder, by the names that agents have; raises what is wrong."""
    if target.requested in ("", ".") or target.path == target.root:
        _check_root(target)
    own_names = (target.path, display_path(target.path))
    for source in _sources(target, options):
        if isinstance(source, SourceError) and source.source in own_names:
            raise source
        if not isinstance(source, SourceRefusedError):  # a link that leads out
            yield _below(target, source)


def check_single(target: ResolvedPath, options: ReadOptions) -> None:
    """Raise unless there is one file: a folder's would be more than a call may read."""
    first, *others = sources = list(islice(_sources(target, options), _MAX_SUGGESTED + 1))
    own_names = (target.path, display_path(target.path))
    if not others and (isinstance(first, SourceError) or first.name in own_names):
        return  # a file; or an error, which the read tells
    names = [_display_name(source) for source in sources]
    listed = ", ".join(names[:_MAX_SUGGESTED]) + (", …" if len(names) > _MAX_SUGGESTED else "")
    text = f"{target.path}: it is a folder; name one of its files: {listed}"
    raise UnsupportedSourceError(text, source=target.path)


def _sources(target: ResolvedPath, options: ReadOptions) -> Iterable[Source | SourceError]:
    return file_sources(
        target.path,
        glob=options.glob,
        root=target.root,
        urls=options.urls,
        figures_dir=options.kept_figures_dir,
    )


def _below(target: ResolvedPath, source: Source | SourceError) -> ResolvedPath:
    """A file below ``target``; a name that is no UTF-8 stands for its path."""
    path = name = _display_name(source)
    if isinstance(source, Source) and source.path is not None:
        joined = os.path.join(target.root, name)  # noqa: PTH118  # as text
        path = name if os.path.lexists(joined) else os.fspath(source.path)
    if target.path == ".":
        return ResolvedPath(name, path, target.root)
    rest = name.removeprefix(display_path(target.path)).lstrip("/\\")
    requested = f"{target.requested.rstrip('/')}/{rest}" if rest else target.requested
    return ResolvedPath(requested, path, target.root)


def _display_name(source: Source | SourceError) -> str:
    name = str(source.source if isinstance(source, SourceError) else source.name)
    return name.removeprefix("./")


def _all_documents(roots: RootFolders, options: ReadOptions) -> Iterator[ResolvedPath]:
    """What can be found; a folder that can't be listed has nothing."""
    for target in roots.top_level(""):
        try:
            yield from islice(list_documents(target, options), _MAX_SEARCHED)
        except SourceError:
            continue


def _folders(files: Iterable[ResolvedPath], roots: RootFolders) -> Iterator[ResolvedPath]:
    """The folders that files lie in, below the roots."""
    for name in dict.fromkeys(
        os.fspath(parent) for file in files for parent in PurePath(file.requested).parents
    ):
        try:
            target = roots.resolve(name)
        except SourceRefusedError:
            continue
        if name != ".":
            yield target


def _is_there(target: ResolvedPath) -> bool:
    """Whether there is something; raises :class:`SourceRefusedError` where it is outside."""
    root = RootFolder.from_path(target.root)
    return os.path.lexists(root.resolve(target.path, name=target.requested))


def _leads_out(name: str, roots: RootFolders) -> bool:
    """Whether a name says plainly that another place of the machine is meant."""
    path = PurePath(roots.relative(name))
    return path.is_absolute() or ".." in path.parts


def _check_root(target: ResolvedPath) -> None:
    if not os.path.isdir(target.root):  # noqa: PTH112  # as text
        text = f"{target.requested}: the folder that may be read from is not there"
        raise SourceError(text, source=target.requested)


def _not_found(name: str, problem: SourceError, names: list[str]) -> SourceError:
    *most, last = [f"{printable(similar)}" for similar in names] or [""]
    meant = f"{', '.join(most)} or {last}" if most else last
    hint = f"did you mean {meant}? {_HINT.capitalize()}" if names else _HINT
    return type(problem)(f"{problem}; {hint}", source=name)
