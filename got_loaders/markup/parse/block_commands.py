"""Commands whose sense stands by itself: headings, authors, captions, notes, pictures."""

from __future__ import annotations

from collections.abc import Callable

from got_loaders.markup.nodes import Author, Block, Caption, Footnote, Heading, Image, Inlines, Text
from got_loaders.markup.parse.block_builder import join_lines
from got_loaders.markup.parse.command_call import CommandCall, Handler
from got_loaders.markup.parse.latex_commands import HEADINGS
from got_loaders.markup.parse.styles import footnote_mark

__all__ = ["BLOCK_COMMANDS"]


def _heading(call: CommandCall) -> int | None:
    group = call.content()
    if group is None:
        return None
    content = call.line(group)
    if content:
        call.builder.block(Heading(content, HEADINGS[call.name], title=call.name == "title"))
    else:
        call.builder.end_paragraph()
    return group.after


def _in_block(make: Callable[[Inlines], Block]) -> Handler:
    def handler(call: CommandCall) -> int | None:
        group = call.content()
        if group is None:
            return None
        content = call.line(group)
        if content:
            call.builder.block(make(join_lines(content) if make is Caption else content))
        return group.after

    return handler


def _paragraph(call: CommandCall) -> int | None:
    group = call.content()
    if group is None:
        return None
    call.builder.end_paragraph()
    call.builder.add(*call.line(group))
    call.builder.end_paragraph()
    return group.after


def _footnote_text(call: CommandCall) -> int | None:
    option = call.option()
    group = call.group(option)
    if group is None:
        return None
    mark = footnote_mark(call.cursor, option)
    content = (*mark, Text(" "), *call.line(group)) if mark else call.line(group)
    if content:
        call.builder.block(Footnote(join_lines(content)))
    return group.after


def _image(call: CommandCall) -> int | None:
    group = call.content()
    if group is None:
        return None
    call.builder.block(Image(call.cursor.raw(group).strip()))
    return group.after


BLOCK_COMMANDS: dict[str, Handler] = {
    **dict.fromkeys(HEADINGS, _heading),
    **dict.fromkeys(["affil", "affiliation", "institute", "address", "email", "date"], _paragraph),
    "author": _in_block(Author),
    "caption": _in_block(Caption),
    "footnotetext": _footnote_text,
    "includegraphics": _image,
}
