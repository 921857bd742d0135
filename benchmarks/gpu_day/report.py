"""What was found, as a page to read: a table a stage, numbers with their units. Knows no torch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from benchmarks.gpu_day.markdown import cell, gigabytes, milliseconds, table

Found = Mapping[str, Any]


def page(results: Found) -> str:
    """The whole report, from what `results.json` holds."""
    options = results.get("options", {})
    lines = [
        f"# GPU day, {results.get('date', '')}",
        "",
        f"{results.get('seconds', 0):.0f} s of {60 * options.get('minutes', 0):.0f} s on "
        f"{options.get('device')}, model {options.get('model')}, {options.get('dtype')}"
        + (": **a rehearsal on the CPU, whose speeds say nothing.**" if options.get("dry") else ""),
    ]
    for found in results.get("stages", {}).values():
        lines += ["", *section(found)]
    return "\n".join(lines) + "\n"


def section(found: Found) -> list[str]:
    """One stage: how it went, its numbers, what the library logged meanwhile."""
    lines = [f"## {found['title']}", "", _went(found), ""]
    write = SECTIONS.get(found["name"])
    if write is not None:
        try:
            lines += write(found)
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            lines.append(f"(what it found is in results.json only: {error!r})")
    log = found.get("log") or []
    if log:
        lines += ["", "The library logged:", "", *(f"- {line}" for line in log)]
    return lines


def _went(found: Found) -> str:
    why = f": {found['why']}" if found.get("why") else ""
    return f"{found['status']}{why} ({found.get('seconds', 0):.0f} s)"


def _machine(found: Found) -> list[str]:
    lines = table(("what", "found"), found["machine"].items())
    lines += [f"| {name} | {text} |" for name, text in found.get("packages", {}).items()]
    lines += [f"| commit | {found.get('commit', '')} |"]
    if "free_gb" in found:
        lines.append(f"| memory free | {found['free_gb']:.1f} of {found['total_gb']:.1f} GB |")
        lines.append(f"| bfloat16 in hardware | {found['bfloat16']} |")
    if "ceilings" in found:
        lines.append(f"| copied within the device | {gigabytes(found['ceilings']['bandwidth'])} |")
        lines.append(f"| products of matrices | {found['ceilings']['flops'] / 1e12:.3g} TFLOP/s |")
    return [*lines, "", f"`{found.get('varlen_attn', '')}`"]


def _tests(found: Found) -> list[str]:
    tests = found.get("tests", [])
    counts = [f"{_count(tests, name)} {name}" for name in ("passed", "failed", "skipped")]
    rows = [
        (test["name"], test["outcome"], f"{test['seconds']:.1f}", cell(test["why"]))
        for test in tests
    ]
    return [", ".join(counts), "", *table(("test", "outcome", "s", "why"), rows)]


def _count(tests: Iterable[Found], outcome: str) -> int:
    return sum(test["outcome"] == outcome for test in tests)


def _checkpoint(found: Found) -> list[str]:
    if "megabytes" not in found:
        return []
    return [f"`{found['model']}` of `benchmarks/_checkpoint.py`, {found['megabytes']} MB"]


def _pages(found: Found) -> list[str]:
    heads = (
        *("tokens a page", "decoding", "drafts", "pages/s", "tokens/s", "decode step, ms"),
        *("its floor, ms", "of the floor's speed", "tokens a step", "accepted"),
        "texts that differ",
    )
    rows = []
    for one in found.get("cells", []):
        start = (one["tokens"], one["flight"], "on" if one["drafts"] else "off")
        if "pages_per_second" not in one:
            rows.append((*start, cell(one.get("note", "")), *[""] * 7))
            continue
        about = "" if one["whole"] else "≈ "
        floor = one["floor"]
        proposed = one["accepted"] + one["rejected"]
        rows.append(
            (
                *start,
                f"{about}{one['pages_per_second']:.3g}",
                f"{about}{one['tokens_per_second']:.0f}",
                milliseconds(one["step"]),
                milliseconds(floor["step"]),
                f"{1 / one['over_floor']:.0%}",
                f"{one['tokens_per_step']:.2f}",
                f"{one['accepted'] / proposed:.0%} of {proposed}" if proposed else "",
                f"{one['differ']} of {one['compared']}" if one["drafts"] else "",
            )
        )
    notes = ["A quarter as many pages wait for a row. The floor is that of reading without drafts."]
    notes.append("≈: cut short.")
    short = sum(one.get("short", 0) for one in found.get("cells", []))
    if short:
        notes.append(f"**{short} pages did not get all their tokens.**")
    return [*table(heads, rows), "", *notes, f"The engine: {found.get('ways', '')}."]


def _attention(found: Found) -> list[str]:
    heads = ("kernel", "rows", "tokens in each", "queries", "µs", "GB/s", "largest error", "")
    rows = []
    for one in found.get("cells", []):
        start = (one["kernel"], one["rows"], one["tokens"], one["queries"])
        if "seconds" in one:
            graph = "" if one["graph"] else "not in a graph"
            speeds = f"{one['seconds'] * 1e6:.1f}", f"{one['bytes_per_second'] / 1e9:.0f}"
            rows.append((*start, *speeds, f"{one['error']:.2g}", graph))
        else:
            rows.append((*start, "", "", "", cell(one["note"])))
    return table(heads, rows)


def _profile(found: Found) -> list[str]:
    lines = [f"{found['steps']} steps of {found['rows']} rows." if "steps" in found else ""]
    for name, title in (("without", "Without drafts"), ("drafted", "With drafts")):
        one = found.get(name)
        if not one:
            continue
        lines += ["", f"{title}: {_step(one)}", ""]
        rows = [
            (
                f"`{cell(each['kernel'])}`",
                f"{each['runs_per_step']:.1f}",
                f"{each['s_per_step'] * 1e6:.1f}",
                f"{each['share_of_busy']:.0%}",
            )
            for each in one["longest"]
        ]
        lines += table(("kernel", "runs a step", "µs a step", "of the work"), rows)
    return lines


def _step(one: Found) -> str:
    busy, waited, most = (
        milliseconds(one[name]) for name in ("busy_s_per_step", "gap_s_per_step", "longest_gap_s")
    )
    return (
        f"{one['tokens_per_step']:.0f} tokens and {one['kernels_per_step']:.0f} kernels a step of "
        f"{milliseconds(one['step_s'])} ms; the device worked {busy} ms of it and waited "
        f"{waited} ms, at most {most} ms at a time."
    )


def _prefill(found: Found) -> list[str]:
    rows = [
        (one["pages"], milliseconds(one["s_per_page"]), f"{one['over_floor']:.2f}")
        for one in found.get("cells", [])
    ]
    floor = f"The floor is {milliseconds(found['floor_s_per_page'])} ms a page."
    return [*table(("pages at once", "ms a page", "times the floor"), rows), "", floor]


def _exactness(found: Found) -> list[str]:
    heads = ("number format", "the engine", "how", "pages as generate's", "first differences")
    rows = []
    for one in found.get("checks", []):
        places = [
            f"page {each['page']}, token {each['token']}"
            + ("" if each["gap"] is None else f" (best logits {each['gap']:.2g} apart)")
            for each in one["differences"]
        ]
        equal = f"{one['pages'] - len(one['differences'])} of {one['pages']}"
        verdict = "**WRONG**: " if one["wrong"] else ""
        rows.append(
            (one["dtype"], one["ways"], one["name"], equal, cell(verdict + "; ".join(places)))
        )
    return table(heads, rows)


def _training(found: Found) -> list[str]:
    lines = found.get("lines", [])
    text = [f"Pages drawn by {found['drawn_by']}; {found['batch']} samples a step."]
    if lines:
        newest = lines[-1]
        took = f"{newest.get('step', 0)} steps in {newest.get('minutes', 0):.2f} min"
        stage = newest["stage"]
        text.append(f"{took} of reading." if stage == "done" else f"So far {stage}: {took}.")
    if "character_error_rate" in found:
        text.append(
            f"It then read {found['pages_read']} new pages with "
            f"{found['character_error_rate']:.1%} of the characters wrong, "
            f"{found['exact_pages']} of them without an error."
        )
    rows = [
        (
            one["stage"],
            one["step"],
            f"{one['minutes']:.2f}",
            f"{one['loss']:.3f}" if "loss" in one else "",
            f"{one['right']:.1%}" if "right" in one else "",
            f"{one['glyphs']:.1%}" if "glyphs" in one else "",
        )
        for one in thinned(lines)
    ]
    heads = ("stage", "step", "min", "loss", "characters right", "glyphs right")
    return [" ".join(text), "", *table(heads, rows)]


def thinned(lines: list[Any], most: int = 12) -> list[Any]:
    """Some of the lines, evenly spaced, the last among them."""
    step = max(1, -(-len(lines) // most))
    return lines[::-1][::step][::-1]


SECTIONS: dict[str, Callable[[Found], list[str]]] = {
    "machine": _machine,
    "tests": _tests,
    "checkpoint": _checkpoint,
    "pages": _pages,
    "more pages": _pages,
    "attention": _attention,
    "profile": _profile,
    "prefill": _prefill,
    "exactness": _exactness,
    "training": _training,
}
