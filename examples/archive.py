"""An archive: read a folder into a JSONL file, lose the process half way, and go on."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from sample_pages import write_image, write_scan

from got_loaders import GotOcrLoader
from got_loaders.cli import main as got_loaders

READ = ["read", "scans", "--model", "tiny", "--jsonl", "records.jsonl", "--resume"]
KEEP = ["--cache-dir", "kept", "--on-error", "keep"]


def main() -> None:
    """Read four pages and a broken file; lose the last records; read only what is missing."""
    with tempfile.TemporaryDirectory() as folder:
        before = Path.cwd()
        os.chdir(folder)
        try:
            read_an_archive()
        finally:
            os.chdir(before)


def read_an_archive() -> None:
    """In the current folder."""
    Path("scans").mkdir()
    write_scan(Path("scans", "report.pdf"))
    write_image(Path("scans", "notice.png"))
    Path("scans", "broken.pdf").write_bytes(b"%PDF-1.7\nonly the beginning of a file")

    print("--- the first run", flush=True)
    got_loaders([*READ, *KEEP])
    records = Path("records.jsonl").read_bytes().splitlines(keepends=True)
    Path("records.jsonl").write_bytes(b"".join(records[:2]) + records[2][:40])  # a power cut

    print("--- the second run: nothing is read by the model", flush=True)
    got_loaders([*READ, *KEEP])
    for line in Path("records.jsonl").read_text(encoding="utf-8").splitlines():
        about = json.loads(line)["metadata"]
        print(about["source"], about.get("page"), about.get("error", "fine"))

    print("--- the same pages as LaTeX, from the cache")
    loader = GotOcrLoader("scans/report.pdf", model="tiny", cache="kept", output="latex", pages="2")
    print(loader.load()[0].page_content)
    got_loaders(["cache", "--cache-dir", "kept"])


if __name__ == "__main__":
    main()
