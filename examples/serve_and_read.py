"""One server, two ways to ask it: the loader, and OpenAI's client.

Starts ``got-loaders serve`` with the embedded model as a process of its own, and reads a scan that
it makes: by a loader, for which nothing but ``engine=`` differs, and a picture by the ``openai``
package, as a whole and as it is written. Needs the extra ``serve`` and ``openai``, and no network.
"""

from __future__ import annotations

import base64
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from openai import OpenAI
from sample_pages import write_image, write_scan

from got_loaders import GotOcrLoader

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionUserMessageParam


def main() -> None:
    """Serve, and ask."""
    with tempfile.TemporaryDirectory() as folder, server() as url:
        read_documents(url, write_scan(Path(folder, "report.pdf")))
        read_picture(url, write_image(Path(folder, "notice.png")))


@contextmanager
def server() -> Iterator[str]:
    """A server on a free port of this machine; within, its address, and its model is loaded.

    It listens before that: a client that asks meanwhile waits, too, and says so.
    """
    command = [sys.executable, "-m", "got_loaders", "serve", "--model", "tiny", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        told = process.stderr.readline()  # got-loaders: listening on http://127.0.0.1:40123; …
        url = next(word.rstrip(";") for word in told.split() if word.startswith("http://"))
        process.stderr.readline()  # got-loaders: ready: tiny@…
        try:
            yield url
        finally:
            process.terminate()  # what runs is finished first


def read_documents(url: str, scan: Path) -> None:
    """This process loads no model: it renders the pages, and the server reads them."""
    print("--- GotOcrLoader(…, engine=url)")
    for document in GotOcrLoader(scan, engine=url, pages="1-2").lazy_load():
        print(document.page_content)
        print(f"({document.metadata['ocr_model']})")
    print("torch was loaded here:", "torch" in sys.modules)


def read_picture(url: str, picture: Path) -> None:
    """A page is a picture and a question; ``OCR with format`` asks for mark-up."""
    client = OpenAI(base_url=f"{url}/v1", api_key="a server on this machine needs none")
    data = base64.b64encode(picture.read_bytes()).decode()
    message: ChatCompletionUserMessageParam = {
        "role": "user",
        "content": [
            {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
            {"type": "text", "text": "OCR with format"},
        ],
    }
    answer = client.chat.completions.create(model="tiny", messages=[message], logprobs=True)
    print("--- the openai package")
    print(answer.choices[0].message.content)
    print(f"finish_reason={answer.choices[0].finish_reason}")
    print("--- the same as it is written")
    for chunk in client.chat.completions.create(model="tiny", messages=[message], stream=True):
        for choice in chunk.choices:
            print(choice.delta.content or "", end="", flush=True)
    print()


if __name__ == "__main__":
    main()
