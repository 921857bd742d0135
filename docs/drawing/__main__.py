"""``python -m docs.drawing [NAME …]`` writes the pictures again: all, or those of these modules."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

PICTURES = Path(__file__).parents[1] / "pictures"
MODULES = ("logo", "bars", "pages", "terminal", "examples")


def main(names: list[str]) -> None:
    """Write them."""
    for name in names or MODULES:
        module = importlib.import_module(f"docs.drawing.{name}")
        for file, content in module.pictures().items():
            (PICTURES / file).write_text(content, encoding="utf-8")
            sys.stdout.write(f"{file}: {len(content.encode())} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])
