"""What was read becomes rows of typed columns, and rows become the loader's own Documents again."""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

pytest.importorskip("pyarrow")

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.json as pyarrow_json
import pyarrow.parquet as pq

from got_loaders import GotOcrLoader, GotOcrReader, read
from got_loaders.documents import Record
from got_loaders.documents import build as build_records
from got_loaders.errors import OptionError, PageError, SourceError
from got_loaders.options import ReadOptions
from got_loaders.options.literals import MetadataKey
from got_loaders.pipeline.reader import ReadJob
from got_loaders.ray import record_schema, to_langchain, to_llama_index
from got_loaders.ray.rows import COLUMNS, records_to_table, row_to_record
from got_loaders.testing import FakeEngine
from got_loaders.types import DOCUMENT_KEYS, Box, OcrRequest, OcrResult, Region
from tests.documents.test_records import blank, build, failed, page
from tests.figure_page import figure_page
from tests.pages import making

pd: Any = pytest.importorskip("pandas")  # untyped

READ = ["a.pdf", "missing.pdf", "broken.pdf", "white.png"]
CASES: dict[str, tuple[object, dict[str, Any]]] = {
    "page": (READ, {"omit_metadata": ()}),
    "single": (READ, {"mode": "single"}),
    "region": ("sheet.png", {"mode": "region"}),
    "regions": ("sheet.png", {"regions": "auto"}),
    "figures": ("sheet.png", {"mode": "region", "figures": "keep", "figures_dir": "kept"}),
    "box": ("a.pdf", {"box": (10, 10, 150, 90)}),
    "pages together": ("a.pdf", {"multi_page": 2}),
    "few keys": (READ, {"omit_metadata": ["file_path", "ocr_origin", "total_pages", "file_name"]}),
}


def answer(request: OcrRequest) -> OcrResult:
    """A reading with all that a model may say of it, the like of mark-up and other scripts."""
    text = "\\section*{Ünïcode 漢字} a | b\n\n\\(x^2\\) \x00\ud800 2024-01-01"
    return OcrResult(text=text, confidence=1 / 3, num_tokens=7, model="fake@1")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With documents that can be read, and some that can't; two pages are corrected."""
    folder = tmp_path_factory.mktemp("rows")
    (folder / "a.pdf").write_bytes(making.pdf("one", "two", "three"))
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    (folder / "white.png").write_bytes(making.image(figure_page().point(lambda _: 255), "PNG"))
    figure_page().save(folder / "sheet.png")
    return folder


@pytest.fixture(autouse=True)
def _folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


def records_of(source: object, **options: Any) -> list[Record]:
    """What the loader makes its Documents of."""
    how = ReadOptions(on_error="keep", **options)
    return list(build_records(ReadJob(source, None, FakeEngine(answer), how)))


def as_parquet(table: Any) -> Path:
    """The table as a folder of several files."""
    folder = next(name for n in itertools.count() if not (name := Path(f"rows-{n}")).exists())
    ds.write_dataset(table, folder, format="parquet", max_rows_per_file=2, max_rows_per_group=2)
    return folder


def through_pandas(table: Any) -> Any:
    """As pandas makes columns of them: numbers with gaps become floats."""
    frame = table.to_pandas()
    assert frame["page"].dtype in ("float64", "int64", "object")
    return frame


def as_json(table: Any, **how: Any) -> str:
    """As lines of JSON; without ``how``, whole numbers with gaps are written as floats."""
    text: str = table.to_pandas(**how).to_json(orient="records", lines=True)
    return text


def json_by_pandas(table: Any) -> object:
    """Lines of JSON, read by pandas as they are."""
    return pd.read_json(io.StringIO(as_json(table)), lines=True, dtype=False)


def json_by_pyarrow(table: Any) -> object:
    """Lines of JSON, read by pyarrow with the types of the rows."""
    how = pyarrow_json.ParseOptions(explicit_schema=record_schema())
    lines = as_json(table, types_mapper=pd.ArrowDtype)
    return pyarrow_json.read_json(io.BytesIO(lines.encode()), parse_options=how)


STORES: dict[str, Callable[[Any], object]] = {
    "table": lambda table: table,
    "batches": lambda table: iter(table.to_batches(max_chunksize=2)),
    "reader": lambda table: pa.RecordBatchReader.from_stream(table),
    "rows": lambda table: iter(table.to_pylist()),
    "columns": lambda table: {name: table[name].to_numpy() for name in table.column_names},
    "lists": lambda table: [table.to_pydict()],
    "pandas": through_pandas,
    "pandas with NA": lambda table: table.to_pandas().convert_dtypes(),
    "pandas with Arrow": lambda table: table.to_pandas(types_mapper=pd.ArrowDtype),
    "parquet": as_parquet,
    "parquet read by pandas": lambda table: pd.read_parquet(as_parquet(table)),
    "dataset": lambda table: ds.dataset(as_parquet(table)),
    "json": lambda table: map(json.loads, as_json(table).splitlines()),
    "json read by pandas": json_by_pandas,
    "json read by pyarrow": json_by_pyarrow,
}


@pytest.mark.parametrize("case", CASES)
def test_rows_become_the_loader_s_documents(case: str) -> None:
    """Text, id and metadata, in its order (by which LlamaIndex tells what has changed), whatever
    was read and whatever stored the rows; in LlamaIndex with what models are not shown."""
    source, options = CASES[case]
    how: dict[str, Any] = {"engine": FakeEngine(answer), "on_error": "keep", **options}
    table = records_to_table(records_of(source, **options))
    documents = GotOcrLoader(source, **how).load()
    nodes = GotOcrReader(**how).load_data(source)
    assert len(documents) == table.num_rows >= 1
    for name, store in STORES.items():
        found = list(to_langchain(store(table)))
        assert found == documents, name
        assert [list(d.metadata.items()) for d in found] == [
            list(d.metadata.items()) for d in documents
        ]
        found_nodes = list(to_llama_index(store(table)))
        assert [node.to_dict() for node in found_nodes] == [node.to_dict() for node in nodes], name
        assert [node.hash for node in found_nodes] == [node.hash for node in nodes]


def test_what_was_corrected_is_in_the_rows() -> None:
    """As in the loader's Documents."""
    (first, *_) = read("a.pdf", engine=FakeEngine(answer))
    made = [first.correction("# Right")]
    records = records_of("a.pdf", corrections=made)
    documents = GotOcrLoader("a.pdf", engine=FakeEngine(answer), corrections=made).load()
    assert list(to_langchain(records_to_table(records))) == documents
    assert documents[0].metadata["ocr_origin"] == "corrected"


def everything() -> list[Record]:
    """Records that have all keys of metadata between them."""
    told = {key: f"the {key}" for key in DOCUMENT_KEYS}
    words = "Invoices are paid in May. Harbour fees follow."
    text = f"{words} The minutes of the third meeting were read and signed"
    full = replace(page(1, text), own_text=words, retried=True)
    info = replace(full.info, document=told, last_number=2, warnings=("no font",))
    full = replace(full, info=info)
    region = replace(page(4), region=Region(box=Box(0, 0, 9, 9), type="text"), region_index=0)
    return [
        *build(full, failed(None), omit_metadata=()),
        *build(region, mode="region"),
        *build(region, replace(region, region_index=1), regions="auto"),
        *records_of("sheet.png", mode="region", figures="keep", figures_dir="kept"),
    ]


def test_every_key_of_metadata_has_a_column() -> None:
    """Of the type that it has there, and in its place among the others; none is without use."""
    assert set(get_args(MetadataKey)) <= COLUMNS.keys()
    found: set[str] = {"id", "text"}
    for record in everything():
        values = record.metadata | record.file
        assert list(values) == [name for name in COLUMNS if name in values]
        assert {name: type(value) for name, value in values.items()} == {
            name: COLUMNS[name] for name in values
        }
        found |= values.keys()
    assert found == COLUMNS.keys()
    assert [row_to_record(row) for row in records_to_table(everything()).to_pylist()] == [
        replace(record, figures=(), figure_places=()) for record in everything()
    ]


def test_rows_have_one_schema_whatever_was_read() -> None:
    """Also where nothing was: tables that were made on different machines can be put together, and
    stay as they are in Parquet."""
    tables: list[Any] = [records_to_table([]), records_to_table(build(failed(None)))]
    tables.append(records_to_table(build(page(), blank(1))))
    assert [table.schema for table in tables] == [record_schema()] * 3
    file = io.BytesIO()
    pq.write_table(pa.concat_tables(tables), file)
    assert pq.read_table(file).schema == record_schema()


def test_the_types_of_the_columns_are_documented() -> None:
    """The table names every column that is no ordinary text."""
    text = Path(__file__).parents[2].joinpath("docs", "ray-rows.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `(\w+)` \| (`.*) \|$", text, re.MULTILINE)
    told = {name: kind for kind, names in table for name in re.findall(r"`(\w+)`", names)}
    types = {field.name: str(field.type) for field in record_schema()}
    told.pop("string")  # what text is not
    assert told == {name: kind for name, kind in types.items() if kind != "string"}


def test_rows_of_what_failed() -> None:
    """Are kept with their error, left out, or raised, as the loader does."""
    half = build(page(0), failed(1), mode="single")
    table = records_to_table([*build(page(0), failed(1), blank(2), failed(None)), *half])
    kept = list(to_langchain(table))
    assert [d.metadata.get("error") for d in kept] == [None, "broken", None, "broken", "broken"]
    skipped = [d.metadata.get("error") for d in to_langchain(table, errors="skip")]
    assert skipped == [None, None, "broken"]  # of the last, a part was read
    asked = to_llama_index(table, errors="raise")
    assert next(asked).text == "text"
    with pytest.raises(PageError, match="broken") as caught:
        next(asked)
    assert (caught.value.source, caught.value.page) == ("doc.pdf", 1)


def test_columns_of_others() -> None:
    """Are passed over, or go into the metadata, where they hold a value, and models see them."""
    table = records_to_table(build(page(0), page(1)))
    table = table.append_column("shelf", pa.array([7, None])).append_column(
        "embedding", pa.array([[1.0, 2.0], [3.0, 4.0]])
    )
    for rows in (table, table.to_pandas(), as_parquet(table), table.to_pylist()):
        assert "shelf" not in next(to_langchain(rows)).metadata
        first, second = to_langchain(rows, extra_columns=["shelf"])
        assert (first.metadata["shelf"], "shelf" in second.metadata) == (7, False)
        node = next(to_llama_index(rows, extra_columns=["shelf"]))
        assert node.metadata["shelf"] == 7
        assert "shelf" not in node.excluded_llm_metadata_keys
    with pytest.raises(OptionError, match="'title' is in the metadata as it is"):
        to_langchain(table, extra_columns=["title"])
    with pytest.raises(OptionError, match="expected a list of names"):
        to_langchain(table, extra_columns="shelf")


def test_files_are_found_as_others_lay_them_out(tmp_path: Path) -> None:
    """Folders named after values, files whose columns lost their types, patterns, other storage."""
    records = build(*map(page, range(3)), failed(None))
    table = records_to_table(records)
    by_label = ds.partitioning(pa.schema([("page_label", pa.string())]), flavor="hive")
    ds.write_dataset(table, tmp_path / "hive", format="parquet", partitioning=by_label)
    assert {d.id for d in to_langchain(tmp_path / "hive")} == {r.id for r in records}
    labels = [d.metadata.get("page_label") for d in to_langchain(tmp_path / "hive")]
    assert labels == ["L0", "L1", "L2", None]
    for number, row in enumerate(table.to_pylist()):  # a file without errors has no texts there
        pq.write_table(pa.Table.from_pylist([row]), tmp_path / f"{number}.parquet")
    expected = [record.metadata for record in records]
    assert [d.metadata for d in to_langchain(f"{tmp_path}/*.parquet")] == expected
    paths = [tmp_path / "2.parquet", str(tmp_path / "0.parquet")]
    assert [d.metadata["page"] for d in to_langchain(paths)] == [2, 0]
    assert [d.metadata["page"] for d in to_langchain((tmp_path / "1.parquet").as_uri())] == [1]


def test_files_on_other_storage() -> None:
    """By a URI that pyarrow or fsspec knows, or on the file system that is handed over."""
    fsspec: Any = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    with memory.open("/rows/a.parquet", "wb") as file:
        pq.write_table(records_to_table(build(page())), file)
    assert len(list(to_langchain("memory://rows"))) == 1
    assert len(list(to_langchain("/rows/a.parquet", filesystem=memory))) == 1


WRONG_FILES = {
    "nowhere": "nowhere: can't be read as Parquet: it is not there",
    "empty": "empty: no Parquet file is there",
    "none/*.parquet": "no file or folder matches",
    "cut": "cut/b.parquet: can't be read as Parquet: .*magic bytes",
    "nosuch://user:secret@a/b": "nosuch://a/b: no file system is known",
    "memory://nowhere/rows": "memory://nowhere/rows: can't be read as Parquet: it is not there",
    "https://user:secret@a/b": "a/b.*: is no storage: download it",
}


@pytest.mark.parametrize("path", WRONG_FILES)
def test_files_that_can_t_be_read(path: str, tmp_path: Path) -> None:
    """The error names them, and no credentials."""
    for name in ("empty", "cut"):
        (tmp_path / name).mkdir()
    pq.write_table(records_to_table(build(page())), tmp_path / "cut" / "a.parquet")
    (tmp_path / "cut" / "b.parquet").write_bytes(b"PAR1 half of it")
    with pytest.raises(SourceError, match=WRONG_FILES[path]) as caught:
        list(to_langchain(path if "://" in path else tmp_path / path))
    assert "secret" not in str(caught.value)


GOOD: dict[str, object] = {"id": "1", "text": "t", "source": "s", "page": 0}
WRONG_ROWS: list[tuple[dict[str, object], str]] = [
    ({"page": 1.5}, "column 'page' holds 1.5, not a whole number"),
    ({"page": True}, "column 'page' holds True"),
    ({"page": float("inf")}, "column 'page' holds inf"),
    ({"page": "1"}, "column 'page' holds '1'"),
    ({"title": 2024}, "column 'title' holds 2024, not a text"),
    ({"title": pd.Timestamp(0)}, "column 'title' holds Timestamp"),
    ({"ocr_retried": 2}, "column 'ocr_retried' holds 2, not true or false"),
    ({"title": np.array(["1", "2"])}, "column 'title' holds array"),
    ({"id": None, "source": float("nan")}, "a row without 'id' and 'source' is none that"),
]


@pytest.mark.parametrize(("values", "message"), WRONG_ROWS, ids=lambda v: str(v)[:40])
def test_rows_that_are_none_of_ours(values: dict[str, object], message: str) -> None:
    """The error names the column and what it holds."""
    with pytest.raises(OptionError, match=message):
        list(to_langchain([{**GOOD, **values}]))


@pytest.mark.parametrize("value", [1, np.int64(1), 1.0, np.float32(1)], ids=lambda v: repr(v))
def test_numbers_are_what_they_were(value: object) -> None:
    """However they were stored."""
    (found,) = to_langchain({**GOOD, "page": value, "x0": value, "ocr_retried": value})
    assert repr([found.metadata[key] for key in ("page", "x0", "ocr_retried")]) == "[1, 1.0, True]"


@pytest.mark.parametrize("rows", [None, 3, b"PAR1", object(), [1]], ids=lambda v: type(v).__name__)
def test_what_holds_no_rows(rows: object) -> None:
    """Is refused, with what is expected."""
    with pytest.raises(OptionError, match="expected a Ray Dataset, rows, "):
        list(to_langchain(rows))
    with pytest.raises(OptionError, match="errors='drop': expected one of 'raise', 'skip', 'keep'"):
        to_langchain([], errors="drop")  # type: ignore[arg-type]  # a misspelling


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Ray's own, of several kinds
def test_datasets_of_a_cluster(cluster: object, tmp_path: Path) -> None:
    """In whatever form their rows are handed over, in a step of the pipeline, and when a step that
    saw rows one by one has lost the types of columns."""
    import ray.data

    records = build(page(0), page(1), failed(None), blank(3))
    expected = {record.id: record.metadata for record in records}
    tables = [records_to_table(records[:2]), records_to_table(records[2:])]
    dataset = ray.data.from_arrow(tables)
    one_by_one = dataset.map(lambda row: {**row, "shelf": 1})
    one_by_one.write_parquet(str(tmp_path / "rows"))
    forms: list[object] = [
        *(dataset, dataset.materialize(), one_by_one, tmp_path / "rows"),
        *(dataset.iterator(), *dataset.streaming_split(1)),
        *(dataset.take_all(), dataset.iter_rows(), ray.get(dataset.to_arrow_refs())),
        *(dataset.iter_batches(batch_format=kind) for kind in ("numpy", "pandas", "pyarrow")),
    ]
    for form in forms:
        assert {d.id: d.metadata for d in to_langchain(form)} == expected
    for kind in ("numpy", "pandas", "pyarrow"):
        counted = dataset.map_batches(
            lambda batch: {"id": [d.id for d in to_langchain(batch)]}, batch_format=kind
        )
        assert {row["id"] for row in counted.iter_rows()} == expected.keys()
