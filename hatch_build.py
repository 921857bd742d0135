"""Makes of README.md the text that a package index shows, where links into the repository lead
nowhere: they become absolute where the repository has an address, and names of files where not.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?!\w+:|#)(?P<path>[^)\s]+)\)")
_NOTE = "The files named `docs/…` lie in the source archive (sdist).\n\n"


class ReadmeHook(MetadataHookInterface):
    """Called by hatchling for whatever it builds."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the readme; `project.urls` may name a `Repository`."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        repository = metadata.get("urls", {}).get("Repository")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": for_an_index(text, repository),
        }


def for_an_index(text: str, repository: str | None) -> str:
    """The README with no link that is relative."""
    if repository is not None:
        base = repository.rstrip("/")
        return _LINK.sub(
            lambda m: f"{m['image']}[{m['text']}]({base}/{_VIEW[m['image']]}/{m['path']})", text
        )
    heading, blank, rest = text.partition("\n\n")
    return heading + blank + _NOTE + _LINK.sub(_named, rest)


_VIEW = {"": "blob/main", "!": "raw/main"}


def _named(match: re.Match[str]) -> str:
    path = match["path"].partition("#")[0]
    if match["image"]:
        return match["text"]
    return match["text"] if path == match["text"] else f"{match['text']} (`{path}`)"
