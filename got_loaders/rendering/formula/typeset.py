r"""One formula → ``<math>``, or its source where it can't be set."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from threading import Lock
from typing import TYPE_CHECKING

from got_loaders._characters import clean_text
from got_loaders.markup.write.latex.math_repair import repair_math
from got_loaders.rendering.formula.dialect import to_dialect
from got_loaders.rendering.formula.fences import without_open_brackets
from got_loaders.rendering.formula.mathml import finish_mathml
from got_loaders.rendering.formula.source import plain_source

if TYPE_CHECKING:
    from math_core import LatexToMathML

__all__ = ["formula_html"]

MAX_CHARS = 10_000
"""Of a formula's TeX; a longer one is no formula, but a reading that ran away."""

_MAX_KEPT_CHARS = 200
"""Of formulas that are kept, for the same ones come again and again on a page."""

_POSITION = re.compile(r"\A[\d:]+\s*")
"""Where the fault is in what was converted, which is not what was read."""

_lock = Lock()


def formula_html(tex: str, *, display: bool = False, environment: str = "") -> str:
    """``<math>`` with the formula, its TeX as an annotation; ``<code>`` where that can't be.

    ``display`` sets it as one that stands alone; ``environment`` is that of its lines (``align``),
    if it has one. Nothing raises: the ``title`` of the code says why it is not set.
    """
    tex = clean_text(tex).strip()
    if len(tex) > MAX_CHARS:
        return _source(tex, f"longer than {MAX_CHARS} characters")
    kept = len(tex) <= _MAX_KEPT_CHARS
    return (_kept_formula if kept else _formula)(tex, display, environment)


@lru_cache(maxsize=1024)
def _kept_formula(tex: str, display: bool, environment: str) -> str:
    return _formula(tex, display, environment)


def _formula(tex: str, display: bool, environment: str) -> str:
    repaired = repair_math(plain_source(tex, display=display), environment, display=display)
    if not repaired.tex:
        return ""
    try:
        made = _convert(without_open_brackets(to_dialect(repaired, environment)), display)
    except ValueError as error:
        return _source(tex, str(error))
    return finish_mathml(made, tex) or _source(tex, "it would not be plain MathML")


def _convert(tex: str, display: bool) -> str:
    """MathML; :class:`ValueError` says what of the formula is not known."""
    from math_core import LatexError  # here: its library loads with the first formula

    try:
        with _lock:  # the converter answers one caller at a time
            return _converter().convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        raise ValueError(_POSITION.sub("", str(error))) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # of Rust: no Exception, but no end of ours
            raise
        raise ValueError("the converter failed") from error


@lru_cache(maxsize=1)
def _converter() -> LatexToMathML:
    from math_core import LatexToMathML

    return LatexToMathML(fancy_error=False, allow_unreliable_rendering=True)


def _source(tex: str, reason: str) -> str:
    title = escape(f"not typeset: {reason}")
    return f'<code class="formula" title="{title}">{escape(tex)}</code>'
