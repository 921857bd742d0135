"""What an agent passes, with the words that tell it what to pass: schemas are made from these.

For the adapters: pydantic comes with every framework and not with the base.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from got_loaders.integrations.tools.document_tools import ToolOutput

__all__ = ["X0", "X1", "Y0", "Y1", "Folder", "Output", "Page", "PageNumbers", "Source"]

Source = Annotated[
    str, Field(description="Path of a PDF or an image file, as in 'invoices/may.pdf'.")
]
Folder = Annotated[str, Field(description="A folder; empty for all that may be read.")]
PageNumbers = Annotated[
    str | int | None,
    Field(description="Which pages, counted from 1: '3', '1-3,7'; '-1' is the last. Default: all."),
]
Page = Annotated[int, Field(description="The page's number, counted from 1; -1 is the last.")]
Output = Annotated[ToolOutput, Field(description="The form of the text.")]
_UNIT = "in points (PDF) or pixels (image) from the page's top left corner"
X0 = Annotated[float, Field(description=f"Left edge of the region, {_UNIT}.")]
Y0 = Annotated[float, Field(description=f"Top edge of the region, {_UNIT}.")]
X1 = Annotated[float, Field(description=f"Right edge of the region, {_UNIT}.")]
Y1 = Annotated[float, Field(description=f"Bottom edge of the region, {_UNIT}.")]
