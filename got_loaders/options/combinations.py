"""Which options contradict each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from got_loaders.errors import OptionError

if TYPE_CHECKING:
    from got_loaders.options.read import ReadOptions

__all__ = ["check_combinations"]


def check_combinations(options: ReadOptions) -> None:
    """Raise :class:`OptionError` where two options contradict each other.

    Several prompts at once, a box or tiles over several pages: the model was not trained on those.
    """
    given = [name for name in ("box", "color") if getattr(options, name) is not None]
    if options.effective_regions is not None:
        given.append("regions" if options.regions is not None else 'mode="region"')
    if len(given) > 1:
        raise OptionError(f"{_shown(options, given[0])} and {given[1]} exclude each other")
    if options.multi_page and given and given != ["color"]:
        raise OptionError(f"{_shown(options, given[0])} can't be combined with multi_page")
    if options.crop_to_patches is True:
        _check_tiles(options, given)
    if options.text_layer != "ignore" and (given and options.effective_regions != "auto"):
        raise OptionError(
            f"text_layer={options.text_layer!r} goes with whole pages and with regions found by "
            f"layout, not with {_shown(options, given[0])}"
        )


def _check_tiles(options: ReadOptions, given: list[str]) -> None:
    others = [name for name in given if name in ("box", "color")]
    if options.effective_regions is not None and options.region_prompt == "box":
        others.append('region_prompt="box"')
    if options.multi_page:
        others.append("multi_page")
    if others:
        raise OptionError(f"crop_to_patches=True can't be combined with {others[0]}")


def _shown(options: ReadOptions, name: str) -> str:
    return f"{name}={getattr(options, name)!r}" if hasattr(options, name) else name
