"""``got-loaders read --figures keep``: the pictures beside the texts, which name them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest

from got_loaders.cli import main
from got_loaders.testing import FakeEngine
from tests.figure_page import figure_page

LINK = re.compile(r'!\[\w+\]\((.*?)\)|<img src="(.*?)"|\\includegraphics\[.*?\]\{(.*?)\}')

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def sheet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with a figure, as a file."""
    file = tmp_path_factory.mktemp("sheet") / "sheet.png"
    figure_page().save(file)
    return file


@pytest.fixture
def run(
    sheet: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Reads it, as ``a.png`` and ``in/b.png`` of the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for name in ("a.png", "in/b.png"):
        (tmp_path / name).write_bytes(sheet.read_bytes())

    def command(*argv: str) -> tuple[int, str, str]:
        code = main(["read", *argv], engine=FakeEngine("words"))
        return code, *capsys.readouterr()

    return command


def links(file: Path) -> list[Path]:
    """The files that its links lead to, from where it lies."""
    found = ["".join(match) for match in LINK.findall(file.read_text(encoding="utf-8"))]
    return [(file.parent / unquote(link)).resolve() for link in found]


@pytest.mark.parametrize(
    ("flags", "output", "kept"),
    [
        (["-o", "out dir/a.md"], "out dir/a.md", "out dir/figures"),
        (["-o", "a.html"], "a.html", "figures"),
        (["-o", "out dir/a.tex", "--figures-dir", "pics"], "out dir/a.tex", "pics"),
    ],
)
def test_links_lead_from_the_file_to_the_pictures(
    run: Run, flags: list[str], output: str, kept: str
) -> None:
    """In each form; the folder is beside the file, unless another one is named."""
    Path("out dir").mkdir()
    code, out, told = run("a.png", *flags, "--figures", "keep", "--drop", "figure")
    assert (code, out) == (0, "")
    assert "1 figure kept" in told
    (file,) = Path(kept).iterdir()
    assert links(Path(output)) == [file.resolve()]


def test_each_file_of_a_folder_has_its_own_way_there(run: Run) -> None:
    """However deep it lies; the same picture in two documents is one file."""
    code, _, told = run("a.png", "in", "-o", "texts/", "--figures", "keep")
    assert (code, "2 figures kept" in told) == (0, True)
    (file,) = Path("texts/figures").iterdir()
    texts = sorted(Path("texts").rglob("*.md"))
    assert len(texts) == 2
    assert [links(text) for text in texts] == [[file.resolve()]] * 2


def test_json_lines_name_them_from_the_working_directory(run: Run) -> None:
    """As they name the sources."""
    assert run("a.png", "--jsonl", "in/out.jsonl", "--figures", "keep")[0] == 0
    record = json.loads(Path("in/out.jsonl").read_text(encoding="utf-8"))
    assert Path(record["metadata"]["figure_files"]).is_file()
    assert f"]({record['metadata']['figure_files']})" in record["text"]
    code, out, _ = run("a.png", "--figures", "inline", "--drop", "figure")
    assert code == 0
    assert "](data:image/" in out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--figures-dir", "x"], "--figures-dir x is for --figures keep"),
        (["--figures", "keep", "--figures-dir", "a.png"], "--figures-dir a.png: .*not a folder"),
        (["--figures", "kep"], "did you mean 'keep'"),
        (["--figures", "keep", "--box", "1,1,9,9"], "--figures keep goes with .* not with --box"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_read(
    run: Run, flags: list[str], message: str
) -> None:
    """In one line, in the words of the command line."""
    code, out, told = run("a.png", *flags)
    assert (code, out, told.count("\n")) == (2, "", 1)
    assert re.search(message, told), told
