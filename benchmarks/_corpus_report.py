"""What the corpus run prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from benchmarks._corpus_read import WAYS, FileRun, Findings
from got_loaders.types import Origin

_TITLES = {
    "untyped": "Errors that are none of the library's own",
    "opened_by_pdfium": "Files that pdfium opens and we don't",
    "unknown_to_pdfium": "Files that we read and pdfium doesn't: pictures, and what it can't open",
    "blank_with_warning": "Blank, with a warning",
    "blank_with_words": "Blank, and pdfium shows words",
    "blank_with_ink": "Blank, and pdfium shows ink",
    "words_outside": "Words that pdfium shows and no region holds",
    "words_lost": "More than 5 % of pdfium's words are not in the page's own text",
    "words_added": "More than 5 % of the page's own text is unknown to pdfium",
    "pictures": "Pictures that differ from pdfium's",
    "warnings": "Pages with a warning",
}


def print_report(
    runs: Sequence[FileRun],
    findings: Findings,
    *,
    files: int,
    seconds: float,
    peak: int,
    most: int,
) -> None:
    """The tables, and ``most`` places of each kind. ``peak`` is in bytes."""
    print(f"{files} files in {seconds:.0f} s, at most {peak / 1e6:.0f} MB with its workers\n")
    _print_outcomes(runs)
    _print_failures(runs)
    outside, shown = findings.words_in_no_region, findings.words_shown
    print(f"\nwords in no region: {outside} of {shown}")
    if findings.layer_known and findings.layer_words:
        recall = findings.layer_recalled / findings.layer_known
        precision = findings.layer_recalled / findings.layer_words
        print(f"text layers against pdfium: word recall {recall:.4f}, precision {precision:.4f}")
    for name, title in _TITLES.items():
        _print_places(title, getattr(findings, name), most)
    slowest = sorted(runs, key=lambda run: -run.seconds)[:most]
    _print_places("Slowest", [f"{r.name} ({r.way}): {r.seconds:.1f} s" for r in slowest], most)


def _print_outcomes(runs: Sequence[FileRun]) -> None:
    origins: tuple[Origin, ...] = ("ocr", "text_layer", "blank", "failed")
    print(f"| way | files read | {' | '.join(origins)} | s | pages or regions/s |")
    print("|---|---|---|---|---|---|---|---|")
    for way in WAYS:
        mine = [run for run in runs if run.way == way]
        counts = Counter(result.origin for run in mine for result in run.results)
        whole = sum(1 for run in mine if run.results)
        seconds = sum(run.seconds for run in mine)
        shown = " | ".join(str(counts[origin]) for origin in origins)
        speed = counts.total() / seconds if seconds else 0.0
        print(f"| {way} | {whole} | {shown} | {seconds:.1f} | {speed:.1f} |")


def _print_failures(runs: Sequence[FileRun]) -> None:
    """Why files and pages were not read, by the words that are the same for many."""
    reasons: Counter[str] = Counter()
    for run in runs:
        errors = [result.error for result in run.results if result.error]
        errors += [run.failure] if run.failure else []
        for error in errors:
            reasons[_general(error, run.name)] += 1
    if reasons:
        print("\nWhy files and pages were not read (all three ways together):")
        for reason, count in reasons.most_common(20):
            print(f"  {count:5}  {reason}")


def _general(error: str, name: str) -> str:
    """An error without its file and page, clipped."""
    tail = error.rpartition(name)[2] or error
    if tail.startswith(", page "):
        tail = tail.partition(": ")[2] or tail
    return ascii(tail.lstrip(": "))[1:-1][:110]


def _print_places(title: str, places: Sequence[str], most: int) -> None:
    if not places:
        return
    print(f"\n{title}: {len(places)}")
    for place in places[:most]:
        print(f"  {ascii(place)[1:-1][:200]}")
    if len(places) > most:
        print(f"  and {len(places) - most} more")
