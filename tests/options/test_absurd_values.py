"""Values that nobody means: each is taken or refused, in an error of ours that fits on a screen."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from got_loaders import GotOcrLoader, ReadOptions
from got_loaders.errors import GotLoadersError, OptionError, shown
from got_loaders.integrations.tools import DocumentTools
from got_loaders.testing import FakeEngine
from tests.pages import making


class Unspeakable:
    """It has no representation."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


def nested(depth: int) -> list[Any]:
    """A list in a list in a list."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


LOOP: list[Any] = []
LOOP.append(LOOP)
VALUES: list[Any] = [
    *(
        "1" * 5000,
        "-" * 5000,
        "1," * 5000,
        "1-" + "9" * 5000,
        "1-2-3",
        "٣" * 20,
        "\0",
        "\udcff",
        "",
    ),
    *(10**5000, -(10**5000), 2**63, 1e308, float("nan"), float("inf"), -0.0, True, None, 1j),
    *(
        b"1" * 5000,
        range(10**30),
        slice(10**30),
        slice(None, None, 10**30),
        [10**30],
        ("1",) * 5000,
    ),
    *(nested(50_000), LOOP, {"a": 1}, {10**5000: LOOP}, {1, 2}, np.arange(4), np.array(["page"])),
    *(Unspeakable(), [Unspeakable()], Unspeakable, object(), lambda: 1),
    *([1e308, 1e308, -1e308, 0], [0, 0, 10**400, 1], [0, 0, 1e308, 1e308], [float("nan")] * 4),
]


@pytest.mark.parametrize("name", [field.name for field in fields(ReadOptions)])
def test_every_option_takes_or_refuses_every_value(name: str) -> None:
    """With an OptionError that names it, and not at length."""
    for value in VALUES:
        error = ""
        try:
            ReadOptions(**{name: value})
        except OptionError as caught:
            error = str(caught)
        assert name in error or not error
        assert len(error) < 800, shown(value)


@pytest.mark.parametrize(
    "options",
    [
        *(
            {"pages": value}
            for value in (range(10**30), slice(10**30), [10**30], -(10**30), "9" * 18)
        ),
        *(
            {"pages": value}
            for value in ("1-" + "9" * 18, ("1," * 5000) + "1", range(0, 10**30, 10**29))
        ),
        {"box": (0, 0, 1e308, 1e308)},
        {"box": (-1e308, -1e308, 1e308, 1e308)},
        {"regions": [(-1e308, -1e308, 1e308, 1e308)]},
        {"regions": {10**30: [(0, 0, 1, 1)]}},
        {"max_page_seconds": 1e-300},
        {"max_page_bytes": 1},
        {"max_image_pixels": 1},
        {"max_new_tokens": 10**18},
        {"multi_page": 10**18},
        {"max_regions": 10**18},
    ],
)
def test_what_is_taken_is_read_or_refused(options: dict[str, Any]) -> None:
    """No other error, and no endless work."""
    loader = GotOcrLoader(making.pdf("one", "two"), engine=FakeEngine("READ"), **options)
    error = ""
    try:
        assert loader.load()
    except GotLoadersError as caught:
        error = str(caught)
    assert len(error) < 800


@pytest.mark.parametrize("pages", ["1" * 5000, 10**5000, "-" * 5000, "1," * 5000], ids=range(4))
def test_agents_are_told_in_short(pages: Any, tmp_path: Path) -> None:
    """Models repeat themselves."""
    (tmp_path / "a.pdf").write_bytes(making.pdf("one"))
    tools = DocumentTools(None, {"root": tmp_path}, engine=FakeEngine("READ"))
    with pytest.raises(GotLoadersError) as caught:
        tools.read_document("a.pdf", pages).run()
    assert len(str(caught.value)) < 800
