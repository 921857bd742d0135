"""What a source is, in a few words: for the ``repr`` of what holds one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sized
from itertools import islice
from typing import Any

from got_loaders.errors import printable
from got_loaders.sources.iterables import SourceIterator, is_collection
from got_loaders.sources.objects import is_content, is_named_content
from got_loaders.sources.paths import looks_like_url
from got_loaders.sources.sanitize import display_path

__all__ = ["describe_source"]

_MAX_TEXT = 80
_MAX_ITEMS = 3
_USER = re.compile(r"^(\s*[A-Za-z][A-Za-z0-9+.-]*:/*).*@", re.DOTALL)


def describe_source(obj: object) -> str:
    """One line; no content, no password of a URL, and of many sources the first ones."""
    if isinstance(obj, str | os.PathLike):
        return _text(os.fsdecode(obj))
    if is_named_content(obj):
        return f"({_text(os.fsdecode(obj[0]))}, {_content(obj[1])})"
    if is_content(obj):
        return _content(obj)
    if is_collection(obj) and isinstance(obj, Sized):
        return _items(obj, len(obj))
    return f"<{obj if isinstance(obj, SourceIterator) else type(obj).__name__}>"


def _text(text: str) -> str:
    text = _USER.sub(r"\1", text) if looks_like_url(text) else text
    text = printable(display_path(text))
    return repr(text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…")


def _items(items: Iterable[object], count: int) -> str:
    shown = [describe_source(item) for item in islice(items, _MAX_ITEMS)]
    more = [f"… {count - _MAX_ITEMS} more"] if count > _MAX_ITEMS else []
    return f"[{', '.join(shown + more)}]"


def _content(obj: Any) -> str:
    """What kind, and how large: bytes, or pixels."""
    if isinstance(obj, bytes | bytearray | memoryview):
        return f"<{memoryview(obj).nbytes} bytes>"
    size = getattr(obj, "size", None)
    name = type(obj).__name__
    return f"<{name} {size[0]}×{size[1]}>" if isinstance(size, tuple) else f"<{name}>"
