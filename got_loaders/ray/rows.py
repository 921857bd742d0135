"""Records ↔ rows of typed columns: one a Document, with the same columns whatever was read.

Blocks of rows that were made on different machines have one schema, so none disagrees with another.
This module knows the columns; neither Ray nor a framework's Documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from got_loaders.documents import Record, Value
from got_loaders.errors import MissingDependencyError, OptionError, shown
from got_loaders.ray import MISSING
from got_loaders.types import DOCUMENT_KEYS

try:
    import pyarrow as pa
except ImportError as error:
    raise MissingDependencyError(MISSING) from error

__all__ = [
    "COLUMNS",
    "is_known",
    "record_schema",
    "records_to_table",
    "row_to_record",
]

_REQUIRED = ("id", "text", "source")
"""Columns that hold a value in every row."""
_FILE_KEYS = ("file_name", "file_type")
"""What is known of the file, which LlamaIndex's Documents show and LangChain's don't."""

_ORDER = (
    *("id", "text", "source", "file_path", "page", "page_last", "page_label", "total_pages"),
    *DOCUMENT_KEYS,
    *("page_width", "page_height", "page_unit"),
    *("region_index", "region_type", "x0", "y0", "x1", "y1"),
    *("content_format", "content_kind", "figure_files"),
    *("ocr_origin", "ocr_retried", "page_warnings", "error"),
    *("ocr_model", "ocr_mode", "ocr_finish_reason", "ocr_confidence"),
    *("ocr_agreement", "ocr_only_in_reading", "ocr_draft_share", "ocr_ref"),
    *_FILE_KEYS,
)
_NUMBERS: Mapping[str, type[Value]] = {
    **dict.fromkeys(("page", "page_last", "total_pages", "region_index"), int),
    **dict.fromkeys(("page_width", "page_height", "x0", "y0", "x1", "y1"), float),
    **dict.fromkeys(("ocr_confidence", "ocr_agreement", "ocr_draft_share"), float),
    "ocr_retried": bool,
}

COLUMNS: Mapping[str, type[Value]] = MappingProxyType(
    {name: _NUMBERS.get(name, str) for name in _ORDER}
)
"""Every column and what is in it, in the order of a Document's metadata: LlamaIndex tells by a
hash of the metadata as written out, so of its order too, whether a Document has changed."""

_ARROW_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}
_TEXT_TYPE = pa.large_string()
"""The texts of a million pages are more than the 2 GiB that a column of ``string`` can hold when
its pieces are joined (to sort, to take rows). The others stay below, and Parquet has one type for
both."""


def record_schema() -> Any:
    """The :class:`pyarrow.Schema` of the rows: ``id``, ``text``, a column for every key of
    metadata, the file's name and type. Only ``id``, ``text`` and ``source`` are never null.

    What a later run has to know (``options``, ``page_records``) stands behind these.
    """
    return pa.schema(
        pa.field(
            name,
            _TEXT_TYPE if name == "text" else _ARROW_TYPES[kind],
            nullable=name not in _REQUIRED,
        )
        for name, kind in COLUMNS.items()
    )


def records_to_table(records: Sequence[Record]) -> Any:
    """The records as a :class:`pyarrow.Table` of :func:`record_schema`; what is not known is null.

    The figures of a record are not in it: its text and metadata name them.
    """
    rows = [{"id": r.id, "text": r.text, **r.metadata, **r.file} for r in records]
    unknown = {name for row in rows for name in row} - COLUMNS.keys()
    assert not unknown, f"metadata without a column: {sorted(unknown)}"
    return pa.Table.from_pylist(rows, schema=record_schema())


def row_to_record(row: Mapping[str, object]) -> Record:
    """The record that a row was made of, whatever stored the row in the meantime.

    Null, NaN and pandas' NA are what is not known; whole numbers that became floats are whole
    again; columns that are not ours are passed over. Raises :class:`OptionError` where it is no
    such row: a column that must be there is not, or holds what it can't.
    """
    values: dict[str, Value] = {}
    for name, kind in COLUMNS.items():
        value = row.get(name)
        if is_known(value):
            values[name] = _restored(name, kind, value)
    missing = [name for name in _REQUIRED if name not in values]
    if missing:
        raise OptionError(
            f"a row without {' and '.join(map(repr, missing))} is none that read_dataset made: "
            f"it has {shown(sorted(map(str, row)))}"
        )
    record_id, text = str(values.pop("id")), str(values.pop("text"))
    file = {name: values.pop(name) for name in _FILE_KEYS if name in values}
    return Record(id=record_id, text=text, metadata=values, file=file)


def is_known(value: object) -> bool:
    """Whether it is a value: not None, NaN, NaT (none of which equals itself) or pandas' NA."""
    try:
        return value is not None and bool(value == value)
    except TypeError:  # pandas.NA is neither true nor false
        return False
    except ValueError:  # an array is many values
        return True


def _restored(name: str, kind: type[Value], value: object) -> Value:
    """The value as metadata has it."""
    plain: Any = value.item() if isinstance(value, np.generic) else value
    if kind is str and isinstance(plain, str):
        return str(plain)
    if kind is not str and isinstance(plain, int | float):
        is_flag, is_whole = isinstance(plain, bool), plain % 1 == 0
        if kind is bool and plain in (0, 1):
            return bool(plain)
        if not is_flag and (kind is float or (kind is int and is_whole)):
            return kind(plain)
    raise OptionError(
        f"column {name!r} holds {shown(value)}, not {_NAMES[kind]}: keep the types of "
        "record_schema() when rows are stored as text"
    )


_NAMES: Mapping[type[Value], str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}
