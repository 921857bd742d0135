"""Sheet music in ``**kern`` → its pages as SVG, by verovio."""

from __future__ import annotations

from got_loaders.rendering.kern import KernError, find_scores
from got_loaders.rendering.pictures import missing_package, pictures, refused
from got_loaders.rendering.rendered import Rendered
from got_loaders.rendering.worker import DrawingError, draw

__all__ = ["music"]

_MAX_LENGTH = 500_000
"""Characters; a page of music has some 3000."""


def music(text: str) -> Rendered:
    """All pages of the scores in ``text``; what else it holds is left out.

    Damage that models do is repaired where only one thing can have been meant. ``reason`` says
    where it makes no sense, or that verovio is not installed.
    """
    if reason := missing_package("verovio"):
        return refused("music", text, reason)
    try:
        svgs = _engrave(text)
    except (KernError, DrawingError) as error:
        return refused("music", text, str(error))
    return pictures("music", text, svgs, name="Sheet music")


def _engrave(text: str) -> tuple[str, ...]:
    if len(text) > _MAX_LENGTH:
        raise KernError(f"it is longer than {_MAX_LENGTH:,} characters")
    scores = find_scores(text)
    if not scores:
        raise KernError("no line of it names a spine of **kern")
    return tuple(svg for score in scores for svg in draw("verovio", score.encode()).svgs)
