"""The notations that the model reads, as pictures and pages: music, molecules, charts, TikZ, and
Mathpix Markdown as HTML with MathML. Nothing is fetched, and nothing that was read can act.

The folder is not called as its function is: Python makes a folder an attribute of the package as
soon as it is imported, and ``got_loaders.render`` would be a module then.
"""

from __future__ import annotations

from got_loaders.rendering.dispatch import render
from got_loaders.rendering.rendered import Rendered, RenderKind

__all__ = ["RenderKind", "Rendered", "render"]
