"""How a text names the figures whose pictures are kept, in each of its forms."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from got_loaders.markup import escape_html, escape_latex
from got_loaders.options.figures import TEX_UNSAFE
from got_loaders.types import FIGURE_NAME

if TYPE_CHECKING:
    from got_loaders.options import Output
    from got_loaders.results.page_result import PageResult
    from got_loaders.types import Figure

__all__ = ["embedded", "figure_reference", "without_reference"]

_DRIVE = re.compile(r"[A-Za-z]:/")
_MARKUP = re.compile(r"[\\`*~$|\[\]<]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
"""What means something between the brackets of an image in Markdown."""


def figure_reference(result: PageResult, output: Output) -> str:
    r"""What stands in the text where the figure stood; "" where none is kept, and in raw readings.

    An image in Markdown, ``<figure>`` in HTML, ``\includegraphics`` in LaTeX, else its caption, or
    the word "figure", in brackets. So it is in LaTeX, too, where the picture is no file.
    """
    figure = result.figure
    if figure is None or output == "raw":
        return ""
    name = figure.caption or "figure"
    if output == "markdown":
        return f"![{_in_brackets(name)}]({_url(figure)})"
    if output == "html":
        url, alt = _attribute(_url(figure)), _attribute(name)
        size = f'width="{figure.width}" height="{figure.height}"'
        return f'<figure><img src="{url}" alt="{alt}" {size}></figure>'
    if output == "latex":
        if figure.file is None or TEX_UNSAFE.search(figure.path):
            return escape_latex(f"[{name}]")
        return (
            f"\\begin{{center}}\n\\includegraphics[width={_share_of_width(result):.2f}\\linewidth,"
            f"height=0.9\\textheight,keepaspectratio]{{{figure.path}}}\n\\end{{center}}"
        )
    return f"[{name}]"


def without_reference(markdown: str, result: PageResult) -> str:
    """``markdown`` without the image of the result's figure at its start, wherever and as what it
    was kept: where somebody edited the text of a figure, the image may stand in it or not."""
    if result.figure is None:
        return markdown
    name = re.escape(result.figure.path.rpartition("/")[2])
    target = rf"data:image/[^)\s]*|(?:[^)\s]*/)?(?:{FIGURE_NAME.pattern}|{name})"
    return re.sub(rf"\A\s*!\[(?:\\.|[^\]\\])*\]\((?:{target})\)\s*", "", markdown)


def embedded(result: PageResult) -> PageResult:
    """The result with its figure in the texts themselves, as a ``data:`` URL.

    As it is where there is none, where it is in there already, or its file is gone.
    """
    figure = result.figure
    if figure is None or figure.file is None:
        return result
    try:
        data = Path(figure.file).read_bytes()
    except OSError:
        return result
    url = f"data:{figure.media_type};base64,{base64.b64encode(data).decode('ascii')}"
    return replace(result, figure=replace(figure, path=url, file=None))


def _share_of_width(result: PageResult) -> float:
    """How much of the page's width the figure takes; all of a line at most."""
    region, info = result.region, result.info
    if region is None or not info.width or not info.height:
        return 1.0
    is_turned = 45 < abs(region.skew) < 135  # the picture is upright
    share = region.box.height / info.height if is_turned else region.box.width / info.width
    return max(0.05, min(1.0, share))


def _url(figure: Figure) -> str:
    """The path as a relative URL; no blank, bracket or colon is left that would mean something."""
    if figure.file is None:
        return figure.path
    drive = _DRIVE.match(figure.path)
    start = drive[0] if drive else ""
    path = re.sub(r"\A//+", "/", figure.path[len(start) :])  # two would begin with a host
    return start + quote(path.encode("utf-8", "surrogateescape"), safe="/~")


def _in_brackets(text: str) -> str:
    return _MARKUP.sub(r"\\\g<0>", text)


def _attribute(text: str) -> str:
    return escape_html(text).replace("\n", " ")
