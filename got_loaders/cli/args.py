"""The flags of the command line, and what they mean: read options and an engine configuration."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from got_loaders._version import __version__
from got_loaders.cli.arg_types import boxes, flag_box, names, size
from got_loaders.engine.config import DEFAULT_MODEL, EngineConfig
from got_loaders.errors import OptionError
from got_loaders.options import ReadOptions

__all__ = ["engine_config", "given_options", "parse", "parser", "read_options"]

_CROP: dict[str, bool | str] = {"auto": "auto", "yes": True, "no": False}
_TAKES_NEGATIVES = {"--pages", "--box", "--regions"}
_NEGATIVE = re.compile(r"-[\d.]")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """What a command line says; wrong usage exits with 2.

    argparse takes a value that begins with a dash for a flag, save for a number alone: values such
    as ``-1,1`` are joined to their flags before.
    """
    joined: list[str] = []
    for arg in argv:
        if joined and joined[-1] in _TAKES_NEGATIVES and _NEGATIVE.match(arg):
            joined[-1] += f"={arg}"
        else:
            joined.append(arg)
    return parser().parse_args(joined)


def parser() -> argparse.ArgumentParser:
    """The parser of the command line; a read option that is not given is absent from its result."""
    top = argparse.ArgumentParser(prog="got-loaders", description="Read PDFs and images by OCR.")
    top.add_argument("--version", action="version", version=f"got-loaders {__version__}")
    commands = top.add_subparsers(
        title="commands", required=True, dest="command", metavar="COMMAND"
    )
    read = commands.add_parser(
        "read",
        help="read PDFs, images and folders; text goes to standard output",
        argument_default=argparse.SUPPRESS,
    )
    read.add_argument("paths", nargs="+", metavar="PATH", help="a PDF, an image or a folder")
    _add_engine(read)
    _add_what(read)
    _add_how(read)
    _add_output(read)
    _add_limits(read)
    cache = commands.add_parser("cache", help="look into the cache of readings, or empty it")
    cache.add_argument("action", nargs="?", choices=("show", "clear"), default="show")
    cache.add_argument("--cache-dir", metavar="FOLDER", help="the cache there, not the user's own")
    mcp = commands.add_parser(
        "mcp",
        help="serve folders to agents, by the Model Context Protocol on standard input and output",
        argument_default=argparse.SUPPRESS,
    )
    mcp.add_argument("folders", nargs="+", metavar="FOLDER", help="what may be read from")
    _add_engine(mcp)
    _add_served(mcp)
    doctor = commands.add_parser("doctor", help="say whether this machine is ready to read")
    _add_engine(doctor)
    return top


def read_options(args: argparse.Namespace) -> ReadOptions:
    """The options of a ``read`` command; wrong ones raise :class:`OptionError`."""
    given = given_options(args)
    given.setdefault("progress", sys.stderr.isatty() and not _prints_to_terminal(args))
    return ReadOptions(**given)


def given_options(args: argparse.Namespace) -> dict[str, Any]:
    """The read options that a command line names."""
    names = [f.name for f in fields(ReadOptions)]
    given: dict[str, Any] = {n: v for n, v in vars(args).items() if n in names}
    if "crop_to_patches" in given:
        given["crop_to_patches"] = _CROP[given["crop_to_patches"]]
    if hasattr(args, "password_file"):
        given["password"] = _first_line(args.password_file)
    if hasattr(args, "password_env"):
        given["password"] = os.environ.get(args.password_env)
        if given["password"] is None:
            raise OptionError(f"--password-env: there is no variable {args.password_env!r}")
    if hasattr(args, "cache_dir"):
        given["cache"] = args.cache_dir
    return given


def engine_config(args: argparse.Namespace) -> EngineConfig:
    """The engine of a command."""
    names = tuple(args.device.split(","))
    return EngineConfig(model=args.model, device=names if len(names) > 1 else names[0])


def _add_engine(command: argparse.ArgumentParser) -> None:
    add = command.add_argument_group("model").add_argument
    add("--model", default=DEFAULT_MODEL, help="a hub id, a folder or tiny (default: %(default)s)")
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps; several: cuda:0,cuda:1")


def _add_what(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("what to read")
    add = group.add_argument
    add("--pages", metavar="PAGES", help='such as "1-3,7,-1": the last is -1')
    add("--glob", metavar="GLOB", help="which files of a folder, such as '**/*.pdf'")
    add("--box", type=flag_box, metavar="X0,Y0,X1,Y1", help="one region: points or pixels")
    add("--color", help="the region in a frame of this colour: red, green or blue")
    add("--regions", type=boxes, metavar="auto|BOXES", help="auto; or boxes, ';' between them")
    add("--drop", type=names, metavar="TYPES", help="regions to leave out, such as header,footer")
    add("--read-blank", action="store_false", dest="skip_blank", help="read blank pages as well")
    secret = group.add_mutually_exclusive_group().add_argument
    secret("--password-file", metavar="FILE", help="the password is this file's first line")
    secret("--password-env", metavar="NAME", help="the password is in this variable")
    secret("--password", help="the password itself; other users of the machine may see it")


def _add_how(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("how to read")
    add = group.add_argument
    kind = group.add_mutually_exclusive_group().add_argument
    kind("--format", action="store_true", help="formatted: headings, tables, formulas")
    kind("--plain", action="store_false", dest="format", help="plain: the characters alone")
    add("--dpi", type=float, help="render PDF pages at this many dots per inch")
    add("--crop", choices=_CROP, dest="crop_to_patches", help="show the page in tiles")
    add("--min-patches", type=int, metavar="N", help="the fewest tiles of a page")
    add("--max-patches", type=int, metavar="N", help="the most tiles of a page")
    add("--region-prompt", help="show the model a region as a crop, or by its box")
    add("--layout-model", metavar="MODEL", help="an object detector that finds the regions")
    add("--max-regions", type=int, metavar="N", help="a page with more is read as a whole")
    add("--text-layer", help="a page's own text: ignore; auto: where good; fallback: if all fails")
    add("--multi-page", type=int, metavar="N", help="read N pages in one request")
    add("--max-new-tokens", type=int, metavar="N", help="the most tokens for one request")
    add("--on-error", help="raise, skip, or keep: an empty record that says why")
    _add_cache(group)


def _add_served(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("what agents may do, and how it is read")
    add = group.add_argument
    add("--max-pages", type=int, metavar="N", help="of one call (default: 10)")
    add("--urls", action="store_true", help="read URLs of public addresses, too")
    add("--text-layer", help="a page's own text: ignore; auto: where good; fallback: if all fails")
    add("--layout-model", metavar="MODEL", help="an object detector that finds the regions")
    add("--max-new-tokens", type=int, metavar="N", help="the most tokens for one page")
    add("--max-page-seconds", type=float, metavar="S", help="for opening a file, or for a page")
    _add_cache(group)


def _add_cache(group: argparse._ArgumentGroup) -> None:
    cache = group.add_mutually_exclusive_group().add_argument
    cache("--cache", action="store_true", help="keep readings in the user's cache folder")
    cache("--cache-dir", metavar="FOLDER", help="keep readings in this folder")


def _add_output(command: argparse.ArgumentParser) -> None:
    add = command.add_argument_group("output").add_argument
    add("--mode", help="page: a record a page; single: one a file; region: one a region")
    add("--output", help="markdown, latex, text, html, or raw: what the model wrote")
    add("--table-format", help="tables in Markdown: gfm, or html, which keeps cells that span")
    add("--omit-metadata", type=names, metavar="KEYS", help="leave these out (default: moddate)")
    add("--jsonl", metavar="FILE", help="records as JSON lines into FILE, or - for standard output")
    add("--resume", action="store_true", help="go on with the FILE that a killed run left")
    add("--progress", action="store_true", help="show a progress bar even without a terminal")
    add("--quiet", action="store_false", dest="progress", help="show no bar and no summary")


def _add_limits(command: argparse.ArgumentParser) -> None:
    add = command.add_argument_group("limits").add_argument
    add("--root", metavar="FOLDER", help="read no path that leads out of this folder")
    add("--no-urls", action="store_false", dest="urls", help="read no URLs")
    add("--url-hosts", type=names, metavar="HOSTS", help="private hosts or networks to read from")
    add("--max-url-seconds", type=float, metavar="S", help="for one download")
    add("--max-file-bytes", type=size, metavar="SIZE", help="of a file or download: 500M, 2G")
    add("--max-pages", type=int, metavar="N", help="of a document")
    add("--max-image-pixels", type=size, metavar="SIZE", help="of an image file: 200M")
    add("--max-page-seconds", type=float, metavar="S", help="for opening a file, or for a page")
    add("--max-page-bytes", type=size, metavar="SIZE", help="memory for decoding a page")
    add("--max-cache-bytes", type=size, metavar="SIZE", help="of the cache")


def _first_line(file: str) -> str:
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:  # not chained: it holds the password
        raise OptionError(f"--password-file: {file!r} is not encoded in UTF-8") from None
    return lines[0] if lines else ""


def _prints_to_terminal(args: argparse.Namespace) -> bool:
    return getattr(args, "jsonl", "-") == "-" and sys.stdout.isatty()
