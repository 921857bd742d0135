"""Every option is checked where it is written, and says what is wrong."""

from __future__ import annotations

import json
import pickle
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest

from got_loaders.engine import EngineConfig
from got_loaders.errors import OptionError
from got_loaders.options import ReadOptions, ReadOverrides, parse_pages
from got_loaders.options.names import ENGINE_FIELDS
from got_loaders.options.serialization import options_from_json, options_to_json
from got_loaders.types import Box


def test_overrides_are_the_fields() -> None:
    """``GotOcrLoader(path, name=value)`` takes the fields of ReadOptions, with their types."""
    of_fields = get_type_hints(ReadOptions)
    of_overrides = get_type_hints(ReadOverrides)
    assert list(of_overrides) == [field.name for field in fields(ReadOptions)]
    assert of_overrides == {name: of_fields[name] for name in of_overrides}


def test_every_option_is_described() -> None:
    """Each field has a test of its errors below."""
    tested = {name for name, _, _ in WRONG}
    assert tested == {field.name for field in fields(ReadOptions)}


WRONG: list[tuple[str, Any, str]] = [
    ("mode", "pages", "'pages'"),
    ("output", "docx", "'docx'"),
    ("table_format", "csv", "'csv'"),
    ("format", 1, "1"),
    ("pages", "1-x", "'1-x'"),
    ("pages", "0", "count from 1"),
    ("pages", [1, "2"], r"\[1, '2'\]"),
    ("pages", 1.5, "1.5"),
    ("pages", True, "True"),
    ("pages", slice("a", None), "slice"),
    ("pages", slice(None, None, 0), "slice"),
    ("password", 1234, "int"),
    ("dpi", 5, "5"),
    ("dpi", float("nan"), "nan"),
    ("dpi", "300", "'300'"),
    ("glob", 7, "7"),
    ("crop_to_patches", "yes", "'yes'"),
    ("min_patches", 0, "0"),
    ("max_patches", 2.0, "2.0"),
    ("max_patches", True, "True"),
    ("multi_page", 1, "1"),
    ("multi_page", True, "True"),
    ("box", (1, 2, 3), r"\(1, 2, 3\)"),
    ("box", (5, 5, 1, 9), r"\(5, 5, 1, 9\)"),
    ("box", (0, 0, 1, float("inf")), "inf"),
    ("box", "abcd", "'abcd'"),
    ("color", "magenta", "'magenta'"),
    ("regions", "all", "'all'"),
    ("regions", [], r"\[\]"),
    ("regions", [(1, 2, 3)], r"\(1, 2, 3\)"),
    ("regions", (1, 2, 3, 4), "1"),
    ("regions", {-1: [(1, 2, 3, 4)]}, "counting from 0"),
    ("regions", {True: [(1, 2, 3, 4)]}, "True"),
    ("regions", {0: []}, r"\{0: \[\]\}"),
    ("regions", 3, "3"),
    ("region_prompt", "picture", "'picture'"),
    ("layout_model", 3, "3"),
    ("layout_model", "", "''"),
    ("regions", [(0, 0, 10**400, 9)], "four numbers"),
    ("regions", np.zeros((2, 4)), "x0 < x1"),
    ("drop", "page", "'page'"),
    ("drop", ["header", 3], "3"),
    ("drop", 3, "3"),
    ("omit_metadata", "source", "'source'"),
    ("draft", True, "'auto', False"),
    ("draft", None, "None"),
    ("omit_metadata", ["title", "modate"], "'modate'"),
    ("omit_metadata", "page", "'page'"),
    ("omit_metadata", 3, "3"),
    ("max_regions", 0, "0"),
    ("text_layer", True, "True"),
    ("figures", "embed", "'embed'"),
    ("figures_dir", "", "''"),
    ("figures_dir", "two\nlines", "folder"),
    ("figures_dir", None, "None"),
    ("on_error", "ignore", "'ignore'"),
    ("skip_blank", None, "None"),
    ("drop_blank", 1, "1"),
    ("progress", "bar", "'bar'"),
    ("max_new_tokens", 0, "0"),
    ("cache", 3, "3"),
    ("cache", "", "''"),
    ("max_cache_bytes", 0, "0"),
    ("root", 3, "3"),
    ("root", "", "''"),
    ("urls", "no", "'no'"),
    ("url_hosts", 3, "3"),
    ("url_hosts", ["a", 3], "3"),
    ("url_hosts", ["http://a/"], "http://a/"),
    ("max_url_seconds", 0, "0"),
    ("max_url_seconds", float("inf"), "inf"),
    ("max_file_bytes", 1.5, "1.5"),
    ("max_pages", 0, "0"),
    ("max_image_pixels", -1, "-1"),
    ("max_page_seconds", "60", "'60'"),
    ("max_page_seconds", True, "True"),
    ("max_page_bytes", None, "None"),
    ("max_page_bytes", 10**20, "at most"),
    ("max_page_seconds", 1e10, "a day"),
    ("cache", "a\0b", "folder"),
    ("root", "a\0b", "folder"),
    ("corrections", "", "''"),
    ("corrections", "a\0b", "a file"),
    ("corrections", b"a.jsonl", "a file"),
    ("corrections", 3, "3"),
    ("corrections", [3], r"\[0\]=3"),
    ("corrections", [{"id": "a"}], r"\[0\]: page and region missing"),
]


@pytest.mark.parametrize(("name", "value", "shown"), WRONG)
def test_a_wrong_value_is_named(name: str, value: Any, shown: str) -> None:
    """The message has the option's name and the value; it is a ValueError, too."""
    with pytest.raises(OptionError, match=shown) as caught:
        ReadOptions(**{name: value})
    assert name in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("together", "message"),
    [
        ({"box": (0, 0, 1, 1), "color": "red"}, "exclude each other"),
        ({"box": (0, 0, 1, 1), "multi_page": 2}, "multi_page"),
        ({"crop_to_patches": True, "multi_page": 2}, "crop_to_patches=True.*multi_page"),
        ({"crop_to_patches": True, "box": (0, 0, 1, 1)}, "crop_to_patches=True.*box"),
        ({"crop_to_patches": True, "color": "red"}, "crop_to_patches=True.*color"),
        (
            {"box": (0, 0, 1, 1), "regions": "auto"},
            r"box=Box\(.*and regions='auto' exclude each other",
        ),
        ({"color": "red", "mode": "region"}, 'color=.*mode="region" exclude each other'),
        ({"regions": "auto", "multi_page": 2}, "regions='auto' can't be.*multi_page"),
        ({"mode": "region", "multi_page": 2}, "multi_page"),
        (
            {"regions": "auto", "region_prompt": "box", "crop_to_patches": True},
            'crop_to_patches=True.*region_prompt="box"',
        ),
        ({"text_layer": "auto", "box": (0, 0, 1, 1)}, "text_layer='auto' goes with whole pages"),
        ({"text_layer": "fallback", "regions": [(0, 0, 1, 1)]}, "text_layer='fallback'"),
        ({"min_patches": 5, "max_patches": 4}, "min_patches=5 is more than max_patches=4"),
    ],
)
def test_options_that_exclude_each_other(together: dict[str, Any], message: str) -> None:
    """What the model was not trained on is refused."""
    with pytest.raises(OptionError, match=message):
        ReadOptions(**together)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("page", "'page' is not an option; did you mean pages? There are model, engine, options, "),
        ("modle", "did you mean model?"),
        ("fromat", "did you mean format?"),
        ("colour", "did you mean color?"),
        ("onerror", "did you mean on_error?"),
        ("max_tokens", "did you mean max_new_tokens?"),
        ("output_format", "did you mean output?"),
        ("device", "it belongs to the engine: engine=EngineConfig(device=…)"),
        ("batch_size", "engine=EngineConfig(max_batch_size=…)"),
        ("xyzzy", "'xyzzy' is not an option; there are model, engine, options, mode, "),
    ],
)
def test_an_unknown_name_is_answered_with_the_one_that_was_meant(name: str, message: str) -> None:
    """A misspelling is no silent default; what belongs to the engine is said to."""
    with pytest.raises(OptionError) as caught:
        ReadOptions.of(None, {name: "1"})  # type: ignore[misc]  # wrong on purpose
    assert message in str(caught.value)


def test_the_engine_s_own_options_are_known_by_name() -> None:
    """Whatever an EngineConfig takes is told to belong there."""
    assert ("model", *ENGINE_FIELDS) == tuple(field.name for field in fields(EngineConfig))


@pytest.mark.parametrize(
    ("name", "value", "meant"),
    [
        ("mode", "pages", "page"),
        ("output", "Markdown", "markdown"),
        ("regions", "aoto", "auto"),
        ("drop", ["headers"], "header"),
    ],
)
def test_a_wrong_choice_is_answered_with_the_one_that_was_meant(
    name: str, value: object, meant: str
) -> None:
    """Of several words the one that looks like it is named."""
    with pytest.raises(OptionError, match=f"expected .*; did you mean '{meant}'\\?$"):
        ReadOptions(**{name: value})  # type: ignore[arg-type]  # wrong on purpose


def test_overrides_go_over_options() -> None:
    """The caller's options stay as they were."""
    options = ReadOptions(dpi=300, mode="single")
    changed = ReadOptions.of(options, {"dpi": 72})
    assert (changed.dpi, changed.mode) == (72, "single")
    assert options.dpi == 300
    with pytest.raises(FrozenInstanceError):
        options.dpi = 72  # type: ignore[misc]  # that is the point


def test_format_follows_the_output() -> None:
    """Formatted, but plain for ``output="text"``, unless told."""
    assert ReadOptions().formatted
    assert not ReadOptions(output="text").formatted
    assert ReadOptions(output="text", format=True).formatted
    assert not ReadOptions(output="raw", format=False).formatted


def test_boxes_are_boxes() -> None:
    """Any four numbers will do; the caller's list is not touched."""
    given = [1, 2, 3, 4]
    assert ReadOptions(box=given).box == Box(1, 2, 3, 4)
    assert given == [1, 2, 3, 4]


def test_regions_are_boxes() -> None:
    """For every page, or by page; the caller's values are not touched."""
    given = {0: [[1, 2, 3, 4]]}
    assert ReadOptions(regions=given).regions == {0: (Box(1, 2, 3, 4),)}
    assert given == {0: [[1, 2, 3, 4]]}
    assert ReadOptions(regions=[(1, 2, 3, 4)]).regions == (Box(1, 2, 3, 4),)
    numbers: Any = np.array([(1, 2, 3, 4)])
    assert ReadOptions(regions=numbers).regions == (Box(1, 2, 3, 4),)
    assert ReadOptions(drop={"header"}).drop == ("header",)  # type: ignore[arg-type]  # forgiven
    assert ReadOptions().effective_regions is None
    assert ReadOptions(mode="region").effective_regions == "auto"
    assert ReadOptions(drop=["footer", "header", "footer"]).drop == ("header", "footer")
    assert ReadOptions(drop="table").drop == ("table",)  # type: ignore[arg-type]  # forgiven


@pytest.mark.parametrize(
    "options",
    [
        ReadOptions(regions={3: [(1, 2, 3, 4)]}, drop=("header",), text_layer="ignore"),
        ReadOptions(regions=[(1, 2, 3, 4), Box(5, 6, 7, 8)], mode="region"),
        ReadOptions(regions="auto", layout_model="some/model", max_regions=9),
        ReadOptions(pages=slice(1, None), box=(1, 2, 3, 4)),
        ReadOptions(cache=True, root=Path("in"), url_hosts=["a", "10.0.0.0/8"], urls=False),
        ReadOptions(cache=Path("kept"), max_page_seconds=3, max_file_bytes=9),
        ReadOptions(figures="keep", figures_dir=Path("pictures")),
    ],
)
def test_options_survive_json(options: ReadOptions) -> None:
    """A reader that was written down reads the same."""
    assert options_from_json(json.loads(json.dumps(options_to_json(options)))) == options


def test_folders_are_texts() -> None:
    """A path of any kind; no cache is no cache."""
    options = ReadOptions(cache=Path("kept"), root=Path("in"))
    assert (options.cache, options.root) == ("kept", "in")
    assert ReadOptions(cache=False).cache is None
    assert ReadOptions(cache=True).cache is True


def test_pages_count_as_people_do() -> None:
    """Text counts from 1, backwards from -1; an open range goes to the end."""
    assert parse_pages("1-3, 7,-1,9-") == [(1, 3), (7, 7), (-1, -1), (9, None)]
    for pages in (None, 3, range(3), slice(2, None), [0, 2], "1,2"):
        assert ReadOptions(pages=pages).pages == pages


def test_a_password_is_not_shown_nor_pickled() -> None:
    """Neither in a repr nor in clear in another process's memory or on disk."""
    secret = ReadOptions(password="hunter2")
    assert "hunter2" not in repr(secret)
    with pytest.raises(TypeError, match="password") as caught:
        pickle.dumps(secret)
    assert "hunter2" not in str(caught.value)
    plain = ReadOptions(pages="1-3", box=(0, 0, 5, 5))
    assert pickle.loads(pickle.dumps(plain)) == plain
