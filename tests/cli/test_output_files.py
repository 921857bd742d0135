"""``got-loaders read -o``: into one file, or a file for each input; and ``-``, standard input."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from got_loaders import OcrRequest
from got_loaders.cli import main
from got_loaders.cli.output_names import output_paths
from got_loaders.sources import Source, file_sources
from got_loaders.testing import FakeEngine
from tests.pages import making

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def engine() -> FakeEngine:
    """Reads a heading."""
    return FakeEngine("\\title{T}\n\nREAD")


@pytest.fixture
def run(
    engine: FakeEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs ``got-loaders read`` beside ``in/a.pdf`` and ``in/sub/b.pdf``, of two pages."""
    monkeypatch.chdir(tmp_path)
    Path("in/sub").mkdir(parents=True)
    Path("in/a.pdf").write_bytes(making.pdf("one"))
    Path("in/sub/b.pdf").write_bytes(making.pdf("two", "three"))

    def command(*argv: str) -> tuple[int, str, str]:
        code = main(["read", *argv], engine=engine)
        return code, *capsys.readouterr()

    return command


def written(folder: str = "out") -> dict[str, str]:
    """The files that are there."""
    files = (path for path in Path(folder).rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text(encoding="utf-8") for path in files}


def test_a_folder_gets_a_file_for_each_input(run: Run) -> None:
    """At the same place below it; a page is named where the document has several."""
    code, out, err = run("in", "-o", "made/for/it/")
    assert (code, out) == (0, "")
    assert err.splitlines()[-1] == "got-loaders: written to made/for/it: 2 files"
    page = "<!-- in/sub/b.pdf, page {} of 2 -->\n\n# T\n\nREAD\n"
    assert written("made") == {
        "for/it/a.md": "# T\n\nREAD\n",
        "for/it/sub/b.md": "\n".join(map(page.format, (1, 2))),
    }
    run(
        "in", "./in/a.pdf", "--output-dir", "out", "--output", "html", "--mode", "single", "--quiet"
    )
    assert sorted(written()) == ["a.html", "in/a.html", "in/sub/b.html"]
    assert "written to out: 2 files" in run("in", "in/a.pdf", "in/a.pdf", "-o", "out/")[2]
    Path("there").mkdir()
    assert run("in/a.pdf", "-o", "there", "--format", "latex", "--quiet") == (0, "", "")
    assert written("there") == {"a.tex": "\\title{T}\n\nREAD\n"}


@pytest.mark.parametrize(
    ("name", "begins", "between"),
    [
        (
            "all.md",
            "<!-- in/a.pdf, page 1 of 1 -->\n\n# T",
            "\n\n<!-- in/sub/b.pdf, page 2 of 2 -->",
        ),
        ("all.tex", "% in/a.pdf, page 1 of 1\n\\title{T}", "\n\n% in/sub/b.pdf, page 2 of 2\n"),
        ("all.txt", "\\title{T}", "READ\n\f\\title{T}"),
        (
            "all.HTML",
            "<!DOCTYPE html>\n",
            '</section>\n\n<section aria-label="in/sub/b.pdf, page 2',
        ),
    ],
)
def test_one_file_holds_all(run: Run, name: str, begins: str, between: str) -> None:
    """In the form that its suffix stands for; what names a page does not spoil it."""
    assert run("in", "-o", name)[:2] == (0, "")
    text = Path(name).read_text(encoding="utf-8")
    assert text.startswith(begins)
    assert between in text
    assert text.count("READ") == 3
    assert "==>" not in text
    assert text.endswith("</html>\n" if "HTML" in name else "READ\n")
    assert run("in/a.pdf", "-o", name, "--output", "raw")[0] == 0
    assert Path(name).read_text(encoding="utf-8") == "\\title{T}\n\nREAD\n"


def test_json_lines_by_their_suffix(run: Run) -> None:
    """``-o all.jsonl`` is ``--jsonl all.jsonl``, and can be gone on with."""
    assert run("in", "-o", "all.jsonl")[0] == 0
    lines = Path("all.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == ["# T\n\nREAD"] * 3
    assert "done before: 3" in run("in", "-o", "all.jsonl", "--resume")[2]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("in -o texts", "-o texts: a folder for a file of each input is written texts/"),
        ("in -o no/all.md", "-o no/all.md: there is no folder no"),
        ("in -o in/a.pdf/", "is a file, not a folder"),
        ("in -o in/a.pdf/more/", "is a file, not a folder"),
        ("in -o in/a.pdf", "it is one of the files to read"),
        ("in/a.pdf --jsonl in/../in/a.pdf", "it is one of the files to read"),
        ("in -o a.md --jsonl b", "--jsonl b and -o a.md exclude each other"),
        ("in -o a.md --resume", "--resume needs --jsonl FILE"),
        ("in -o ", "-o: the name is empty"),
        ("in --output all.html", "the file is named by -o all.html"),
        ("in -o linked/", "leads out of it, by a link"),
        ("in -o taken/", "taken/a.md is there already, and is no file"),
        ("in -o blocked/", "blocked/sub is a file, not a folder"),
        ("- /dev/stdin", "- is named twice"),
        ("- --jsonl a --resume", "may be another document each time"),
    ],
)
def test_what_can_t_be_written_is_said_before_reading(
    run: Run, engine: FakeEngine, flags: str, message: str
) -> None:
    """One line, exit code 2, and nothing is made or changed."""
    for folder in ("linked", "taken/a.md", "blocked"):
        Path(folder).mkdir(parents=True)
    Path("blocked/sub").touch()
    Path("linked/sub").symlink_to(Path("in").absolute())
    before = sorted(Path().rglob("*"))
    code, out, err = run(*flags.split(" "))
    assert (code, out, err.count("\n"), engine.requests) == (2, "", 1, [])
    assert message in err
    assert sorted(Path().rglob("*")) == before


def test_a_file_that_did_not_become_whole_has_another_name(run: Run, engine: FakeEngine) -> None:
    """An error or Ctrl-C leaves what was read beside the older file, and says where."""
    last: list[str | BaseException] = [KeyboardInterrupt(), RuntimeError("hard")]

    def reply(request: OcrRequest) -> str | BaseException:
        return "new" if len(engine.requests) % 3 else last.pop(0)

    engine.reply = reply
    Path("out/sub").mkdir(parents=True)
    Path("out/sub/b.md").write_text("old", encoding="utf-8")
    part = "<!-- in/sub/b.pdf, page 1 of 2 -->\n\nnew\n"
    expected = {"a.md": "new\n", "sub/b.md": "old", "sub/b.md.part": part}
    for code, flags in ((130, []), (1, ["--on-error", "raise"])):
        found, _, err = run("in", "-o", "out/", *flags)
        assert (found, written()) == (code, expected)
        assert "got-loaders: what was read is in out/sub/b.md.part\n" in err
    engine.reply = "READ"
    Path("out/sub/b.md").chmod(0o640)
    assert run("in", "-o", "out/")[0] == 0
    assert set(written()) == {"a.md", "sub/b.md"}
    assert Path("out/sub/b.md").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("on_error", ["skip", "keep"])
def test_a_file_that_can_t_be_opened_gives_none(run: Run, on_error: str) -> None:
    """Nor is one of an earlier run taken away; a file that lost a page holds the others."""
    Path("in/a.pdf").write_bytes(b"%PDF-1.7 broken")
    assert run("in", "-o", "out/", "--on-error", on_error)[0] == 1
    assert set(written()) == {"sub/b.md"}
    assert run("in/a.pdf", "-o", "out/a.md", "--on-error", "skip")[0] == 1
    assert set(written()) == {"sub/b.md"}


def test_a_link_stays_a_link_and_a_device_a_device(run: Run) -> None:
    """What a link leads to is replaced; a pipe or device is written to."""
    Path("real.md").write_text("old", encoding="utf-8")
    Path("link.md").symlink_to("real.md")
    assert run("in/a.pdf", "-o", "link.md")[0] == 0
    assert Path("link.md").is_symlink()
    assert Path("real.md").read_text(encoding="utf-8") == "# T\n\nREAD\n"
    if os.name != "nt":
        assert run("in", "-o", os.devnull)[0] == 0
        assert Path(os.devnull).is_char_device()
    assert run("in/a.pdf", "-o", "-") == (0, "# T\n\nREAD\n", "")


def sources(*names: str) -> list[Source]:
    """What these stand for."""
    return [source for source in file_sources(list(names)) if isinstance(source, Source)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a.pdf", "b.PNG", "2301.12345"], ["a.md", "b.md", "2301.12345.md"]),
        (["a.pdf", "a.png"], ["a.pdf.md", "a.png.md"]),
        (["x/a.pdf", "y/a.pdf", "z/A.pdf"], ["a.md", "a-2.md", "A-3.md"]),
        (["a.pdf", "a.png", "a.pdf.pdf"], ["a.pdf.md", "a.png.md", "a.pdf-2.md"]),
        (["a.pdf", "a.md"], ["a.md", "a.md.md"]),
        (["../../a.pdf", "/etc/b.pdf", ".hidden.pdf"], ["a.md", "b.md", ".hidden.md"]),
        (["-o.pdf", "a\n\x1b[0m.pdf", "\udcff.pdf"], ["-o.md", "a\n\x1b[0m.md", "\udcff.md"]),
        (["http://h.org/x/r.pdf?q=1", "http://h.org/"], ["r.md", "h.org.md"]),
        (["http://h.org/..%2f..%2fe", "http://h.org/%00.pdf"], ["e.md", "pdf.md"]),
        ([f"{'ä' * 125}.pdf"], [f"{'ä' * 120}.md"]),
    ],
)
def test_names_of_output_files(names: list[str], expected: list[str]) -> None:
    """They follow the input's; none is taken twice, and none leads out of the folder."""
    paths = output_paths(Path("out"), sources(*names), ".md", several_inputs=len(names) > 1)
    assert [str(path.relative_to("out")) for path in paths.values()] == expected


def test_names_below_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several folders keep their own names; an input is not written over."""
    monkeypatch.chdir(tmp_path)
    for name in ("x/a.pdf", "y/a.pdf", "y/up/a.pdf", "y/a.md"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    paths = output_paths(Path("out"), sources("x", "y/*.pdf"), ".md", several_inputs=True)
    assert [str(path) for path in paths.values()] == ["out/x/a.md", "out/y/a.md"]
    found = [s for s in file_sources("y/up", glob="../*.pdf") if isinstance(s, Source)]
    paths = output_paths(Path("out"), found, ".md", several_inputs=False)
    assert all(path.is_relative_to("out") and ".." not in path.parts for path in paths.values())
    Path("z/a.md").mkdir(parents=True)
    for name in ("z/a.pdf", "z/a.md/b.pdf"):
        Path(name).touch()
    paths = output_paths(Path("out"), sources("z"), ".md", several_inputs=False)
    assert sorted(map(str, paths.values())) == ["out/a-2.md", "out/a.md/b.md"]
    paths = output_paths(Path("y"), sources("y/a.pdf", "y/a.md"), ".md", several_inputs=True)
    assert [str(path) for path in paths.values()] == ["y/a-2.md", "y/a.md.md"]


class Stdin(io.TextIOWrapper):
    """Standard input with some bytes, or a terminal."""

    def __init__(self, data: bytes, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(data))
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def test_standard_input_is_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """``-`` is a PDF or an image that comes in there; it is called stdin."""
    pdf = making.pdf("one", "two")
    monkeypatch.setattr(sys, "stdin", Stdin(pdf))
    code, out, _ = run("-")
    assert (code, out.count("READ")) == (0, 2)
    assert out.startswith("<!-- stdin, page 1 of 2 -->\n")
    monkeypatch.setattr(sys, "stdin", Stdin(pdf))
    assert run("/dev/stdin")[:2] == (code, out)
    monkeypatch.setattr(sys, "stdin", Stdin(pdf))
    assert run("-", "in/a.pdf", "-o", "out/", "--output", "text")[0] == 0
    assert set(written()) == {"stdin.txt", "a.txt"}
    for data, flags, message in (
        (b"", [], "stdin: nothing came in on standard input"),
        (b"no document", [], "stdin: it is neither a PDF nor an image"),
        (pdf, ["--max-file-bytes", "99"], "stdin: 100 bytes, more than --max-file-bytes 99"),
    ):
        monkeypatch.setattr(sys, "stdin", Stdin(data))
        code, out, err = run("-", *flags)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert message in err
    monkeypatch.setattr(sys, "stdin", Stdin(b"", terminal=True))
    code, _, err = run("-")
    assert code == 2
    assert "got-loaders read - < scan.pdf" in err
