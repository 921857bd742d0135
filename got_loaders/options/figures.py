"""Checks of the options that keep the pictures of figures."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from got_loaders.errors import OptionError, shown

if TYPE_CHECKING:
    from got_loaders.options.read import ReadOptions

__all__ = ["TEX_UNSAFE", "check_figures", "check_figures_dir"]

TEX_UNSAFE = re.compile(r"""[%#~{}\\"\ud800-\udfff]""")
r"""What no path in ``\includegraphics`` may hold: TeX takes it for something else."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def check_figures_dir(name: str, value: object) -> str:
    """A path as a text, on one line."""
    folder = os.fsdecode(value) if isinstance(value, str | os.PathLike) else ""
    if not folder.strip() or _CONTROLS.search(folder):
        raise OptionError(f"{name}={shown(value)}: expected a folder")
    return folder


def check_figures(options: ReadOptions) -> None:
    """Raise :class:`OptionError` where figures are to be kept, and there can be none.

    Layout finds them: of a box, a colour or regions that the caller names nobody knows the type.
    """
    if options.figures == "drop":
        return
    for name in ("box", "color", "regions"):
        value = getattr(options, name)
        if value not in (None, "auto"):
            raise OptionError(
                f"figures={options.figures!r} goes with whole pages and with regions found by "
                f"layout, not with {name}={shown(value)}"
            )
    if options.output != "latex":
        return
    if options.figures == "inline":
        raise OptionError(
            "figures='inline' does not go with output='latex', which names files: figures='keep'"
        )
    if TEX_UNSAFE.search(str(options.figures_dir)):
        raise OptionError(
            f"figures_dir={shown(options.figures_dir)}: LaTeX takes no % # ~ {{ }} \\ or quotation "
            "mark in the name of a file"
        )
