"""The labels of document-layout checkpoints → our types of regions.

Covers DocLayNet, docling's layout models, PubLayNet, DocStructBench, D4LA, the PP-DocLayout family
and the table detectors. A table of words: knows no model and no picture.
"""

from __future__ import annotations

from got_loaders.types import RegionType

__all__ = ["region_type"]

_LABELS: dict[RegionType, str] = {
    "title": "title, doc title, document title, section header, section title, paragraph title, "
    "para title, region title, subtitle, heading, headline",
    "text": "text, plain text, paragraph, para text, other text, abstract, aside text, algorithm, "
    "vertical text, code, code block, footnote, form, key value region, checkbox selected, "
    "checkbox unselected, author, date, handwriting",
    "list": "list, list item, list text, region list, content, catalog, toc, table of contents, "
    "document index, index, reference, reference content, bibliography",
    "table": "table, table rotated",
    "figure": "figure, picture, image, chart, seal, stamp, logo, graphic, photo, diagram",
    "formula": "formula, equation, isolate formula, isolated formula, display formula, "
    "inline formula, embedded formula, formula number",
    "caption": "caption, figure caption, figure title, figure name, table caption, table title, "
    "table name, table footnote, chart title, chart caption, image caption, formula caption, "
    "figure table chart title, vision footnote",
    "header": "header, page header, header image, running head, letter head",
    "footer": "footer, page footer, footer image",
}

_IN_THE_MARGIN = "number, page number, page no, abandon"
"""At the top or at the bottom: page numbers, and what DocStructBench throws away."""


def _bare(label: str) -> str:
    """Without case, blanks, hyphens and underscores: Page-header, page_header and PageHeader."""
    return "".join(character for character in label.casefold() if character.isalnum())


_TYPES = {_bare(name): kind for kind, names in _LABELS.items() for name in names.split(",")}
_MARGINAL = frozenset(_bare(name) for name in _IN_THE_MARGIN.split(","))


def region_type(label: str, *, in_upper_half: bool = False) -> RegionType:
    """The type of a region with this label; "text" for labels that nobody has told us of."""
    bare = _bare(label)
    if bare in _MARGINAL:
        return "header" if in_upper_half else "footer"
    return _TYPES.get(bare, "text")
