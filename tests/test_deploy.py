"""What lies in `deploy/`: it names only what there is, agrees with itself, and its steps run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml  # type: ignore[import-untyped]  # its stubs are a package of their own

import got_loaders
from examples.sample_pages import write_image
from got_loaders.cli.args import parse
from got_loaders.pages.worker.launch import worker_environment
from got_loaders.server.app import create_app
from got_loaders.server.auth import OPEN_PATHS
from got_loaders.server.settings import ServerSettings, is_loopback
from got_loaders.testing import FakeEngine
from tests.dockerfile import Instruction, parse_dockerfile, sent_to_the_builder
from tests.server.pages import question

ROOT = Path(got_loaders.__file__).parents[1]
DEPLOY = ROOT / "deploy"
IGNORED = DEPLOY / "Dockerfile.dockerignore"
BUILD, IMAGE = parse_dockerfile(DEPLOY / "Dockerfile")
SERVICES: dict[str, dict[str, Any]]


def compose() -> dict[str, Any]:
    """The file as compose sees it where no variable is set."""
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
    assert "$" not in text
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


COMPOSE = compose()
SERVICES = COMPOSE["services"]


def unit() -> dict[str, list[tuple[str, str]]]:
    """Section → settings, in order; a name may come more than once."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in (DEPLOY / "got-loaders.service").read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            found[heading[1]] = []
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found[list(found)[-1]].append((name, value))
    return found


def test_the_image_runs_as_nobody_in_particular() -> None:
    """Its user has a number, is not root, and owns what it writes to; nothing else is its own."""
    assert IMAGE.last("USER").arguments == "10001:10001"
    (made,) = IMAGE.all("RUN")
    assert "useradd --uid 10001 --gid 10001" in made.arguments
    volumes = IMAGE.last("VOLUME").words
    assert made.arguments.endswith(
        f"install -d -o 10001 -g 10001 -m 0700 {' '.join(volumes[::-1])}"
    )
    for name, value in IMAGE.environment.items():
        if value.startswith("/") and name != "PATH":
            assert value.startswith(tuple(volumes)), name


def test_the_weights_lie_in_huge_pages() -> None:
    """The image and the unit ask the C library for them, before Python starts."""
    asked = "glibc.malloc.hugetlb=1"
    assert IMAGE.environment["GLIBC_TUNABLES"] == asked
    assert ("Environment", f"GLIBC_TUNABLES={asked}") in unit()["Service"]
    assert "GLIBC_TUNABLES" not in worker_environment({"GLIBC_TUNABLES": asked})


COMMANDS = {
    "image": IMAGE.last("ENTRYPOINT").words + IMAGE.last("CMD").words,
    **{name: IMAGE.last("ENTRYPOINT").words + s["command"] for name, s in SERVICES.items()},
    "unit": dict(unit()["Service"])["ExecStart"].split(),
}
"""Where → what is started there."""


@pytest.mark.parametrize("where", COMMANDS)
def test_the_command_line_knows_every_flag(where: str) -> None:
    """What each file starts is a command of this version; its folders and its key are places
    that are there, and an address that others can reach comes with a key."""
    program, *flags = COMMANDS[where]
    assert Path(program).name == "got-loaders"
    args = parse(flags)
    assert args.command == "serve"
    settings = ServerSettings(host=args.host, port=args.port, api_keys=("x" * 8,))
    if where == "unit":
        assert is_loopback(settings.host)
        assert args.api_key_file == "%d/api-key"
        assert args.jobs_dir.startswith("%S/got-loaders/")
    else:
        assert settings.host == "0.0.0.0"
        assert args.api_key_file == "/run/secrets/api-key"
        assert args.jobs_dir.startswith("/var/lib/got-loaders/")
    assert settings.port == 8000


def test_health_is_asked_where_the_server_answers() -> None:
    """Without a key, and at the port that it listens on: alive for the image, ready for compose."""
    image = IMAGE.last("HEALTHCHECK").arguments
    checks = [image, *(" ".join(s["healthcheck"]["test"]) for s in SERVICES.values())]
    urls = [re.search(r"http://127\.0\.0\.1:8000(/\w+)'", check) for check in checks]
    paths = [url[1] for url in urls if url is not None]
    assert paths == ["/health", "/ready", "/ready"]
    app = create_app(ServerSettings(), FakeEngine())
    assert set(paths) <= OPEN_PATHS & set(app.openapi()["paths"])


def test_who_supervises_waits_longer_than_the_server() -> None:
    """A server that ends has its grace time before it is killed; a proxy outlasts its limits."""
    settings = ServerSettings()
    stops = [s["stop_grace_period"] for s in SERVICES.values()]
    stops.append(dict(unit()["Service"])["TimeoutStopSec"])
    assert all(int(stop.removesuffix("s")) > settings.grace_seconds + 10 for stop in stops)
    proxy = (DEPLOY / "Caddyfile").read_text(encoding="utf-8")
    size = re.search(r"max_size (\d+)MB$", proxy, re.MULTILINE)
    minutes = re.search(r"response_header_timeout (\d+)m$", proxy, re.MULTILINE)
    assert size is not None
    assert minutes is not None
    assert int(size[1]) * 1_000_000 == settings.max_body_bytes
    assert int(minutes[1]) * 60 > settings.request_seconds
    assert "reverse_proxy 127.0.0.1:8000 {" in proxy
    assert proxy.count("{") == proxy.count("}")


def test_signals_reach_the_server() -> None:
    """It is the container's own process, without a shell before it."""
    assert IMAGE.last("ENTRYPOINT").words[:2] == ["got-loaders", "serve"]
    assert IMAGE.last("CMD").words
    assert IMAGE.last("HEALTHCHECK").arguments.partition("CMD ")[2].startswith('["python", "-c",')
    assert IMAGE.last("STOPSIGNAL").arguments == "SIGTERM"


def test_no_secret_and_no_index_stays_in_the_image() -> None:
    """Neither is written in any file, and pip's settings come as a secret of the build."""
    for path in DEPLOY.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!127\.0\.0\.1:8000/)", text), path.name
    for stage in (BUILD, IMAGE):
        for instruction in (*stage.all("ENV"), *stage.all("ARG")):
            assert not re.search(r"(?i)key|token|password|index", instruction.arguments)
    installing = [run for run in BUILD.all("RUN") if " install " in run.arguments]
    assert len(installing) == 2
    for run in installing:
        assert dict(run.flags)["mount"] == "type=secret,id=pip,target=/etc/pip.conf"
        assert "constraints.txt" in run.arguments


@pytest.mark.parametrize(
    ("file", "sent"),
    [
        ("constraints.txt", True),
        ("got_loaders/cli/serve.py", True),
        ("got_loaders/checkpoints/tiny/model.safetensors", True),
        ("got_loaders/cli/__pycache__/serve.cpython-311.pyc", False),
        ("deploy/api-key", False),
        (".git/config", False),
        ("tests/test_deploy.py", False),
    ],
)
def test_only_what_is_built_goes_to_the_builder(file: str, sent: bool) -> None:
    """No key, history or document that lies in the folder."""
    assert sent_to_the_builder(IGNORED, file) is sent


def test_what_is_copied_is_there() -> None:
    """Every file that the Dockerfile names is in the repository and goes to the builder."""
    for copy in BUILD.all("COPY"):
        for name in copy.arguments.split()[:-1]:
            assert (ROOT / name).exists(), name
            assert sent_to_the_builder(IGNORED, name), name
    assert dict(IMAGE.last("COPY").flags) == {"from": BUILD.name}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = dict(BUILD.all("ARG")[1].values)["EXTRAS"].split(",")
    assert set(extras) <= set(project["project"]["optional-dependencies"])
    assert re.search(r"^torch==", (ROOT / "constraints.txt").read_text(), re.MULTILINE)


@pytest.mark.parametrize("name", SERVICES)
def test_compose_gives_a_service_what_it_needs_and_no_more(name: str) -> None:
    """Volumes for all that the image keeps, the key as a secret; the rest is read-only."""
    service = SERVICES[name]
    volumes = dict(volume.split(":") for volume in service["volumes"])
    assert set(volumes) == set(COMPOSE["volumes"])
    assert set(volumes.values()) == set(IMAGE.last("VOLUME").words)
    assert service["secrets"] == list(COMPOSE["secrets"]) == ["api-key"]
    assert "/run/secrets/api-key" in service["command"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [entry.partition(":")[0] for entry in service["tmpfs"]] == ["/tmp"]
    assert service["restart"] == "unless-stopped"
    (port,) = service["ports"]
    assert port == f"127.0.0.1:8000:{IMAGE.last('EXPOSE').arguments}"
    build = service["build"]
    assert (DEPLOY / build["context"]).samefile(ROOT)
    assert (ROOT / build["dockerfile"]).samefile(DEPLOY / "Dockerfile")
    assert set(build["args"]) <= {n for arg in BUILD.all("ARG") for n in arg.values}


def test_a_gpu_is_asked_for_in_a_profile_of_its_own() -> None:
    """What comes up by itself needs none; what reserves one ends if it gets none."""
    assert "profiles" not in SERVICES["cpu"]
    gpu = SERVICES["gpu"]
    assert gpu["profiles"] == ["gpu"]
    (device,) = gpu["deploy"]["resources"]["reservations"]["devices"]
    assert device == {"driver": "nvidia", "count": 1, "capabilities": ["gpu"]}
    assert gpu["command"][-2:] == ["--device", "cuda"]
    assert gpu["build"]["args"]["TORCH"].startswith("cu")


def test_the_unit_keeps_its_key_and_its_folders_to_itself() -> None:
    """The key is a credential, the user exists while it runs, and what it writes has its place."""
    settings = dict(unit()["Service"])
    assert settings["LoadCredential"].partition(":")[0] == "api-key"
    assert "--api-key-file %d/api-key" in settings["ExecStart"]
    assert settings["DynamicUser"] == "yes"
    assert settings["Restart"] == "on-failure"
    places = (f"%S/{settings['StateDirectory']}", f"%C/{settings['CacheDirectory']}")
    words = [w for n, v in unit()["Service"] if n == "Environment" for w in v.split()]
    variables = dict(word.split("=", 1) for word in words)
    kept = ("HOME", "HF_HOME", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME")
    assert all(variables[name].startswith(places) for name in kept)
    image = IMAGE.environment
    assert variables.keys() == image.keys() - {"PATH"}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """`systemd-analyze verify` has nothing to say, and finds little exposed."""
    text = (DEPLOY / "got-loaders.service").read_text(encoding="utf-8")
    copy = tmp_path / "got-loaders.service"
    copy.write_text(text.replace("/opt/got-loaders/bin/got-loaders", sys.executable))
    for command in (("verify",), ("security", "--offline=true", "--threshold=20", "--no-pager")):
        done = subprocess.run(
            ("systemd-analyze", *command, str(copy)), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""


def test_the_image_is_built_by_its_own_steps(tmp_path: Path) -> None:
    """Each step of the Dockerfile up to the page that it reads runs in a new environment.

    Its dependencies are those of the tests, which it sees. The slow form installs them.
    """
    light = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "false"}
    build = Building(tmp_path, light | {"PIP_NO_COMPILE": "1"})
    for step in BUILD.instructions:
        if "doctor" not in step.arguments:
            build.run(step)
        if step.arguments.startswith("python -m venv"):
            (site,) = build.home.glob("lib/python*/site-packages")
            (site / "dependencies.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    run = {"cwd": tmp_path, "env": build.environment, "text": True}
    program = build.home / "bin" / IMAGE.last("ENTRYPOINT").words[0]
    assert subprocess.check_output((program, "--version"), **run) == (  # type: ignore[call-overload]  # a mapping
        f"got-loaders {got_loaders.__version__}\n"
    )
    assert (site / "got_loaders" / "checkpoints" / "tiny" / "model.safetensors").exists()


@pytest.mark.slow
def test_the_image_serves_a_page(tmp_path: Path) -> None:
    """Built from nothing but what pip brings from this machine's index, it starts as the container
    does, says that it is well, reads a page for who has the key, and ends when it is told to.
    """
    build = Building(tmp_path, {"PIP_NO_CACHE_DIR": "1"})
    for step in BUILD.instructions:
        build.run(step)
    (tmp_path / "key").write_text("a key of its own\n".replace(" ", "-"))
    places = {
        "/run/secrets/api-key": str(tmp_path / "key"),
        "0.0.0.0": "127.0.0.1",
        "8000": "0",  # a free one
        **{volume: str(tmp_path / volume[1:]) for volume in IMAGE.last("VOLUME").words},
    }

    def here(text: str) -> str:
        for place, stand_in in places.items():
            text = text.replace(place, stand_in)
        return text

    program, *flags = map(here, IMAGE.last("ENTRYPOINT").words + IMAGE.last("CMD").words)
    variables = {k: here(v) for k, v in IMAGE.environment.items() if k != "PATH"}
    environment = build.environment | variables
    with subprocess.Popen(
        (build.home / "bin" / program, *flags, "--model", "tiny"),
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=tmp_path,
    ) as server:
        assert server.stderr is not None
        listening = re.search(r"http://127\.0\.0\.1:(\d+)", server.stderr.readline())
        assert listening is not None
        assert "ready: tiny@" in server.stderr.readline()
        health = json.loads(IMAGE.last("HEALTHCHECK").arguments.partition("CMD ")[2])
        health[2] = health[2].replace("8000", listening[1])
        subprocess.run((build.home / "bin" / health[0], *health[1:]), env=environment, check=True)
        picture = write_image(tmp_path / "notice.png").read_bytes()
        url = f"{listening[0]}/v1/chat/completions"
        assert httpx.post(url, json=question(picture)).status_code == 401
        headers = {"Authorization": "Bearer a-key-of-its-own"}
        answer = httpx.post(url, json=question(picture), headers=headers, timeout=60)
        assert "The library is closed" in answer.json()["choices"][0]["message"]["content"]
        server.terminate()
        assert server.wait(60) == 0
        assert "closing" in server.stderr.read()
    assert (tmp_path / "var/lib/got-loaders/jobs").is_dir()


class Building:
    """Runs the steps of a stage below a folder, as far as that needs no container."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.home = root / "opt" / "got-loaders"
        self.folder = root / "build"
        programs = root / "programs"
        for folder in (self.home.parent, self.folder, programs):
            folder.mkdir()
        (programs / "python").symlink_to(Path(sys.executable).resolve())
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self.environment = {**inherited, **environment, "PATH": path}
        self._given = {"TORCH": ""}  # the torch of this machine's own index

    def run(self, step: Instruction) -> None:
        """One step."""
        match step.name:
            case "ARG":
                self.environment |= step.values | self._given
            case "ENV":
                self.environment |= step.values
            case "COPY":
                *sources, target = step.arguments.split()
                self._copy(sources, target)
            case "RUN":
                line = step.arguments.replace("/opt/got-loaders", str(self.home))
                subprocess.run(
                    ("sh", "-e", "-c", line), cwd=self.folder, env=self.environment, check=True
                )
            case _:
                assert step.name == "WORKDIR"

    def _copy(self, sources: list[str], target: str) -> None:
        for name in sources:
            place = self.folder / target / ("" if target != "./" else name)
            if (ROOT / name).is_dir():
                skip = shutil.ignore_patterns("__pycache__")
                shutil.copytree(ROOT / name, place, ignore=skip)
            else:
                shutil.copyfile(ROOT / name, place)
