"""Pages that want to act: nothing of them runs in Chromium, and all of it is shown."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path

import math_core
import pymupdf
from playwright.sync_api import expect

from got_loaders import read, write_report
from got_loaders._characters import clean_text
from got_loaders.markup import escape_html, to_html
from got_loaders.report.values import ReportPage
from got_loaders.testing import FakeEngine
from got_loaders.types import Box
from tests.report.browser.conftest import OpenReport
from tests.report.browser.mixed_pages import mixed_pages, reading

RUN = "alert(1)"
PAYLOADS = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x></svg>",
    f"<body onload={RUN}>",
    f"<iframe srcdoc='<script>{RUN}</script>'></iframe>",
    f"<iframe src=javascript:{RUN}></iframe>",
    f"<a href=javascript:{RUN}>x</a>",
    f"[x](javascript:{RUN})",
    f"![x](javascript:{RUN})",
    f"<details open ontoggle={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<video src=x onerror={RUN}>",
    f"<audio src=x onerror={RUN}>",
    f"<object data=javascript:{RUN}>",
    f"<embed src=javascript:{RUN}>",
    f"<form action=javascript:{RUN}><button>x</button></form>",
    f"<math><mtext></p><script>{RUN}</script>",
    f"<math href=javascript:{RUN}>x</math>",
    f'<maction actiontype="statusline#x" xlink:href="javascript:{RUN}">',
    f"<annotation-xml encoding=text/html><script>{RUN}</script>",
    f"<noscript><p title='</noscript><script>{RUN}</script>'>",
    f"<template><script>{RUN}</script></template>",
    f"<textarea></textarea><script>{RUN}</script>",
    f"<title></title><script>{RUN}</script>",
    f"<!--><script>{RUN}</script>-->",
    f"--><script>{RUN}</script>",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f"<?xml ?><script>{RUN}</script>",
    f'" onmouseover="{RUN}',
    f"' onmouseover='{RUN}",
    f'" autofocus onfocus="{RUN}" x="',
    f"`onmouseover={RUN}`",
    f'"><script>{RUN}</script>',
    f"'><script>{RUN}</script>",
    f'"></rect><script>{RUN}</script>',
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<style>@import '//evil.example/x.css'</style>",
    "<div style='background:url(//evil.example/x)'>x</div>",
    "<img src=//evil.example/x.png>",
    "<img srcset=//evil.example/x.png>",
    "<table background=//evil.example/x>",
    "<video poster=//evil.example/x>",
    "<svg><image href=//evil.example/x /></svg>",
    "<svg><use href=//evil.example/x#y /></svg>",
    "![x](//evil.example/x.png)",
    "<script src=//evil.example/x.js></script>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    f"&#60;script&#62;{RUN}&#60;/script&#62;",
    f"\\u003cscript\\u003e{RUN}\\u003c/script\\u003e",
    f"<scr\x00ipt>{RUN}</scr\x00ipt>",
    f"<script\x0b>{RUN}</script>",
    f"\ufeff<script>{RUN}</script>",
    f"\ud800<script>{RUN}</script>",
    f"\u202e<script>{RUN}</script>",
    f"</pre></section></article></main><script>{RUN}</script>",
    f"</li></ol></nav><script>{RUN}</script>",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"$\\href{{javascript:{RUN}}}{{x}}$",
    f"$\\style{{x}}{{y}}\\class{{x}}{{<script>{RUN}</script>}}$",
    f"\\(\\text{{<script>{RUN}</script>}}\\)",
    f"\\[\\unknown<img src=x onerror={RUN}>\\]",
    f"%00<script>{RUN}</script>",
    f"data:text/html,<script>{RUN}</script>",
    f"\n\n<script>{RUN}</script>",
    f"```\n</code></pre><script>{RUN}</script>\n```",
    f"\\begin{{tabular}}{{c}}<script>{RUN}</script> & x\\end{{tabular}}",
)
"""Texts that would run, load or lead somewhere, if they stood in HTML as they are."""

_CONVERT = math_core.LatexToMathML(
    annotation=True, ignore_unknown_commands=True, continue_on_error=True
).convert_with_local_state


def hostile(number: int, payload: str) -> ReportPage:
    """A page that has the payload in everything that is told of it."""
    base = mixed_page()
    formula = _CONVERT(clean_text(f"\\text{{{payload}}} + x"), displaystyle=False)
    shown = f"{to_html(payload)}{formula}<pre>{escape_html(payload)}</pre>"
    one = reading(
        shown,
        payload,
        page=number,
        index=0,
        box=Box(10, 10, 200, 200),
        type=payload,
        error=payload,
        note=payload,
        only_in_reading=(payload,),
        model=payload,
    )
    assert one.key is not None
    key = dataclasses.replace(one.key, id=payload, source=payload, digest=f"{number:016x}")
    return dataclasses.replace(
        base,
        source=payload,
        name=payload,
        label=payload,
        title=payload,
        number=number,
        total=None,
        warnings=(payload,),
        no_picture=payload,
        facts={payload: payload},
        readings=(dataclasses.replace(one, key=key), dataclasses.replace(one, key=key, index=1)),
    )


@cache
def mixed_page() -> ReportPage:
    """One with a picture."""
    return mixed_pages()[0]


HANDLERS = r"""[...document.querySelectorAll("*")].flatMap((found) => [...found.attributes])
  .filter((one) => one.name.startsWith("on")
    || ["href", "src", "action", "data"].includes(one.name) && !/^(#|data:image)/.test(one.value))
  .map((one) => `${one.name}=${one.value}`)"""
"""All attributes that could act, or lead out of the page."""
SEEN = """[...document.querySelectorAll("article")].map((article) =>
  [".as-markdown", "h2 bdi", ".error", ".warnings li", ".facts dd", ".only q"].map(
    (selector) => article.querySelector(selector).textContent))"""
FOREIGN = "iframe,object,embed,form,base,audio,video,template,noscript,link:not([rel=icon])"


def test_nothing_that_was_read_runs_and_all_of_it_is_shown(open_report: OpenReport) -> None:
    """In texts, formulas, file names, metadata, errors and warnings it is characters, no more."""
    assert len(PAYLOADS) >= 60
    page = open_report(hostile(number, payload) for number, payload in enumerate(PAYLOADS))
    page.mouse.move(700, 400)
    page.mouse.wheel(0, 3000)
    page.select_option("#form-of-all", "markdown")
    page.click("#p1r0 .correct")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#p1r0 .corrected-text")).to_have_text(PAYLOADS[0])
    assert page.locator("article").count() == len(PAYLOADS)
    assert page.locator("script").count() == page.locator("style").count() == 1
    assert page.locator(FOREIGN).count() == 0
    assert [one for one in page.evaluate(HANDLERS) if one != "href=data:,"] == []
    for payload, places in zip(PAYLOADS, page.evaluate(SEEN), strict=True):
        assert places == [clean_text(payload)] * 6


def test_a_hostile_file_is_read_and_shown(open_report: OpenReport, tmp_path: Path) -> None:
    """The same from end to end: a PDF of that name, with that title, whose pages say that."""
    texts = ["\n\n".join(PAYLOADS[start : start + 18]) for start in range(0, len(PAYLOADS), 18)]
    name, title = '"><img src=x onerror=alert(1)>.pdf', PAYLOADS[1]
    with pymupdf.open() as document:  # type: ignore[no-untyped-call]  # it has no types
        for number in range(len(texts)):
            document.new_page(width=200, height=100).insert_text((20, 50), f"{number}", fontsize=40)
        document.set_metadata({"title": title})
        document.save(tmp_path / name)
    replies = iter(texts)
    results = read(tmp_path / name, engine=FakeEngine(lambda _: next(replies)), draft=False)
    page = open_report(write_report(results, tmp_path / "report.html", order="page"))
    assert page.title() == page.locator("h1").text_content() == name
    assert page.locator(".document-title").first.text_content() == title
    assert page.locator("script").count() == page.locator("style").count() == 1
    assert page.locator(FOREIGN).count() == 0
    assert [one for one in page.evaluate(HANDLERS) if one != "href=data:,"] == []
    written = page.locator(".as-raw").all_text_contents()
    assert written == [clean_text(text) for text in texts]
