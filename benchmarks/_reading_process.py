"""A process that reads when it is told to: what ``benchmarks.server`` starts on either side.

    python -m benchmarks._reading_process ENGINE FILE …

``ENGINE`` is a server's address, or the name of a model that this process loads itself. To each
line on standard input it answers one of JSON. ``documents``: all files, read by one loader.
``tokens``: what the model wrote on their pages, read once more; JSON keeps Python's floats exactly.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from got_loaders import GotOcrLoader, read


def main(argv: Sequence[str]) -> int:
    """Answer until standard input ends."""
    engine, *files = argv
    for line in sys.stdin:
        pages = read_pages(line.strip(), engine, files)
        print(json.dumps({"pages": pages, "torch": "torch" in sys.modules}), flush=True)
    return 0


def read_pages(what: str, engine: str, files: Sequence[str]) -> list[object]:
    """The files' pages, as ``what`` tells them."""
    named: dict[str, Any] = {"engine" if "://" in engine else "model": engine}
    if what == "documents":
        loader = GotOcrLoader(files, **named)
        return [[d.id, d.page_content, d.metadata] for d in loader.lazy_load()]
    results = [result.ocr for result in read(files, **named)]
    return [
        [
            ocr.text,
            list(ocr.token_ids),
            ocr.confidence,
            ocr.finish_reason,
            ocr.num_tokens,
            ocr.model,
        ]
        for ocr in results
        if ocr is not None
    ]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
