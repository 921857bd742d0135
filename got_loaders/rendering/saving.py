"""A rendered text as a file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.errors import OptionError
from got_loaders.rendering.document import html_document

if TYPE_CHECKING:
    from got_loaders.rendering.rendered import Rendered

__all__ = ["SUFFIXES", "save_rendered"]

SUFFIXES = (".html", ".svg", ".pdf")


def save_rendered(rendered: Rendered, path: Path) -> tuple[Path, ...]:
    """Write it to ``path``; :meth:`got_loaders.Rendered.save` says how."""
    suffix = path.suffix.lower()
    if suffix == ".html":
        return _write([(path, html_document(rendered.html, title=path.stem).encode())])
    if suffix == ".svg" and rendered.svgs:
        paths = [path.with_stem(f"{path.stem}-{n}" if n > 1 else path.stem)
                 for n in range(1, len(rendered.svgs) + 1)]  # fmt: skip
        return _write(list(zip(paths, (svg.encode() for svg in rendered.svgs), strict=True)))
    if suffix == ".pdf" and rendered.pdf is not None:
        return _write([(path, rendered.pdf)])
    if suffix not in SUFFIXES:
        raise OptionError(f"path must end in {', '.join(SUFFIXES)}, not {path.name!r}")
    raise OptionError(f"{path.name!r}: {_lacks(rendered, suffix)}")


def _lacks(rendered: Rendered, suffix: str) -> str:
    if rendered.reason:
        return f"not rendered: {rendered.reason}"
    if suffix == ".pdf":
        return f"only what a TeX engine made has a PDF; save {rendered.kind!r} as .svg or .html"
    return f"there is no picture of {rendered.kind!r}; save it as .html"


def _write(files: list[tuple[Path, bytes]]) -> tuple[Path, ...]:
    """Each file as a whole or not at all."""
    for path, data in files:
        try:
            _write_whole(path, data)
        except OSError as error:  # which names the temporary file
            raise OSError(error.errno, error.strerror, str(path)) from error
    return tuple(path for path, _ in files)


def _write_whole(path: Path, data: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".got-loaders-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
