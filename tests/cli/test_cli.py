"""The command line: what it prints, where, and its exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from got_loaders import OcrRequest, OcrResult, ReadOptions, __version__
from got_loaders.cli import main, parser
from got_loaders.cli.args import parse, read_options
from got_loaders.cli.doctor import Finding, examine
from got_loaders.engine import EngineConfig
from got_loaders.testing import FakeEngine
from tests.pages import making

LIMITS = """
--cache --max-cache-bytes 2G --root . --no-urls --url-hosts a,10.0.0.0/8 --max-url-seconds 9
--max-file-bytes 3MB --max-pages 9 --max-image-pixels 1k --max-page-seconds 8 --max-page-bytes 7
"""
ALL_OPTIONS = f"""
read scan.tif --mode single --output text --plain --pages 1 --password x --dpi 90 --glob *.tif
--crop no --min-patches 2 --max-patches 3 --multi-page 2 --box 1,2,3,4 --color red --on-error skip
--read-blank --quiet --max-new-tokens 5 --regions auto --region-prompt box --layout-model m/n
--drop header,footer --max-regions 9 --text-layer auto --table-format html {LIMITS}
--omit-metadata moddate,total_pages --drop-blank --no-draft --figures keep --figures-dir kept
--corrections c.jsonl
"""


@pytest.fixture
def scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A TIFF of three pages in the working directory, each of another width."""
    monkeypatch.chdir(tmp_path)
    pages = [Image.new("RGB", (200 + number, 280), "white") for number in range(3)]
    for page in pages:
        ImageDraw.Draw(page).rectangle((20, 20, 120, 60), fill="black")
    pages[0].save("scan.tif", save_all=True, append_images=pages[1:])
    return "scan.tif"


@pytest.fixture
def engine() -> FakeEngine:
    """An engine that reads a heading."""
    return FakeEngine("\\title{\nReport\n}\nSee \\( x \\)")


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], engine: FakeEngine) -> Run:
    """Runs a command with the fake engine; gives its exit code, output and errors."""

    def command(*argv: str) -> tuple[int, str, str]:
        code = main(argv, engine=engine)
        return code, *capsys.readouterr()

    return command


def test_one_page_is_printed_alone(run: Run, scan: str) -> None:
    """The text of a single page goes to standard output with nothing around it."""
    assert run("read", scan, "--pages", "2") == (0, "# Report\n\nSee $x$\n", "")


def test_several_pages_have_headers(run: Run, scan: str) -> None:
    """With more than one page each has a header with its source and number, from 1.

    Where the output's language has comments, the header is one: it does not spoil what it names.
    """
    code, out, _ = run("read", scan)
    assert code == 0
    text = "# Report\n\nSee $x$\n\n"
    assert out == "".join(f"<!-- scan.tif, page {n} of 3 -->\n\n{text}" for n in (1, 2, 3))
    assert run("read", scan, "--output", "latex")[1].startswith("% scan.tif, page 1 of 3\n")
    code, out, _ = run("read", scan, "--output", "text")
    assert code == 0
    text = "\\title{\nReport\n}\nSee \\( x \\)\n\n"
    assert out == "".join(f"==> scan.tif, page {n} of 3 <==\n{text}" for n in (1, 2, 3))


def test_a_file_as_a_whole_has_no_pages(run: Run, scan: str) -> None:
    """With --mode single a header names the file alone, and only if there are several."""
    assert run("read", scan, "--mode", "single")[1].startswith("# Report\n")
    assert run("read", scan, scan, "--mode", "single")[1].startswith("<!-- scan.tif -->\n")


def test_pages_read_together_are_named_together(run: Run, scan: str) -> None:
    """With --multi-page a header names the first and the last page."""
    out = run("read", scan, "--multi-page", "2", "--plain")[1]
    headers = [line for line in out.splitlines() if line.startswith("<!--")]
    assert headers[0] == "<!-- scan.tif, pages 1-2 of 3 -->"
    assert len(headers) == 2


def test_jsonl_has_a_line_for_each_record(run: Run, scan: str, tmp_path: Path) -> None:
    """--jsonl writes id, text and metadata, to a file or to standard output alike."""
    code, out, _ = run("read", scan, "--jsonl", "-")
    assert code == 0
    records = [json.loads(line) for line in out.splitlines()]
    assert [record["metadata"]["page"] for record in records] == [0, 1, 2]
    assert set(records[0]) == {"id", "text", "metadata", "options"}
    summary = "got-loaders: 3 pages: 3 read\n"
    assert run("read", scan, "--jsonl", "out.jsonl") == (0, "", summary)
    assert (tmp_path / "out.jsonl").read_text(encoding="utf-8") == out


FULL = """
import resource, sys
from got_loaders.cli import main
from got_loaders.testing import FakeEngine
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
sys.exit(main(["read", "scan.tif", "--jsonl", "out", "--quiet"], engine=FakeEngine("x" * 2000)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on files")
def test_a_full_disk_leaves_whole_lines(scan: str, tmp_path: Path) -> None:
    """The error says so; what had been written can be read, and gone on with."""
    done = subprocess.run([sys.executable, "-c", FULL], capture_output=True, cwd=tmp_path)
    assert done.returncode == 1
    assert b"File too large" in done.stderr
    (line,) = (tmp_path / "out").read_bytes().splitlines(keepends=True)
    assert line.endswith(b"\n")
    assert json.loads(line)["metadata"]["page"] == 0


def test_names_do_not_steer_the_terminal(
    run: Run, scan: str, engine: FakeEngine, tmp_path: Path
) -> None:
    """Neither a file's name nor what was read holds control characters when it is printed."""
    name = "a\x1b]0;owned\x07\n\u202egpj.tif"
    (tmp_path / scan).rename(tmp_path / name)
    engine.reply = "\x1b[31mred\x1b[0m \x9b2J \x08\x7f text"
    code, out, err = run("read", name, "--pages", "1-2", "--plain", "--output", "raw")
    assert code == 0
    assert "a\\x1b]0;owned\\x07\\n\\u202egpj.tif, page 1 of 3 <==" in out
    assert "[31mred[0m 2J  text" in out
    code, _, err = run("read", f"{name}x")
    assert code == 1
    assert all(char == "\n" or char.isprintable() for char in out + err)


def test_a_read_that_fails_leaves_the_last_records(run: Run, scan: str, tmp_path: Path) -> None:
    """--jsonl replaces a file when there is something to put there, and makes none before."""
    assert run("read", scan, "--pages", "9", "--jsonl", "new.jsonl")[0] == 1
    assert not (tmp_path / "new.jsonl").exists()
    (tmp_path / "old.jsonl").write_text("precious", encoding="utf-8")
    run("read", scan, "--pages", "9", "--jsonl", "old.jsonl")
    assert (tmp_path / "old.jsonl").read_text(encoding="utf-8") == "precious"
    assert run("read", scan, "--pages", "9", "--on-error", "skip", "--jsonl", "old.jsonl")[0] == 1
    assert (tmp_path / "old.jsonl").read_text(encoding="utf-8") == "precious"


def test_options_reach_the_model(run: Run, scan: str, engine: FakeEngine) -> None:
    """What the command line says is what the engine is asked for."""
    run("read", scan, "--pages", "1", "--box", "10,10,100,100", "--max-new-tokens", "7", "--plain")
    (request,) = engine.requests
    assert request.box is not None
    assert (request.max_new_tokens, request.format) == (7, False)


def test_regions_on_the_command_line(run: Run, scan: str, engine: FakeEngine) -> None:
    """Found ones or boxes; the header tells which region of which page."""
    flags = ["--regions", "-5,0,90,90;90,100,150,250", "--mode", "region", "--pages", "1"]
    code, out, _ = run("read", scan, *flags)
    assert code == 0
    assert "<!-- scan.tif, page 1 of 3, region 1 (text) -->" in out
    assert "<!-- scan.tif, page 1 of 3, region 2 (text) -->" in out
    assert run("read", scan, "--regions", "auto", "--pages", "1")[0] == 0
    assert run("read", scan, "--regions", "auto", "--drop", "page")[0] == 2
    options = read_options(parse(["read", "x.pdf", "--drop", "header, footer"]))
    assert options.drop == ("header", "footer")


def test_every_read_option_has_a_flag() -> None:
    """Nothing that a loader can do is missing here."""
    given = vars(parser().parse_args(ALL_OPTIONS.split()))
    assert {f.name for f in fields(ReadOptions)} <= set(given)
    options = read_options(parse(["read", "x.pdf", *LIMITS.split()]))
    assert (options.cache, options.urls, options.url_hosts) == (True, False, ("a", "10.0.0.0/8"))
    assert (options.max_cache_bytes, options.max_file_bytes) == (2_000_000_000, 3_000_000)
    assert (options.max_image_pixels, options.max_page_bytes) == (1000, 7)
    assert read_options(parse(["read", "x.pdf", "--cache-dir", "kept"])).cache == "kept"


@pytest.mark.parametrize("flags", [["--password", "s"], ["--password-env", "SECRET"], []])
def test_a_password_need_not_be_typed(
    flags: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A password may come from a variable or a file, where other users don't see it."""
    monkeypatch.setenv("SECRET", "s")
    (tmp_path / "secret").write_text("s\n", encoding="utf-8")
    flags = flags or ["--password-file", str(tmp_path / "secret")]
    assert read_options(parse(["read", "x.pdf", *flags])).password == "s"


def test_values_may_begin_with_a_dash() -> None:
    """The last page and a box that begins beyond the page need no equals sign."""
    given = parse(["read", "x.pdf", "--pages", "-1,1", "--box", "-10,-.5,20,30"])
    assert (given.pages, given.box) == ("-1,1", (-10, -0.5, 20, 30))
    assert parse(["read", "x.pdf", "--pages", "-1"]).pages == "-1"
    assert parse(["read", "x.pdf", "--pages=-1,1"]).pages == "-1,1"


@pytest.mark.parametrize(
    ("argv", "code", "message"),
    [
        (["read", "nope.pdf"], 1, "nope.pdf"),
        (["read", "scan.tif", "--pages", "9"], 1, "page 9"),
        (["read", "scan.tif", "--pages", "x"], 2, "--pages x: "),
        (["read", "scan.tif", "--mode", "nine"], 2, "--mode nine: "),
        (["read", "scan.tif", "--box", "1,1,2,2", "--color", "red"], 2, "exclude each other"),
        (["read", "scan.tif", "--password-env", "NO_SUCH"], 2, "NO_SUCH"),
        (["read", "scan.tif", "--password-file", "latin1"], 2, "'latin1' is not encoded in UTF-8"),
        (["read", "scan.tif", "--jsonl", "no/such/folder/x"], 2, "no folder no/such/folder"),
        (["read", "scan.tif", "--jsonl", "."], 2, "it is a folder"),
        (["read", "scan.tif", "--resume"], 2, "--resume needs --jsonl FILE"),
        (["read", "scan.tif", "--resume", "--jsonl", "-"], 2, "--resume needs --jsonl FILE"),
        (["read", ""], 1, "the path is empty"),
    ],
)
def test_errors_take_one_line(
    run: Run, scan: str, argv: list[str], code: int, message: str
) -> None:
    """An error is one line on standard error and an exit code, without a traceback."""
    Path("latin1").write_bytes("pässwörd".encode("latin-1"))
    found, out, err = run(*argv)
    assert found == code
    assert err.startswith("got-loaders: ")
    assert err.count("\n") == 1
    assert message in err
    assert out == ""


@pytest.mark.parametrize("argv", [[], ["read"], ["read", "x", "--bogus"], ["read", "x", "--box=a"]])
def test_wrong_usage_exits_with_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A command that can't be understood shows the usage."""
    with pytest.raises(SystemExit) as exit_:
        main(argv)
    assert exit_.value.code == 2
    assert "usage: got-loaders" in capsys.readouterr().err


def test_kept_failures_are_told(run: Run, scan: str, engine: FakeEngine) -> None:
    """With --on-error keep the pages that can be read are, and the others say why not."""

    def reply(request: OcrRequest) -> str | Exception:
        return RuntimeError("no luck") if request.images[0].width == 201 else "fine"

    engine.reply = reply
    code, out, err = run("read", scan, "--on-error", "keep")
    assert (code, out.count("fine"), out.count("<!--")) == (1, 2, 3)
    assert err == (
        "got-loaders: 3 pages: 2 read, 1 failed\ngot-loaders: failed: scan.tif, page 2: no luck\n"
    )


def test_interruption_is_quiet(run: Run, scan: str, engine: FakeEngine) -> None:
    """Ctrl-C ends with 130 and no traceback."""
    engine.reply = KeyboardInterrupt()
    assert run("read", scan) == (130, "", "got-loaders: interrupted\n")


INTERRUPTED = """
import atexit, sys, threading
from concurrent.futures import Future
from got_loaders.cli import console_main
def wait():
    print("now", file=sys.stderr, flush=True)
    threading.Event().wait()
class Engine:
    fingerprint = "slow"
    def submit(self, request):
        print("now", file=sys.stderr, flush=True)
        return Future()
    def close(self):
        pass
"""
DURING = """
threading.Thread(target=threading.Event().wait).start()  # as an engine's, in a long step
console_main(["read", "scan.tif", "--pages", "1"], engine=Engine())
"""
LOST = """
class Swallowing(Engine):
    def submit(self, request):
        try:
            wait()
        except KeyboardInterrupt:  # as in a destructor
            return Future()
console_main(["read", "scan.tif", "--pages", "1"], engine=Swallowing())
"""
AFTER = """
atexit.register(wait)  # as for an engine's thread
console_main(["read", "scan.tif", "--pages", "9"], engine=Engine())
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize(
    ("moment", "code", "told"),
    [
        (DURING, 130, "interrupted\n"),
        (LOST, 130, "interrupted\n"),
        (AFTER, -signal.SIGINT, ""),
    ],
    ids=["during", "lost", "after"],
)
def test_one_interruption_is_enough(scan: str, moment: str, code: int, told: str) -> None:
    """Ctrl-C ends the command at once and without a traceback, whatever still runs or ends."""
    command = [sys.executable, "-c", INTERRUPTED + moment]
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # ignored by what runs in the back
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heed) as process:
        try:
            assert process.stderr is not None
            while process.stderr.readline() != "now\n":
                pass
            process.send_signal(signal.SIGINT)
            errors = process.communicate(timeout=120)[1]
        finally:
            process.kill()
    assert process.returncode == code
    assert errors.removeprefix("got-loaders: ") == told


def test_progress_is_shown_on_request(run: Run, scan: str) -> None:
    """A progress bar goes to standard error, and only there."""
    code, out, err = run("read", scan, "--progress", "--pages", "1")
    assert (code, out) == (0, "# Report\n\nSee $x$\n")
    assert "1/1" in err


def test_the_package_runs_as_a_module() -> None:
    """`python -m got_loaders` is the same as `got-loaders`."""
    command = [sys.executable, "-m", "got_loaders", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"got-loaders {__version__}\n"


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """--version names the library and its version."""
    with pytest.raises(SystemExit) as exit_:
        main(["--version"])
    assert exit_.value.code == 0
    assert capsys.readouterr().out == f"got-loaders {__version__}\n"


def test_a_reader_that_leaves_is_no_error(scan: str) -> None:
    """`got-loaders … | head` ends without a traceback."""
    code = (
        "import sys; from got_loaders.cli import main; from got_loaders.testing import FakeEngine;"
        "sys.exit(main(['read', 'scan.tif'], engine=FakeEngine('x' * 100_000)))"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.parametrize("flags", [[], ["--jsonl", "-"]])
def test_a_narrow_encoding_loses_nothing(scan: str, flags: list[str]) -> None:
    """What the terminal's encoding lacks is written as an escape; JSON stays JSON."""
    code = (
        "import sys; from got_loaders.cli import main; from got_loaders.testing import FakeEngine;"
        "sys.exit(main(sys.argv[1:], engine=FakeEngine('caf\\xe9 \\u4e66')))"
    )
    command = [sys.executable, "-c", code, "read", scan, "--pages", "1", *flags]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, env=environment, check=True)
    text = json.loads(done.stdout)["text"] if flags else done.stdout.decode("ascii").strip()
    assert text == ("caf\xe9 \u4e66" if flags else r"caf\xe9 \u4e66")


def test_doctor_reads_a_page_for_real() -> None:
    """`got-loaders doctor` finds tiny usable and reads a page; it needs no download."""
    command = [sys.executable, "-m", "got_loaders.cli", "doctor", "--model", "tiny"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "every character is right" in done.stdout
    assert done.stdout.endswith("ready to read\n")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder, where the hub's cache is looked for as well."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def without_self_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare a test the reading of a page."""
    monkeypatch.setattr(
        "got_loaders.cli.doctor._self_test", lambda: Finding("self-test", "left out")
    )


@pytest.mark.parametrize("model", ["no-body/no-such-model", "not a model", "FOLDER"])
def test_doctor_says_how_to_get_weights(
    model: str, offline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights that are not here are a problem, and the advice is how to get them."""
    without_self_test(monkeypatch)
    name = str(offline) if model == "FOLDER" else model
    findings = {finding.what: finding for finding in examine(EngineConfig(model=name))}
    assert findings["model"].state == "problem"
    advice = {"not a model": 'expected "tiny", stepfun-ai/', "FOLDER": "has no config.json"}
    assert advice.get(model, "hf download") in findings["model"].text


def test_doctor_looks_into_a_folder(offline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder is good if it holds a GOT-OCR2 in transformers' format, and nothing else is."""
    without_self_test(monkeypatch)
    (offline / "model.safetensors").touch()
    for kind, state in (("got_ocr2", "ok"), ("GOT", "problem")):
        (offline / "config.json").write_text(json.dumps({"model_type": kind}), encoding="utf-8")
        findings = {f.what: f for f in examine(EngineConfig(model=str(offline)))}
        assert findings["model"].state == state


@pytest.mark.parametrize("config", [b"{", b"[]", b"\xff", b""])
def test_doctor_reports_a_damaged_folder(
    config: bytes, offline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A config.json that is no settings is a problem of the model, told in a line."""
    without_self_test(monkeypatch)
    (offline / "model.safetensors").touch()
    (offline / "config.json").write_bytes(config)
    findings = {f.what: f for f in examine(EngineConfig(model=str(offline)))}
    assert findings["model"].state == "problem"
    assert "\n" not in findings["model"].text


def test_doctor_reports_missing_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    """A framework that is not installed is no problem, and the extra is named."""
    monkeypatch.setattr("got_loaders.cli.doctor._version", lambda _package: None)
    without_self_test(monkeypatch)
    findings = {finding.what: finding for finding in examine(EngineConfig(model="tiny"))}
    assert findings["langchain-core"].state == "note"
    assert "got-loaders[langchain]" in findings["langchain-core"].text
    assert "got-loaders[serve]" in findings["fastapi"].text
    assert "got-loaders[render]" in findings["rdkit"].text
    assert findings["torch"].state == "problem"


def test_doctor_says_what_draws_latex(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The TeX engines that are there; none is no problem."""
    without_self_test(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    findings = {finding.what: finding for finding in examine(EngineConfig(model="tiny"))}
    assert (findings["tex"].state, "no engine" in findings["tex"].text) == ("note", True)
    (tmp_path / "xelatex").write_text("#!/bin/sh\n", encoding="utf-8")
    (tmp_path / "xelatex").chmod(0o755)
    findings = {finding.what: finding for finding in examine(EngineConfig(model="tiny"))}
    assert "xelatex" in findings["tex"].text


def test_doctor_says_what_makes_a_cpu_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the model runs on the CPU, numba's version, or the extra that brings it."""
    monkeypatch.setattr("got_loaders.cli.doctor._version", lambda _package: None)
    without_self_test(monkeypatch)
    config = EngineConfig(model="tiny", device="cpu")
    findings = {finding.what: finding for finding in examine(config)}
    assert findings["numba"].state == "note"
    assert "got-loaders[cpu]" in findings["numba"].text


def test_paths_may_stand_on_both_sides_of_flags() -> None:
    """Wherever a path stands it is read, in the order of the line, as other programs have it."""
    line = "read a.pdf --model tiny b.pdf --pages -1 - --quiet -- -c.pdf"
    args = parse(line.split())
    assert args.paths == ["a.pdf", "b.pdf", "-", "-c.pdf"]
    assert (args.model, args.pages) == ("tiny", "-1")
    assert parse(["mcp", "a", "--max-pages", "3", "b"]).folders == ["a", "b"]


def test_what_the_printed_text_does_not_say_is_told(
    run: Run, scan: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing but blank pages, or a page that was cut off, is told beside the text."""
    Image.new("RGB", (200, 280), "white").save("blank.png")
    assert run("read", "blank.png") == (0, "\n", "got-loaders: 1 page: 1 blank\n")
    assert run("read", "blank.png", "--quiet")[2] == ""
    assert run("read", "blank.png", scan)[2] == ""
    long = FakeEngine(OcrResult(text="a", finish_reason="length"))
    assert main(["read", scan, "--pages", "1"], engine=long) == 0
    assert "1 page cut off or going in circles" in capsys.readouterr().err


def test_a_summary_counts_pages_that_the_file_has_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a page's own words and the reading disagree, the summary says how many do."""
    lines = [f"{letter}word " * 3 for letter in "abcdefgh"]
    (tmp_path / "a.pdf").write_bytes(making.pdf(*["\n".join(lines)] * 2, size=(400, 400)))
    flags = ["read", str(tmp_path), "--output-dir", str(tmp_path / "out")]
    assert main(flags, engine=FakeEngine("\n".join(lines))) == 0
    assert "own text" not in capsys.readouterr().err
    assert main(flags, engine=FakeEngine("\n".join([*lines[:5], "invented " * 9]))) == 0
    told = "2 pages read otherwise than the file's own text has it: see ocr_agreement"
    assert told in capsys.readouterr().err
