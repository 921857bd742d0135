"""The processes in which libraries draw what was read: one a library, confined, watched, replaced.

verovio, RDKit and MuPDF are written in C++ and C, and end the whole process where they meet what
they did not expect; here it is one that has nothing else to do, can open no file of the user's, and
costs no more than the picture.
"""

from __future__ import annotations

from got_loaders.rendering.worker.client import draw
from got_loaders.rendering.worker.values import DrawingError, Drawn

__all__ = ["DrawingError", "Drawn", "draw"]
