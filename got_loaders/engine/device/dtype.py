"""The number formats that a model may run in. A module of its own: configuration and device share
it, and neither imports the other for it."""

from __future__ import annotations

from typing import Literal

__all__ = ["DType"]

DType = Literal["auto", "float32", "bfloat16", "float16"]
