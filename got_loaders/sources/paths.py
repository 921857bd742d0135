"""Paths and URLs, as a user writes them, → sources."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from got_loaders.errors import SourceError, SourceRefusedError, UnsupportedSourceError
from got_loaders.sources.download import check_url
from got_loaders.sources.file_urls import file_url_paths, is_file_url
from got_loaders.sources.folders import files_in
from got_loaders.sources.inline import clip, describe_inline
from got_loaders.sources.patterns import Pattern, has_wildcards
from got_loaders.sources.root import RootFolder
from got_loaders.sources.sanitize import display_path, error_text, sanitize_text
from got_loaders.sources.source import Source
from got_loaders.types import FIGURE_NAME

__all__ = ["SourceRules", "from_text", "local_path", "looks_like_url"]

_URL = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*://|https?:|file:/)")
"""What is taken for a URL, also one that is written wrong: it may hold a password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRules:
    """What may be a source."""

    glob: str | None
    root: RootFolder | None
    urls: bool
    max_bytes: int
    max_pixels: int
    figures_dir: str | None = None
    base: str = ""
    """The folder that relative paths begin at without a root; "": the current one."""

    def is_kept_figure(self, folder: Path, file: Path) -> bool:
        """Whether a file, found below ``folder``, is a picture that a read has kept there itself.

        Not where the folder of the figures is what was asked for.
        """
        if self.figures_dir is None or not FIGURE_NAME.fullmatch(file.name):
            return False
        expanded = os.path.expanduser(self.figures_dir)  # noqa: PTH111  # as text
        kept = os.path.realpath(os.path.join(self.base, expanded))  # noqa: PTH118
        is_named = kept in (top := os.path.realpath(folder), *map(str, Path(top).parents))
        return not is_named and os.path.realpath((folder / file).parent) == kept


def looks_like_url(text: str) -> bool:
    """Whether it is taken for a URL, and not for a path; the URL may be wrong."""
    return _URL.match(text) is not None


def from_text(text: str, rules: SourceRules) -> Iterator[Source | SourceError]:
    """What a path, a pattern or a URL stands for; raises :class:`SourceError`."""
    if not text:  # Path("") is the current folder: a setting that was forgotten would read it all
        raise SourceError('the path is empty; for the current folder pass "."', source=text)
    if is_file_url(text):
        yield from _from_path(local_path(text, rules.root), rules)
        return
    if looks_like_url(text):
        yield _from_url(text, rules)
        return
    if not _is_there(text, rules.root, rules.base):
        inline = describe_inline(text)
        if inline is not None:
            raise UnsupportedSourceError(f"{clip(text)}: {inline}", source=display_path(clip(text)))
        if has_wildcards(text):
            yield from _from_pattern(text, rules)
            return
    yield from _from_path(text, rules)


def local_path(url: str, root: RootFolder | None = None) -> str:
    """The path that a ``file:`` URL names; raises :class:`SourceRefusedError` for another host's.

    A file whose name is written without encoding is found, if there is none by the URL's rules.
    """
    path, raw = file_url_paths(url)
    return raw if not _is_there(path, root) and _is_there(raw, root) else path


def _from_path(text: str, rules: SourceRules) -> Iterator[Source | SourceError]:
    path = _resolve_path(text, rules.root, rules.base)
    try:
        is_folder = path.is_dir()
    except (OSError, ValueError):  # a NUL in it, say: opening the file tells what is wrong
        is_folder = False
    if is_folder:
        yield from _from_folder(path, text, rules)
    else:
        yield Source(name=display_path(text), path=path, file_name=display_path(Path(text).name))


def _from_pattern(text: str, rules: SourceRules) -> Iterator[Source | SourceError]:
    """The files that match; the files of the folders that match, where no file does."""
    root, name = rules.root, display_path(text)
    pattern = Pattern.from_text(text, partial(_is_there, root=root, base=rules.base))
    if pattern.leads_up:
        raise UnsupportedSourceError(f"{name}: '..' after a wildcard is not followed", source=name)
    folder = _resolve_path(pattern.folder or ".", root, rules.base)
    found = pattern.find(folder, (lambda _: True) if root is None else root.contains)
    for file in map(Path, found.files):
        if not rules.is_kept_figure(folder, file):
            yield _in_folder(folder, pattern.folder, file, rules)
    for subfolder in found.folders if not found.files else []:
        yield from _from_path(pattern.folder + subfolder, rules)
    if found.is_empty and not pattern.must_match:
        yield from _from_path(text, rules)
    elif found.is_empty and not (found.errors and folder.is_dir()):
        where = "" if folder.is_dir() else f", for there is no folder {pattern.folder}"
        raise SourceError(f"{name}: no file matches this pattern{where}", source=name)
    for error in found.errors if folder.is_dir() else []:
        yield _unlisted(error, folder, pattern.folder or ".")


def _is_there(text: str, root: RootFolder | None, base: str = "") -> bool:
    """Whether a text is a path after all."""
    try:
        return os.path.lexists(_resolve_path(text, root, base))
    except SourceRefusedError:
        return False


def _from_url(url: str, rules: SourceRules) -> Source:
    name = check_url(url)
    if not rules.urls:
        raise SourceRefusedError(f"{name}: URLs may not be read here (urls=False)", source=name)
    file_name = PurePosixPath(unquote(urlsplit(name).path)).name
    return Source(name=name, url=url, file_name=sanitize_text(file_name) or None)


def _resolve_path(text: str, root: RootFolder | None, base: str = "") -> Path:
    if root is not None:
        return root.resolve(text)
    path = Path(base, text)
    if text.startswith("~") and not os.path.lexists(path):
        return Path(os.path.expanduser(text))  # noqa: PTH111  # Path.expanduser raises for ~nobody
    return path


def _from_folder(folder: Path, text: str, rules: SourceRules) -> Iterator[Source | SourceError]:
    """The files in ``folder``, which the user named by ``text``."""
    name = display_path(text)
    if not os.access(folder, os.R_OK | os.X_OK):
        raise SourceError(f"{name}: no permission to list this folder", source=name)
    errors: list[OSError] = []
    files = files_in(folder, rules.glob, errors)
    if rules.root is not None:  # a glob goes through links; what it sees there is not told
        files = [file for file in files if rules.root.contains(folder / file.parent)]
    files = [file for file in files if not rules.is_kept_figure(folder, file)]
    for file in files:
        yield _in_folder(folder, text, file, rules)
    for error in errors:
        yield _unlisted(error, folder, text)
    if not files and not errors:
        kinds = "PDFs or images" if rules.glob is None else f"files that match {rules.glob!r}"
        raise SourceError(f"{name}: there are no {kinds} in this folder", source=name)


def _in_folder(folder: Path, text: str, file: Path, rules: SourceRules) -> Source | SourceError:
    name = display_path(os.path.join(text, file))  # noqa: PTH118  # the folder as the user has it
    path = folder / file
    if rules.root is not None:  # a link may lead anywhere, and a glob upwards
        try:
            path = rules.root.resolve(os.fspath(path), name=name)
        except SourceRefusedError as error:
            return error
    return Source(name=name, path=path, file_name=display_path(file.name), inner=file)


def _unlisted(error: OSError, folder: Path, text: str) -> SourceError:
    """Of a folder that can't be listed, by the name that the user has for ``folder``."""
    path = os.fsdecode(error.filename or folder)
    below = os.path.join(text, os.path.relpath(path, folder))  # noqa: PTH118  # as the user has it
    name = display_path(os.path.normpath(below))
    return SourceError(f"{name}: can't be listed: {error_text(error, name)}", source=name)
