"""What a TeX engine's log says: why it failed, and whether it has to run again."""

from __future__ import annotations

import re

from got_loaders.errors import printable

__all__ = ["log_reason", "wants_rerun"]

_ERROR = re.compile(
    r"^(?:(?:\./)?page\.tex:(?P<line>\d+): |! ?|\S+\.\w+:\d+: )(?P<text>.*)$", re.MULTILINE
)
_CONTEXT = re.compile(r"\n[ \t]*(?P<text>\S.*)")
_LAST_COMMAND = re.compile(r"(\\(?:[A-Za-z@]+|.))\s*$")
_FATAL = ("==> Fatal error", "Emergency stop")
_RERUN = re.compile(
    r"Rerun to get|\(re\)run|Rerun LaTeX|Label\(s\) may have changed", re.IGNORECASE
)
_MAX_REASON = 200


def log_reason(log: str) -> str | None:
    """The first error in a line: where, what, and which command TeX did not know; None without."""
    for match in _ERROR.finditer(log):
        text = match["text"].strip()
        if not text or text.startswith(_FATAL):
            continue
        where = f"line {match['line']}: " if match["line"] else ""
        if text.startswith("Undefined control sequence"):
            text += _last_command(log, match.end())
        reason = printable(" ".join(f"TeX: {where}{text}".split()))
        return reason if len(reason) <= _MAX_REASON else f"{reason[:_MAX_REASON]}…"
    return None


def wants_rerun(log: str) -> bool:
    """Whether references are not right yet."""
    return _RERUN.search(log) is not None


def _last_command(log: str, position: int) -> str:
    context = _CONTEXT.search(log, position)
    last = _LAST_COMMAND.search(context["text"]) if context else None
    return f" {last[1]}" if last else ""
