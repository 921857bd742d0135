"""Charts: the dictionary that the model writes of one → a picture of our own.

``literal`` (text → values, whatever is cut off) → ``meaning`` (values → what is charted) → ``draw``
(bars, lines, a pie or points as SVG).
"""

from __future__ import annotations

from got_loaders._characters import clean_text
from got_loaders.rendering.chart.draw import draw_chart
from got_loaders.rendering.chart.literal import read_literal
from got_loaders.rendering.chart.meaning import chart_of
from got_loaders.rendering.chart.values import ChartError
from got_loaders.rendering.pictures import pictures, refused
from got_loaders.rendering.rendered import Rendered

__all__ = ["chart"]

_MAX_LENGTH = 200_000


def chart(text: str) -> Rendered:
    """A picture of the chart whose values ``text`` lists, as JSON or as a dictionary of Python.

    One that was cut off is drawn as far as it goes. ``reason`` says what is missing in it. Nothing
    of it is evaluated.
    """
    if len(text) > _MAX_LENGTH:
        return refused("chart", text, f"it is longer than {_MAX_LENGTH:,} characters")
    try:
        meant = chart_of(read_literal(clean_text(text)))
    except ChartError as error:
        return refused("chart", text, str(error))
    svg = draw_chart(meant)
    return pictures("chart", text, (svg,), name=meant.name, on_paper=False)
