"""Rows → the Documents that the loader and the reader would have given."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from got_loaders.documents import Record
from got_loaders.errors import OptionError, PageError, shown
from got_loaders.options.literals import OnError
from got_loaders.ray.rows import COLUMNS, is_known, row_to_record
from got_loaders.ray.stored_rows import iter_rows

if TYPE_CHECKING:
    from langchain_core.documents import Document as LangChainDocument
    from llama_index.core.schema import Document as LlamaIndexDocument

__all__ = ["to_langchain", "to_llama_index"]


def to_langchain(
    rows: object,
    *,
    errors: OnError = "keep",
    extra_columns: Collection[str] = (),
    filesystem: object = None,
) -> Iterator[LangChainDocument]:
    """The rows of ``read_dataset`` as the LangChain Documents that :class:`GotOcrLoader` gives.

    ``rows`` is the Dataset, rows of it (as mappings), a pyarrow Table or batch, a pandas DataFrame,
    the path, pattern or URI of Parquet files or of their folder (on ``filesystem``, pyarrow's or
    fsspec's, where one is given), or an iterable of these. They are read as the Documents are
    asked for, and come in the order of the rows.

    Rows with an ``error`` become what the option ``on_error`` makes of their pages: Documents
    that say so with "keep", nothing with "skip", where no part of a page or file was read, and a
    :class:`PageError` with "raise". Of columns that are not ours those named in ``extra_columns``
    go into the metadata where they hold a value.
    """
    from got_loaders.integrations.langchain.loader import to_document

    records = _records(rows, errors, extra_columns, filesystem)
    return (_with_metadata(to_document(record), extra) for record, extra in records)


def to_llama_index(
    rows: object,
    *,
    errors: OnError = "keep",
    extra_columns: Collection[str] = (),
    filesystem: object = None,
) -> Iterator[LlamaIndexDocument]:
    """The rows of ``read_dataset`` as the LlamaIndex Documents that :class:`GotOcrReader` gives.

    See :func:`to_langchain`. Models are shown the ``extra_columns``, as a reader's ``extra_info``.
    """
    from got_loaders.integrations.llama_index.documents import to_document

    records = _records(rows, errors, extra_columns, filesystem)
    return (to_document(record, extra) for record, extra in records)


def _with_metadata(document: LangChainDocument, extra: Mapping[str, Any]) -> LangChainDocument:
    document.metadata |= extra
    return document


def _records(
    rows: object, errors: OnError, extra_columns: Collection[str], filesystem: object
) -> Iterator[tuple[Record, dict[str, Any]]]:
    """The record of each row that is kept, and what its extra columns hold; checks at once."""
    if errors not in get_args(OnError):
        expected = ", ".join(map(repr, get_args(OnError)))
        raise OptionError(f"errors={shown(errors)}: expected one of {expected}")
    if isinstance(extra_columns, str):
        raise OptionError(f"extra_columns={extra_columns!r}: expected a list of names")
    ours = [name for name in extra_columns if name in COLUMNS]
    if ours:
        raise OptionError(f"extra_columns: {ours[0]!r} is in the metadata as it is")
    found = iter_rows(rows, {*COLUMNS, *extra_columns}, filesystem)
    records = ((row_to_record(row), _extra(row, extra_columns)) for row in found)
    return ((record, extra) for record, extra in records if _is_kept(record, errors))


def _extra(row: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    values = {name: row[name] for name in names if is_known(row.get(name))}
    return {
        name: value.item() if isinstance(value, np.generic) else value
        for name, value in values.items()
    }


def _is_kept(record: Record, errors: OnError) -> bool:
    """Whether a record becomes a Document; raises its error where it is to be raised."""
    error = record.metadata.get("error")
    if error is None or errors == "keep":
        return True
    if errors == "raise":
        source, page = str(record.metadata["source"]), record.metadata.get("page")
        number = page if isinstance(page, int) else None
        raise PageError(str(error), source=source, page=number)
    was_read = record.metadata.get("ocr_origin", "ocr" if record.text.strip() else "failed")
    return was_read != "failed"
