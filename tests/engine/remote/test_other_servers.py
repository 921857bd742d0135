"""Servers that others make, with models that write Markdown: asked as OpenAI's API wants it."""

from __future__ import annotations

import base64
import io
import json
import math
import pickle
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from got_loaders import GotOcrLoader, GotOcrReader, OcrRequest, read
from got_loaders.engine.remote import RemoteEngine
from got_loaders.errors import EngineError, ModelNotFoundError, OptionError
from got_loaders.types import Box
from tests.engine.remote.stand_in import Reply, Seen, StandIn

MODEL = "lightonai/LightOnOCR-1B-1025"
WROTE = """# Cost & speed

It costs \\$5, so $v=\\frac{s}{t}$ <b>now</b>.

- one
  1. two

<table><thead><tr><th>Model</th><th colspan="2">Latency</th></tr></thead>
<tbody><tr><td>GOT</td><td>9</td><td>1</td></tr></tbody></table>
"""
SHOWN = """# Cost & speed

It costs \\$5, so $v=\\frac{s}{t}$ **now**.

- one
  1. two

| Model | Latency | Latency |
| --- | --- | --- |
| GOT | 9 | 1 |"""
PAGE = Image.new("L", (600, 800), 255)
PAGE.paste(0, (100, 100, 400, 140))


def completion(text: object = WROTE, reason: object = "stop", **more: Any) -> dict[str, Any]:
    """An answer in vLLM's shape; ``more`` stands in the choice, or replaces what is there."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text, "tool_calls": []},
        "finish_reason": reason,
        "logprobs": {
            "content": [
                {"token": "a", "logprob": math.log(0.5), "bytes": [97], "top_logprobs": []},
                {"token": "b", "logprob": 0.0, "bytes": [98], "top_logprobs": []},
            ]
        },
        "token_ids": [7, 8],
    }
    usage = {"prompt_tokens": 900, "completion_tokens": 2, "total_tokens": 902}
    return {"id": "chatcmpl-1", "model": MODEL, "choices": [choice | more], "usage": usage}


class Server(StandIn):
    """A server like vLLM: ``answers`` are given in turn, the last one ever after."""

    def __init__(
        self, *answers: Reply | dict[str, Any], models: tuple[str, ...] = (MODEL,)
    ) -> None:
        super().__init__(reply=self._given)
        self.answers = [each if isinstance(each, Reply) else Reply(value=each) for each in answers]
        self.models: Reply = Reply(value={"object": "list", "data": [{"id": m} for m in models]})

    async def _given(self, seen: Seen) -> Reply:
        if seen.path == "/v1/models":
            return self.models
        if seen.path != "/v1/chat/completions":
            return Reply(404, {"detail": "Not Found"})
        number = min(len(self.reads), len(self.answers)) - 1
        return self.answers[number]

    def connect(self, **arguments: Any) -> RemoteEngine:
        """An engine for it that gives up soon."""
        return RemoteEngine(self.url, retry_for=0, **({"writes": "markdown"} | arguments))


def picture_of(seen: Seen) -> Image.Image:
    """The picture that was sent."""
    url = seen.json["messages"][0]["content"][0]["image_url"]["url"]
    return Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))


def result_of(*answers: Reply | dict[str, Any], **arguments: Any) -> Any:
    """What a request becomes, or the error that it ends in."""
    with Server(*answers) as server, server.connect(**arguments) as engine:
        return engine.submit(OcrRequest(images=(PAGE,), stop_on_repetition=True)).result(60)


def test_a_page_is_read_into_every_form(tmp_path: Path) -> None:
    """Through the loader and ``read``: right Markdown, HTML, text and LaTeX, with confidence."""
    file = tmp_path / "scan.png"
    PAGE.save(file)
    with Server(completion()) as server, server.connect(model=MODEL, prompt="Read it") as engine:
        (document,) = GotOcrLoader(file, engine=engine).load()
        (result,) = read(file, engine=engine, format=False)
        (node,) = GotOcrReader(engine=engine).load_data(file)
        (raw,) = GotOcrLoader(file, engine=engine, output="raw").load()
        fingerprint = engine.fingerprint
    assert document.page_content == SHOWN
    assert document.metadata["ocr_confidence"] == 0.75
    assert document.metadata["ocr_mode"] == "format"
    assert document.metadata["ocr_model"] == fingerprint
    assert node.text == SHOWN
    assert node.metadata["ocr_confidence"] == 0.75
    assert raw.page_content == WROTE
    assert result.markdown == SHOWN
    assert '<th colspan="2">Latency</th>' in result.html
    assert "<strong>now</strong>" in result.html
    assert "\\section*{Cost \\& speed}" in result.latex
    assert result.text.startswith("Cost & speed\n\nIt costs $5, so v=\\frac{s}{t} now.")
    assert result.ocr is not None
    assert (result.ocr.token_ids, result.ocr.num_tokens) == ((7, 8), 2)
    assert (result.ocr.prompt_tokens, result.ocr.markup) == (900, "markdown")
    body = server.reads[0].json
    assert body["model"] == MODEL
    assert body["temperature"] == 0
    assert body["max_tokens"] == 4096
    assert body["messages"][0]["content"][1] == {"type": "text", "text": "Read it"}
    assert not {"box", "color", "format", "crop_to_patches"} & set(body)


def test_pages_keep_their_shape(tmp_path: Path) -> None:
    """A page is rendered with ``max_side`` pixels along its longer side, and is not squeezed."""
    import pymupdf

    with pymupdf.open() as document:  # type: ignore[no-untyped-call]  # PyMuPDF's
        page = document.new_page(width=842, height=595)
        page.insert_text((90, 90), "Hello", fontsize=40)
        document.save(tmp_path / "wide.pdf")
    with Server(completion()) as server:
        for max_side in (None, 800):
            with server.connect(max_side=max_side) as engine:
                list(read(tmp_path / "wide.pdf", engine=engine))
                list(read(tmp_path / "wide.pdf", engine=engine, regions=[(50, 40, 450, 120)]))
    sizes = [picture_of(seen).size for seen in server.reads]
    assert [max(size) for size in sizes] == [1540, 1156, 800, 800]
    assert all(abs(w / h - 842 / 595) < 0.01 for w, h in sizes[::2])
    assert all(w > 4 * h for w, h in sizes[1::2]), sizes


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"box": (0, 0, 9, 9)}, "box="),
        ({"color": "red"}, "color="),
        ({"crop_to_patches": True}, "crop_to_patches="),
        ({"multi_page": 2}, "multi_page="),
        ({"mode": "region", "region_prompt": "box"}, "region_prompt="),
    ],
)
def test_what_only_got_can_do_is_refused_by_name(options: dict[str, Any], named: str) -> None:
    """When the loader is made, before anything is asked or opened."""
    engine = RemoteEngine("http://127.0.0.1:9", model=MODEL)
    with pytest.raises(OptionError, match=named):
        GotOcrLoader("gone.pdf", engine=engine, **options)
    engine.close()


def test_a_request_is_refused_by_name_as_well() -> None:
    """One that was made by hand; and ``info`` says what is not there."""
    with Server(completion()) as server, server.connect() as engine:
        assert engine.info.unsupported == {"box", "color", "crop_to_patches", "multi_page"}
        with pytest.raises(OptionError, match="box="):
            engine.submit(OcrRequest(images=(PAGE,), box=Box(0, 0, 9, 9)))


def test_the_model_is_asked_for() -> None:
    """The only one is taken; a misspelt one is an error that names it; some servers don't say."""
    with Server(completion()) as server:
        with server.connect() as engine:
            assert engine.info.model == MODEL
        with (
            server.connect(model="lightonai/LightOnOCR-1B") as engine,
            pytest.raises(ModelNotFoundError, match=f"did you mean '{MODEL}'"),
        ):
            engine.submit(OcrRequest(images=(PAGE,)))
        server.models = Reply(404, {"detail": "Not Found"})
        with server.connect(model="any") as engine:
            assert engine.submit(OcrRequest(images=(PAGE,))).result(60).text == WROTE
        with server.connect() as engine, pytest.raises(ModelNotFoundError, match="pass model="):
            engine.fingerprint  # noqa: B018  # asking is the point
    with (
        Server(completion(), models=("a", "b")) as server,
        server.connect() as engine,
        pytest.raises(ModelNotFoundError, match="it has 'a', 'b'"),
    ):
        engine.fingerprint  # noqa: B018


def test_a_server_made_by_others_is_told_from_ours() -> None:
    """Without any word on its model it is asked as ours, and the error says how it is."""
    with (
        Server(completion()) as server,
        RemoteEngine(server.url, retry_for=0) as engine,
        pytest.raises(EngineError, match=r"made by others is asked by RemoteEngine"),
    ):
        engine.fingerprint  # noqa: B018


def test_the_fingerprint_holds_how_it_is_asked() -> None:
    """Other prompts, sizes, languages and fields are other readings; other addresses are not."""
    with Server(completion()) as server:
        asked: list[dict[str, Any]] = [
            {}, {"prompt": "a"}, {"max_side": 900}, {"writes": "mathpix"},
            {"extra_body": {"top_p": 0.9}}, {"model": MODEL},
        ]  # fmt: skip
        names = []
        for arguments in asked:
            with server.connect(**arguments) as engine:
                names.append(engine.fingerprint)
                assert eval(repr(engine)).fingerprint == names[-1]  # what it shows
                assert pickle.loads(pickle.dumps(engine)).fingerprint == names[-1]
        assert names[0] == names[-1]
        assert len(set(names)) == len(names) - 1
        assert all(name.startswith(f"{MODEL}@") for name in names)


def test_results_are_kept_and_resumed(tmp_path: Path) -> None:
    """The cache holds them, with their language; another prompt reads anew."""
    file = tmp_path / "scan.png"
    PAGE.save(file)
    with Server(completion()) as server:
        for prompt in ("a", "a", "b"):
            with server.connect(prompt=prompt) as engine:
                (document,) = GotOcrLoader(file, engine=engine, cache=tmp_path / "kept").load()
                assert document.page_content == SHOWN
        assert len(server.reads) == 2


def _unknown(name: str) -> Reply:
    error = {"message": f"Unrecognized request argument supplied: {name}", "code": 400}
    return Reply(400, {"error": error})


def test_what_a_server_does_not_know_is_done_without() -> None:
    """Probabilities that are refused are asked for no more; confidence says that it is unknown."""
    bare = completion(logprobs=None, token_ids=None)
    with (
        Server(_unknown("logprobs"), bare) as server,
        server.connect() as engine,
    ):
        for _ in range(2):
            result = engine.submit(OcrRequest(images=(PAGE,))).result(60)
            assert result.text == WROTE
            assert result.confidence is None
        asked = ["logprobs" in seen.json for seen in server.reads]
        assert asked == [True, False, False]
    with Server(Reply(422, {"detail": "no"}), bare) as server, server.connect() as engine:
        assert engine.submit(OcrRequest(images=(PAGE,))).result(60).text == WROTE
        assert "return_token_ids" not in server.reads[-1].json
    with pytest.raises(EngineError, match="400: no picture"):
        result_of(Reply(400, {"error": {"message": "no picture"}}))


def test_unknown_confidence_is_left_out(tmp_path: Path) -> None:
    """Metadata says nothing of it, and neither the cache nor the repr minds."""
    file = tmp_path / "scan.png"
    PAGE.save(file)
    with Server(completion(logprobs=None)) as server, server.connect() as engine:
        loader = GotOcrLoader(file, engine=engine, cache=tmp_path / "kept")
        assert [document.metadata.get("ocr_confidence") for document in loader.load()] == [None]
        (result,) = read(file, engine=engine, cache=tmp_path / "kept")
        assert result.ocr is not None
        assert result.ocr.cached
        assert result.ocr.confidence is None
        assert "confidence=None" in repr(result.ocr)


HOSTILE: dict[str, tuple[Reply | dict[str, Any], str]] = {
    "no JSON": (Reply(body=b"<html>busy</html>"), "no JSON"),
    "deep JSON": (Reply(body=b"[" * 100_000), "makes no sense"),
    "a list": (Reply(value=[]), "makes no sense"),
    "no choices": (Reply(value={"choices": []}), "makes no sense"),
    "no text": (completion(None), "content is no text"),
    "a number": (completion(5), "content is no text"),
    "a refusal": (
        completion(None, message={"content": None, "refusal": "I can't"}),
        "refuses to read it: I can't",
    ),
    "a tool": (completion(None, "tool_calls"), "called a tool"),
    "a filter": (completion(None, "content_filter"), "filter kept the answer back"),
    "an error": (Reply(500, {"error": "no memory", "trace": "/root/x.py"}), "HTTP status 500"),
    "no key": (Reply(401, {"error": {"message": "secret"}}), "does not accept this key"),
}


@pytest.mark.parametrize(("answer", "said"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_reading_is_an_error(answer: Reply | dict[str, Any], said: str) -> None:
    """Each says what came, and no request waits forever."""
    with pytest.raises(EngineError, match=said):
        result_of(answer)


@pytest.mark.parametrize(
    "logprobs",
    [
        None, [], {}, {"content": None}, {"content": [None, {"logprob": None}, {"token": "a"}]},
        {"content": [{"logprob": float("nan")}]}, "high",
    ],
    ids=str,
)  # fmt: skip
def test_odd_probabilities_are_none(logprobs: object) -> None:
    """Confidence never lies: what is no probability is not counted."""
    assert result_of(completion(logprobs=logprobs)).confidence is None


def test_probabilities_are_between_0_and_1() -> None:
    """Servers write -9999 for the impossible, and a little above 0 for the certain."""
    content = [{"logprob": -9999.0}, {"logprob": 1e-7}]
    assert result_of(completion(logprobs={"content": content})).confidence == 0.5


def test_text_comes_in_parts_from_some() -> None:
    """A list of parts is one text; an empty text is a reading, too."""
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert result_of(completion(parts)).text == "ab"
    assert result_of(completion("")).text == ""


def test_hostile_markup_does_not_act(tmp_path: Path) -> None:
    """Scripts and addresses that the model wrote are characters in every form."""
    file = tmp_path / "scan.png"
    PAGE.save(file)
    wrote = "<script>x</script>\n\n[a](javascript:b) <img src=x onerror=y>\n\n$\\href{c}{d}$"
    with Server(completion(wrote)) as server, server.connect() as engine:
        (result,) = read(file, engine=engine)
    assert "<script" not in result.html + result.markdown
    assert "onerror=" not in result.html
    assert "\\href" not in result.html + result.markdown + result.latex


def test_an_answer_of_ten_megabytes_is_read() -> None:
    """It is text, whatever it is, and ends."""
    from got_loaders.markup import to_markdown

    text = result_of(completion("word " * 2_000_000)).text
    assert to_markdown(text, language="markdown").count("word") == 2_000_000


def test_a_loop_is_cut() -> None:
    """An answer that ran out of tokens in circles keeps the first round, and says so."""
    loop = "# Head\n\n" + "The same sentence once more.\n" * 400
    result = result_of(completion(loop, "length"))
    assert result.finish_reason == "repetition"
    assert 1 <= result.text.count("The same") <= 2
    assert result.text.startswith("# Head")
    table = "".join(f"| {n} | {n * n} |\n" for n in range(400))
    assert result_of(completion(table, "length")).finish_reason == "length"
    assert result_of(completion(loop)).finish_reason == "stop"


def test_small_and_long_pictures_are_put_on_a_ground() -> None:
    """A cut of a line is not too narrow for the model; a large picture is made smaller."""
    with Server(completion()) as server, server.connect(max_side=640) as engine:
        for size in ((20, 10), (3_000, 20), (1_000, 2_000)):
            engine.submit(OcrRequest(images=(Image.new("RGB", size, "red"),))).result(60)
        sizes = [picture_of(seen).size for seen in server.reads]
    assert sizes == [(56, 56), (640, 56), (320, 640)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"model": ""}, "model="),
        ({"prompt": 5}, "prompt="),
        ({"writes": "html"}, "writes='html': expected 'mathpix' or 'markdown'"),
        ({"max_side": 10}, "max_side=10"),
        ({"extra_body": {"messages": []}}, "'messages' is not yours"),
        ({"extra_body": {"a": math.nan}}, "no JSON"),
        ({"extra_body": 5}, "extra_body=5"),
    ],
)
def test_wrong_arguments_are_refused_at_once(arguments: dict[str, Any], said: str) -> None:
    """Nothing is asked for that."""
    with pytest.raises(OptionError, match=said):
        RemoteEngine("http://127.0.0.1:9", **arguments)


def test_the_key_goes_along() -> None:
    """As a bearer's."""
    with Server(completion()) as server, server.connect(api_key="k1") as engine:
        engine.submit(OcrRequest(images=(PAGE,))).result(60)
        assert {seen.headers["authorization"] for seen in server.seen} == {"Bearer k1"}
        assert json.dumps("k1") not in repr(engine)
