"""What stands for a picture: none is ever part of a reading."""

from __future__ import annotations

__all__ = ["image_label"]


def image_label(path: str) -> str:
    """``[image: path]``; ``[image]`` for one that has no name, and of which nothing is said."""
    return f"[image: {path}]" if path else "[image]"
