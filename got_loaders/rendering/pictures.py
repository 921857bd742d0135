"""Pictures, or the reason why there are none, as values that show themselves."""

from __future__ import annotations

import base64
import importlib.util
import re

from got_loaders.markup import escape_html
from got_loaders.rendering.rendered import Rendered, RenderKind

__all__ = ["missing_package", "pictures", "refused"]

_SIDES = {
    side: re.compile(rf"\s{side}=[\"']([0-9.]+)(px|pt|mm|in|)[\"']") for side in ("width", "height")
}
_UNITS = {"": 1.0, "px": 1.0, "pt": 96 / 72, "mm": 96 / 25.4, "in": 96.0}
_PAPER = '<rect width="100%" height="100%" fill="#fff"/>'


def pictures(
    kind: RenderKind,
    source: str,
    svgs: tuple[str, ...],
    *,
    name: str,
    pdf: bytes | None = None,
    on_paper: bool = True,
) -> Rendered:
    """The pictures of ``source``, which is folded below them.

    Each is called ``name`` for who can't see it; ``on_paper`` puts white paper behind them.
    """
    count = len(svgs)
    names = [name if count == 1 else f"{name}, {n} of {count}" for n in range(1, count + 1)]
    papers = [_PAPER if on_paper else ""] * count
    shown = "\n".join(map(_image, svgs, names, papers))
    folded = f"<details><summary>Source</summary>\n{_source(source)}\n</details>"
    html = f'<figure class="notation {kind}">\n{shown}\n{folded}\n</figure>'
    return Rendered(kind=kind, source=source, html=html, svgs=svgs, pdf=pdf)


def refused(kind: RenderKind, source: str, reason: str, pdf: bytes | None = None) -> Rendered:
    """What could not be rendered: why, and the source as it is."""
    html = (
        f'<figure class="notation {kind}">\n<figcaption>'
        f"Not rendered: {escape_html(reason)}</figcaption>\n{_source(source)}\n</figure>"
    )
    return Rendered(kind=kind, source=source, html=html, pdf=pdf, reason=reason)


def missing_package(package: str) -> str | None:
    """The reason why nothing is drawn where a package of the extra is not installed."""
    if importlib.util.find_spec(package) is not None:
        return None
    return f'{package} is not installed: pip install "got-loaders[render]"'


def _source(source: str) -> str:
    return f"<pre><code>{escape_html(source)}</code></pre>"


def _image(svg: str, name: str, paper: str) -> str:
    """A picture of a known size; on white paper whatever the page's colors, where ink is black."""
    start = svg.index(">") + 1
    data = f"{svg[:start]}{paper}{svg[start:]}".encode()
    url = f"data:image/svg+xml;base64,{base64.b64encode(data).decode('ascii')}"
    return f'<img src="{url}"{_size(svg[:start])} alt="{escape_html(name)}">'


def _size(tag: str) -> str:
    """Width and height in pixels, so that nothing moves when it is drawn; none if not told."""
    found = {side: length.search(tag) for side, length in _SIDES.items()}
    if not all(found.values()) or not tag.startswith("<svg"):
        return ""
    sizes = {side: float(m[1]) * _UNITS[m[2]] for side, m in found.items() if m is not None}
    return "".join(f' {side}="{max(1, round(size))}"' for side, size in sizes.items())
