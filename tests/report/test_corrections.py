"""What a report keeps a correction by is what a read puts it in by, whatever was read and how."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from got_loaders import Correction, ReadOptions, read
from got_loaders.documents import build
from got_loaders.pipeline.reader import ReadJob
from got_loaders.report.from_records import pages_of_records
from got_loaders.report.from_results import pages_of_results
from got_loaders.report.record_file import RecordFile
from got_loaders.report.values import ReportPage
from got_loaders.testing import FakeEngine
from tests.pages import making

BOXES = [(0, 0, 200, 45), (0, 35, 200, 100)]
READING = (
    r"\section*{Reprot} \(x^2\) a & b \begin{tabular}{ll}\multicolumn{2}{l}{a}\\b&c\end{tabular}"
)

ASKED: list[dict[str, Any]] = [
    {},
    {"regions": BOXES},
    {"regions": BOXES, "mode": "region"},
    {"mode": "single"},
    {"multi_page": 2},
    {"output": "text"},
    {"output": "html", "box": BOXES[1]},
    {"output": "latex", "text_layer": "auto"},
]


def corrections_of(pages: list[ReportPage]) -> list[Correction]:
    """One of each reading."""
    keys = [reading.key for page in pages for reading in page.readings if reading.key is not None]
    return [
        Correction(corrected=key, form="markdown", text=f"right {n}") for n, key in enumerate(keys)
    ]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_each_reading_of_a_report_can_be_corrected(asked: dict[str, Any], tmp_path: Path) -> None:
    """By the results of a read, and by the records that were kept of one."""
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(making.pdf("one", "two", ""))

    def records(**more: Any) -> list[Any]:
        options = ReadOptions(cache=tmp_path / "kept", **asked, **more)
        job = ReadJob(pdf, None, FakeEngine(READING), options)
        return [
            {"id": r.id, "text": r.text, "metadata": r.metadata, "options": "x"} for r in build(job)
        ]

    lines = records()
    (tmp_path / "kept.jsonl").write_text(
        "".join(f"{json.dumps(line)}\n" for line in lines), "utf-8"
    )
    kept = [
        page for _, page in pages_of_records(RecordFile(tmp_path / "kept.jsonl"), tmp_path / "kept")
    ]
    ways = [corrections_of(kept)]
    if asked.get("mode") != "single" and "output" not in asked:
        results = read(pdf, engine=FakeEngine(READING), **asked)
        ways.append(corrections_of([page for _, page in pages_of_results(results)]))
    for made in ways:
        assert len(made) >= 2
        after = records(corrections=made)
        assert [line["id"] for line in after] == [line["id"] for line in lines]
        assert {line["metadata"]["ocr_origin"] for line in after} == {"corrected"}
        text = "\n".join(line["text"] for line in after)
        assert [text.count(f"right {n}") for n in range(len(made))] == [1] * len(made)
