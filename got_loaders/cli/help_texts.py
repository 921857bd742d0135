"""What ``--help`` says beside the flags' own texts: their defaults, and examples."""

from __future__ import annotations

from dataclasses import Field
from typing import Any

__all__ = ["SOURCES", "bytes_text", "default_text", "examples"]

SOURCES = "PDFs, images, folders, URLs; . is the current folder, - standard input"
"""What may be read."""

_EXAMPLES = {
    "": ("sample .", "read scan.pdf --model tiny", "doctor"),
    "read": (
        "read scan.pdf --model tiny",
        "read scan.pdf --pages 1-3,-1 --output text",
        "read scan.pdf --engine http://gpu:8000",
        "read scans --glob '**/*.pdf' --jsonl records.jsonl --cache",
        "read scan.pdf --regions auto --mode region --jsonl -",
        "read scans -o texts/ --figures keep",
    ),
    "report": (
        "report scan.pdf --model tiny -o report.html",
        "report scans --cache --split 50 -o report",
        "report --jsonl records.jsonl --cache-dir kept",
    ),
    "render": (
        "render page.txt -o page.html",
        "render molecule.smi -o molecule.svg",
        "read score.png --output raw | got-loaders render - -o score.svg",
    ),
    "cache": ("cache", "cache clear", "cache --cache-dir kept"),
    "mcp": ("mcp scans --model tiny", "mcp scans contracts --text-layer auto --cache"),
    "serve": (
        "serve --model tiny",
        "serve --port 9000 --cache",
        "serve --host 0.0.0.0 --api-key-file keys.txt",
    ),
    "doctor": (
        "doctor",
        "doctor --model tiny",
        "doctor --model weights --device cuda:1",
        "doctor --engine http://gpu:8000",
    ),
    "completion": (
        "completion bash >> ~/.bash_completion",
        "completion zsh > ~/.zfunc/_got-loaders",
        "completion fish > ~/.config/fish/completions/got-loaders.fish",
    ),
    "sample": ("sample .", "sample ~/try-it"),
}


def examples(command: str) -> str:
    """The examples of a command, for the end of its help; "" is the one above all."""
    lines = (f"  got-loaders {example}" for example in _EXAMPLES[command])
    return "\n".join(("examples:", *lines))


def default_text(field: Field[Any]) -> str:
    """``" (default: …)"`` for an option whose default is a value; others are told in words."""
    value: Any = field.default
    if value is None or isinstance(value, bool) or value == ():
        return ""
    if field.name.endswith(("_bytes", "_pixels")):
        text = _short(value)
    elif isinstance(value, tuple):
        text = ",".join(value)
    else:
        text = f"{value:g}" if isinstance(value, float) else str(value)
    return f" (default: {text})"


def _short(number: int) -> str:
    """A number as ``SIZE`` takes it: ``"1G"``, ``"200M"``."""
    for power, letter in ((9, "G"), (6, "M"), (3, "k")):
        if number >= 10**power:
            return f"{number / 10**power:.4g}{letter}"
    return str(number)


def bytes_text(number: int) -> str:
    """A number of bytes as people say it: ``"814 bytes"``, ``"12.3 kB"``, ``"1.20 GB"``."""
    for power, unit in ((9, "GB"), (6, "MB"), (3, "kB")):
        if number >= 10**power:
            return f"{number / 10**power:.3g} {unit}"
    return f"{number} bytes"
