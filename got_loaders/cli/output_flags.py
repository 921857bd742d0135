"""The flags that say where the texts of ``got-loaders read`` go, and what is told meanwhile."""

from __future__ import annotations

import argparse
import os

__all__ = ["add_output_flags"]


def add_output_flags(group: argparse._ArgumentGroup) -> None:
    """Add what concerns the command alone, and the bar, with which its summary is silenced."""
    add = group.add_argument
    add(
        "-o",
        "--output-file",
        metavar="PATH",
        help="write into this file, or into a file for each input in this folder: FOLDER/",
    )
    add("--output-dir", type=_as_folder, dest="output_file", metavar="FOLDER", help="-o FOLDER/")
    add(
        "--jsonl",
        metavar="FILE",
        help="JSON lines into this file, replaced when the first record is there; - for the "
        "standard output",
    )
    add("--resume", action="store_true", help="go on with the --jsonl file of a killed run")
    add("--progress", action="store_true", help="show a progress bar even without a terminal")
    add("--quiet", action="store_false", dest="progress", help="show no bar and no summary")


def _as_folder(path: str) -> str:
    return os.path.join(path, "") if path else path  # noqa: PTH118  # as text, with its last slash
