"""What LlamaIndex demands of transforms, and the trap in its cache: point 5 of the list."""

from __future__ import annotations

import asyncio
import base64
import io
import pickle
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("llama_index.core")

from llama_index.core import MockEmbedding
from llama_index.core.ingestion import DocstoreStrategy, IngestionCache, IngestionPipeline
from llama_index.core.instrumentation import get_dispatcher  # type: ignore[attr-defined]  # its home
from llama_index.core.instrumentation.event_handlers import BaseEventHandler
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import (
    BaseNode,
    Document,
    ImageDocument,
    ImageNode,
    MediaResource,
    Node,
    TextNode,
)
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.core.vector_stores import SimpleVectorStore
from PIL import Image

from got_loaders import EngineConfig, GotOcrReader, GotOcrTransform
from got_loaders.errors import OptionError, PageError, SourceError, UnsupportedSourceError
from got_loaders.integrations.llama_index import GotOcrPageEvent
from got_loaders.testing import FakeEngine
from got_loaders.types import OcrRequest
from tests.fakes import HeldEngine, picture
from tests.integrations.contracts.making import loop_lateness, scan
from tests.pages import making


def png(width: int) -> bytes:
    """A picture that is told by its width."""
    return making.image(picture(size=(width, 80)), "PNG")


def sheets(*widths: int) -> bytes:
    """A TIFF of such pictures."""
    first, *others = [picture(size=(width, 80)) for width in widths]
    return making.image(first, "TIFF", save_all=True, append_images=others)


def width(request: OcrRequest) -> str:
    """The reading of such a picture."""
    return f"width {request.images[0].width}"


@pytest.fixture
def engine() -> FakeEngine:
    """Reads the width."""
    return FakeEngine(width)


def texts(nodes: Sequence[BaseNode]) -> list[str]:
    """What they say."""
    return [node.get_content() for node in nodes]


def encoded(data: bytes) -> str:
    """As ImageNode wants it."""
    return base64.b64encode(data).decode()


HOLDERS: dict[str, Callable[[Path], BaseNode]] = {
    "image document, data": lambda path: ImageDocument(image=encoded(path.read_bytes())),
    "image document, path": lambda path: ImageDocument(image_path=str(path)),
    "image node, data": lambda path: ImageNode(image=encoded(path.read_bytes())),
    "image node, path": lambda path: ImageNode(image_path=str(path)),
    "image node, data URL": lambda path: ImageNode(
        image_url="data:image/png;base64," + encoded(path.read_bytes())
    ),
    "document, raw data": lambda path: Document(
        image_resource=MediaResource(data=path.read_bytes())
    ),
    "document, base64": lambda path: Document(
        image_resource=MediaResource(data=encoded(path.read_bytes()).encode())
    ),
    "document, path": lambda path: Document(image_resource=MediaResource(path=path)),
    "node, data": lambda path: Node(image_resource=MediaResource(data=path.read_bytes())),
}


@pytest.mark.parametrize("kind", HOLDERS)
def test_5_images_are_read_however_they_are_held(
    tmp_path: Path, engine: FakeEngine, kind: str
) -> None:
    """They become text nodes that nobody takes for images any more."""
    (tmp_path / "a.png").write_bytes(png(70))
    (node,) = GotOcrTransform(engine=engine)([HOLDERS[kind](tmp_path / "a.png")])
    assert type(node) is TextNode
    assert node.text == "width 70"
    assert node.metadata["ocr_origin"] == "ocr"


def test_5_urls_are_fetched_by_the_rules(engine: FakeEngine) -> None:
    """And refused where the options say so."""
    node = ImageNode(image_url="http://127.0.0.1:1/a.png")
    with pytest.raises(SourceError, match="not a public one"):
        GotOcrTransform(engine=engine)([node])
    with pytest.raises(SourceError, match="URLs may not be read here"):
        GotOcrTransform(engine=engine, urls=False)([node])


def test_5_other_nodes_stay_where_they_are(engine: FakeEngine) -> None:
    """Untouched, in the order given, between the pages of the images."""
    frames = sheets(40, 41)
    plain, text = Document(text="plain"), TextNode(text="text")
    nodes = [plain, ImageNode(image=encoded(frames)), text, ImageNode(image=encoded(png(50)))]
    made = GotOcrTransform(engine=engine)(nodes)
    assert texts(made) == ["plain", "width 40", "width 41", "text", "width 50"]
    assert made[0] is plain
    assert made[3] is text
    assert [node.metadata["page"] for node in made[1:3]] == [0, 1]
    assert GotOcrTransform(engine=engine)([]) == []


def test_5_a_node_s_own_text_is_kept_before_what_was_read(engine: FakeEngine) -> None:
    """A caption, say; its metadata goes over ours, and what models are shown stays as it was."""
    given = ImageNode(image=encoded(png(50)), text="A caption", metadata={"page_label": "mine"})
    caption, read = GotOcrTransform(engine=engine)([given])
    assert texts([caption, read]) == ["A caption", "width 50"]
    assert caption.metadata == {"page_label": "mine"}
    assert read.metadata["page_label"] == "mine"
    assert "page_label" not in read.excluded_embed_metadata_keys
    assert "ocr_model" in read.excluded_embed_metadata_keys
    assert given.text == "A caption"


def test_5_the_same_image_is_read_once(engine: FakeEngine) -> None:
    """Each node that holds it gets the text, under an id of its own."""
    nodes = [ImageNode(image=encoded(png(50)), id_=name) for name in "ab"]
    made = GotOcrTransform(engine=engine)(nodes)
    assert texts(made) == ["width 50", "width 50"]
    assert len(engine.requests) == 1
    assert len({node.id_ for node in made}) == 2
    assert [node.id_ for node in GotOcrTransform(engine=engine)(nodes)] == [n.id_ for n in made]


def test_5_the_pipeline_s_cache_can_t_mix_images_up(engine: FakeEngine) -> None:
    """It takes two images without a text for the same; each gets its own words all the same."""
    pipeline = IngestionPipeline(
        transformations=[GotOcrTransform(engine=engine), SentenceSplitter()],
        cache=IngestionCache(),
    )
    for size in (50, 60, 50):
        document = Document(image_resource=MediaResource(data=png(size)), id_="same")
        assert texts(pipeline.run(documents=[document])) == [f"width {size}"]


def test_5_our_cache_does_what_the_pipeline_s_can_t(tmp_path: Path, engine: FakeEngine) -> None:
    """A second run reads nothing."""
    transform = GotOcrTransform(engine=engine, cache=tmp_path / "kept")
    for _ in range(2):
        assert texts(transform([ImageNode(image=encoded(png(50)))])) == ["width 50"]
    assert len(engine.requests) == 1


def test_5_a_changed_image_replaces_its_chunks(engine: FakeEngine) -> None:
    """Through a splitter: chunks keep the image document as their source for upserts to find."""
    store = SimpleVectorStore()
    pipeline = IngestionPipeline(
        transformations=[
            GotOcrTransform(engine=engine),
            SentenceSplitter(chunk_size=256, chunk_overlap=0),
            MockEmbedding(embed_dim=4),
        ],
        docstore=SimpleDocumentStore(),
        docstore_strategy=DocstoreStrategy.UPSERTS,
        vector_store=store,
    )
    frames = sheets(40, 41, 42)
    for data, version in ((frames, 1), (frames, 1), (png(50), 2)):
        resource = MediaResource(data=data)
        document = Document(image_resource=resource, id_="sheet", metadata={"version": version})
        nodes = pipeline.run(documents=[document])
        assert {node.ref_doc_id for node in nodes} <= {"sheet"}
    assert len(store.data.embedding_dict) == 1
    assert set(store.data.text_id_to_ref_doc_id.values()) == {"sheet"}


def test_5_failures_obey_on_error(engine: FakeEngine) -> None:
    """A node that can't be read raises, is left out, or says why; the others are read."""
    nodes = [ImageNode(image=encoded(b"no image")), ImageNode(image=encoded(png(50)))]
    with pytest.raises(SourceError):
        GotOcrTransform(engine=engine)(nodes)
    assert texts(GotOcrTransform(engine=engine, on_error="skip")(nodes)) == ["width 50"]
    kept = GotOcrTransform(engine=engine, on_error="keep")(nodes)
    assert texts(kept) == ["", "width 50"]
    assert kept[0].metadata["error"]
    broken = GotOcrTransform(engine=FakeEngine(ValueError("hard")))
    with pytest.raises(PageError, match="hard"):
        broken(nodes[1:])


def test_5_what_is_no_image_is_refused_by_name(tmp_path: Path, engine: FakeEngine) -> None:
    """A folder, and data that was not encoded."""
    for node in (ImageNode(image_path=str(tmp_path)), ImageNode(image="###", id_="n7")):
        with pytest.raises(UnsupportedSourceError, match=r"is a folder|node n7: its image is not"):
            GotOcrTransform(engine=engine)([node])


def test_5_acall_leaves_the_loop_free(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """While a document of 20 pages is read; the worst lateness is reported, not judged."""
    path = scan(tmp_path / "long.pdf", *map(str, range(20)))
    node = Document(image_resource=MediaResource(path=path))
    ticks: list[float] = []

    async def read() -> int:
        ticker = asyncio.create_task(loop_lateness(ticks))
        found = await GotOcrTransform(engine=FakeEngine("x")).acall([node])
        ticker.cancel()
        return len(found)

    assert asyncio.run(read()) == 20
    record_property("worst_lateness_ms", round(max(ticks) * 1000, 1))
    assert len(ticks) > 10


@pytest.mark.slow
def test_5_worker_processes_have_engines_of_their_own(tmp_path: Path) -> None:
    """``run(num_workers=2)`` spawns, pickles the transform, and gets what one process gets."""
    (tmp_path / "a.png").write_bytes(png(70))
    nodes = [ImageNode(image_path=str(tmp_path / "a.png"), id_=f"{n}") for n in range(4)]
    transform = GotOcrTransform(model="tiny", max_new_tokens=4)
    pipeline = IngestionPipeline(transformations=[transform])
    found = pipeline.run(nodes=nodes, num_workers=2)
    assert [(n.id_, n.get_content()) for n in found] == [
        (n.id_, n.get_content()) for n in transform(nodes)
    ]


def test_5_show_progress_draws_a_bar(
    engine: FakeEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    """As node parsers do; on standard error, and only if it is asked for."""
    node = ImageNode(image=encoded(png(50)))
    GotOcrTransform(engine=engine)([node])
    assert capsys.readouterr() == ("", "")
    GotOcrTransform(engine=engine)([node], show_progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "1 file, 1 page" in err


def test_5_cancelling_acall_cancels_what_is_queued() -> None:
    """No page is read for nobody."""
    engine = HeldEngine(answers_first=False)
    frames = sheets(*range(40, 48))

    async def stop() -> None:
        call = GotOcrTransform(engine=engine).acall([ImageNode(image=encoded(frames))])
        task = asyncio.ensure_future(call)
        await engine.asked(4)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(stop())
    assert all(engine.cancelled)


def test_5_an_async_pipeline_gives_the_same(engine: FakeEngine) -> None:
    """``arun`` calls ``acall``."""
    pipeline = IngestionPipeline(transformations=[GotOcrTransform(engine=engine)])
    document = Document(image_resource=MediaResource(data=png(50)), id_="a")
    (later,) = asyncio.run(pipeline.arun(documents=[document]))
    (now,) = pipeline.run(documents=[document])
    assert (later.id_, later.get_content()) == (now.id_, now.get_content())


@pytest.mark.parametrize(
    "arguments",
    [{"model": "tiny", "pages": "1"}, {"engine": EngineConfig(model="tiny", max_batch_size=2)}],
)
def test_5_a_transform_is_rebuilt_from_its_fields(arguments: dict[str, Any]) -> None:
    """Through JSON and pickle; ``to_dict`` differs each time, which its copy does not mind."""
    transform = GotOcrTransform(**arguments)
    assert GotOcrTransform.from_dict(transform.to_dict()) == transform
    assert GotOcrTransform.from_json(transform.to_json()) == transform
    assert pickle.loads(pickle.dumps(transform)) == transform
    assert transform.to_dict() != transform.to_dict()


def test_5_an_engine_does_not_travel(engine: FakeEngine, caplog: pytest.LogCaptureFixture) -> None:
    """A pipeline that asks for its fields at each run gets no warning; a copy is refused."""
    transform = GotOcrTransform(engine=engine)
    written = transform.to_dict()
    assert caplog.messages == []
    with pytest.raises(OptionError, match="without the engine that it held"):
        GotOcrTransform.from_dict(written)
    with pytest.raises(TypeError, match="a GotOcrTransform that holds an engine"):
        pickle.dumps(transform)


class Heard(BaseEventHandler):
    """Keeps what it hears."""

    pages: list[tuple[str, int]] = []  # noqa: RUF012  # a pydantic field

    @classmethod
    def class_name(cls) -> str:
        """Its name."""
        return "Heard"

    def handle(self, event: Any, **_: Any) -> None:
        """One event."""
        if isinstance(event, GotOcrPageEvent):
            self.pages.append((event.metadata["source"], event.metadata["page"]))  # type: ignore[arg-type]  # as they are


def test_instrumentation_hears_of_every_document(tmp_path: Path) -> None:
    """From reader and transform, sync and async."""
    path = scan(tmp_path / "a.pdf", "one", "two")
    heard, dispatcher = Heard(), get_dispatcher()
    dispatcher.add_event_handler(heard)
    try:
        reader = GotOcrReader(engine=FakeEngine("x"))
        reader.load_data(path)
        asyncio.run(reader.aload_data(path))
        node = Document(image_resource=MediaResource(path=path))
        GotOcrTransform(engine=FakeEngine("x"))([node])
        asyncio.run(GotOcrTransform(engine=FakeEngine("x")).acall([node]))
    finally:
        dispatcher.event_handlers.remove(heard)
    assert heard.pages == [(str(path), 0), (str(path), 1)] * 4
    assert Image.open(io.BytesIO(png(50))).width == 50
