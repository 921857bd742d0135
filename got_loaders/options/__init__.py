"""Every option of a read, written once; the loader, the reader and the command line share it.

Values are checked where the options are made, with the option's name and the value in the
message. What only a document can tell (how many pages it has) is checked when it is read.
"""

from __future__ import annotations

from got_loaders.options.checks import BoxLike, Regions
from got_loaders.options.literals import Cache, Mode, OnError, Output, Progress, TextLayerUse
from got_loaders.options.overrides import ReadOverrides
from got_loaders.options.pages import Pages, check_pages, parse_pages
from got_loaders.options.read import ReadOptions

__all__ = [
    "BoxLike",
    "Cache",
    "Mode",
    "OnError",
    "Output",
    "Pages",
    "Progress",
    "ReadOptions",
    "ReadOverrides",
    "Regions",
    "TextLayerUse",
    "check_pages",
    "parse_pages",
]
