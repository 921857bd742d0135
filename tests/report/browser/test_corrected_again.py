"""From the report back into the Documents: edit, export, read again."""

from __future__ import annotations

from pathlib import Path

from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.indexing import InMemoryRecordManager, index
from langchain_core.vectorstores import InMemoryVectorStore

from got_loaders import GotOcrLoader, locate, read
from got_loaders.report.from_results import pages_of_results
from got_loaders.testing import FakeEngine
from tests.pages import making
from tests.report.browser.conftest import OpenReport
from tests.report.browser.test_correcting import correct, export

BOXES = [(0, 0, 200, 45), (0, 35, 200, 100)]
TYPED = (
    "# Report “1908”\n\nÄ <b>bold</b> | 🎉 & \\(x\\)\n\n| a |\n| --- |\n| 1 |\n\n```\n\tcode\n```\n"
)


def test_what_is_typed_in_a_report_comes_into_the_index(
    open_report: OpenReport, tmp_path: Path
) -> None:
    """As it was typed, in that region's place; ``index()`` replaces that page and no other; and of
    a page that says something else by now, nothing is replaced."""
    pdf = tmp_path / "a.pdf"
    pdf.write_bytes(making.pdf("one", "two", "three"))
    engine = FakeEngine("\\section*{Reprot}\n\n1908")
    results = read(pdf, engine=engine, regions=BOXES)
    page = open_report([shown for _, shown in pages_of_results(results)])
    correct(page, "#p2r1", TYPED)
    corrections = tmp_path / "corrections.jsonl"
    export(page, corrections)

    before = GotOcrLoader(pdf, engine=engine, regions=BOXES).load()
    loader = GotOcrLoader(pdf, engine=engine, regions=BOXES, corrections=corrections)
    first, second, third = loader.load()
    assert (first, third) == (before[0], before[2])
    assert second.page_content == f"## Reprot\n\n1908\n\n{TYPED}"
    (place,) = locate(second, second.page_content.index("bold"), -1)
    assert (place.page, place.region_index) == (1, 1)

    store = InMemoryVectorStore(DeterministicFakeEmbedding(size=4))
    records = InMemoryRecordManager("scans")
    records.create_schema()

    def run(documents: GotOcrLoader) -> tuple[int, int, int]:
        done = index(
            *(documents, records, store),
            cleanup="incremental",
            source_id_key="source",
            key_encoder="sha256",
        )
        return done["num_added"], done["num_skipped"], done["num_deleted"]

    assert run(GotOcrLoader(pdf, engine=engine, regions=BOXES)) == (3, 0, 0)
    assert run(loader) == (1, 2, 1)
    engine.reply = lambda _: "another text"
    assert all("Report" not in document.page_content for document in loader.load())
