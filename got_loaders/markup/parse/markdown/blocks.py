"""Elements to blocks: what Markdown and HTML say becomes what a reading consists of."""

from __future__ import annotations

import re
from collections.abc import Callable

import got_loaders.markup.nodes as nodes
from got_loaders._characters import clean_text
from got_loaders.markup.image_label import image_label
from got_loaders.markup.parse.block_builder import BlockBuilder, flatten
from got_loaders.markup.parse.latex_commands import Style
from got_loaders.markup.parse.markdown.events import BLOCKS, Characters
from got_loaders.markup.parse.markdown.inlines import add_text, footnotes
from got_loaders.markup.parse.markdown.lists import bulleted, described, numbered
from got_loaders.markup.parse.markdown.references import image_text, link_address
from got_loaders.markup.parse.markdown.shield import Shielded
from got_loaders.markup.parse.markdown.tables import table_blocks
from got_loaders.markup.parse.markdown.tree import Element, text_of
from got_loaders.markup.parse.styles import apply_style

__all__ = ["to_blocks"]

_STYLES: dict[str, Style] = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "cite": "italic",
    "var": "italic", "dfn": "italic", "u": "underline", "ins": "underline",
    "sup": "superscript", "sub": "subscript",
}  # fmt: skip
_CODES = frozenset(["code", "kbd", "samp", "tt"])
_HEADING = re.compile(r"h[1-6]")
_LANGUAGE = re.compile(r"[A-Za-z0-9_+#.-]{1,30}")
_CLASS = re.compile(r"\blang(?:uage)?-([A-Za-z0-9_+#.-]{1,30})")
_MARKDOWN = frozenset(["markdown", "md", "mmd"])


def to_blocks(
    root: Element, shielded: Shielded, nested: Callable[[str], tuple[nodes.Block, ...]] | None
) -> tuple[nodes.Block, ...]:
    """The blocks of all that stands in an element; ``nested`` reads Markdown in a fence of it."""
    return _Converter(shielded, nested).blocks(root)


class _Converter:
    def __init__(
        self, shielded: Shielded, nested: Callable[[str], tuple[nodes.Block, ...]] | None
    ) -> None:
        self._shielded, self._nested = shielded, nested
        self._in_cell = False

    def blocks(self, element: Element) -> tuple[nodes.Block, ...]:
        """What stands in an element, as blocks."""
        builder = BlockBuilder()
        self._add_children(element, builder)
        return builder.finish()

    def line(self, element: Element) -> nodes.Inlines:
        """What stands in an element, as a line."""
        return flatten(self.blocks(element))

    def _add_children(self, element: Element, builder: BlockBuilder) -> None:
        for child in element.children:
            if not isinstance(child, Characters):
                self._add(child, builder)
            elif child.verbatim:
                builder.add(nodes.Text(clean_text(self._shielded.restore(child.text))))
            else:
                add_text(builder, child.text, self._shielded, in_cell=self._in_cell)

    def _add(self, element: Element, builder: BlockBuilder) -> None:
        name = element.name
        if name in BLOCKS or name == "hr":
            builder.add_blocks(*self._block(element))
        elif name == "br":
            builder.break_line()
        elif name in _CODES:
            builder.add(nodes.Code(self._verbatim(element)))
        elif name == "img":
            builder.add(nodes.Text(image_label(self._image(element))))
        elif name == "input" and element.attributes.get("type", "") in ("checkbox", "radio"):
            builder.add(nodes.Text("☑" if "checked" in element.attributes else "☐"))
        elif name == "q":
            builder.add(nodes.Text("“"))
            self._add_children(element, builder)
            builder.add(nodes.Text("”"))
        elif name in _STYLES:
            self._add_styled(element, builder)
        else:
            self._add_children(element, builder)
            if name == "a":
                builder.add(nodes.Text(link_address(element, self._shielded)))

    def _block(self, element: Element) -> tuple[nodes.Block, ...]:
        name = element.name
        if _HEADING.fullmatch(name):
            return self._heading(element)
        match name:
            case "p":
                return self._paragraph(element)
            case "hr":
                return ()
            case "ul" | "ol" | "dl":
                return self._list(element)
            case "table":
                return self._table(element)
            case "pre":
                return self._code(element)
            case "figcaption" | "caption":
                content = self.line(element)
                return (nodes.Caption(content),) if content else ()
            case "figure":
                blocks = self.blocks(element)
                has_caption = any(isinstance(block, nodes.Caption) for block in blocks)
                return (nodes.Float("figure", blocks),) if has_caption else blocks
            case "div" | "center":
                return self._images(element) or self.blocks(element)
            case _:
                return self.blocks(element)

    def _heading(self, element: Element) -> tuple[nodes.Block, ...]:
        content = self.line(element)
        if content:
            return (nodes.Heading(content, int(element.name[1])),)
        marks = element.attributes.get("markup", "")
        return (nodes.Paragraph((nodes.Text(marks),)),) if marks else ()

    def _images(self, element: Element) -> tuple[nodes.Block, ...]:
        """The pictures of an element that holds nothing else; none where it does."""
        images: list[nodes.Block] = []
        for child in element.children:
            if isinstance(child, Characters) and not child.text.strip():
                continue
            if isinstance(child, Characters) or child.name not in ("img", "br"):
                return ()
            if child.name == "img":
                images.append(nodes.Image(self._image(child)))
        return tuple(images)

    def _paragraph(self, element: Element) -> tuple[nodes.Block, ...]:
        images = self._images(element)
        if images:
            return images
        blocks: list[nodes.Block] = []
        for block in self.blocks(element):
            blocks.extend(footnotes(block) if isinstance(block, nodes.Paragraph) else [block])
        return tuple(blocks)

    def _list(self, element: Element) -> tuple[nodes.Block, ...]:
        """A list, and before it what stood in none of its items."""
        beside = Element("div")
        items: list[Element] = []
        for child in element.children:
            is_item = isinstance(child, Element) and child.name in ("li", "dt", "dd")
            if isinstance(child, Element) and is_item:
                items.append(child)
            elif isinstance(child, Element) and child.name in ("ul", "ol") and items:
                items[-1].children.append(child)  # as HTML is often written
            else:
                beside.children.append(child)
        before = self.blocks(beside)
        if element.name == "dl":
            described_items = described(self._terms(items))
            return (*before, described_items) if described_items else before
        blocks = [self.blocks(item) for item in items]
        if element.name == "ul":
            return (*before, *bulleted(blocks, element.attributes.get("markup", "")))
        start = element.attributes.get("start", "1").strip()[:9]
        values = [item.attributes.get("value", "").strip()[:9] for item in items]
        return (*before, *numbered(blocks, values, int(start) if start.isdecimal() else 1))

    def _terms(self, items: list[Element]) -> list[tuple[nodes.Inlines, tuple[nodes.Block, ...]]]:
        terms: list[tuple[nodes.Inlines, tuple[nodes.Block, ...]]] = []
        for item in items:
            if item.name == "dt":
                terms.append((self.line(item), ()))
            elif terms and not terms[-1][1]:
                terms[-1] = (terms[-1][0], self.blocks(item))
            else:
                terms.append(((), self.blocks(item)))
        return terms

    def _table(self, element: Element) -> tuple[nodes.Block, ...]:
        outer, self._in_cell = self._in_cell, "alignments" in element.attributes
        found = table_blocks(element, self.line, self.blocks)
        self._in_cell = outer
        return found

    def _code(self, element: Element) -> tuple[nodes.Block, ...]:
        text = self._verbatim(element)
        info = clean_text(self._shielded.restore(element.attributes.get("language", "")))
        if not info:
            inner = next((c for c in element.children if isinstance(c, Element)), None)
            named = _CLASS.search(inner.attributes.get("class", "")) if inner else None
            info = named[1] if named else ""
        if info.casefold() in _MARKDOWN and self._nested:
            return self._nested(text)
        if info.casefold() == "math" and text.strip():
            return (nodes.DisplayMath(text.strip()),)
        if info and not _LANGUAGE.fullmatch(info):
            text, info = f"{info}\n{text}", ""  # it is no language, so it was read
        return (nodes.CodeBlock(text.strip("\n"), info),) if text.strip() else ()

    def _add_styled(self, element: Element, builder: BlockBuilder) -> None:
        blocks = self.blocks(element)
        if not all(isinstance(block, nodes.Paragraph) for block in blocks):
            builder.add_blocks(*blocks)
            return
        first, last = _edge(element, 0), _edge(element, -1)
        content = apply_style(_STYLES[element.name], flatten(blocks))
        builder.add(*([nodes.Text(" ")] if first[:1].isspace() else []), *content)
        builder.add(*([nodes.Text(" ")] if last[-1:].isspace() else []))

    def _verbatim(self, element: Element) -> str:
        return clean_text(self._shielded.restore("".join(text_of(element))))

    def _image(self, element: Element) -> str:
        said = "".join(text_of(element)) or element.attributes.get("alt", "")
        return image_text(said, element.attributes, self._shielded)


def _edge(element: Element, number: int) -> str:
    """The characters that an element begins or ends with; "" where it is something else."""
    while element.children:
        child = element.children[number]
        if isinstance(child, Characters):
            return child.text
        element = child
    return ""
