"""Checks of options: each raises :class:`OptionError` with the name and the value.

A check of one option returns the value to keep.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Literal, get_args

from got_loaders._spelling import did_you_mean
from got_loaders.errors import OptionError, shown
from got_loaders.options.figures import check_figures
from got_loaders.options.literals import MetadataKey
from got_loaders.types import Box, check_patches, check_positive_int, checked_box

if TYPE_CHECKING:
    from got_loaders.options.read import ReadOptions

__all__ = [
    "BoxLike",
    "Regions",
    "check_box",
    "check_cache",
    "check_combinations",
    "check_dpi",
    "check_folder",
    "check_multi_page",
    "check_omitted",
    "check_progress",
    "check_regions",
    "check_seconds",
    "check_size",
    "check_text",
    "one_of",
    "subset_of",
]

MAX_SIZE = 2**60

BoxLike = Box | tuple[float, float, float, float] | Sequence[float]
Regions = Literal["auto"] | Sequence[BoxLike] | Mapping[int, Sequence[BoxLike]] | None


def one_of(literal: object, *, optional: bool = False) -> Callable[[str, Any], Any]:
    """The check that a value is one of a ``Literal``'s, or None if ``optional``; True is not 1."""
    choices = get_args(literal)

    def check(name: str, value: Any) -> Any:
        known = any(value is c or (isinstance(value, str) and value == c) for c in choices)
        if not known and not (optional and value is None):
            expected = ", ".join(map(repr, choices))
            raise OptionError(
                f"{name}={shown(value)}: expected one of {expected}{_meant(value, choices)}"
            )
        return value

    return check


def _meant(value: object, choices: Iterable[object]) -> str:
    words = [choice for choice in choices if isinstance(choice, str)]
    return did_you_mean(value, words) if isinstance(value, str) else ""


def subset_of(literal: object) -> Callable[[str, object], tuple[str, ...]]:
    """The check that a value is one or more words of a ``Literal``, kept in its order."""
    choices: tuple[str, ...] = get_args(literal)

    def check(name: str, value: object) -> tuple[str, ...]:
        words = {value} if isinstance(value, str) else value
        if not isinstance(words, Sequence | AbstractSet):
            words = [value]
        for word in words:
            if not isinstance(word, str) or word not in choices:
                expected = f"expected some of {', '.join(map(repr, choices))}"
                raise OptionError(f"{name}={shown(value)}: {expected}{_meant(word, choices)}")
        return tuple(word for word in choices if word in words)

    return check


def check_text(name: str, value: object) -> object:
    """A text or None; only a password may be empty."""
    if value is not None and not (isinstance(value, str) and (value or name == "password")):
        text = type(value).__name__ if name == "password" else shown(value)
        raise OptionError(f"{name}={text}: expected a text or None")
    return value


def check_progress(name: str, value: object) -> object:
    """True, False or a callable."""
    if not isinstance(value, bool) and not callable(value):
        raise OptionError(f"{name}={shown(value)}: expected True, False or a callable")
    return value


def check_dpi(name: str, value: object) -> object:
    """None or a sensible resolution."""
    if value is not None and not _is_number(value, 10, 1200):
        raise OptionError(f"{name}={shown(value)}: expected None or a number from 10 to 1200")
    return value


def check_seconds(name: str, value: object) -> object:
    """A positive number of at most a day's seconds."""
    if not _is_number(value, 0, 86_400) or value == 0:
        raise OptionError(
            f"{name}={shown(value)}: expected seconds, more than none and at most a day"
        )
    return value


def _is_number(value: object, minimum: float, maximum: float) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and minimum <= value <= maximum
    )


def check_size(name: str, value: object) -> int:
    """A positive whole number that the system can take."""
    size = check_positive_int(name, value)
    if size > MAX_SIZE:
        raise OptionError(f"{name}={shown(value)}: expected at most {MAX_SIZE}")
    return size


def check_multi_page(name: str, value: object) -> int:
    """False, or a number of pages, two at least."""
    return False if value is False else check_positive_int(name, value, minimum=2)


def check_omitted(name: str, value: object) -> tuple[str, ...]:
    """Keys of metadata; with any of them the one that differs from run to run, for an index would
    take each run's Documents for new."""
    keys = subset_of(MetadataKey)(name, value)
    return subset_of(MetadataKey)(name, (*keys, "ocr_draft_share")) if keys else ()


def check_box(name: str, value: object) -> Box | None:
    """A :class:`Box`, made of any four numbers that are one, or None."""
    return None if value is None else checked_box(value, name=name)


def check_folder(name: str, value: object) -> str | None:
    """A path as a text, or None."""
    if value is None:
        return None
    folder = os.fsdecode(value) if isinstance(value, str | os.PathLike) else ""
    if not folder or "\0" in folder:
        raise OptionError(f"{name}={shown(value)}: expected a folder or None")
    return folder


def check_cache(name: str, value: object) -> str | bool | None:
    """True, a folder as a text, or None; False means None."""
    if isinstance(value, bool) or value is None:
        return value or None
    if not isinstance(value, str | os.PathLike):
        raise OptionError(f"{name}={shown(value)}: expected True, a folder or None")
    return check_folder(name, value)


def check_regions(name: str, value: object) -> Regions:
    """``value`` with its boxes checked: "auto", None, a tuple of boxes, or such by page."""
    if value is None or (isinstance(value, str) and value == "auto"):
        return "auto" if value else None
    if not isinstance(value, Mapping):
        return _boxes(name, value, value)
    for number in value:
        if not isinstance(number, int) or isinstance(number, bool) or number < 0:
            raise OptionError(f"{name}={shown(value)}: pages are whole numbers, counting from 0")
    return {number: _boxes(name, boxes, value) for number, boxes in value.items()}


def _boxes(name: str, boxes: object, value: object) -> tuple[Box, ...]:
    if isinstance(boxes, Iterable) and not isinstance(boxes, str | bytes):
        result = tuple(checked_box(box, name=name) for box in boxes)
        if result:
            return result
    raise OptionError(
        f'{name}={shown(value)}: expected "auto", boxes (x0, y0, x1, y1), or boxes by page number'
        + _meant(value, ("auto",))
    )


def check_combinations(options: ReadOptions) -> None:
    """Raise :class:`OptionError` where two options contradict each other.

    Several prompts at once, a box or tiles over several pages: the model was not trained on those.
    """
    check_patches(options.min_patches, options.max_patches)
    check_figures(options)
    prompts = {
        name: f"{name}={shown(getattr(options, name))}"
        for name in ("box", "color", "regions")
        if getattr(options, name) is not None
    }
    if options.regions is None and options.mode == "region":
        prompts['mode="region"'] = 'mode="region"'
    names, first = list(prompts), next(iter(prompts.values()), "")
    if len(names) > 1:
        raise OptionError(f"{first} and {prompts[names[1]]} exclude each other")
    if options.multi_page and names not in ([], ["color"]):
        raise OptionError(f"{first} can't be combined with multi_page={options.multi_page}")
    if options.crop_to_patches is True:
        _check_tiles(options, [prompts[name] for name in names if name in ("box", "color")])
    if options.text_layer != "ignore" and names and options.effective_regions != "auto":
        raise OptionError(
            f"text_layer={options.text_layer!r} goes with whole pages and with regions found by "
            f"layout, not with {first}"
        )


def _check_tiles(options: ReadOptions, conflicts: list[str]) -> None:
    if options.effective_regions is not None and options.region_prompt == "box":
        conflicts.append('region_prompt="box"')
    if options.multi_page:
        conflicts.append(f"multi_page={options.multi_page}")
    if conflicts:
        raise OptionError(f"crop_to_patches=True can't be combined with {conflicts[0]}")
