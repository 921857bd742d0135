"""The mark of the site: a page whose lines have been read."""

from __future__ import annotations

__all__ = ["pictures"]

LINES = ((17, 22), (23, 30), (29, 26), (35, 30))
"""Top and length of each line on the page."""


def pictures() -> dict[str, str]:
    """Name → content: the logo, which is the favicon as well."""
    lines = "".join(
        f'<rect x="17" y="{y}" width="{length}" height="3" rx="1.5"/>' for y, length in LINES
    )
    return {
        "../_static/logo.svg": (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" '
            'aria-label="got_loaders">\n'
            '<rect width="64" height="64" rx="14" fill="#1d5fa8"/>\n'
            '<path d="M12 10h28l12 12v32a2 2 0 0 1-2 2H14a2 2 0 0 1-2-2z" fill="#ffffff"/>\n'
            '<path d="M40 10l12 12H42a2 2 0 0 1-2-2z" fill="#a9c9ee"/>\n'
            f'<g fill="#1d5fa8">{lines}</g>\n'
            '<path d="M18 47l5 5 9-10" fill="none" stroke="#2e9e5b" stroke-width="4" '
            'stroke-linecap="round" stroke-linejoin="round"/>\n</svg>\n'
        )
    }
