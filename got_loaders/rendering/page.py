r"""A reading → HTML as it looks: formulas as MathML, tables as tables, notation as pictures.

What was read is escaped, and stands in no attribute but in those that screen readers speak; so
nothing in it can act, and nothing is fetched. The classes that a style sheet may know: ``author``,
``caption``, ``footnote``, ``abstract``, ``image``, ``formula`` (around a formula that stands alone,
or what could not be set), ``notation`` (a figure with pictures, and its source in ``details``),
``plain`` (``<pre>`` of a reading without mark-up).
"""

from __future__ import annotations

from got_loaders._characters import clean_text
from got_loaders.markup import escape_html
from got_loaders.markup.parse.languages import Language, parse_reading
from got_loaders.markup.write.html import HtmlWriter
from got_loaders.rendering.formula import formula_html
from got_loaders.rendering.notation import NotationWriter

__all__ = ["render_reading"]


def render_reading(text: str, *, language: Language = "mathpix", formatted: bool = True) -> str:
    """A reading as a fragment of HTML.

    ``language`` is what it is written in. A reading that is not ``formatted`` is no mark-up: its
    lines are shown as they are. Empty where nothing was read; nothing raises. Of music, molecules
    and the like the first 40 are drawn, in 20 seconds; those after them are shown by their source.
    """
    if not formatted and language == "mathpix":
        shown = escape_html(text)
        return f'<pre class="plain">{shown}</pre>' if shown.strip() else ""
    notation = NotationWriter()
    writer = HtmlWriter(
        inline_math=formula_html,
        display_math=_display,
        inline_code=notation.inline,
        code_block=notation.block,
    )
    return writer.blocks(parse_reading(clean_text(text), language))


def _display(tex: str, environment: str) -> str:
    shown = formula_html(tex, display=True, environment=environment)
    return f'<p class="formula">{shown}</p>' if shown else ""
