"""The arguments of the tools, with the descriptions that agents are given of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

__all__ = [
    *("X0", "X1", "Y0", "Y1", "FolderArg", "OutputArg", "PageArg", "PagesArg", "SourceArg"),
    "ToolOutput",
]


def _number(value: object) -> object:
    """``value``; "true" is no number, though Python counts it as 1."""
    if isinstance(value, bool):
        raise ValueError("a number")  # noqa: TRY004  # what pydantic reports
    return value


NOT_BOOL = BeforeValidator(_number)

ToolOutput = Literal["markdown", "latex", "text", "html"]

# The description first: LlamaIndex looks no further.
SourceArg = Annotated[
    str, Field(description="Path of a PDF or an image file, as in 'invoices/may.pdf'.")
]
FolderArg = Annotated[str, Field(description="A folder; empty for all that may be read.")]
PagesArg = Annotated[
    str | int | None,
    Field(description="Which pages, counted from 1: '3', '1-3,7'; '-1' is the last. Default: all."),
    NOT_BOOL,
]
PageArg = Annotated[
    int, Field(description="The page's number, counted from 1; -1 is the last."), NOT_BOOL
]
OutputArg = Annotated[ToolOutput, Field(description="The form of the text.")]
_UNIT = "in points (PDF) or pixels (image) from the page's top left corner"
X0 = Annotated[float, Field(description=f"Left edge of the region, {_UNIT}."), NOT_BOOL]
Y0 = Annotated[float, Field(description=f"Top edge of the region, {_UNIT}."), NOT_BOOL]
X1 = Annotated[float, Field(description=f"Right edge of the region, {_UNIT}."), NOT_BOOL]
Y1 = Annotated[float, Field(description=f"Bottom edge of the region, {_UNIT}."), NOT_BOOL]
