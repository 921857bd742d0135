"""What leaves the library as SVG draws, and can do nothing else."""

from __future__ import annotations

import re

import pytest

from got_loaders.rendering.svg import UnsafeSvgError, clean_svg

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
PNG = "data:image/png;base64,iVBORw0KGgo="

HOSTILE = [
    "<script>alert(1)</script>",
    '<script xlink:href="data:text/javascript,alert(1)"/>',
    '<g onclick="alert(1)" onload="alert(1)"/>',
    '<a xlink:href="javascript:alert(1)"><path d="M0 0"/></a>',
    '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml" onclick="a()">evil</p></foreignObject>',
    '<image xlink:href="http://evil.example/a.png"/>',
    '<image href="data:image/svg+xml;base64,PHN2Zz4="/>',
    '<image href="file:///etc/passwd"/>',
    '<use xlink:href="http://evil.example/a.svg#x"/>',
    '<use href="data:image/svg+xml,x#y"/>',
    '<animate attributeName="href" to="javascript:alert(1)"/>',
    '<set attributeName="onclick" to="alert(1)"/>',
    '<path style="fill:url(http://evil.example/a)"/>',
    '<path fill="url(//evil.example/a#b)"/>',
    '<path style="fill:u\\72l(http://evil.example)"/>',
    '<path style="fill:image-set(&quot;http://evil.example&quot; 1x)"/>',
    '<path style="fill:rgb(url(http://evil.example))"/>',
    "<style>@import 'http://evil.example/a.css';</style>",
    "<style>path { fill: url(http://evil.example/a) }</style>",
    "<style>@font-face { font-family: 'x'; src: url(http://evil.example/a.woff) }</style>",
    "<style>p { behavior: expression(alert(1)) } &lt;/style&gt;&lt;script&gt;</style>",
    '<iframe xmlns="http://www.w3.org/1999/xhtml" src="http://evil.example"/>',
    '<handler xmlns="http://www.w3.org/2001/xml-events">alert(1)</handler>',
    '<?xml-stylesheet href="http://evil.example/a.css"?>',
    '<filter id="f"><feImage href="http://evil.example/a.png"/></filter>',
    '<path xml:base="http://evil.example/" d="M0 0"/>',
    "<desc><script>alert(1)</script></desc>",
]
ACTS = re.compile(
    r"<script|on[a-z]+=|javascript|foreignObject|evil|file:|image/svg|<animate|<set|@import"
    r"|expression|<iframe|<handler|xml-stylesheet|<a[ >]|<filter",
)


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_in_a_picture_can_act_or_fetch(hostile: str) -> None:
    """Scripts, handlers, links, foreign content and addresses are taken out; the rest stays."""
    cleaned = clean_svg(f'{HEAD} viewBox="0 0 2 3">{hostile}<path d="M1 1"/></svg>')
    without_text = re.sub(r">[^<]*<", "><", cleaned)
    assert not ACTS.search(without_text)
    assert "evil" not in cleaned
    assert '<path d="M1 1" />' in cleaned
    assert cleaned == clean_svg(cleaned)


def test_what_draws_is_kept() -> None:
    """Own gradients, glyphs that are used, pictures and plain style sheets stay as they are."""
    kept = (
        '<style>path {stroke: currentColor}</style><g id="a" class="note" transform="scale(1,-1)">'
        f'<use xlink:href="#b" x="1"/><image xlink:href="{PNG}" width="1" height="1"/>'
        '<path style="fill:url(#c);stroke:rgb(1, 2, 3)" clip-path="url(#d)" d="M0 0"/>'
        '<text x="1">A &lt; B</text></g>'
    )
    cleaned = clean_svg(f'{HEAD} width="1" height="1">{kept}</svg>')
    for part in ("path {stroke: currentColor}", 'xlink:href="#b"', PNG, "fill:url(#c)", "A &lt; B"):
        assert part in cleaned
    assert 'clip-path="url(#d)"' in cleaned


def test_a_picture_says_how_large_it_is() -> None:
    """An SVG that has a view box alone gets its size, so that pages can make room for it."""
    cleaned = clean_svg(f'{HEAD} viewBox="0 0 21 35.5"/>')
    assert 'width="21" height="35.5"' in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no svg",
        "<svg>",
        "<html/>",
        f"{HEAD}><path></svg>",
        f'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>{HEAD}>&b;</svg>',
        f'<!DOCTYPE svg SYSTEM "http://evil.example/a.dtd">{HEAD}/>',
        f"{HEAD}>\ud800</svg>",
    ],
)
def test_what_is_no_plain_svg_is_refused(text: str) -> None:
    """Entities are never expanded, and what can't be parsed is not passed on."""
    with pytest.raises(UnsafeSvgError):
        clean_svg(text)


def test_depth_is_bounded() -> None:
    """A picture nested ten thousand deep is cut, not a stack overflow."""
    assert clean_svg(f"{HEAD}>{'<g>' * 10_000}{'</g>' * 10_000}</svg>").count("<g") <= 200
