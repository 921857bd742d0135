"""A picture that was read before, in another way: that reading is the draft of the next one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from got_loaders import OcrRequest, OcrResult
from got_loaders.cache import CachedEngine, ResultCache, clear_cache, inspect_cache
from got_loaders.cache.keys import picture_keys, request_key
from got_loaders.cache.paths import DRAFTS_NAMESPACE
from got_loaders.testing import FakeEngine
from tests.cache.making import READING, asked

KEPT = replace(READING, text="kept")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ResultCache]:
    """A new store."""
    store = ResultCache(tmp_path, max_bytes=10**9)
    yield store
    store.close()


def draft_of(store: ResultCache, request: OcrRequest, model: str = "fake") -> object:
    """That with which the request reaches an engine of this name, which answers something else."""
    fake = FakeEngine("now", fingerprint=model)
    CachedEngine(lambda: fake, model, store).submit(request).result(60)
    (got,) = fake.requests
    assert replace(got, draft=None) == replace(request, draft=None)
    return got.draft


def keep(store: ResultCache, request: OcrRequest, result: OcrResult = KEPT) -> None:
    """Read it once."""
    fake = FakeEngine(result, fingerprint=result.model or "fake")
    CachedEngine(lambda: fake, fake.fingerprint, store).submit(request).result(60)


@pytest.mark.parametrize(
    "fields",
    [
        {"format": True},
        {"max_new_tokens": 9},
        {"stop_on_repetition": True},
        {"crop_to_patches": True},
    ],
)
def test_a_picture_that_was_read_otherwise_is_drafted(
    store: ResultCache, fields: dict[str, Any]
) -> None:
    """The other format, other limits, other tiles; it comes before the page's own words."""
    keep(store, asked())
    assert draft_of(store, asked(**fields, draft="own")) == "kept"


@pytest.mark.parametrize(
    ("fields", "draft"),
    [
        ({"number": 1}, None),
        ({"box": (0, 0, 4, 4)}, None),
        ({"color": "red"}, None),
        ({"format": True, "draft": False}, False),
        ({"number": 1, "draft": "own"}, "own"),
    ],
)
def test_another_picture_or_part_is_not(
    store: ResultCache, fields: dict[str, Any], draft: object
) -> None:
    """Nor is what wants no draft; the page's own words stay where nothing was kept."""
    keep(store, asked())
    assert draft_of(store, asked(**fields)) == draft


@pytest.mark.parametrize(
    ("result", "before_own_words"),
    [
        (replace(KEPT, model="fake@2/float32"), True),
        (replace(KEPT, model="other@1/float32"), False),
        (replace(KEPT, finish_reason="length"), False),
        (replace(KEPT, finish_reason="repetition"), False),
    ],
)
def test_a_whole_reading_of_the_same_model_comes_first(
    store: ResultCache, result: OcrResult, before_own_words: bool
) -> None:
    """Another number format or revision is the same model; any reading is better than none."""
    keep(store, asked(), result)
    model = "fake@1/bfloat16" if result.model else "fake"
    own = asked(max_new_tokens=5, draft="own")
    assert draft_of(store, own, model) == ("kept" if before_own_words else "own")
    keep(store, asked(), result)
    assert draft_of(store, asked(2), model) is None


def test_any_reading_is_better_than_none(store: ResultCache) -> None:
    """One by another model, or that was cut off, drafts what has no words of its own."""
    keep(store, asked(), replace(KEPT, model="other@1/float32", finish_reason="length"))
    assert draft_of(store, asked(max_new_tokens=5), "fake@1/float32") == "kept"


def test_the_same_format_comes_first(store: ResultCache) -> None:
    """Of two readings of a picture that in the format asked for, of one format the latest."""
    keep(store, asked(), replace(KEPT, text="plain"))
    keep(store, asked(format=True), replace(KEPT, text="formatted"))
    assert draft_of(store, asked(max_new_tokens=5)) == "plain"
    assert draft_of(store, asked(max_new_tokens=6, format=True)) == "formatted"
    assert draft_of(store, asked(max_new_tokens=7)) == "now"


def test_what_is_kept_is_found_whatever_the_draft(store: ResultCache) -> None:
    """A draft is no part of the question: with another one nothing is read again."""
    keep(store, asked(draft="one"))
    for draft in ("other", None, False):
        fake = FakeEngine("never")
        result = CachedEngine(lambda: fake, "fake", store).submit(asked(draft=draft)).result(60)  # noqa: B023
        assert (result, result.cached, fake.requests) == (KEPT, True, [])
    assert request_key(asked(draft="one"), "m") == request_key(asked(draft=False), "m")


def test_an_index_is_no_reading(store: ResultCache, tmp_path: Path) -> None:
    """It is neither counted nor named, and goes with the rest; what it names may be gone."""
    keep(store, asked())
    store.close()
    info = inspect_cache(tmp_path)
    assert (info.results, info.models) == (1, (("fake", 1),))
    assert clear_cache(tmp_path) == 1
    with closing(ResultCache(tmp_path, max_bytes=10**9)) as emptied:
        keys = picture_keys(asked())
        assert keys is not None
        emptied.put_payload(keys[0], DRAFTS_NAMESPACE, b"no key of a result")
        emptied.close()
    with closing(ResultCache(tmp_path, max_bytes=10**9)) as later:
        assert draft_of(later, asked()) is None


def test_a_cache_that_fails_leaves_a_request_as_it_is(tmp_path: Path) -> None:
    """A hint is worth no error: neither a damaged file nor an odd picture stops a reading."""
    (tmp_path / "readings.sqlite").write_bytes(b"no database" * 999)
    with closing(ResultCache(tmp_path, max_bytes=10**9)) as broken:
        assert draft_of(broken, asked(draft="own")) == "own"
    odd = OcrRequest(images=(asked().images[0].convert("P"),), draft="own")
    with closing(ResultCache(tmp_path / "new", max_bytes=10**9)) as store:
        assert picture_keys(odd) is None
        assert draft_of(store, odd) == "own"
