"""Keys in a file: a server takes all of them, a client sends the first, so one file does for both.

Messages name the file and never what is in it.
"""

from __future__ import annotations

from pathlib import Path

from got_loaders.errors import OptionError

__all__ = ["read_keys", "read_secret_lines"]


def read_keys(file: str, *, name: str = "--api-key-file") -> tuple[str, ...]:
    """The keys in a file, one a line; lines that begin with ``#`` are remarks.

    ``name`` is what the argument is called in messages.
    """
    lines = read_secret_lines(file, name)
    keys = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not keys:
        raise OptionError(f"{name}: there is no key in {file!r}; write one a line")
    return tuple(dict.fromkeys(keys))


def read_secret_lines(file: str, name: str) -> list[str]:
    """The lines of a file that holds secrets; :class:`OptionError` where it can't be read."""
    try:
        return Path(file).read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise OptionError(f"{name} {file}: {error.strerror}") from error
    except UnicodeDecodeError:  # not chained: it holds the secret
        raise OptionError(f"{name}: {file!r} is not encoded in UTF-8") from None
