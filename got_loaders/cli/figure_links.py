"""Where ``got-loaders read`` keeps figures, and how the files that it writes name them.

Beside the output, unless the command line says otherwise; a file names them by the way that leads
there from itself, so that it can be opened wherever it lies.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import aclosing, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from got_loaders.cli.destination import Destination, check_folder
from got_loaders.errors import OptionError
from got_loaders.options import ReadOptions
from got_loaders.sources import sanitize_text

if TYPE_CHECKING:
    from got_loaders.documents.records import FileCorrections, ResultStream
    from got_loaders.results import PageResult

__all__ = ["LinkedFigures", "with_figures_dir"]

OutputOf = Callable[[str], Path | None]
"""The file that the texts of a source go to; None where they have no place of their own."""


def with_figures_dir(
    options: ReadOptions, args: argparse.Namespace, to: Destination
) -> ReadOptions:
    """The options with the folder that is meant: the one of the output, if none is named.

    Raises :class:`OptionError` where it can't be written to, or is named and not used.
    """
    if options.figures != "keep":
        if hasattr(args, "figures_dir"):
            raise OptionError(f"figures_dir={args.figures_dir!r} is for --figures keep")
        return options
    if not hasattr(args, "figures_dir") and to.kind != "jsonl" and not to.is_stdout:
        parent = to.path if to.kind == "folder" else os.path.dirname(to.path)  # noqa: PTH120  # text
        folder = os.path.join(parent, str(options.figures_dir))  # noqa: PTH118  # as it was given
        options = replace(options, figures_dir=folder)
    check_folder(os.path.expanduser(str(options.figures_dir)), "--figures-dir")  # noqa: PTH111
    return options


class LinkedFigures:
    """The results of a job, whose figures are named as the file that they go to has to."""

    def __init__(self, job: ResultStream, output_of: OutputOf) -> None:
        self.options = job.options
        self._job = job
        self._output_of = output_of

    @property
    def file_done(self) -> bool:
        """Whether the page that was given last is its file's last one."""
        return self._job.file_done

    @property
    def corrections(self) -> FileCorrections:
        """What people corrected of files that become one Document."""
        return self._job.corrections

    def pages(self) -> Generator[Sequence[PageResult]]:
        """The results, page by page."""
        with closing(self._job.pages()) as pages:
            for page in pages:
                yield [self._linked(result) for result in page]

    async def apages(self) -> AsyncGenerator[Sequence[PageResult]]:
        """The same, asynchronously."""
        async with aclosing(self._job.apages()) as pages:
            async for page in pages:
                yield [self._linked(result) for result in page]

    def _linked(self, result: PageResult) -> PageResult:
        figure = result.figure
        if figure is None or figure.file is None:
            return result
        output = self._output_of(sanitize_text(result.info.source))
        if output is None:
            return result
        folder = os.path.realpath(output.parent)
        try:
            path = os.path.relpath(os.path.realpath(figure.file), folder)
        except ValueError:  # on another drive of Windows
            path = figure.file
        return replace(result, figure=replace(figure, path=Path(path).as_posix()))
