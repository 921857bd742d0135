"""The version of the library: read by its User-Agent, its command line and its build."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
