"""Reads a scanned PDF and an image with the embedded model, in both frameworks.

Makes its own pages and shows what stands on each beside what was read. Needs no download:

    make demo
"""

from __future__ import annotations

import difflib
import tempfile
import textwrap
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from pathlib import Path

from sample_pages import NOTICE, REPORT, Sheet, write_image, write_scan

from got_loaders import GotOcrLoader, GotOcrReader

WIDTH = 38


def main() -> None:
    """Write the files, read them twice, show everything."""
    with tempfile.TemporaryDirectory() as folder:
        files = [write_scan(Path(folder, "report.pdf")), write_image(Path(folder, "notice.png"))]
        sheets = [*REPORT, NOTICE]

        print("\nLangChain: GotOcrLoader\n")
        loader = GotOcrLoader(files, model="tiny")
        show(sheets, ((d.page_content, d.metadata) for d in loader.lazy_load()))

        print("\nLlamaIndex: GotOcrReader\n")
        reader = GotOcrReader(model="tiny")
        show(sheets, ((d.text, d.metadata) for d in reader.lazy_load_data(files)))


def show(sheets: Iterable[Sheet], documents: Iterable[tuple[str, Mapping[str, object]]]) -> None:
    """Print each page's own text and the Document's side by side, then its metadata."""
    for sheet, (text, metadata) in zip(sheets, documents, strict=True):
        print(f"{'on the page':{WIDTH}} what was read")
        for left, right in zip_longest(sheet.text.splitlines(), text.splitlines(), fillvalue=""):
            print(f"{left:{WIDTH}} {right}".rstrip())
        print(f"\n{alike(sheet.text, text):.0%} of the letters and digits are right; metadata:")
        pairs = (f"{key}={value!r}" for key, value in metadata.items())
        print(textwrap.fill("  ".join(pairs), 2 * WIDTH, break_long_words=False))
        print("-" * 2 * WIDTH)


def alike(page: str, read: str) -> float:
    """How much of the page's letters and digits was read, in its order; mark-up apart."""
    left, right = ("".join(filter(str.isalnum, text)) for text in (page, read))
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks()) / max(len(left), len(right))


if __name__ == "__main__":
    main()
