"""Charts: what the model writes of one, as a picture with the same values."""

from __future__ import annotations

import json
import re
import time
from xml.etree import ElementTree

import pytest

from got_loaders.rendering.chart import chart

_SVG = "{http://www.w3.org/2000/svg}"


def said(text: str) -> list[str]:
    """What stands below the pointer at each value, in the order drawn."""
    made = chart(text)
    assert made.reason is None
    root = ElementTree.fromstring(made.svgs[0])
    shapes = [*root.iter(f"{_SVG}rect"), *root.iter(f"{_SVG}circle"), *root.iter(f"{_SVG}path")]
    titles = [shape.find(f"{_SVG}title") for shape in shapes]
    return [title.text or "" for title in titles if title is not None]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{"title": "T", "values": {"a": "1", "b": "2,500"}}', ["a: 1", "b: 2500"]),
        ("{'a': 1, 'b': -2.5, 'c': None}", ["a: 1", "b: \N{MINUS SIGN}2.5"]),
        (
            "{'values': {'x': {'m': 1, 'n': 2, 'o': 3}, 'y': {'m': 4, 'n': 5}}}",
            ["x, m: 1", "x, n: 2", "x, o: 3", "y, m: 4", "y, n: 5"],
        ),
        (
            "{'values': {'m': {'x': 1, 'y': 4}, 'n': {'x': 2, 'y': 5}}}",
            ["x, m: 1", "x, n: 2", "y, m: 4", "y, n: 5"],
        ),
        ('{"values": {"A": "40%", "B": "60%"}}', ["A: 40%", "B: 60%"]),
        ('{"type": "scatter", "data": [[1, 2], [3, 4.5]]}', ["1: 2", "3: 4.5"]),
        ('[{"name": "A", "value": 3}, {"name": "B", "value": 4}]', ["A: 3", "B: 4"]),
        ('{"day": ["Mo", "Tu"], "n": [1, 2]}', ["n, Mo: 1", "n, Tu: 2"]),
        ('```json\n{"a": 1, "b": 2}\n```', ["a: 1", "b: 2"]),
        ('{"title": "T", "values": {"a": 1, "b": 2, "c', ["a: 1", "b: 2"]),
        ('{"a": 1, "b": 2, "c": ', ["a: 1", "b: 2"]),
        ('{"a": "1.234,5", "b": "1,234.5"}', ["a: 1234.5", "b: 1234.5"]),
        ('{"chart": {"title": "T", "values": {"a": 1}}}', ["a: 1"]),
        (
            '[{"year": 2001, "n": 5, "m": 6}, {"year": 2002, "n": 7, "m": 8}]',
            ["n, 2001: 5", "n, 2002: 7", "m, 2001: 6", "m, 2002: 8"],
        ),
        (
            '{"labels": ["a", "b"], "datasets": [{"label": "n", "data": [1, 2]}]}',
            ["n, a: 1", "n, b: 2"],
        ),
        ('{"labels": ["a", "b"], "values": [1, 2]}', ["a: 1", "b: 2"]),
        ('{"name": "Sales", "n": [1, 2]}', ["n, 1: 1", "n, 2: 2"]),
    ],
)
def test_a_chart_has_the_values_that_were_read(text: str, values: list[str]) -> None:
    """In each of the shapes that the model was taught, cut off or not."""
    assert said(text) == values


@pytest.mark.parametrize(
    ("text", "element", "count"),
    [
        ('{"2019": 1, "2020": 2, "2021": 3, "2022": 1}', "polyline", 1),
        ('{"A": "50%", "B": "50%"}', "path", 2),
        ('{"type": "bar", "A": "50%", "B": "50%"}', "path", 0),
        ('{"type": "pie", "A": "1"}', "path", 1),
        ('{"type": "pie", "A": 0, "B": 0}', "path", 0),
        ('{"chart type": "line", "values": {"a": 1, "b": null, "c": 2, "d": 3}}', "polyline", 1),
    ],
)
def test_the_form_suits_the_values(text: str, element: str, count: int) -> None:
    """Lines over years, a pie of parts of a hundred, and what the chart itself is called."""
    assert chart(text).svgs[0].count(f"<{element} ") == count


def test_the_number_of_a_bar_below_zero_stands_apart_from_its_name() -> None:
    """Even where the bar reaches the end of the axis."""
    svg = chart('{"a": -5, "b": -1}').svgs[0]
    at = {text: float(y) for y, text in re.findall(r'<text [^>]*y="([\d.]+)"[^>]*>([^<]+)<', svg)}
    assert at["a"] - at["\N{MINUS SIGN}5"] > 12


def test_bars_are_as_high_as_their_values() -> None:
    """One that is twice as much is twice as high."""
    bars = re.findall(
        r'height="([\d.]+)" fill="#4c78a8"><title>', chart('{"a": 2, "b": 4}').svgs[0]
    )
    first, second = map(float, bars)
    assert second == pytest.approx(2 * first, rel=0.01)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hello", "no dictionary"), ("{}", "no values"), ('{"a": "b"}', "no numbers"),
        ('{"a":' * 40, "too deep"), ('{"title": "x"}', "no values"), ("[" * 100_000, "too many"),
        ("{" + ",".join(f'"c{n}": {n}' for n in range(500)) + "}", "too many"), ("", "no dict"),
        (f"[{'[1, 2],' * 3000}]", "more than 2000 points"),
        ('{"a": ]', "where a value should be"), ('{"a": 1}' * 100_000, "longer than"),
        ("__import__('os').system('id')", "no dictionary"),
    ],
)  # fmt: skip
def test_what_is_no_chart_is_refused(text: str, reason: str) -> None:
    """Soon, with the reason, and with its source to look at."""
    begun = time.thread_time()
    made = chart(text)
    assert made.svgs == ()
    assert reason in (made.reason or "")
    assert time.thread_time() - begun < 20  # each of these lengths squared takes minutes


def test_nothing_that_was_read_acts_in_a_chart() -> None:
    """It is shown as it was read, in the picture and below it."""
    hostile = '"><script>alert(1)</script><a href=\'javascript:x\' onload="x">'
    values = {hostile: 1, "b": 2}
    text = json.dumps({"title": hostile, "x_title": hostile, "values": values})
    made = chart(text)
    root = ElementTree.fromstring(made.svgs[0])
    assert {element.tag.removeprefix(_SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "rect", "text", "line",
    }  # fmt: skip
    assert not any(
        name.startswith("on") or "href" in name for e in root.iter() for name in e.attrib
    )
    assert "<script" not in made.html
    assert "alert(1)" in "".join(root.itertext())
