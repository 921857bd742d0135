"""The command line: ``got-loaders read`` and ``got-loaders doctor``.

The only module that prints. It needs no framework: it reads through the pipeline and writes the
records that Documents are made of. Pages are counted from 1 here, as people do.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from got_loaders import __version__
from got_loaders.engine.config import DEFAULT_MODEL, EngineConfig
from got_loaders.errors import GotLoadersError, OptionError
from got_loaders.options import ReadOptions

if TYPE_CHECKING:
    from got_loaders.documents import Record
    from got_loaders.types import Engine

__all__ = ["main", "parser"]

_CROP: dict[str, bool | str] = {"auto": "auto", "yes": True, "no": False}
_BROKEN_PIPE = 141  # 128 + SIGPIPE, as a shell reports other tools that nobody reads


def main(argv: Sequence[str] | None = None, *, engine: Engine | None = None) -> int:
    """Run a command; returns the exit code. ``engine`` replaces the model, for tests.

    0 it worked, 1 it did not (one line on standard error says why), 2 an option is wrong,
    130 interrupted.
    """
    args = parser().parse_args(argv)
    try:
        return _run(args, engine)
    except OptionError as error:
        return _complain(error, 2)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except (GotLoadersError, OSError) as error:
        return _complain(error, 1)
    except KeyboardInterrupt:
        return _complain("interrupted", 130)


def _run(args: argparse.Namespace, engine: Engine | None) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a narrow encoding loses no page
    code: int = args.run(args, engine)
    sys.stdout.flush()
    return code


def parser() -> argparse.ArgumentParser:
    """The parser of the command line; a read option that is not given is absent from its result."""
    top = argparse.ArgumentParser(prog="got-loaders", description="Read PDFs and images by OCR.")
    top.add_argument("--version", action="version", version=f"got-loaders {__version__}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    read = commands.add_parser(
        "read",
        help="read PDFs, images and folders; text goes to standard output",
        argument_default=argparse.SUPPRESS,
    )
    read.add_argument("paths", nargs="+", metavar="PATH", help="a PDF, an image or a folder")
    read.set_defaults(run=_read)
    _add_engine(read)
    _add_what(read)
    _add_how(read)
    _add_output(read)
    doctor = commands.add_parser("doctor", help="say whether this machine is ready to read")
    doctor.set_defaults(run=_doctor)
    _add_engine(doctor)
    return top


def _add_engine(command: argparse.ArgumentParser) -> None:
    add = command.add_argument_group("model").add_argument
    add("--model", default=DEFAULT_MODEL, help="a hub id, a folder or tiny (default: %(default)s)")
    add("--device", default="auto", help="auto, cpu, cuda, cuda:1, mps; several: cuda:0,cuda:1")


def _add_what(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("what to read")
    add = group.add_argument
    add("--pages", metavar="PAGES", help='such as "1-3,7,-1": the last is -1')
    add("--glob", metavar="GLOB", help="which files of a folder, such as '**/*.pdf'")
    add("--box", type=_box, metavar="X0,Y0,X1,Y1", help="one region: points or pixels")
    add("--color", help="the region in a frame of this colour: red, green or blue")
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
    add("--multi-page", type=int, metavar="N", help="read N pages in one request")
    add("--max-new-tokens", type=int, metavar="N", help="the most tokens for one request")
    add("--on-error", help="raise, skip, or keep: an empty record that says why")


def _add_output(command: argparse.ArgumentParser) -> None:
    add = command.add_argument_group("output").add_argument
    add("--mode", help="page: a record a page; single: one a file")
    add("--output", help="markdown, text, or raw: what the model wrote")
    add("--jsonl", metavar="FILE", help="records as JSON lines into FILE, or - for standard output")
    add("--progress", action="store_true", help="show a progress bar even without a terminal")
    add("--quiet", action="store_false", dest="progress", help="show no progress bar")


def _box(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 10,20,300,400") from None


def _read(args: argparse.Namespace, engine: Engine | None) -> int:
    from got_loaders.documents import records
    from got_loaders.pipeline import Reading

    options = _options(args)
    reading = Reading(args.paths, None, engine or _engine_config(args), options)
    with closing(records(reading.run(), options, reading.fingerprint)) as found:
        if hasattr(args, "jsonl"):
            _write_jsonl(found, args.jsonl)
        else:
            _write_text(found)
    return 0


def _options(args: argparse.Namespace) -> ReadOptions:
    names = [f.name for f in fields(ReadOptions)]
    given: dict[str, Any] = {n: v for n, v in vars(args).items() if n in names}
    if "crop_to_patches" in given:
        given["crop_to_patches"] = _CROP[given["crop_to_patches"]]
    if hasattr(args, "password_file"):
        lines = Path(args.password_file).read_text(encoding="utf-8").splitlines()
        given["password"] = lines[0] if lines else ""
    if hasattr(args, "password_env"):
        given["password"] = os.environ.get(args.password_env)
        if given["password"] is None:
            raise OptionError(f"--password-env: there is no variable {args.password_env!r}")
    given.setdefault("progress", sys.stderr.isatty() and not _prints_to_terminal(args))
    return ReadOptions(**given)


def _prints_to_terminal(args: argparse.Namespace) -> bool:
    return getattr(args, "jsonl", "-") == "-" and sys.stdout.isatty()


def _write_text(records: Iterable[Record]) -> None:
    """Texts with an empty line between; with a header each, where there is more than one."""
    for record, alone in _and_whether_alone(records):
        if not alone:
            print(f"==> {_place(record)} <==")
        if "error" in record.metadata:
            print(f"got-loaders: {_place(record)}: {record.metadata['error']}", file=sys.stderr)
        print(record.text, end="\n" if alone else "\n\n", flush=True)


def _and_whether_alone(records: Iterable[Record]) -> Iterator[tuple[Record, bool]]:
    """Each record, and whether it is the only one: holds back the first until that is known."""
    found = iter(records)
    first = next(found, None)
    if first is None:
        return
    second = next(found, None)
    yield first, second is None
    if second is not None:
        yield second, False
    for record in found:
        yield record, False


def _place(record: Record) -> str:
    """Source and page as people say it: ``scan.pdf, page 2 of 3``."""
    about = record.metadata
    if not isinstance(number := about.get("page"), int):
        return str(about["source"])
    last = about.get("page_last")
    pages = f"pages {number + 1}-{last + 1}" if isinstance(last, int) else f"page {number + 1}"
    total = about.get("total_pages")
    return f"{about['source']}, {pages}" + (f" of {total}" if total else "")


def _write_jsonl(records: Iterable[Record], file: str) -> None:
    """A line for each record, written as soon as it is there."""
    with _opened(file) as out:
        utf8 = out.encoding.lower() == "utf-8"
        for record in records:
            value = {"id": record.id, "text": record.text, "metadata": record.metadata}
            print(json.dumps(value, ensure_ascii=not utf8), file=out, flush=True)


@contextmanager
def _opened(file: str) -> Iterator[TextIO]:
    if file == "-":
        yield sys.stdout
        return
    with Path(file).open("w", encoding="utf-8") as out:
        yield out


def _doctor(args: argparse.Namespace, _engine: Engine | None) -> int:
    from got_loaders.doctor import examine

    usable = True
    for finding in examine(_engine_config(args)):
        print(f"{finding.state:>7}  {finding.what}: {finding.text}", flush=True)
        usable = usable and finding.state != "problem"
    print("ready to read" if usable else "not ready: see the lines marked problem")
    return 0 if usable else 1


def _engine_config(args: argparse.Namespace) -> EngineConfig:
    names = tuple(args.device.split(","))
    return EngineConfig(model=args.model, device=names if len(names) > 1 else names[0])


def _complain(error: object, code: int) -> int:
    print("got-loaders:", " ".join(str(error).split()), file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
