"""What is on a picture, to compare two of them; and scores that are drawn."""

from __future__ import annotations

from xml.etree import ElementTree as ET

__all__ = ["SCORE", "elements", "hrefs"]

SCORE = "\n".join([
    "**kern\t**kern", "*clefF4\t*clefG2", "*M4/4\t*M4/4", "=1\t=1",
    "4C\t4c", "4D 4F\t4d", "4E\t4e", "4F\t4f",
    "=2\t=2", "1C\t1cc", "==\t==", "*-\t*-", "",
])  # fmt: skip


def elements(svg: str) -> list[tuple[str, dict[str, str], str]]:
    """Every element but the root: its name, its attributes, its text."""
    root = ET.fromstring(svg)
    below = [element for element in root.iter() if element is not root]
    return [(e.tag, dict(e.attrib), (e.text or "").strip()) for e in below]


def hrefs(svg: str) -> list[str]:
    """Everything that an element refers to."""
    attributes = (attributes for _, attributes, _ in elements(svg))
    return [value for found in attributes for key, value in found.items() if key.endswith("href")]
