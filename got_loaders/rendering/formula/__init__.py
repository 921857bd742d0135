r"""A formula in TeX → MathML that any browser sets by itself.

``source`` (what the model means, in plain TeX) → ``markup/write/latex`` (harmless and whole) →
``dialect`` (only commands that ``math_core`` knows) → ``typeset`` (MathML Core, by ``math_core``)
→ ``mathml`` (checked: no address, id or class of the text is in it).
"""

from __future__ import annotations

from got_loaders.rendering.formula.typeset import formula_html

__all__ = ["formula_html"]
