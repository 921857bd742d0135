"""The examples run as they stand, with the embedded model and nothing else."""

from __future__ import annotations

import re
import runpy
import socket
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """An example that wants the network fails; so does one that is not beside its pages."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.setattr("sys.argv", ["example.py"])
    monkeypatch.setattr(socket.socket, "connect", refused)


_connect = socket.socket.connect


def refused(connecting: socket.socket, address: Any) -> None:
    """Stands in for the network; this machine alone can be reached."""
    if connecting.family != socket.AF_INET or address[0] != "127.0.0.1":
        raise AssertionError(f"an example wants to connect to {address!r}")
    _connect(connecting, address)


def output_of(name: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What the example prints."""
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")
    return capsys.readouterr().out


def test_the_demo_reads_its_pages(capsys: pytest.CaptureFixture[str]) -> None:
    """`make demo` reads four pages in each framework, and nearly all of their letters right."""
    out = output_of("demo.py", capsys)
    shares = [int(share) for share in re.findall(r"^(\d+)% of the letters", out, re.MULTILINE)]
    assert len(shares) == 8
    assert min(shares) > 80
    assert sum(shares) > 8 * 90
    assert "GotOcrLoader" in out
    assert "GotOcrReader" in out


def test_the_langchain_example_indexes_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Loading the same scan again re-embeds nothing."""
    out = output_of("langchain_loader.py", capsys)
    assert "'num_added': 3" in out
    assert "'num_skipped': 3" in out


def test_the_llama_index_example_makes_nodes_once(capsys: pytest.CaptureFixture[str]) -> None:
    """Reading the same folder again makes no new nodes."""
    out = output_of("llama_index_reader.py", capsys)
    assert "4 new nodes" in out
    assert "0 new nodes" in out


def test_the_chunk_example_finds_its_boxes(capsys: pytest.CaptureFixture[str]) -> None:
    """The question's chunk leads to a box on the page that answers it."""
    out = output_of("show_chunk.py", capsys)
    assert "bridge" in out
    assert "page 1, " in out
    assert "page 2, " not in out


def test_the_correcting_example_replaces_one_page(capsys: pytest.CaptureFixture[str]) -> None:
    """The index has what was written; a page that changed since has what stands on it."""
    out = output_of("correct_a_page.py", capsys).splitlines()
    assert "'num_added': 1, 'num_updated': 0, 'num_skipped': 2, 'num_deleted': 1" in out[1]
    assert out[2] == "corrected - Call 555-0199 (written beside it by hand) for help."
    assert out[3].startswith("ocr - a correction was left out: the page has changed since")


def test_the_archive_example_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """The second run reads nothing by the model, and every page is there once."""
    runpy.run_path(str(EXAMPLES / "archive.py"), run_name="__main__")
    out, told = capsys.readouterr()
    assert "4 pages: 4 read\n" in told
    assert "from the cache; done before: 1\n" in told
    places = re.findall(r"^scans/(?:report|notice)\S+ \d fine$", out, re.MULTILINE)
    assert len(places) == len(set(places)) == 4
    assert "\\title{Spare Parts}" in out
    assert "readings  4" in out


def test_the_pages_are_looked_at(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each page is printed as Markdown, and drawn with a frame around each of its regions."""
    monkeypatch.setattr("sys.argv", ["example.py", str(tmp_path)])
    out = output_of("look_at_pages.py", capsys)
    assert "report.pdf, page 3 of 3, region 1 (" in out
    assert "| Wheel |" in out
    for number in (1, 2, 3):
        picture = Image.open(tmp_path / f"page{number}.png")
        assert (255, 0, 0) in {color for _, color in picture.getcolors(1 << 24) or []}


def test_figures_are_kept_once_and_shown_in_place(capsys: pytest.CaptureFixture[str]) -> None:
    """One file, and a page of HTML in which the picture stands between its two lines."""
    out = output_of("keep_figures.py", capsys)
    assert "files: 1\n" in out
    before, _, after = out.partition('<figure><img src="data:image/')
    assert "The river" in before
    assert "bridge" in after


def test_a_report_is_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One file with both pages; the one that was cut off stands first in its list."""
    monkeypatch.setattr("sys.argv", ["example.py", str(tmp_path)])
    assert "cut off" in output_of("write_report.py", capsys)
    html = (tmp_path / "report.html").read_text("utf-8")
    assert re.findall(r'<li class="entry" data-number="(\d)"', html) == ["2", "1"]


def test_notation_is_rendered(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A page with formulas, a chart and a molecule, each in a file of its own."""
    monkeypatch.setattr("sys.argv", ["example.py", str(tmp_path)])
    assert "chart: chart.svg\n" in output_of("render_notation.py", capsys)
    assert "<math display" in (tmp_path / "page.html").read_text("utf-8")
    assert "Rabbits" in (tmp_path / "chart.svg").read_text("utf-8")


def test_a_server_is_asked_in_two_ways(capsys: pytest.CaptureFixture[str]) -> None:
    """The loader reads through a server what it reads by itself; OpenAI's client reads a page."""
    out = output_of("serve_and_read.py", capsys)
    documents, _, pages = out.partition("--- the openai package\n")
    assert "# Annual Report" in documents
    assert "| Wheel | \\$27 |" in documents
    whole, _, written = pages.partition("--- the same as it is written\n")
    assert "The library is closed" in whole
    assert "finish_reason=stop" in whole
    assert "The library is closed" in written
