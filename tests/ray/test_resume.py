"""``resume_from``: what an earlier run left in Parquet files is not read again."""

from __future__ import annotations

import logging
import pickle
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

pa = pytest.importorskip("pyarrow")
ds = pytest.importorskip("pyarrow.dataset")
pafs = pytest.importorskip("pyarrow.fs")
pq = pytest.importorskip("pyarrow.parquet")
fsspec = pytest.importorskip("fsspec")

from fsspec.implementations.local import LocalFileSystem  # noqa: E402

from got_loaders.errors import GotLoadersError, OptionError, SourceError  # noqa: E402
from got_loaders.options import Mode, ReadOptions  # noqa: E402
from got_loaders.options.digest import options_digest  # noqa: E402
from got_loaders.ray import check_output  # noqa: E402
from got_loaders.ray.kept_rows import add_resume_columns  # noqa: E402
from got_loaders.ray.parquet_files import ParquetPaths  # noqa: E402
from got_loaders.ray.resume import DonePages, check_fingerprint  # noqa: E402

OPTIONS = ReadOptions(on_error="keep")
SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("id", "text", "source", "error", "ocr_model")),
        *((name, pa.int64()) for name in ("page", "page_last", "total_pages", "region_index")),
        ("options", pa.string()),
        ("page_records", pa.int64()),
    ]
)

Row = Mapping[str, Any]


def row(source: str, page: int | None, options: ReadOptions = OPTIONS, **more: object) -> Row:
    """A row as a run of ``options`` leaves it."""
    row_id = f"{source} {page} {more.get('region_index')}"
    common = {"id": row_id, "text": "", "source": source, "page": page, "page_records": 1}
    return common | {"options": options_digest(options), "ocr_model": "fake@1", **more}


def write(path: Path, rows: Sequence[Row], **more: Any) -> Path:
    """Rows as a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows), SCHEMA), path, **more)
    return path


def ids(folder: Path) -> list[str]:
    """Of the rows that any reader finds in the folder."""
    return sorted(ds.dataset(folder).to_table()["id"].to_pylist())


def load(path: ParquetPaths, options: ReadOptions = OPTIONS, **more: Any) -> DonePages:
    return DonePages.load(path, options=options, **more)


def test_pages_that_rows_are_of_are_done(tmp_path: Path) -> None:
    """What is there is done, in whatever file and folder; nothing else is."""
    write(tmp_path / "1.parquet", [row("a.pdf", 0), row("b.pdf", 3)])
    write(tmp_path / "deep" / "2.parquet", [row("a.pdf", 2, page_last=4)])
    write(tmp_path / "_temporary" / "3.parquet", [row("a.pdf", 7)])
    done = pickle.loads(pickle.dumps(load([tmp_path / "*.parquet", tmp_path])))
    assert [n for n in range(9) if done.contains("a.pdf", n)] == [0, 2, 3, 4]
    assert [n for n in range(9) if done.contains("b.pdf", n)] == [3]
    assert not done.whole_file("a.pdf")
    assert not done.contains("c.pdf", 0)
    assert (done.count, done.models) == (5, frozenset({"fake@1"}))


def test_rows_are_known_whatever_wrote_them(tmp_path: Path) -> None:
    """Also where pandas made floats of numbers, or folders are named by a column's values."""
    frame = pa.Table.from_pylist([row("a.pdf", 0), row("b.pdf", None, error="no")], SCHEMA)
    pandas = frame.to_pandas().assign(page_last=float("nan"), ocr_model=float("nan"))
    pandas.to_parquet(tmp_path / "1.parquet")
    sources = pa.Table.from_pylist([row("007", 1), row("a=b/c.pdf", 2)], SCHEMA)
    pq.write_to_dataset(sources, tmp_path, partition_cols=["source"])
    done = load(tmp_path)
    assert done.contains("a.pdf", 0)
    assert done.contains("007", 1)
    assert done.contains("a=b/c.pdf", 2)
    assert (done.count, done.models) == (3, frozenset({"fake@1"}))


def test_nothing_is_done_before_the_first_run(tmp_path: Path) -> None:
    """The same line starts a run and goes on with it."""
    done = load([tmp_path, tmp_path / "missing"])
    assert done.count == 0
    assert not done.contains("a.pdf", 0)
    assert not done.whole_file("a.pdf")


@pytest.mark.parametrize(
    ("pages", "whole"),
    [(None, ["whole.pdf"]), ("1-2", ["whole.pdf", "part.pdf"]), ("-1", ["whole.pdf"])],
)
def test_a_file_of_which_nothing_is_left_to_read_is_known(
    tmp_path: Path, pages: str | None, whole: list[str]
) -> None:
    """It need not even be fetched; which pages are wanted decides."""
    rows = [row("whole.pdf", page, total_pages=3) for page in range(3)]
    rows += [row("part.pdf", page, total_pages=4) for page in (0, 1, 1, 1)]
    write(tmp_path / "1.parquet", [*rows, row("unknown.pdf", 0)])
    done = load(tmp_path, ReadOptions(pages=pages))
    names = ("whole.pdf", "part.pdf", "unknown.pdf")
    assert [name for name in names if done.whole_file(name)] == whole


def test_a_file_that_is_one_document_is_done_as_a_whole(tmp_path: Path) -> None:
    """With ``mode="single"`` there are no pages to tell."""
    options = ReadOptions(mode="single")
    write(tmp_path / "1.parquet", [row("a.pdf", None, options)])
    done = load(tmp_path, options)
    assert done.whole_file("a.pdf")
    assert done.contains("a.pdf", 5)
    assert done("a.pdf", None)
    assert done.count == 1
    assert not done.whole_file("b.pdf")


def test_pages_that_failed_are_read_again(tmp_path: Path) -> None:
    """Their rows go, so that each page is there once afterwards; or they count, if that's asked."""
    rows = [row("a.pdf", 0), row("a.pdf", 1, error="no"), row("b.pdf", None, error="no such file")]
    file = write(tmp_path / "1.parquet", rows, compression="zstd", row_group_size=1)
    assert load(tmp_path, retry_errors=False).contains("a.pdf", 1)
    done = load(tmp_path)
    assert [done.contains("a.pdf", n) for n in (0, 1)] == [True, False]
    assert not done.whole_file("b.pdf")
    assert ids(tmp_path) == ["a.pdf 0 None"]
    assert list(tmp_path.iterdir()) == [file]
    assert pq.read_metadata(file).row_group(0).column(0).compression == "ZSTD"


def test_a_page_of_which_only_some_regions_are_there_is_read_again(tmp_path: Path) -> None:
    """Rows of one page may end up in two files, of which one was not written any more."""
    options = ReadOptions(mode="region")

    def region(page: int, index: int, **more: object) -> Row:
        return row("a.pdf", page, options, region_index=index, page_records=2, **more)

    write(tmp_path / "1.parquet", [region(0, 0), region(0, 1), region(1, 0), region(1, 0)])
    write(tmp_path / "2.parquet", [region(2, 0), region(2, 1, error="no"), region(3, 1)])
    write(tmp_path / "3.parquet", [region(3, 0)])
    done = load(tmp_path, options)
    assert [n for n in range(5) if done.contains("a.pdf", n)] == [0, 3]
    assert ids(tmp_path) == ["a.pdf 0 0", "a.pdf 0 1", "a.pdf 3 0", "a.pdf 3 1"]


def test_a_file_that_was_cut_off_is_set_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Its pages are read again, and the folder can be read, by anybody."""
    write(tmp_path / "1.parquet", [row("a.pdf", 0)])
    whole = write(tmp_path / "2.parquet", [row("a.pdf", 1)]).read_bytes()
    (tmp_path / "2.parquet").write_bytes(whole[:-20])
    (tmp_path / "3.parquet").touch()
    with caplog.at_level(logging.WARNING):
        done = load(tmp_path)
    assert [done.contains("a.pdf", n) for n in (0, 1)] == [True, False]
    assert ids(tmp_path) == ["a.pdf 0 None"]
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["1.parquet", "_2.parquet.truncated", "_3.parquet.truncated"]
    assert "2 files" in caplog.text
    assert "2.parquet" in caplog.text


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ([row("a", 0)], ReadOptions(output="html"), "with other options"),
        ([{"source": "a", "page": 0}], OPTIONS, "without the column options"),
        ([{"options": "0"}], OPTIONS, "without the column source"),
    ],
)
def test_rows_that_this_run_would_not_write_are_refused(
    tmp_path: Path, rows: list[Row], options: ReadOptions, message: str
) -> None:
    """What is said differs, so it can't stand in one folder; and nothing is changed there."""
    write(tmp_path / "1.parquet", [row("b", 0, error="no")])
    write(tmp_path / "2.parquet", rows)
    (tmp_path / "3.parquet").touch()
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(OptionError, match=message):
        load(tmp_path, options)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_another_model_is_refused() -> None:
    """What it would write differs; engines of one cluster may, too, have differed before."""
    check_fingerprint([], "fake@2")
    check_fingerprint(["fake@1", "fake@2"], "fake@2")
    with pytest.raises(OptionError, match="were read by fake@1, and now fake@2 would read"):
        check_fingerprint(["fake@1"], "fake@2")


@pytest.mark.parametrize("given", ["uri", "path", "uri and file system"])
def test_rows_may_be_in_storage(given: str) -> None:
    """There, too, what is to be read again goes, and what was cut off is set aside."""
    storage = fsspec.filesystem("memory")
    folder = f"memory://{uuid.uuid4().hex}/out"
    system = pafs.PyFileSystem(pafs.FSSpecHandler(storage))
    table = pa.Table.from_pylist([row("a.pdf", 0), row("a.pdf", 1, error="no")], SCHEMA)
    ds.write_dataset(table, folder, format="parquet", filesystem=system)
    storage.pipe(f"{folder}/2.parquet", b"PAR1")
    path = folder.removeprefix("memory://") if given == "path" else folder
    more = {} if given == "uri" else {"filesystem": system if given == "path" else storage}
    done = load(path, **more)
    assert [done.contains("a.pdf", n) for n in (0, 1)] == [True, False]
    assert check_output(path, **more).is_complete
    names = sorted(name.rpartition("/")[2] for name in storage.ls(folder, detail=False))
    assert names == ["_2.parquet.truncated", "part-0.parquet"]


class Unwritable(LocalFileSystem):  # type: ignore[misc]  # fsspec has no types
    """Storage that may be read alone."""

    def mv(self, path1: str, path2: str, **_: object) -> None:
        """Not allowed."""
        raise PermissionError(13, "Permission denied", path1)


@pytest.mark.parametrize("is_cut_off", [True, False])
def test_files_that_cannot_be_changed_are_named(tmp_path: Path, is_cut_off: bool) -> None:
    """What to do is said; and nothing is left behind."""
    file = write(tmp_path / "1.parquet", [row("a.pdf", 0), row("a.pdf", 1, error="no")])
    before = file.read_bytes()[: 30 if is_cut_off else None]
    file.write_bytes(before)
    system = Unwritable()
    with pytest.raises(
        SourceError, match=r"1\.parquet: can't be changed for a new run: no permission"
    ):
        load(tmp_path, filesystem=system)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [before]
    if not is_cut_off:
        assert load(tmp_path, filesystem=system, retry_errors=False).count == 2


def test_other_files_are_no_rows(tmp_path: Path) -> None:
    """A folder of JSON holds no rows that can be told; to begin again would double them."""
    (tmp_path / "1.json").touch()
    with pytest.raises(OptionError, match="holds no Parquet files, but others"):
        load(tmp_path)
    (tmp_path / "2.parquet").write_bytes(b"PAR1 and no footer, but the end PAR1")
    with pytest.raises(SourceError, match=r"2\.parquet: can't be read"):
        load(tmp_path)
    for path in (b"x", 3, "", [None]):
        with pytest.raises(OptionError, match="expected a folder, a file or a URI"):
            load(path)  # type: ignore[arg-type]  # what users may do
    for uri, message in {
        "no://x": "no file system",
        "memory://x/*": "name the folder",
        "http://x/y": "URLs",
    }.items():
        with pytest.raises(GotLoadersError, match=message):
            load(uri)


@pytest.mark.parametrize("mode", ["page", "region"])
def test_rows_say_how_they_were_read(mode: Mode) -> None:
    """A column of them says by which options, another how many rows their page has."""
    options = ReadOptions(mode=mode)
    places = [("a", 0), ("a", 0), ("a", 1), ("b", 0), ("b", None)]
    table = pa.Table.from_pylist([{"source": source, "page": page} for source, page in places])
    for rows, counts in ((table, [2, 2, 1, 1, 1]), (table[:0], [])):
        marked = add_resume_columns(rows, options)
        assert marked["options"].to_pylist() == [options_digest(options)] * len(counts)
        if mode == "region":
            assert marked["page_records"].to_pylist() == counts
        assert len(marked.schema) == (4 if mode == "region" else 3)


def test_what_a_run_left_can_be_checked(tmp_path: Path) -> None:
    """Pages that are missing, doubled or failed are named; nothing is changed."""
    with pytest.raises(SourceError, match="no Parquet file"):
        check_output(tmp_path)
    write(tmp_path / "1.parquet", [row("a.pdf", page, total_pages=3) for page in range(3)])
    write(tmp_path / "2.parquet", [row("b.pdf", None, error="no such file")])
    good = check_output(tmp_path)
    assert good.is_complete
    assert (good.rows, good.failed) == (4, {"b.pdf": (None,)})
    write(tmp_path / "3.parquet", [row("c.pdf", 1, page_last=3, total_pages=6)])
    write(tmp_path / "4.parquet", [row("a.pdf", 1), row("c.pdf", 2, error="no")])
    write(tmp_path / "5.parquet", [row("d.pdf", 0, region_index=1, page_records=2)])
    (tmp_path / "6.parquet").write_bytes(b"PAR1")
    found = check_output(tmp_path)
    assert not found.is_complete
    assert found.missing == {"c.pdf": (0, 4, 5), "d.pdf": (0,)}
    assert found.doubled == {"a.pdf": (1,), "c.pdf": (2,)}
    assert found.failed == {"b.pdf": (None,), "c.pdf": (2,)}
    assert [Path(name).name for name in found.cut_off] == ["6.parquet"]
    assert check_output(tmp_path, pages="2-4").missing == {"d.pdf": (0,)}
    assert (tmp_path / "6.parquet").exists()
