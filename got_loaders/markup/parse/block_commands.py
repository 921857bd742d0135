"""Commands whose sense stands by itself: headings, authors, captions, notes, pictures."""

from __future__ import annotations

from collections.abc import Callable

from got_loaders.markup.nodes import Author, Block, Caption, Footnote, Heading, Image, Inlines, Text
from got_loaders.markup.parse.block_builder import BlockBuilder, join_lines
from got_loaders.markup.parse.cursor import TokenCursor
from got_loaders.markup.parse.latex_commands import HEADINGS
from got_loaders.markup.parse.styles import footnote_mark

__all__ = ["BLOCK_COMMANDS", "Handler", "takes_content"]

Handler = Callable[[TokenCursor, BlockBuilder, str], bool]
"""Takes the arguments of the command of that name, after which the cursor stands, and adds what
it means to the blocks; or gives False, and the command stays as text."""


def takes_content(write: Callable[[BlockBuilder, str, Inlines], None]) -> Handler:
    """The handler of a command with one argument in braces, which is its content."""

    def handler(cursor: TokenCursor, builder: BlockBuilder, name: str) -> bool:
        group = cursor.content_group()
        if group is not None:
            write(builder, name, cursor.inlines(group))
        return group is not None

    return handler


@takes_content
def _heading(builder: BlockBuilder, name: str, content: Inlines) -> None:
    if content:
        builder.add_blocks(Heading(content, HEADINGS[name], title=name == "title"))
    else:
        builder.end_paragraph()


def _block(make: Callable[[Inlines], Block]) -> Handler:
    @takes_content
    def handler(builder: BlockBuilder, _name: str, content: Inlines) -> None:
        if content:
            builder.add_blocks(make(content))

    return handler


@takes_content
def _paragraph(builder: BlockBuilder, _name: str, content: Inlines) -> None:
    builder.end_paragraph()
    builder.add(*content)
    builder.end_paragraph()


def _footnote_text(cursor: TokenCursor, builder: BlockBuilder, _name: str) -> bool:
    option = cursor.option()
    group = cursor.group()
    if group is None:
        return False
    mark, content = footnote_mark(cursor, option), cursor.inlines(group)
    content = (*mark, Text(" "), *content) if mark else content
    if content:
        builder.add_blocks(Footnote(join_lines(content)))
    return True


def _image(cursor: TokenCursor, builder: BlockBuilder, _name: str) -> bool:
    group = cursor.content_group()
    if group is not None:
        builder.add_blocks(Image(cursor.raw(group).strip()))
    return group is not None


BLOCK_COMMANDS: dict[str, Handler] = {
    **dict.fromkeys(HEADINGS, _heading),
    **dict.fromkeys(["affil", "affiliation", "institute", "address", "email", "date"], _paragraph),
    "author": _block(Author),
    "caption": _block(lambda content: Caption(join_lines(content))),
    "footnotetext": _footnote_text,
    "includegraphics": _image,
}
