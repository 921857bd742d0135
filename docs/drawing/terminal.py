"""A session at the command line: the commands run in a terminal, and what it shows is drawn."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
import textwrap

from docs.drawing.svg import MONO, drawing, rect, text

__all__ = ["pictures"]

SESSION = (
    "got-loaders sample scans",
    "got-loaders read scans/scan.pdf --model tiny --pages 2",
    "got-loaders read scans --model tiny --jsonl a.jsonl --cache-dir kept",
    "got-loaders read scans --model tiny --jsonl b.jsonl --cache-dir kept",
)
COLUMNS, WIDTH, TOP, LEADING = 72, 690, 58, 21
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
STYLE = f"""<style>
.window {{ fill: #16191d; stroke: #3a3f47 }} .prompt {{ fill: #8fd694 }} .out {{ fill: #e3e7ec }}
.prompt, .out {{ font: 15px {MONO}; white-space: pre }}
</style>"""


def pictures() -> dict[str, str]:
    """Name → content."""
    shown: list[tuple[str, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for command in SESSION:
            rows = textwrap.wrap(f"$ {command}", COLUMNS - 2, subsequent_indent="    ")
            shown += [("prompt", row) for row in rows]
            shown += [("out", row) for row in screen(run(command.split()[1:], folder))]
            shown.append(("out", ""))
    return {"terminal.svg": window(shown[:-1])}


def run(arguments: list[str], folder: str) -> str:
    """What a command writes to its terminal."""
    ours, its = pty.openpty()
    command = [sys.executable, "-m", "got_loaders", *arguments]
    process = subprocess.Popen(command, cwd=folder, stdin=its, stdout=its, stderr=its)  # noqa: S603
    os.close(its)
    said = b""
    try:
        while part := os.read(ours, 1 << 16):
            said += part
    except OSError:  # how Linux says that the other side is closed
        pass
    finally:
        os.close(ours)
    if process.wait():
        raise RuntimeError(f"{arguments}: {said.decode()}")
    return said.decode()


def screen(said: str) -> list[str]:
    """The lines that remain on the screen: of one that was written over, the last state."""
    lines = [
        line.rstrip("\r").rpartition("\r")[2].rstrip() for line in ESCAPE.sub("", said).split("\n")
    ]
    rows = [row for line in lines for row in textwrap.wrap(line, COLUMNS) or [""]]
    while rows and not rows[0]:
        del rows[0]
    while rows and not rows[-1]:
        del rows[-1]
    return rows


def window(rows: list[tuple[str, str]]) -> str:
    """A terminal's window, which is dark on every page."""
    height = TOP + LEADING * len(rows) + 4
    parts = [STYLE, rect((4, 4, WIDTH - 4, height - 4), "window", ' rx="8"')]
    for number, color in enumerate(("#e06c6c", "#e0b44c", "#6cc070")):
        parts.append(f'<circle cx="{24 + 20 * number}" cy="24" r="6" fill="{color}"/>')
    parts += [text(20, TOP + LEADING * n, row, kind) for n, (kind, row) in enumerate(rows) if row]
    alt = "A terminal: " + "; ".join(row.strip() for kind, row in rows if row)
    return drawing(WIDTH, height, alt, *parts)
