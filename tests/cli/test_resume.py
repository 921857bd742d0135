"""``got-loaders read --jsonl FILE --resume``: a run that was killed goes on where it was."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from got_loaders.cli import main
from got_loaders.cli.resume import load_completed
from got_loaders.options import ReadOptions
from got_loaders.options.digest import NON_CONTENT_OPTIONS, options_digest
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest
from tests.pages import making

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def engine() -> FakeEngine:
    """Reads a heading."""
    return FakeEngine("\\title{T}\n\ntext")


@pytest.fixture
def run(
    engine: FakeEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Reads the folder ``in``, of two files of three pages, into ``out``; its code and errors."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for name in ("a.pdf", "b.pdf"):
        Path("in", name).write_bytes(making.pdf(*(f"{name} {n}" for n in range(3))))

    def command(*flags: str) -> tuple[int, str]:
        code = main(["read", "in", "--jsonl", "out", "--resume", *flags], engine=engine)
        return code, capsys.readouterr().err

    return command


def lines() -> list[Any]:
    """The records that are there."""
    return [json.loads(line) for line in Path("out").read_bytes().splitlines()]


def pages() -> list[tuple[str, int]]:
    """Whose records are there, in order."""
    return [(r["metadata"]["source"][3:], r["metadata"]["page"]) for r in lines()]


def cut(count: int, rest: bytes = b"") -> None:
    """Leave as many lines, and a rest."""
    kept = Path("out").read_bytes().splitlines(keepends=True)[:count]
    Path("out").write_bytes(b"".join(kept) + rest)


HALF = b'{"id": "0b0e6d7e-4f5a-5b9c-8d3e-1f2a3b4c5d6e", "text": "half a li'

ALL = [("a.pdf", 0), ("a.pdf", 1), ("a.pdf", 2), ("b.pdf", 0), ("b.pdf", 1), ("b.pdf", 2)]


def test_a_first_run_needs_no_file(run: Run) -> None:
    """It can be started with the same command as all others."""
    assert run() == (0, "got-loaders: 2 files, 6 pages: 6 read\n")
    assert pages() == ALL


@pytest.mark.parametrize("count", range(7))
def test_a_run_goes_on_where_it_was(run: Run, engine: FakeEngine, count: int) -> None:
    """What is there is neither read nor rendered again; the file is as if nothing had happened."""
    run()
    whole = Path("out").read_bytes()
    cut(count, HALF if count < 6 else b"")
    engine.requests.clear()
    code, told = run()
    assert code == 0
    assert len(engine.requests) == 6 - count
    assert Path("out").read_bytes() == whole
    if count:
        assert f"done before: {count}" in told


def test_failed_pages_are_tried_once_more(run: Run, engine: FakeEngine) -> None:
    """Their records go; those that fail again get new ones, and the summary says why."""
    good = engine.reply
    asked: list[OcrRequest] = []

    def sometimes(request: OcrRequest) -> str | Exception:
        asked.append(request)
        return RuntimeError("too hard") if len(asked) in (2, 5) else "read"

    engine.reply = sometimes
    code, told = run("--on-error", "keep")
    assert code == 1
    assert "6 pages: 4 read, 2 failed" in told
    assert "failed: in/a.pdf, page 2: too hard" in told
    assert ["error" in record["metadata"] for record in lines()].count(True) == 2
    engine.reply = good
    code, told = run("--on-error", "keep")
    assert "2 pages: 2 read; done before: 4" in told
    assert sorted(pages()) == ALL
    assert not any("error" in record["metadata"] for record in lines())


def test_a_file_that_could_not_be_opened_is_tried_once_more(run: Run) -> None:
    """It may have been mended."""
    Path("in", "c.pdf").write_bytes(b"%PDF-1.7 broken")
    _, told = run("--on-error", "keep")
    assert "1 file could not be opened" in told
    assert len(lines()) == 7
    Path("in", "c.pdf").write_bytes(making.pdf("mended"))
    _, told = run("--on-error", "keep")
    assert sorted(pages()) == [*ALL, ("c.pdf", 0)]


def test_new_files_are_read_and_old_ones_are_not(run: Run, engine: FakeEngine) -> None:
    """An archive that grows."""
    run()
    engine.requests.clear()
    Path("in", "c.pdf").write_bytes(making.pdf("new"))
    run()
    assert len(engine.requests) == 1
    assert pages() == [*ALL, ("c.pdf", 0)]


@pytest.mark.parametrize("flags", [["--mode", "single"], ["--multi-page", "2"]])
def test_records_of_several_pages(run: Run, engine: FakeEngine, flags: Sequence[str]) -> None:
    """A file that was whole is not read again; nor are pages that were read as one."""
    run(*flags)
    whole = lines()
    cut(1)
    engine.requests.clear()
    run(*flags)
    assert lines() == whole
    assert 0 < len(engine.requests) < 5


def test_records_of_regions(run: Run, engine: FakeEngine) -> None:
    """The last page may lack some of its regions: it is read once more, the others are not."""
    flags = ["--mode", "region", "--regions", "0,0,200,60;0,20,200,100"]
    run(*flags)
    whole = lines()
    assert len(whole) == 12
    cut(5)
    engine.requests.clear()
    run(*flags)
    assert lines() == whole
    assert len(engine.requests) == 8


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--output", "latex"], "line 1 of out was written with other options"),
        (["--box", "0,0,50,50"], "other options"),
        (["--mode", "single"], "other options"),
        (["--output", "markdown", "--plain"], "other options"),
        (["--dpi", "90"], "other options"),
        (["--max-new-tokens", "9"], "other options"),
        (["--table-format", "html"], "other options"),
        (["--text-layer", "auto"], "other options"),
        (["--read-blank"], "other options"),
        (["--mode", "region", "--on-error", "skip"], "use --on-error keep"),
    ],
)
def test_other_options_do_not_go_on(run: Run, flags: list[str], message: str) -> None:
    """Records of two kinds in one file help nobody; the file stays as it is."""
    run()
    before = Path("out").read_bytes()
    code, told = run(*flags)
    assert code == 2
    assert message in told
    assert Path("out").read_bytes() == before


def test_another_model_does_not_go_on(run: Run, engine: FakeEngine) -> None:
    """The error names both."""
    run()
    engine.fingerprint = "another"
    code, told = run()
    assert code == 2
    assert "was read by fake, and now another would read" in told


FAILED = {"source": "in/a.pdf", "page": 0, "error": "hard"}

FOREIGN = [
    b"a diary",
    b"[]",
    b'{"id": 3, "metadata": {}}',
    b'{"important": true}',
    b'{"id": "1", "text": "mine", "metadata": {"source": "in/a.pdf", "page": 0}}',
    json.dumps({"metadata": FAILED}).encode(),
    json.dumps({"id": "a.pdf", "text": "", "metadata": FAILED, "options": "none"}).encode(),
    json.dumps({"id": "1", "text": "", "metadata": FAILED, "options": "0" * 12}).encode(),
    json.dumps({"page_content": "", "metadata": FAILED}).encode(),
    b"%PDF-1.7\0\xff",
    b'{"id": "x',
    b"\xef\xbb\xbf",
]


def test_a_file_of_another_kind_is_left_alone(run: Run) -> None:
    """It is no file of ours, with or without a line end; nor is one of which a part is ours."""
    run()
    ours = Path("out").read_bytes()
    for content, end, before in itertools.product(FOREIGN, (b"\n", b""), (b"", ours)):
        Path("out").write_bytes(before + content + end)
        code, told = run()
        assert code == 2, content
        assert f"line {1 + before.count(10)} of out is no record" in told
        assert Path("out").read_bytes() == before + content + end


def test_any_half_line_is_cut_off(tmp_path: Path) -> None:
    """Wherever a run was killed; also where a lost disk block left NULs."""
    out = tmp_path / "out"
    for length in [*range(1, 60), len(HALF)]:
        for rest in (HALF[:length], HALF[:length] + b"\0" * 9, b"\0" * length):
            out.write_bytes(rest)
            assert load_completed(out, ReadOptions(), "fake").count == 0
            assert out.read_bytes() == b""


def test_an_empty_file_can_be_gone_on_with(run: Run) -> None:
    """A run may be killed before its first record."""
    Path("out").touch()
    assert run()[0] == 0
    assert pages() == ALL


@pytest.mark.parametrize("flags", [["--pages", "1-2"], []])
def test_a_whole_file_of_other_pages_does_not_go_on(run: Run, flags: list[str]) -> None:
    """Its record says what the selected pages say: with others the file would keep what it has."""
    single = ["--mode", "single"]
    assert run(*single, "--pages", "1")[0] == 0
    before = Path("out").read_bytes()
    code, told = run(*single, *flags)
    assert code == 2
    assert "other options" in told
    assert Path("out").read_bytes() == before
    assert run(*single, "--pages", "1")[0] == 0
    assert Path("out").read_bytes() == before


def test_more_pages_go_on(run: Run) -> None:
    """A record a page: those that are there stay, whatever is selected now."""
    run("--pages", "1")
    assert "4 pages: 4 read; done before: 2" in run("--pages", "1-")[1]
    assert sorted(pages()) == ALL


def test_a_file_that_is_replaced_keeps_its_permissions(run: Run) -> None:
    """And nothing is left beside it."""
    run()
    Path("out").chmod(0o640)
    cut(3, b'{"id": "0')
    run()
    assert Path("out").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in Path().iterdir()) == ["in", "out"]


def test_the_summary_tells_what_came_from_where(run: Run) -> None:
    """Blank pages, the cache, and what was left alone; ``--quiet`` says nothing."""
    Path("in", "c.pdf").write_bytes(making.pdf("", "text"))
    assert run("--cache-dir", "kept")[1] == "got-loaders: 3 files, 8 pages: 7 read, 1 blank\n"
    Path("out").unlink()
    told = run("--cache-dir", "kept")[1]
    assert told == "got-loaders: 3 files, 8 pages: 7 from the cache, 1 blank\n"
    Path("out").unlink()
    assert run("--quiet")[1] == ""


def test_an_interrupted_run_tells_how_far_it_came(run: Run, engine: FakeEngine) -> None:
    """Ctrl-C: 130, a summary, and whole lines."""
    asked: list[OcrRequest] = []

    def interrupted(request: OcrRequest) -> str:
        asked.append(request)
        if len(asked) == 5:
            raise KeyboardInterrupt
        return "read"

    engine.reply = interrupted
    code, told = run()
    assert code == 130
    assert "pages: " in told
    engine.reply = "read"
    assert run()[0] == 0
    assert pages() == ALL


def test_the_cache_command(tmp_path: Path, run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """It shows what is kept and lets go of it."""
    folder = ["--cache-dir", str(tmp_path / "kept")]
    assert main(["cache", *folder]) == 0
    assert "readings  0" in capsys.readouterr().out
    run(*folder)
    assert main(["cache", "show", *folder]) == 0
    out = capsys.readouterr().out
    assert "readings  6" in out
    assert "fake: 6" in out
    assert main(["cache", "clear", *folder]) == 0
    assert "6 readings were let go of" in capsys.readouterr().out
    assert main(["cache", *folder]) == 0
    assert "readings  0" in capsys.readouterr().out
    (tmp_path / "kept" / "readings.sqlite").write_bytes(b"no database" * 99)
    assert main(["cache", *folder]) == 1
    assert "makes a new one" in capsys.readouterr().err
    assert main(["cache", "clear", *folder]) == 0


OTHER: dict[str, Any] = {
    "mode": "region",
    "output": "latex",
    "table_format": "html",
    "format": False,
    "dpi": 90,
    "crop_to_patches": True,
    "min_patches": 2,
    "max_patches": 3,
    "multi_page": 2,
    "box": (0, 0, 9, 9),
    "color": "red",
    "regions": "auto",
    "region_prompt": "box",
    "layout_model": "a/b",
    "drop": ("header",),
    "max_regions": 9,
    "text_layer": "auto",
    "skip_blank": False,
    "max_new_tokens": 9,
    "omit_metadata": (),
    "figures": "keep",
    "figures_dir": "pictures",
}


def test_blank_pages_that_are_left_out_are_no_hindrance(run: Run, engine: FakeEngine) -> None:
    """They are looked at again, cost no reading, and nothing is written twice."""
    Path("in", "a.pdf").write_bytes(making.pdf("a", "", "b"))
    assert run("--drop-blank")[0] == 0
    written, asked = pages(), len(engine.requests)
    assert written == [("a.pdf", 0), ("a.pdf", 2), *(("b.pdf", n) for n in range(3))]
    assert run("--drop-blank")[0] == 0
    assert (pages(), len(engine.requests)) == (written, asked)
    assert run()[0] == 0
    assert sorted(pages()) == sorted([*written, ("a.pdf", 1)])


def test_every_option_that_changes_a_record_is_noticed() -> None:
    """Each other one is known to change none; a new option has to be thought of here."""
    assert set(OTHER) | NON_CONTENT_OPTIONS == {field.name for field in fields(ReadOptions)}
    digests = [options_digest(ReadOptions(**{name: value})) for name, value in OTHER.items()]
    assert len({options_digest(ReadOptions()), *digests}) == 1 + len(OTHER)
    same = ReadOptions(pages="1", cache=True, on_error="keep", max_pages=9, format=True)
    assert options_digest(same) == options_digest(ReadOptions())


def test_a_file_that_lost_a_page_is_read_once_more(run: Run, engine: FakeEngine) -> None:
    """As one record, with ``--on-error skip``: it says what it lacks; nobody takes it for whole."""
    engine.reply = lambda request: RuntimeError("hard") if len(engine.requests) == 2 else "read"
    flags = ["--mode", "single", "--on-error", "skip"]
    run(*flags)
    assert ["error" in record["metadata"] for record in lines()] == [True, False]
    engine.reply = "read"
    run(*flags)
    assert sorted("error" in record["metadata"] for record in lines()) == [False, False]
    assert len(lines()) == 2


def test_a_link_stays_a_link(run: Run) -> None:
    """What it leads to is cut, or replaced."""
    Path("there").touch()
    Path("out").symlink_to("there")
    run()
    Path("there").write_bytes(Path("there").read_bytes() + b'{"id')
    run()
    assert Path("out").is_symlink()
    assert pages() == ALL


def test_a_file_is_not_copied_to_cut_it(run: Run) -> None:
    """A long file on a full disk can be gone on with."""
    run()
    number = Path("out").stat().st_ino
    cut(3, b'{"id": "0')
    run()
    assert Path("out").stat().st_ino == number


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX")
def test_what_is_no_file_can_t_be_gone_on_with(run: Run) -> None:
    """A pipe would be waited for, for ever."""
    os.mkfifo("out")
    code, told = run()
    assert code == 2
    assert "no ordinary file" in told


@pytest.mark.parametrize("line", [b"[" * 50_000, b'{"metadata": {"source": "a", "page": [1]}}'])
def test_odd_lines_are_no_records(run: Run, line: bytes) -> None:
    """Nor do they end in a traceback."""
    Path("out").write_bytes(line + b"\n")
    code, told = run()
    assert code == 2
    assert "no record" in told


def test_an_empty_folder_s_name_is_not_the_user_s_own_cache(run: Run) -> None:
    """A script with a variable that is not set empties nothing."""
    assert main(["cache", "clear", "--cache-dir", ""]) == 2
