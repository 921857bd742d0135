"""What takes the records of ``got-loaders read``, by where they go."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from got_loaders.cli.destination import SUFFIXES, Destination, check_folder
from got_loaders.cli.output import JsonLines, PrintedTexts
from got_loaders.cli.output_names import output_paths
from got_loaders.cli.page_layout import PageLayout
from got_loaders.cli.text_files import FolderWriter, TextFile, is_special
from got_loaders.errors import OptionError
from got_loaders.options.digest import options_digest
from got_loaders.sources import RootFolder, Source, sanitize_text

if TYPE_CHECKING:
    from got_loaders.cli.inputs import Inputs
    from got_loaders.documents.records import Record
    from got_loaders.options import ReadOptions
    from got_loaders.pipeline.progress import PageReport

__all__ = ["Expected", "RecordWriter", "writer_to"]


class Expected:
    """Whether more than one record is to be expected; asked when the first is there."""

    def __init__(self, several: bool, options: ReadOptions) -> None:
        self._several = several
        self._mode = options.mode
        self._known = several or options.mode == "single"

    def on_page(self, page: PageReport, total_pages: int) -> None:
        """This one is done; of the files that were opened, ``total_pages`` are to be read."""
        if not self._known:
            regions = len(page.results) if self._mode == "region" else 1
            self._several = total_pages > page.pages or regions > 1
        self._known = True

    def __call__(self) -> bool:
        """Whether it is."""
        return self._several


class RecordWriter(Protocol):
    """Takes the records of one read, in order."""

    def on_page(self, page: PageReport) -> None:
        """Hear of a page, before its records come."""

    def write(self, record: Record) -> None:
        """Write a record at once."""

    def close(self, *, whole: bool) -> None:
        """Write what is left to write; ``whole``: no error ended the read."""

    def output_of(self, source: str) -> Path | None:
        """The file that the texts of a source go to; None where none lasts."""

    def notes(self) -> list[str]:
        """What is to be said at the end of what was written."""


def writer_to(
    to: Destination, options: ReadOptions, inputs: Inputs, expected: Expected, *, append: bool
) -> RecordWriter:
    """The writer; it opens nothing before the first record is there."""
    if to.kind == "jsonl":
        return JsonLines(to.path, options_digest(options), append=append)
    if to.kind == "folder":
        return FolderWriter(Path(to.path), _paths(Path(to.path), options, inputs), options)
    if to.is_stdout:
        return PrintedTexts(
            PageLayout(output=options.output, titled=expected, encoding=sys.stdout.encoding)
        )
    title = Path(to.path).stem if inputs.are_several else inputs.first_name
    layout = PageLayout(output=options.output, titled=expected, file=True, title=title)
    path = Path(to.path)
    if path.is_symlink() and not is_special(path):
        path = Path(os.path.realpath(path))  # a link stays one
    return TextFile(path, layout)


def _paths(folder: Path, options: ReadOptions, inputs: Inputs) -> dict[str, Path]:
    """The files of a folder by their sources, as metadata names these."""
    sources = [source for source in inputs.sources if isinstance(source, Source)]
    suffix, several = SUFFIXES[options.output], inputs.are_several_names
    paths = output_paths(folder, sources, suffix, several_inputs=several)
    root = RootFolder.from_path(str(folder))
    for parent in {path.parent for path in paths.values()}:
        if not root.contains(parent.absolute()):
            raise OptionError(f"-o {folder}: {parent} leads out of it, by a link")
        check_folder(str(parent), "-o")
    for path in paths.values():
        if is_special(path):
            raise OptionError(f"-o {folder}: {path} is there already, and is no file")
    return {sanitize_text(name): path for name, path in paths.items()}
