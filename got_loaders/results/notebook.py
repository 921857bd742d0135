"""A result as a cell of a notebook shows it: the page beside its reading.

The document is opened again for its picture, as far as that needs no network and no password.
"""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING

from got_loaders.errors import GotLoadersError, printable
from got_loaders.results.description import describe_place, notes_on
from got_loaders.sources import looks_like_url

if TYPE_CHECKING:
    from PIL.Image import Image

    from got_loaders.results.page_result import PageResult

__all__ = ["notebook_html"]

_SIDE = 800
"""Pixels along the longer side of the picture, which is shown at half of that."""
_FRAME = 5
"""Pixels of the frame around a region, on a picture of 1400."""

_IGNORED = "tex2jax_ignore mathjax_ignore"
"""Classes in which MathJax, which notebooks have, takes dollars for what they are."""
_CELL = "display:flex;flex-wrap:wrap;gap:1em;align-items:flex-start;text-align:left"
_READING = "flex:1 1 20em;min-width:0;max-width:60em;overflow:auto"


def notebook_html(result: PageResult) -> str:
    """The picture of the page, its region outlined, beside the typeset reading; no script.

    Without the picture where the document is not to be had, in which case a line says why.
    """
    from got_loaders.markup import escape_html  # here: it loads the parser

    picture, missing = _picture(result)
    head = f"<p><strong>{escape_html(describe_place(result))}</strong>"
    notes = [*notes_on(result), *([missing] if missing else [])]
    if notes:
        head += f" <em>({escape_html('; '.join(notes))})</em>"
    return (
        f'<div class="{_IGNORED}">{head}</p><div style="{_CELL}">{picture}'
        f'<div style="{_READING}">{_reading(result)}</div></div></div>'
    )


def _reading(result: PageResult) -> str:
    from got_loaders.rendering.page import render_reading
    from got_loaders.results.text_forms import is_markup

    if result.ocr is None:
        return ""
    return render_reading(result.ocr.text, language=result.ocr.markup, formatted=is_markup(result))


def _picture(result: PageResult) -> tuple[str, str]:
    """The picture as HTML, or "" and a reason that is worth a word."""
    source = result.info.source
    if result.info.number is None:
        return "", ""
    if looks_like_url(source):
        return "", "no picture: it would be downloaded once more"
    try:
        image = result.draw(width=_FRAME)
    except GotLoadersError as error:
        reason = printable(str(error)).removeprefix(printable(source)).lstrip(" ,:")
        return "", f"no picture: {reason}"
    return _as_html(image), ""


def _as_html(image: Image) -> str:
    image.thumbnail((_SIDE, _SIDE), reducing_gap=2)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    data = base64.b64encode(out.getvalue()).decode("ascii")
    return (
        f'<img alt="the page" width="{max(1, image.width // 2)}" '
        f'src="data:image/png;base64,{data}" style="max-width:100%;border:1px solid #8888">'
    )
