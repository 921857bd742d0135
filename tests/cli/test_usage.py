"""What the command line says of a wrong one: in its own words, and with what was meant."""

from __future__ import annotations

import argparse
import re
from dataclasses import fields

import pytest

from got_loaders import ReadOptions
from got_loaders.cli import main, parser
from got_loaders.cli.help_texts import bytes_text
from got_loaders.cli.messages import in_flags


def told(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str]:
    """The exit code of a wrong command line, and the last line of what it says."""
    try:
        code = main(argv)
    except SystemExit as exit_:
        code = int(str(exit_.code))
    out, err = capsys.readouterr()
    assert out == ""
    return code, err.splitlines()[-1]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("read --modle x", "got-loaders read: --modle is not a flag; did you mean --model?"),
        ("read --modle", "got-loaders read: --modle is not a flag; did you mean --model?"),
        ("read x.pdf --max-page=1", "got-loaders read: ambiguous option: --max-page=1 could match"),
        ("read x.pdf --omit_metadata x", "did you mean --omit-metadata?"),
        ("read x.pdf --colour red", "did you mean --color?"),
        ("read x.pdf -q", "got-loaders read: -q is not a flag; --help lists them"),
        ("raed x.pdf", "'raed' is none of read, "),
        ("raed x.pdf", "; did you mean read?"),
        ("docter --model tiny", "; did you mean doctor?"),
        ("scan.pdf", "; to read it: got-loaders read scan.pdf"),
        ("--model tiny read x.pdf", ": got-loaders read --model …"),
        ("doctor --pages 1", "--pages is a flag of read and report: got-loaders read --pages …"),
        ("report --modle x", "got-loaders report: --modle is not a flag; did you mean --model?"),
        ("report x.pdf --output html", "--output: a report shows each page in every form: leave"),
        ("report x.pdf --order worst", "'worst' is none of doubtful, page"),
        ("report x.pdf --split 0", "--split 0: expected how many pages a file has"),
        ("report x.pdf --picture-side 9", "--picture-side 9: expected pixels, 50 to 4000, or 0"),
        ("report x.pdf -o no/r.html", "-o no/r.html: there is no folder no"),
        ("report x.pdf -o -", "-o -: a report is a file: name one, as in -o report.html"),
        ("report", "PATH is missing: name what to read, or --jsonl FILE"),
        ("report --jsonl x --pages 1", "reads nothing: leave out --pages"),
        ("report --jsonl x --engine http://gpu", "reads nothing: leave out --engine"),
        ("report x.pdf --jsonl x", "--jsonl x and x.pdf exclude each other"),
        ("report --jsonl no.jsonl", "no.jsonl: can't be read: No such file or directory"),
        ("help", "; did you mean --help?"),
        ("", "got-loaders: COMMAND is missing: see got-loaders --help"),
        ("read --model tiny", "got-loaders read: PATH is missing: see got-loaders read --help"),
        ("completion bash zsh", "got-loaders completion: 'zsh' is one argument too many"),
        ("read x.pdf --quiet -5", "got-loaders read: '-5' is one argument too many"),
        ("read x.pdf --regions aoto", "'aoto' is neither auto nor like 10,20,300,400; did you"),
        ("read x.pdf --format markdwon", "--output markdwon: expected one of 'markdown', "),
        ("cache cler", "'cler' is none of show, clear; did you mean clear?"),
        ("read x.pdf --mode pages", "--mode pages: expected one of 'page', 'single', 'region'; "),
        ("read x.pdf --crop atuo", "--crop: 'atuo' is none of auto, yes, no; did you mean auto?"),
        ("read x.pdf --max-pages many", "--max-pages: 'many' is not a whole number"),
        ("read x.pdf --dpi high", "--dpi: 'high' is not a number"),
        ("read x.pdf --model tinny", "--model tinny is neither a model nor a folder; did you"),
        ("read x.pdf --box 1,2,3,4 --color red", "--box 1,2,3,4 and --color red exclude each"),
        ("read x.pdf --mode region --multi-page 3", "--mode region can't be combined with --mul"),
        ("read x.pdf --crop yes --box 1,2,3,4", "--crop yes can't be combined with --box"),
        ("read x.pdf --min-patches 20", "--min-patches 20 is more than --max-patches 12"),
        ("read x.pdf --regions 1,2,3", "--regions 1,2,3: expected four numbers"),
        ("read x.pdf --model ./weights", "--model ./weights: there is no such folder"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_answered_with_what_was_meant(
    command: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message belongs to the command that was called, and names the flag or word to use."""
    code, line = told(capsys, *command.split())
    assert message in line
    assert code == (1 if "./weights" in command else 2)


WRONG = {
    "FOLDER": "", "MODEL": "", "GLOB": "", "PAGES": "0", "HOSTS": "no host", "DPI": "5",
    "N": "0", "S": "0", "SIZE": "0", "TYPES": "x", "KEYS": "x", "X0,Y0,X1,Y1": "9,9,1,1",
    "auto|BOXES": "9,9,1,1",
}  # fmt: skip
"""A value that is refused, by the kind that a flag takes; of words, any other."""


def flags_of_options() -> list[tuple[str, str]]:
    """Each flag of ``read`` that sets an option by a value that can be wrong, and such a value."""
    flags = (
        (flag.name or f"--{field.name.replace('_', '-')}", flag.metavar)
        for field in fields(ReadOptions)
        for flag in field.metadata["flags"]
    )
    skipped = ("FILE", "NAME", "PASSWORD", None)
    return [(name, WRONG.get(kind or "", "bogus")) for name, kind in flags if kind not in skipped]


@pytest.mark.parametrize(("flag", "value"), flags_of_options())
def test_every_flag_is_called_by_its_name(
    flag: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong value of any flag is told with the flag, never as the API spells the option."""
    code, line = told(capsys, "read", "x.pdf", flag, value)
    assert (code, line.count("\n")) == (2, 0)
    assert flag in line
    assert not re.search(r"\w=|None|True|False", line)


@pytest.mark.parametrize(
    ("message", "source", "expected"),
    [
        ("a.pdf: pass its password (password=…)", "a.pdf", "a.pdf: pass its password (--password)"),
        ("pages=1.pdf: over max_pages=9", "pages=1.pdf", "pages=1.pdf: over --max-pages 9"),
        ("d/mode=x/a.pdf: no", None, "d/mode=x/a.pdf: no"),
        ("pages='mode=3': no", None, "--pages mode=3: no"),
        ("URLs may not be read here (urls=False)", None, "URLs may not be read here (--no-urls)"),
        ("pass url_hosts=['10.0.0.5'] or glob=", None, "pass --url-hosts 10.0.0.5 or --glob"),
        ("pages count from 1, by box or mode", None, "pages count from 1, by box or mode"),
        ("raise max_patches", None, "raise --max-patches"),
        ('try model="tiny"', None, "try --model tiny"),
        ("engine='gpu:8000': did you mean 'x'?", None, "--engine gpu:8000: did you mean 'x'?"),
        ("engine=EngineConfig(device='x')", None, "engine=EngineConfig(--device x)"),
        (f"pages='{'1,' * 99}…: no", None, f"--pages '{'1,' * 99}…: no"),
    ],
)  # fmt: skip
def test_options_in_messages_are_called_by_their_flags(
    message: str, source: str | None, expected: str
) -> None:
    """Options become flags; words, quotations and the names of files stay as they are."""
    assert in_flags(message, source) == expected


def test_help_tells_choices_defaults_and_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """Each flag of `read --help` has its choices and default, and no line is too long."""
    with pytest.raises(SystemExit):
        main(["read", "--help"])
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    words = " ".join(text.split())
    assert (
        "--mode page|single|region a record a page, a file (single) or a region (default: page)"
        in words
    )
    assert (
        "--max-page-bytes SIZE the most memory for decoding a page, on Linux (default: 4G)" in words
    )
    assert "examples:\n  got-loaders read scan.pdf --model tiny\n" in text


def test_every_command_has_examples() -> None:
    """Whatever can be called shows how."""
    (commands,) = (a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    for name, command in commands.choices.items():
        assert f"\n  got-loaders {name}" in command.format_help()


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (814, "814 bytes"),
        (20_480, "20.5 kB"),
        (1_234_567, "1.23 MB"),
        (10**9, "1 GB"),
    ],
)
def test_sizes_are_told_in_units_that_fit(size: int, text: str) -> None:
    """A small cache is no "0.0 MB"."""
    assert bytes_text(size) == text
