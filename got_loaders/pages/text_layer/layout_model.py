"""PyMuPDF's layout model and its classifier of scans. Runs in the worker only.

They are loaded when they are first asked for: rendering pages needs neither.
"""

from __future__ import annotations

import functools
import importlib
import sys
from typing import Any

from got_loaders.pages.protocol import WorkerFailure
from got_loaders.pages.text_layer.assign_lines import BlockKind, LayoutBox
from got_loaders.types import Box

BLOCKED = ("pymupdf4llm", "pymupdf.layout")
"""What PyMuPDF imports by itself, and what may not be imported before it is needed."""

_THREADS = 2

_KINDS: dict[str, BlockKind] = {
    "title": "title",
    "section-header": "heading",
    "text": "text",
    "list-item": "list",
    "table": "table",
    "picture": "figure",
    "formula": "formula",
    "caption": "caption",
    "footnote": "footnote",
    "page-header": "header",
    "page-footer": "footer",
}


def block_layout_model() -> None:
    """Keep PyMuPDF from loading its models when it is imported."""
    for name in BLOCKED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # None: "import fails"


@functools.cache
def load_layout_model() -> Any:
    """PyMuPDF's module that tells scans from text; its layout is active from then on."""
    for name in BLOCKED:
        if sys.modules.get(name, ...) is None:
            del sys.modules[name]
    try:
        onnxruntime: Any = importlib.import_module("onnxruntime")
        onnxruntime.disable_telemetry_events()  # it is off in this process's environment, too
        _limit_threads(onnxruntime)
        importlib.import_module("pymupdf.layout")
        _skip_segments(importlib.import_module("pymupdf.layout.pymupdf_util_base"))
        return importlib.import_module("pymupdf4llm.ocr.analyze_page")
    except ImportError as error:
        reason = f"PyMuPDF's layout can't be imported ({error}); it comes with pymupdf 2.0"
        raise WorkerFailure("page", reason) from error


def detect_boxes(page: Any) -> list[LayoutBox]:
    """What PyMuPDF's layout model finds on a page that is not rotated; in no order."""
    page.get_layout(return_raw=True)
    return [_layout_box(group) for group in page.layout_information or ()]


def _layout_box(group: dict[str, Any]) -> LayoutBox:
    box = Box(*(float(value) for value in group["group_bbox"][:4]))
    kind = _KINDS.get(group["class_name"], "text")
    grid = group.get("table_grid")
    if kind != "table" or grid is None:
        return LayoutBox(box=box, kind=kind)
    rows = (box.y0, *sorted(box.y0 + float(y) for y in grid.h_lines), box.y1)
    columns = (box.x0, *sorted(box.x0 + float(x) for x in grid.v_lines), box.x1)
    return LayoutBox(box=box, kind=kind, rows=rows, columns=columns)


def _skip_segments(base: Any) -> None:
    """Let the layout read text without MuPDF's own segments: their time explodes.

    500 words in no order took 7 s, 1500 more than a minute; on ordinary pages the boxes are the
    same without.
    """
    original, segment = base.create_stext_page, base.pymupdf.TEXT_SEGMENT
    base.create_stext_page = lambda page, flags: original(page, flags & ~segment)


def _limit_threads(onnxruntime: Any) -> None:
    """Let sessions use few threads: PyMuPDF makes them with as many as there are cores."""
    original = onnxruntime.SessionOptions

    def session_options() -> Any:
        options = original()
        options.intra_op_num_threads = _THREADS
        options.inter_op_num_threads = 1
        return options

    onnxruntime.SessionOptions = session_options
