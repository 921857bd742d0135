"""Whole documents over HTTP: Mistral's OCR, uploaded files, Open WebUI's loader."""

from __future__ import annotations

import base64
import importlib
import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from PIL import Image, ImageDraw, ImageFont

from got_loaders.server.settings import ServerSettings
from got_loaders.testing import FakeEngine
from tests.server.documents import GateEngine, encrypted_pdf, make_pdf, number_of, says_number
from tests.server.running import RunningServer, running_server

KEY = "the-server-key"
PDF = make_pdf(3)


def data_url(data: bytes, kind: str = "application/pdf") -> str:
    """How clients put a document into JSON."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with a key and a root folder, whose engine fails at the fourth page."""
    root = tmp_path_factory.mktemp("root")
    (root / "in").mkdir()
    (root / "in" / "a.pdf").write_bytes(PDF)
    (root / "out.pdf").symlink_to("/etc/passwd")

    def reply(request: Any) -> str:
        if number_of(request) == 3:
            raise RuntimeError("it broke at /secret/place")
        return says_number(request)

    settings = ServerSettings(port=0, api_keys=(KEY,), root=str(root), max_pages=10)
    with running_server(FakeEngine(reply), settings) as running:
        yield running


def ocr(
    server: RunningServer, document: dict[str, Any] | bytes, **fields: object
) -> httpx.Response:
    """Ask for a document's pages."""
    if isinstance(document, bytes):
        document = {"type": "document_url", "document_url": data_url(document)}
    return server.client.post("/v1/ocr", json={"document": document} | fields)


def test_a_document_is_its_pages(server: RunningServer) -> None:
    """Mistral's answer: pages in order, sizes in pixels, what was used."""
    answer = ocr(server, PDF, model="mistral-ocr-latest", image_limit=0).json()
    assert [page["markdown"] for page in answer["pages"]] == ["page 0", "page 1", "page 2"]
    assert [page["index"] for page in answer["pages"]] == [0, 1, 2]
    assert answer["pages"][0]["images"] == []
    assert answer["pages"][0]["dimensions"] == {"dpi": 200, "width": 1111, "height": 1111}
    assert answer["model"] == "fake"
    assert answer["usage_info"] == {"pages_processed": 3, "doc_size_bytes": len(PDF)}
    assert ocr(server, PDF, pages=[2, 0]).json()["pages"][0]["markdown"] == "page 2"


def _dim(value: int) -> int:
    return 40 + value // 2


def test_figures_come_with_their_pictures(server: RunningServer) -> None:
    """Where pages are read by regions, the answer has what is drawn on them, if that is wanted."""
    page = Image.new("L", (900, 1200), "white")
    page.paste(Image.linear_gradient("L").resize((400, 300)).point(_dim), (200, 450))
    for top in (80, 850):
        for line in range(6):
            place = (80, top + 40 * line)
            words = "The river was high in May and the bridge closed"
            ImageDraw.Draw(page).text(place, words, fill=0, font=ImageFont.load_default(26))
    out = io.BytesIO()
    page.save(out, "PNG")
    asked: dict[str, Any] = {"options": {"regions": "auto"}, "include_image_base64": True}
    first = ocr(server, out.getvalue(), **asked).json()["pages"][0]
    (image,) = first["images"]
    head, _, data = image.pop("image_base64").partition(",")
    assert image == {
        "id": "img-0.jpeg", "top_left_x": 200, "top_left_y": 450, "bottom_right_x": 600,
        "bottom_right_y": 750,
    }  # fmt: skip
    figure = Image.open(io.BytesIO(base64.b64decode(data)))
    assert (head, figure.size) == ("data:image/jpeg;base64", (400, 300))
    assert "![img-0.jpeg](img-0.jpeg)" in first["markdown"]
    none = ocr(server, out.getvalue(), **asked, image_limit=0).json()["pages"][0]
    assert (none["images"], "img-0" in none["markdown"]) == ([], False)


def test_a_page_that_fails_fails_alone(server: RunningServer) -> None:
    """It is empty and says why, without the server's paths; the others are there."""
    pages = ocr(server, make_pdf(5, blank=(4,))).json()["pages"]
    assert [page["markdown"] for page in pages] == ["page 0", "page 1", "page 2", "", ""]
    assert "it broke" in pages[3]["error"]
    assert "secret" not in pages[3]["error"]
    assert "error" not in pages[4]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7 nothing", "document"),
        (b"PK\x03\x04word", "ZIP archive"),
        (encrypted_pdf("x"), "password"),
        (make_pdf(11), "max_pages"),
    ],
    ids=["broken", "zip", "encrypted", "long"],
)
def test_what_can_not_be_read_is_a_422(server: RunningServer, data: bytes, said: str) -> None:
    """From each address that takes documents, in OpenAI's shape, with the reason."""
    for response in (
        ocr(server, data),
        server.client.put("/process", content=data, headers={"x-filename": "a.pdf"}),
    ):
        assert response.status_code == 422
        error = response.json()["error"]
        assert error["code"] == "unreadable_document"
        assert said in error["message"] or said == "document"
        assert "Traceback" not in error["message"]
        assert "/tmp" not in error["message"]


def test_a_password_opens_what_is_encrypted(server: RunningServer) -> None:
    """The options of a read go with a request; the password is used, and not told."""
    data = encrypted_pdf("secret-word")
    answer = ocr(server, data, options={"password": "secret-word"})
    assert answer.json()["pages"][0]["markdown"] == "page 0"
    wrong = ocr(server, data, options={"password": "wrong-word"})
    assert (wrong.status_code, "wrong-word" in wrong.text) == (422, False)


@pytest.mark.parametrize(
    ("document", "status", "said"),
    [
        ({"document_url": "in/a.pdf"}, 200, "page 2"),
        ({"document_url": "file:in/a.pdf"}, 200, "page 2"),
        ({"document_url": "in"}, 422, "one document"),
        ({"document_url": "in/*.pdf"}, 422, "one document"),
        ({"document_url": "/etc/passwd"}, 422, "outside"),
        ({"document_url": "../../etc/passwd"}, 422, "outside"),
        ({"document_url": "out.pdf"}, 422, "outside"),
        ({"document_url": "file:///etc/passwd"}, 422, "outside"),
        ({"document_url": "in/b.pdf"}, 422, "no such file"),
        ({"document_url": "https://example.org/a.pdf"}, 400, "--urls"),
        ({"type": "file", "file_id": "nothing"}, 404, "no such file"),
    ],
)
def test_names_lead_where_they_may(
    server: RunningServer, document: dict[str, str], status: int, said: str
) -> None:
    """A path below the root is read; nothing else of this machine or the net is."""
    response = ocr(server, document)
    assert response.status_code == status
    assert said in response.text
    assert "root:" not in response.text


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "invalid_request"),
        (b"{", 400, "invalid_request"),
        (b"[" * 100_000, 400, "invalid_request"),
        (b'{"document": {"document_url": "in/a.pdf"}, "pages": NaN}', 400, "invalid_request"),
        (b'{"document": {"document_url": "' + b"x" * 100_000 + b'"}}', 422, "unreadable_document"),
        (b'{"document": {"document_url": "data:a;base64,%%"}}', 400, "invalid_request"),
        (b'{"model": "gpt-4", "document": {"document_url": "in/a.pdf"}}', 404, "model_not_found"),
    ],
    ids=["empty", "half", "deep", "nan", "long", "data", "model"],
)
def test_wrong_bodies_are_refused(
    server: RunningServer, content: bytes, status: int, code: str
) -> None:
    """Each with its own reason."""
    assert server.client.post("/v1/ocr", content=content).status_code == 415
    headers = {"content-type": "application/json"}
    response = server.client.post("/v1/ocr", content=content, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)


def load_with_open_webui(
    server: RunningServer, file: Path, key: str = KEY, kind: str = "application/pdf"
) -> list[dict[str, Any]]:
    """What Open WebUI's loader does: a PUT of the bytes, its headers, its reading of answers."""
    headers = {"Content-Type": kind, "Authorization": f"Bearer {key}"}
    headers["X-Filename"] = quote(file.name)
    response = httpx.put(f"{server.url}/process", content=file.read_bytes(), headers=headers)
    response.raise_for_status()
    documents = response.json()
    assert isinstance(documents, list)
    assert documents
    return documents


def test_open_webui_reads_a_document(server: RunningServer, tmp_path: Path) -> None:
    """A text and flat metadata for each page, under the file's own name."""
    file = tmp_path / "Bericht März (2).pdf"
    file.write_bytes(PDF)
    documents = load_with_open_webui(server, file)
    assert [document["page_content"] for document in documents] == ["page 0", "page 1", "page 2"]
    metadata = documents[1]["metadata"]
    assert (metadata["source"], metadata["page"], metadata["total_pages"]) == (file.name, 1, 3)
    assert all(isinstance(value, str | int | float | bool) for value in metadata.values())
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        load_with_open_webui(server, file, key="another-key")


def test_open_webui_falls_back_where_there_is_no_text(server: RunningServer) -> None:
    """Blank pages, and what is no PDF or image, is the 422 by which it reads by its own means."""
    response = server.client.put("/process/", content=make_pdf(2, blank=(0, 1)))
    assert response.status_code == 422
    assert "No extractable text" in response.text
    for other in (b"", b"A text.", b"PK\x03\x04word"):
        refused = server.client.put("/process", content=other)
        assert (refused.status_code, "No extractable text" in refused.text) == (422, True)


@pytest.mark.parametrize(
    "name", ["../../x", "a%00b", "%0d%0aX: y", "%ff%fe", "n" * 9000, "%F0%9F%99%82"]
)
def test_no_name_does_harm(server: RunningServer, name: str) -> None:
    """Whatever a header says: the document is read, and called by what is left of it."""
    response = server.client.put("/process", content=make_pdf(1), headers={"x-filename": name})
    source = response.json()[0]["metadata"]["source"]
    assert "/" not in source
    assert "\0" not in source
    assert len(source) <= 300


def test_librechat_reads_an_upload(server: RunningServer) -> None:
    """What LibreChat does: upload, ask for a URL, have it read, delete it."""
    base, client = "/v1", server.client
    form = {"file": ("März.pdf", PDF, "application/pdf")}
    uploaded = client.post(f"{base}/files", data={"purpose": "ocr"}, files=form).json()
    assert (uploaded["filename"], uploaded["bytes"]) == ("März.pdf", len(PDF))
    url = client.get(f"{base}/files/{uploaded['id']}/url?expiry=24").json()["url"]
    for kind in ("document_url", "image_url"):
        asked = {"model": "mistral-ocr-latest", "image_limit": 0, "include_image_base64": False}
        answer = client.post(f"{base}/ocr", json=asked | {"document": {"type": kind, kind: url}})
        text = "".join(page["markdown"] + "\n\n" for page in answer.json()["pages"])
        assert text == "page 0\n\npage 1\n\npage 2\n\n"
    by_id = ocr(server, {"type": "file", "file_id": uploaded["id"]})
    assert by_id.json()["usage_info"]["doc_size_bytes"] == len(PDF)
    assert client.get(f"{base}/files/{uploaded['id']}").json()["id"] == uploaded["id"]
    assert client.delete(f"{base}/files/{uploaded['id']}").json()["deleted"] is True
    assert client.delete(f"{base}/files/{uploaded['id']}").status_code == 404
    assert ocr(server, {"document_url": url}).status_code == 404


@pytest.mark.parametrize(
    ("headers", "content", "status"),
    [
        ({"content-type": "application/pdf"}, PDF, 415),
        ({"content-type": "multipart/form-data"}, PDF, 400),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x\r\nnothing", 400),
        ({"content-type": "multipart/form-data; boundary=x"}, b"--x--\r\n", 400),
    ],
)
def test_an_upload_is_a_form(
    server: RunningServer, headers: dict[str, str], content: bytes, status: int
) -> None:
    """Anything else is refused in words."""
    response = server.client.post("/v1/files", content=content, headers=headers)
    assert response.status_code == status
    assert response.json()["error"]["message"]


def test_urls_are_fetched_by_the_rules_for_strangers() -> None:
    """With --urls a document may be fetched, but from no address of this machine or its network,
    and no answer tells which address a name has."""
    with running_server(FakeEngine(), ServerSettings(port=0, urls=True)) as server:
        for url, said in (
            (f"{server.url}/health", "not a public one"),
            ("http://localhost:1/a.pdf", "this machine itself"),
            ("http://user:secret@example.org/a.pdf", "user or password"),
            ("http://[::1/a.pdf", "malformed"),
        ):
            response = ocr(server, {"document_url": url})
            assert (response.status_code, response.json()["error"]["param"]) == (422, "document")
            assert said in response.text
            assert "secret" not in response.text
            job = server.client.post("/v1/jobs", json={"document": {"document_url": url}})
            assert job.status_code in (202, 422)
        assert ocr(server, {"document_url": "a.pdf"}).status_code == 400


def test_who_hangs_up_is_read_no_further() -> None:
    """What is queued for a client that left is cancelled, and its place is free again."""
    engine = GateEngine()
    with running_server(engine, ServerSettings(port=0, max_documents=1)) as server:
        body = make_pdf(8)
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            head = (
                f"PUT /process HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n\r\n"
            )
            client.sendall(head.encode() + body)
            engine.wait_held(4)
        left = [future for _, future in engine.held]
        cancelled = threading.Event()
        for _ in range(1000):
            if all(future.cancelled() for future in left):
                break
            cancelled.wait(0.01)
        assert all(future.cancelled() for future in left)
        engine.open()
        assert server.client.put("/process", content=make_pdf(1)).status_code == 200


def test_reading_has_its_time() -> None:
    """What takes longer than a request may is a 504 that names the other way; nothing goes on."""
    engine = GateEngine()
    with running_server(engine, ServerSettings(port=0, request_seconds=0.5)) as server:
        response = server.client.put("/process", content=make_pdf(2))
        assert (response.status_code, response.json()["error"]["code"]) == (504, "timeout")
        assert "/v1/jobs" in response.text
        assert all(future.cancelled() for _, future in engine.held)


def test_litellm_reads_a_pdf(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real package, unchanged but for the address: bytes, a data URL, chosen pages.

    Nothing else is connected to by its Python; its Rust can not be listened to here.
    """
    connected: list[object] = []
    connect = socket.socket.connect

    def record(sock: socket.socket, address: Any) -> None:
        connected.append(address)
        connect(sock, address)

    monkeypatch.setattr(socket.socket, "connect", record)
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    litellm: Any = importlib.import_module("litellm")
    monkeypatch.setattr(litellm, "telemetry", False, raising=False)

    def read(document: dict[str, object], **fields: object) -> Any:
        return litellm.ocr(
            model="mistral/mistral-ocr-latest", document=document, api_key=KEY,
            api_base=f"{server.url}/v1", **fields,
        )  # fmt: skip

    answer = read({"type": "document_url", "document_url": data_url(PDF)}, pages=[1, 2])
    assert [page.markdown for page in answer.pages] == ["page 1", "page 2"]
    assert answer.pages[0].dimensions.dpi == 200
    assert answer.usage_info.pages_processed == 2
    assert answer.model == "fake"
    assert [page.index for page in read({"type": "file", "file": PDF}).pages] == [0, 1, 2]
    with pytest.raises(litellm.exceptions.BadRequestError, match="table_format"):
        read({"type": "document_url", "document_url": data_url(PDF)}, table_format="csv")
    assert set(connected) <= {("127.0.0.1", server.port)}


@pytest.mark.parametrize("path", ["/v1/ocr", "/v1/jobs"])
def test_half_a_character_is_no_file(server: RunningServer, path: str) -> None:
    """JSON can say it, no database keeps it: there is no such file."""
    body = rb'{"document": {"type": "file", "file_id": "\ud800"}}'
    headers = {"content-type": "application/json"}
    assert server.client.post(path, content=body, headers=headers).status_code == 404


def test_a_job_s_file_has_a_name_that_can_be_kept(server: RunningServer) -> None:
    """A name that is not UTF-8, which a folder may hold and a database not, is told so."""
    body = rb'{"document": {"type": "document_url", "document_url": "in/\udcff.pdf"}}'
    headers = {"content-type": "application/json"}
    answer = server.client.post("/v1/jobs", content=body, headers=headers)
    assert (answer.status_code, "not UTF-8" in answer.text) == (400, True)
