"""TeX documents → PDF, by an engine that is installed, shut in and limited."""

from __future__ import annotations

from got_loaders.rendering.tex.choice import NO_ENGINE, choose_engine
from got_loaders.rendering.tex.compile import TexError, compile_tex
from got_loaders.rendering.tex.engines import TexEngine

__all__ = ["NO_ENGINE", "TexEngine", "TexError", "choose_engine", "compile_tex"]
