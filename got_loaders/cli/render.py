"""``got-loaders render``: what a text denotes, as a page, a picture or a document."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import get_args

from got_loaders.cli.help_texts import examples
from got_loaders.cli.usage import CommandParser
from got_loaders.errors import OptionError, SourceError, printable
from got_loaders.rendering.rendered import RenderKind

__all__ = ["add_render", "render_file"]

_KIND_OF_SUFFIX: dict[str, RenderKind] = {
    ".md": "markdown", ".markdown": "markdown", ".krn": "music", ".kern": "music",
    ".smi": "smiles", ".smiles": "smiles", ".tikz": "tikz",
}  # fmt: skip
_MAX_BYTES = 20_000_000
_RECORD = re.compile(r'\s*\{"id": "[^"\n]*", "text": "')
"""A line of ``got-loaders read --jsonl``, which would pass for a chart."""


def add_render(commands: argparse._SubParsersAction[CommandParser]) -> None:
    """Add the command and its flags."""
    render = commands.add_parser(
        "render",
        usage="got-loaders render [FLAGS] FILE",
        help="show a text as it looks: formulas, tables, music, molecules, charts, TikZ",
        epilog=examples("render"),
    )
    render.add_argument("file", metavar="FILE", help="a file of text; - is standard input")
    render.add_argument(
        "-o",
        "--output-file",
        default="-",
        metavar="FILE",
        help="where to: .html, .svg or .pdf; - is the page on standard output (default: -)",
    )
    render.add_argument(
        "--kind",
        choices=get_args(RenderKind),
        help="what it is written in (default: by its suffix, or recognized)",
    )


def render_file(args: argparse.Namespace) -> int:
    """Render the file and write what came of it; 1, with the reason, where it could not be."""
    from got_loaders.rendering import render
    from got_loaders.rendering.saving import SUFFIXES

    output = args.output_file
    if output != "-":
        _check_output(args.file, Path(output), SUFFIXES)
    text = _text_of(args.file)
    if args.kind is None and _RECORD.match(text):
        raise SourceError(
            f"{args.file}: it holds records of pages: got-loaders report --jsonl FILE shows them"
        )
    made = render(text, args.kind or _KIND_OF_SUFFIX.get(Path(args.file).suffix.lower()))
    if made.reason is not None:
        print(f"got-loaders: not rendered: {printable(made.reason)}", file=sys.stderr)
    if output == "-":
        _print_page(made.html, "" if args.file == "-" else Path(args.file).stem)
    elif made.reason is None or Path(output).suffix.lower() == ".html":
        for path in made.save(output):
            print(printable(str(path)), file=sys.stderr)
    return 0 if made.reason is None else 1


def _print_page(html: str, title: str) -> None:
    from got_loaders.rendering.document import html_document

    sys.stdout.write(html_document(html, title=title or "rendered"))


def _check_output(file: str, path: Path, suffixes: tuple[str, ...]) -> None:
    if path.suffix.lower() not in suffixes:
        known = ", ".join(suffixes)
        raise OptionError(f"--output-file: {path.name!r} must end in {known}, or be -")
    if not path.parent.is_dir():
        raise OptionError(f"--output-file {path}: there is no folder {path.parent}")
    if path.is_dir():
        raise OptionError(f"--output-file: {str(path)!r} is a folder")
    if file != "-" and path.exists() and path.resolve() == Path(file).resolve():
        raise OptionError(f"--output-file: {str(path)!r} is what is to be rendered")


def _text_of(file: str) -> str:
    """The text of a file, or of standard input; UTF-8, with or without its mark."""
    if file == "-":
        data = sys.stdin.buffer.read(_MAX_BYTES + 1)
    else:
        try:
            with Path(file).expanduser().open("rb") as opened:
                data = opened.read(_MAX_BYTES + 1)
        except OSError as error:
            raise SourceError(f"{file}: {error.strerror or 'it can not be read'}") from error
    if len(data) > _MAX_BYTES:
        raise SourceError(f"{file}: it is larger than {_MAX_BYTES // 10**6} MB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or data.startswith(b"%PDF-"):
        raise SourceError(
            f"{file}: it is no text in UTF-8. A PDF or a picture is read first: "
            "got-loaders read FILE --output raw | got-loaders render -"
        )
    return text
