"""Writes ``notebook.ipynb``, without outputs: ``python examples/write_notebook.py``.

A notebook is JSON that nobody reviews; this is its source.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NOTEBOOK = Path(__file__).with_name("notebook.ipynb")

CELLS = [
    ("markdown", "# Reading a scan\n\nRun it cell by cell; `tiny` needs no download."),
    (
        "code",
        (
            "from pathlib import Path\n\nfrom sample_pages import write_scan\n\n"
            'scan = write_scan(Path("scan.pdf"))  # or a scan of your own'
        ),
    ),
    ("markdown", "The last value of a cell is shown: a page beside what was read on it."),
    (
        "code",
        (
            "from got_loaders import read\n\n"
            'results = list(read(scan, model="tiny", pages="2", progress=True, cache="readings"))\n'
            "results[0]"
        ),
    ),
    ("markdown", "Where the text stood:"),
    ("code", "results[0].draw()"),
    ("markdown", "What may be wrong with each page:"),
    (
        "code",
        (
            "for result in results:\n"
            "    confidence = result.ocr.confidence if result.ocr else None\n"
            "    print(result.info.number + 1, result.origin, confidence, *result.info.warnings)"
        ),
    ),
    ("markdown", "A notebook runs an event loop: `await` and `async for` work at the top level."),
    (
        "code",
        (
            "from got_loaders import aread\n\n"
            'pages = aread(scan, model="tiny", pages="2", cache="readings")\n'
            "[result.text.splitlines()[0] async for result in pages]"
        ),
    ),
    ("markdown", "Documents for an index, with what is known of each page:"),
    (
        "code",
        (
            "from got_loaders import GotOcrLoader\n\n"
            'loader = GotOcrLoader(scan, model="tiny", pages="2", cache="readings")\n'
            "(await loader.aload())[0].metadata"
        ),
    ),
]


def notebook() -> dict[str, Any]:
    """The notebook as JSON, its cells named by their place."""
    return {
        "cells": [_cell(number, kind, source) for number, (kind, source) in enumerate(CELLS)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _cell(number: int, kind: str, source: str) -> dict[str, Any]:
    cell = {
        "cell_type": kind,
        "id": f"cell-{number}",
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def text() -> str:
    """What the file holds."""
    return json.dumps(notebook(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    NOTEBOOK.write_text(text(), encoding="utf-8")
