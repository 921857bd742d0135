"""The worker processes: what hangs or dies costs one page, and nothing outlives its reader."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

import got_loaders
from got_loaders.errors import PageError, SourceError
from got_loaders.pages import PageDocument, open_document
from got_loaders.pages import protocol as wire
from got_loaders.pages.worker.pool import Pool
from got_loaders.sources import Source
from tests.pages import making
from tests.pages.making import opened, soon
from tests.pages.pids import pids

ROOT = Path(got_loaders.__file__).parents[1]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="tests stop processes by POSIX signals")
on_linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")


def colored(*colors: tuple[int, int, int]) -> Source:
    """A PDF whose pages are filled with colours."""
    with making.pymupdf.open() as document:
        for color in colors:
            page = document.new_page(width=50, height=50)
            page.draw_rect(page.rect, fill=[part / 255 for part in color])
        return making.of_bytes(document.tobytes())


def color(document: PageDocument, number: int) -> tuple[int, ...]:
    """The colour of a page."""
    value = document.page(number, width=16, height=16).image.getpixel((8, 8))
    assert isinstance(value, tuple)
    return value


RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
THREE = colored(RED, GREEN, BLUE)


def test_a_page_that_hangs_costs_itself_only() -> None:
    """It is given up after the limit, named, and the rest of this and other files goes on."""
    pool = Pool(size=1, time_limit_s=1.0)
    with (
        opened(THREE, pool=pool) as document,
        opened(THREE, pool=pool) as other,
    ):
        assert color(document, 0) == RED
        os.kill(pids(pool)[0], signal.SIGSTOP)
        with pytest.raises(PageError, match=r"doc, page 2: .*longer than 1 s") as caught:
            document.page(1, width=16, height=16)
        assert (caught.value.source, caught.value.page) == ("doc", 1)
        assert [color(document, 2), color(document, 1), color(other, 0)] == [BLUE, GREEN, RED]
    pool.close()


def test_a_page_that_kills_the_worker_costs_itself_only(pool: Pool) -> None:
    """A crash is told from a hang, and the next page starts a worker of its own."""
    with opened(THREE, pool=pool) as document, ThreadPoolExecutor(1) as threads:
        assert color(document, 0) == RED
        (pid,) = pids(pool)
        os.kill(pid, signal.SIGSTOP)
        requests = pool._workers[0]._requests
        pending = threads.submit(color, document, 1)
        assert soon(lambda: pool._workers[0]._requests > requests)
        os.kill(pid, signal.SIGSEGV)
        os.kill(pid, signal.SIGCONT)
        with pytest.raises(PageError, match=r"doc, page 2: .*ended the process .*-11") as caught:
            pending.result(60)
        assert caught.value.page == 1
        assert [color(document, 1), color(document, 2)] == [GREEN, BLUE]
        assert pids(pool) != [pid]


def test_a_worker_that_dies_between_pages_costs_nothing(pool: Pool, tmp_path: Path) -> None:
    """Documents are opened again, encrypted ones too, in a new worker."""
    path = tmp_path / "a.png"
    path.write_bytes(making.frames("PNG", "red"))
    with (
        opened(making.of_path(path), pool=pool) as picture,
        opened(making.of_bytes(making.locked_pdf("pw")), password="pw", pool=pool) as locked,
    ):
        os.kill(pids(pool)[0], signal.SIGKILL)
        assert soon(lambda: not pids(pool))
        assert color(picture, 0) == RED
        assert color(locked, 0) == (255, 255, 255)


def test_a_file_that_is_gone_when_it_is_opened_again_is_a_page_error(
    pool: Pool, tmp_path: Path
) -> None:
    """The error names the page that could not be read any more."""
    path = tmp_path / "a.pdf"
    path.write_bytes(making.pdf("x"))
    with opened(making.of_path(path), pool=pool) as document:
        path.unlink()
        os.kill(pids(pool)[0], signal.SIGKILL)
        assert soon(lambda: not pids(pool))
        with pytest.raises(PageError, match=r"a\.pdf, page 1: the file was changed or removed"):
            document.page(0, width=9, height=9)


def test_opening_that_hangs_is_a_source_error() -> None:
    """The limit holds for opening, too."""
    pool = Pool(size=1, time_limit_s=1.0)
    open_document(THREE, pool=pool).close()
    os.kill(pids(pool)[0], signal.SIGSTOP)
    with pytest.raises(SourceError, match="doc: opening it took longer than 1 s"):
        open_document(THREE, pool=pool)
    with opened(THREE, pool=pool) as document:
        assert color(document, 0) == RED
    pool.close()


def test_an_interrupted_read_does_not_mix_up_answers(pool: Pool) -> None:
    """After Ctrl-C in the middle of a page, the next page is the right one."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with opened(THREE, pool=pool) as document:
        assert color(document, 0) == RED
        os.kill(pids(pool)[0], signal.SIGSTOP)
        before = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try:
            with pytest.raises(KeyboardInterrupt):
                color(document, 1)
        finally:
            signal.signal(signal.SIGALRM, before)
        assert color(document, 2) == BLUE


def test_the_terminals_interrupt_does_not_end_a_worker(pool: Pool) -> None:
    """Ctrl-C reaches every process of the terminal; it is the library's to handle."""
    with opened(THREE, pool=pool) as document:
        before = pids(pool)
        os.kill(before[0], signal.SIGINT)
        assert color(document, 1) == GREEN
        assert pids(pool) == before


def test_many_threads_read_many_documents() -> None:
    """Eight threads on eight documents in two workers: every page is the one asked for."""
    pool = Pool(size=2)
    shades = [[(10 * d, 20 * p, 0) for p in range(6)] for d in range(8)]
    documents = [open_document(colored(*shade), pool=pool) for shade in shades]
    jobs = [(d, p) for p in range(6) for d in range(8)]
    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(lambda job: color(documents[job[0]], job[1]), jobs))
    assert seen == [shades[d][p] for d, p in jobs]
    assert len(pids(pool)) == 2
    for document in documents:
        document.close()
    pool.close()


def test_closing_never_waits_for_a_busy_worker(pool: Pool) -> None:
    """A document is closed at once although another one's page hangs; the worker follows later."""
    with opened(THREE, pool=pool) as busy, ThreadPoolExecutor(2) as threads:
        done = open_document(THREE, pool=pool)
        os.kill(pids(pool)[0], signal.SIGSTOP)
        pending = threads.submit(color, busy, 0)
        assert soon(pool._workers[0]._lock.locked)
        for _ in range(2):
            threads.submit(done.close).result(60)
        os.kill(pids(pool)[0], signal.SIGCONT)
        assert pending.result(60) == RED
        assert soon(lambda: len(pool._workers[0]._opened) == 1)
        with pytest.raises(PageError, match="doc, page 1: the document was closed"):
            color(done, 0)


@on_linux
def test_a_closed_file_is_let_go(pool: Pool, tmp_path: Path) -> None:
    """The worker keeps no handle of it: it can be replaced on every system."""
    for data in (making.pdf("x"), making.frames("TIFF", "red", "blue")):
        path = tmp_path / "a"
        path.write_bytes(data)

        def held(path: Path = path) -> bool:
            folder = Path(f"/proc/{pids(pool)[0]}/fd")
            return path in [entry.readlink() for entry in folder.iterdir()]

        with opened(making.of_path(path), pool=pool) as document:
            document.info(0)
            assert held()
        assert not held()


def test_an_old_worker_is_replaced_once_it_is_idle() -> None:
    """What decoders leak does not add up for ever."""
    pool = Pool(size=1, retire_after=3)
    with opened(THREE, pool=pool) as document:
        assert [color(document, n) for n in range(3)] == [RED, GREEN, BLUE]
        assert len(pids(pool)) == 1
    assert pids(pool) == []
    with opened(THREE, pool=pool) as document:
        assert color(document, 0) == RED
    pool.close()


@on_linux
def test_the_command_line_tells_nothing(pool: Pool, tmp_path: Path) -> None:
    """Neither paths nor passwords can be seen by other users of the machine."""
    path = tmp_path / "private.pdf"
    path.write_bytes(making.locked_pdf("geheim"))
    with opened(making.of_path(path), password="geheim", pool=pool):
        line = Path(f"/proc/{pids(pool)[0]}/cmdline").read_bytes()
        environment = Path(f"/proc/{pids(pool)[0]}/environ").read_bytes()
    for secret in (b"private.pdf", b"geheim"):
        assert secret not in line + environment


def test_the_worker_ends_when_its_input_closes() -> None:
    """Whatever happens to the reader, no process stays behind."""
    command = [sys.executable, "-m", "got_loaders.pages.worker.main"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, bufsize=0, cwd=ROOT) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        wire.wait_until_ready(process.stdout)  # type: ignore[arg-type]  # raw: unbuffered
        process.stdin.close()
        assert process.wait(60) == 0


def test_foreign_modules_and_stray_prints_do_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of the current folder shadow nothing, another got_loaders neither; prints are lost."""
    for name in ("json", "struct", "PIL", "pymupdf", "warnings"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('shadowed')")
    other = tmp_path / "other"
    (other / "got_loaders").mkdir(parents=True)
    (other / "got_loaders" / "__init__.py").write_text("raise SystemExit('shadowed')")
    (other / "sitecustomize.py").write_text("print('hello from a stray hook')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend("")
    monkeypatch.setenv("PYTHONPATH", str(other))
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    pool = Pool(size=1)
    with opened(THREE, pool=pool) as document:
        assert color(document, 1) == GREEN
    pool.close()


def test_decoders_do_not_write_to_the_users_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """libtiff and MuPDF complain of damaged files; the error says it, once."""
    pool = Pool(size=1)
    broken = making.frames("TIFF", "red", "blue")[:-90]
    samples = struct.pack("<HHII", 277, 4, 1, 1), struct.pack("<HHII", 277, 4, 1, 99)
    odd = making.tiff(b"\0\1", width=2, bits=8, photometric=1).replace(*samples)
    for data in (broken, odd, making.pdf("x")[:-60], making.raw_pdf("/Contents 9 0 R")):
        with (
            suppress(SourceError, PageError),
            opened(making.of_bytes(data), pool=pool) as document,
        ):
            for number in range(document.total):
                document.page(number, width=9, height=9)
    pool.close()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("executable", ["", "/nowhere/python", "/bin/true"])
def test_a_worker_that_cannot_start_says_what_to_check(
    executable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An embedded interpreter gets advice, not a riddle."""
    monkeypatch.setattr(sys, "executable", executable)
    with pytest.raises(SourceError, match=r"doc: the process .* did not start; check that"):
        open_document(THREE, pool=Pool(size=1))


def run(script: str) -> str:
    """The standard output of a Python of its own."""
    command = [sys.executable, "-W", "error", "-c", textwrap.dedent(script)]
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=ROOT, timeout=180
    )
    assert done.stderr == ""
    return done.stdout


def test_a_forked_child_uses_workers_of_its_own() -> None:
    """Neither takes the other's answers, and the child's end does not end the parent's worker."""
    out = run("""
        import os, sys, warnings
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking where there are threads
        from got_loaders.pages import open_document
        from got_loaders.pages.worker.pool import shared_pool
        from got_loaders.sources import Source
        from tests.pages.pids import pids
        document = open_document(Source(name="doc", data=b"P5 2 1 255 \\x10\\x20"))
        mine = pids(shared_pool())
        child = os.fork()
        for _ in range(20):
            page = document.page(0, width=9, height=9)
            assert page.image.tobytes() == b"\\x10" * 3 + b"\\x20" * 3
        if child == 0:
            assert set(pids(shared_pool())).isdisjoint(mine)
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert document.page(0, width=9, height=9).info.total == 1
        assert pids(shared_pool()) == mine
        print("read")
    """)
    assert out == "read\n"


@on_linux
def test_nothing_is_left_when_the_program_ends() -> None:
    """Documents and pools that nobody closed keep neither the program nor a process alive."""
    out = run("""
        from got_loaders.pages import open_document
        from got_loaders.pages.worker.pool import shared_pool
        from got_loaders.sources import Source
        from tests.pages.pids import pids
        document = open_document(Source(name="doc", data=b"P5 1 1 255 x"))
        print(*pids(shared_pool()))
    """)
    assert soon(lambda: not Path(f"/proc/{out.strip()}").exists())


def test_importing_pages_is_light() -> None:
    """Neither Pillow nor PyMuPDF is loaded, and no process started, before a document is opened."""
    script = "import sys, got_loaders.pages; print({'PIL', 'pymupdf', 'numpy'} & set(sys.modules))"
    assert run(script) == "set()\n"


@on_linux
def test_a_long_document_does_not_fill_the_memory(pool: Pool) -> None:
    """300 pages with a picture each: the worker stays as large as after the first hundred."""
    with making.pymupdf.open() as made:
        for number in range(300):
            page = made.new_page(width=300, height=300)
            picture = making.image(making.noise(number), "PNG")
            page.insert_image(page.rect, stream=picture)
        source = making.of_bytes(made.tobytes())

    def resident() -> int:
        """MiB of the worker."""
        text = Path(f"/proc/{pids(pool)[0]}/statm").read_text(encoding="ascii")
        return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE") >> 20

    with opened(source, pool=pool) as document:
        sizes = []
        for number in range(document.total):
            document.page(number, width=256, height=256)
            sizes.append(resident())
    assert sizes[-1] - sizes[100] < 30


def test_a_lock_is_never_held_between_two_pages(pool: Pool) -> None:
    """A reader that stops half-way does not block the others, in whatever thread."""
    with (
        opened(THREE, pool=pool) as paused,
        opened(THREE, pool=pool) as other,
    ):
        assert color(paused, 0) == RED
        seen: list[tuple[int, ...]] = []
        thread = threading.Thread(target=lambda: seen.append(color(other, 1)))
        thread.start()
        thread.join(60)
        assert seen == [GREEN]
