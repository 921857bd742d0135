"""What a dictionary charts: its titles, its series and the form that suits them.

GOT-OCR2 was taught ``{"title": …, "source": …, "x_title": …, "y_title": …, "values": {…}}``, the
values by category, by series and category, or by category and series; and plain names with numbers.
"""

from __future__ import annotations

import re
from dataclasses import replace

from got_loaders.rendering.chart.numbers import number_of, unit_of
from got_loaders.rendering.chart.values import Chart, ChartError, ChartForm, Series, Value

__all__ = ["chart_of"]

_MAX_CATEGORIES = 200
_MAX_SERIES = 20
_MAX_POINTS = 2000


_TITLES = {
    "title": "title", "chart_title": "title", "source": "source",
    "x_title": "x_title", "x_axis": "x_title", "x_label": "x_title", "xlabel": "x_title",
    "y_title": "y_title", "y_axis": "y_title", "y_label": "y_title", "ylabel": "y_title",
}  # fmt: skip
_FORM_NAMES = {"type", "chart_type", "kind", "style"}
_FORMS: dict[str, ChartForm] = {
    "pie": "pie", "donut": "pie", "doughnut": "pie", "line": "lines", "area": "lines",
    "scatter": "points", "point": "points", "bubble": "points", "bar": "bars", "column": "bars",
    "hist": "bars",
}  # fmt: skip
_VALUES = {"values", "data", "value", "series", "datasets", "points"}
_CATEGORIES = {"labels", "categories", "names"}


def chart_of(value: Value) -> Chart:
    """The chart that a literal stands for; :class:`ChartError` where it holds no numbers."""
    if isinstance(value, list):
        value = {"values": value}
    if isinstance(value, dict) and len(value) == 1:
        value = _unwrapped(value)
    if not isinstance(value, dict):
        raise ChartError("it is no dictionary of values")
    titles, wanted, data = _parts(value)
    if names := _names(value):
        data = _with_names(data, names)
    unit = unit_of(data)
    points = _points(data)
    if sum(len(one.xs) for one in points) > _MAX_POINTS:
        raise ChartError(f"it has more than {_MAX_POINTS} points")
    if points and wanted in (None, "points", "lines"):
        return _titled(Chart(form=wanted or "points", series=points, unit=unit), titles)
    categories, series = _table(data)
    _check(categories, series)
    form = wanted if wanted not in (None, "points") else _form(categories, series, titles)
    if form == "pie" and not _are_parts(series):
        form = "bars"
    return _titled(Chart(form=form, series=series, categories=categories, unit=unit), titles)


def _unwrapped(value: dict[str, Value]) -> Value:
    """What ``{"chart": {"title": …, "values": …}}`` holds."""
    (inner,) = value.values()
    is_chart = isinstance(inner, dict) and any(_key(name) in _VALUES for name in inner)
    return inner if is_chart else value


def _key(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip().casefold())


def _names(value: dict[str, Value]) -> list[Value]:
    """The categories, where a list of their own names them beside the values."""
    if not any(_key(name) in _VALUES for name in value):
        return []
    lists = (v for name, v in value.items() if _key(name) in _CATEGORIES)
    return next((names for names in lists if isinstance(names, list)), [])


def _with_names(data: Value, names: list[Value]) -> Value:
    """Lists of values as dictionaries by name."""
    rows = _by_name(data) if isinstance(data, list) else data
    if not isinstance(rows, dict) or not rows:
        return data
    if all(isinstance(row, list) for row in rows.values()):
        series = {key: row for key, row in rows.items() if isinstance(row, list)}
        return {
            str(name): {key: row[at] for key, row in series.items() if at < len(row)}
            for at, name in enumerate(names)
        }
    if isinstance(data, list) and not any(isinstance(row, dict) for row in data):
        return {str(name): row for name, row in zip(names, data, strict=False)}
    return data


def _are_parts(series: tuple[Series, ...]) -> bool:
    """Whether a pie can show them."""
    values = [value or 0.0 for value in series[0].values]
    return len(series) == 1 and min(values) >= 0 and sum(values) > 0


def _titled(chart: Chart, titles: dict[str, str]) -> Chart:
    return replace(
        chart,
        title=titles.get("title", ""),
        source=titles.get("source", ""),
        x_title=titles.get("x_title", ""),
        y_title=titles.get("y_title", ""),
    )


def _parts(value: dict[str, Value]) -> tuple[dict[str, str], ChartForm | None, Value]:
    """The titles, the form that is named, and the values."""
    titles: dict[str, str] = {}
    form: ChartForm | None = None
    data: dict[str, Value] = {}
    inner: Value = None
    for key, content in value.items():
        name = _key(key)
        if name in _TITLES and not isinstance(content, list | dict):
            text = (content or "").strip()
            titles[_TITLES[name]] = "" if text.casefold() in ("none", "null") else text
        elif name in _FORM_NAMES and isinstance(content, str) and number_of(content) is None:
            form = next((_FORMS[word] for word in _FORMS if word in content.casefold()), None)
        elif name in _VALUES and isinstance(content, list | dict):
            inner = content
        else:
            data[key] = content
    return titles, form, data if inner is None else inner


def _table(data: Value) -> tuple[tuple[str, ...], tuple[Series, ...]]:
    """Categories, and the series with a value for each of them."""
    if isinstance(data, list):
        data = _by_name(data)
    if not isinstance(data, dict) or not data:
        raise ChartError("there are no values in it")
    rows = {name: value for name, value in data.items() if isinstance(value, dict)}
    if not rows:
        has_lists = any(isinstance(value, list) for value in data.values())
        if has_lists and all(number_of(value) is None for value in data.values()):
            return _columns(data)  # words beside them say what it is about
        return tuple(data), (Series(name="", values=tuple(map(number_of, data.values()))),)
    inner = list(dict.fromkeys(name for row in rows.values() for name in row))
    if len(rows) < len(inner) and len(rows) <= _MAX_SERIES:  # the fewer are the series
        made = [
            (name, tuple(number_of(row.get(key)) for key in inner)) for name, row in rows.items()
        ]
        return tuple(inner), tuple(Series(name=name, values=values) for name, values in made)
    series = [
        Series(name=name, values=tuple(number_of(row.get(name)) for row in rows.values()))
        for name in inner
    ]
    return tuple(rows), tuple(series)


def _columns(data: dict[str, Value]) -> tuple[tuple[str, ...], tuple[Series, ...]]:
    """Lists of the same length, one of which may hold the categories."""
    lists = {name: value for name, value in data.items() if isinstance(value, list)}
    size = max(map(len, lists.values()))
    first, *_ = lists
    categories = tuple(map(str, range(1, size + 1)))
    if len(lists) > 1 and not any(number_of(value) is not None for value in lists[first]):
        categories = tuple(map(str, lists.pop(first)))
    series = [
        Series(name=name, values=tuple(map(number_of, values)) + (None,) * (size - len(values)))
        for name, values in lists.items()
    ]
    return (categories + ("",) * size)[:size], tuple(series)


def _by_name(data: list[Value]) -> Value:
    """A list of names with values, or of values, as a dictionary."""
    found: dict[str, Value] = {}
    by_first = all(isinstance(item, dict) and len(item) > 2 for item in data)
    for number, item in enumerate(data, 1):
        entries = list(item.items()) if isinstance(item, dict) else []
        names = [
            value for _, value in entries if isinstance(value, str) and number_of(value) is None
        ]
        rest = {name: value for name, value in entries if value not in names}
        if isinstance(item, list) and len(item) == 2:
            found[str(item[0])] = item[1]
        elif names and len(rest) == 1:
            found[str(names[0])] = next(iter(rest.values()))
        elif entries and by_first and not names:  # a table's lines, from its first column on
            found[str(entries[0][1])] = dict(entries[1:])
        elif entries:
            found[str(names[0]) if names else str(number)] = rest
        else:
            found[str(number)] = item
    return found


def _points(data: Value) -> tuple[Series, ...]:
    """Pairs of numbers, of one series or of several with a name."""
    if isinstance(data, dict):
        found = [(name, _pairs(value)) for name, value in data.items()]
    else:
        found = [("", _pairs(data))]
    if not found or not all(pairs for _, pairs in found):
        return ()
    return tuple(
        Series(name=name, xs=tuple(x for x, _ in pairs), values=tuple(y for _, y in pairs))
        for name, pairs in found[:_MAX_SERIES]
    )


def _pairs(value: Value) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for item in value if isinstance(value, list) else []:
        if isinstance(item, dict) and len(item) > 2 and not {"x", "y"} <= set(item):
            return []
        pair = list(item.values()) if isinstance(item, dict) else item
        numbers = [number_of(part) for part in pair] if isinstance(pair, list) else []
        if len(numbers) < 2 or numbers[0] is None or numbers[1] is None:
            return []
        found.append((numbers[0], numbers[1]))
    return found


def _form(
    categories: tuple[str, ...], series: tuple[Series, ...], titles: dict[str, str]
) -> ChartForm:
    """Lines over numbers that grow, a pie of parts of a hundred, else bars."""
    numbers = [number for name in categories if (number := number_of(name)) is not None]
    if len(numbers) == len(categories) > 3 and numbers == sorted(numbers):
        return "lines"
    total = sum(value or 0 for value in series[0].values)
    has_axes = titles.get("x_title") or titles.get("y_title")
    is_parts = len(series) == 1 and 1 < len(categories) <= 10 and 99 <= total <= 101
    return "pie" if is_parts and not has_axes else "bars"


def _check(categories: tuple[str, ...], series: tuple[Series, ...]) -> None:
    if len(categories) > _MAX_CATEGORIES or len(series) > _MAX_SERIES:
        raise ChartError(f"it has {len(series)} series of {len(categories)} values, too many")
    if not any(value is not None for one in series for value in one.values):
        raise ChartError("there are no numbers in it")
