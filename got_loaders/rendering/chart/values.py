"""What is charted: frozen values between the reading and the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Chart", "ChartError", "ChartForm", "Series", "Value"]

ChartForm = Literal["bars", "lines", "pie", "points"]
Value = str | None | list["Value"] | dict[str, "Value"]
"""A literal: numbers are the text that stands there, what is no value is None."""


class ChartError(ValueError):
    """Why a text can't be charted, in a few words for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Values of one name, one for each category, None where there is none.

    ``xs`` are those of points, in the same order; empty for other forms.
    """

    name: str
    values: tuple[float | None, ...]
    xs: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart; texts are as they were read, empty where there is none."""

    form: ChartForm
    series: tuple[Series, ...]
    categories: tuple[str, ...] = ()
    title: str = ""
    source: str = ""
    x_title: str = ""
    y_title: str = ""
    unit: str = ""

    @property
    def name(self) -> str:
        """What it is called for those who can't see it."""
        return f"Chart: {self.title}" if self.title else "Chart"
