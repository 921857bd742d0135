"""Shell completion, as a real bash asks for it."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

import got_loaders
from got_loaders.cli import main, parser
from got_loaders.cli.completion import actions_of, completer_of

BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(
    BASH is None or sys.platform == "win32", reason="needs bash on a terminal"
)

CASES = {
    "got-loaders read --mode p": "page",
    "got-loaders read --model step": "stepfun-ai/GOT-OCR-2.0-hf",
    "got-loaders read sc": "scan.pdf scans/",
}
ASK = """
source <(got-loaders completion bash)
while IFS= read -r COMP_LINE; do
    COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMPREPLY=()
    _python_argcomplete got-loaders
    echo "${COMPREPLY[*]}"
done
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A folder with a file and a folder in it; `got-loaders` is on the path, and has no torch."""
    (tmp_path / "scan.pdf").touch()
    (tmp_path / "scans").mkdir()
    code = (
        "import sys; sys.modules['torch'] = sys.modules['transformers'] = None; "
        "from got_loaders.cli import console_main; console_main()"
    )
    command = tmp_path / "bin" / "got-loaders"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
    command.chmod(0o755)
    path = os.pathsep.join((str(command.parent), os.environ["PATH"]))
    root = str(Path(got_loaders.__file__).parents[1])
    return os.environ | {"PATH": path, "PYTHONPATH": root, "TERM": "dumb", "PS1": "$ "}


def test_bash_completes_commands_flags_choices_models_and_files(
    environment: dict[str, str], tmp_path: Path
) -> None:
    """Whatever comes next on a line is offered, without torch being loaded."""
    assert BASH is not None
    done = subprocess.run(
        [BASH, "--norc", "-c", ASK],
        input="\n".join((*CASES, "")),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env=environment | {"COMP_WORDBREAKS": " \t\n\"'><=;|&(:"},
    )
    answers = (" ".join(line.split()) for line in done.stdout.splitlines())
    assert dict(zip(CASES, answers, strict=True)) == CASES


def test_the_tab_key_completes(environment: dict[str, str], tmp_path: Path) -> None:
    """On a terminal, a tab finishes the word that is typed."""
    import pty

    assert BASH is not None
    ours, theirs = pty.openpty()
    shell = [BASH, "--norc", "--noprofile", "-i"]
    with subprocess.Popen(
        shell, stdin=theirs, stdout=theirs, stderr=theirs, cwd=tmp_path, env=environment
    ) as process:
        os.close(theirs)
        os.write(ours, b"source <(got-loaders completion bash); echo rea''dy\n")
        assert "ready" in _until(ours, "ready")
        os.write(ours, b"got-loaders doc\t--mod\ttin\t")
        shown = _until(ours, "doctor --model tiny")
        process.kill()
    os.close(ours)
    assert "got-loaders doctor --model tiny" in shown


def _until(terminal: int, text: str) -> str:
    """What the terminal shows until ``text`` is there."""
    shown, end = "", time.monotonic() + 60
    while text not in shown and time.monotonic() < end:
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 4096).decode(errors="replace")
    return shown


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_take_their_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The scripts for zsh and fish are understood by these."""
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"there is no {shell}")
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    checked = subprocess.run(
        [path, "-n"], input=script, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "got-loaders" in script


@pytest.mark.parametrize(
    ("flag", "typed", "offered"),
    [
        ("--output", "", ["markdown", "latex", "text", "html", "raw"]),
        ("--model", "t", ["tiny"]),
        ("--model", "sc", ["scans/"]),
        ("--layout-model", "t", []),
        ("--regions", "", ["auto"]),
        ("--drop", "header,fo", ["header,formula", "header,footer"]),
        ("--omit-metadata", "title,title", []),
        ("--cache-dir", "sc", ["scans/"]),
        ("--jsonl", "./sc", ["./scan.pdf", "./scans/"]),
        ("--jsonl", "no/such/", []),
        ("--jsonl", ".h", [".hidden"]),
        ("--dpi", "", []),
    ],
)
def test_values_are_offered_by_what_a_flag_takes(
    flag: str, typed: str, offered: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Words, models, lists of words, files or folders; hidden files once the dot is typed.

    A name that nobody can type, or print, does not take the others with it.
    """
    monkeypatch.chdir(tmp_path)
    for name in ("sc\udcff.pdf", "sc\n.pdf"):
        (tmp_path / name).touch()
    (tmp_path / "scan.pdf").touch()
    (tmp_path / ".hidden").touch()
    (tmp_path / "scans").mkdir()
    action = next(a for a in actions_of(parser()) if flag in a.option_strings)
    completer = completer_of(action)
    assert completer is not None
    assert completer(typed) == offered
