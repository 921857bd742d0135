"""Any object detector of transformers' finds regions; what is none says what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from got_loaders.engine.model.checkpoint import TINY
from got_loaders.errors import (
    EngineDeadError,
    EngineError,
    MissingDependencyError,
    ModelNotFoundError,
    OptionError,
)
from got_loaders.layout.detector import detector as detector_module
from got_loaders.layout.detector.detector import MAX_SIDE, LayoutDetector, shared_detector
from got_loaders.layout.detector.postprocess import Detection, regions_from
from got_loaders.types import Box
from tests.layout.detectors import LABELS, QUERIES, save_detector


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks the hub for anything."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small RT-DETR."""
    return save_detector(tmp_path_factory.mktemp("detector") / "small")


@pytest.fixture(scope="module", autouse=True)
def on_the_cpu() -> Iterator[None]:
    """Where transformers' own answers are computed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.cuda, "is_available", lambda: False)
        yield


@pytest.fixture(scope="module")
def loaded(folder: Path, on_the_cpu: None) -> Iterator[LayoutDetector]:
    """A detector for all tests that do not close it."""
    detector = LayoutDetector(str(folder))
    yield detector
    detector.close()


@pytest.fixture
def detector(loaded: LayoutDetector, monkeypatch: pytest.MonkeyPatch) -> LayoutDetector:
    """One that keeps all it sees, however unsure."""
    monkeypatch.setattr(detector_module, "MIN_SCORE", 0.0)
    return loaded


def picture(width: int = 300, height: int = 400) -> Image.Image:
    """Dark bars on white, as lines of text are from afar."""
    image = Image.new("RGB", (width, height), "white")
    for top in range(height // 10, height - 10, height // 8):
        image.paste((20, 20, 60), (width // 8, top, width - width // 6, top + height // 20))
    return image


def copy_of(folder: Path, to: Path) -> Path:
    to.mkdir()
    for path in folder.iterdir():
        (to / path.name).write_bytes(path.read_bytes())
    return to


def reference(folder: Path, image: Image.Image) -> list[Detection]:
    """What transformers' own model and processor say to a picture, however unsure."""
    from transformers import AutoImageProcessor, AutoModelForObjectDetection

    automatic: Any = AutoImageProcessor
    processor = automatic.from_pretrained(folder, backend="pil")
    network: Any = AutoModelForObjectDetection.from_pretrained(folder)
    with torch.no_grad():
        outputs = network(**processor(images=image, return_tensors="pt"))
    sizes = [(image.height, image.width)]
    (said,) = processor.post_process_object_detection(outputs, 0.0, sizes)
    rows = (said[name].tolist() for name in ("boxes", "scores", "labels"))
    return [Detection(Box(*b), score, LABELS[n]) for b, score, n in zip(*rows, strict=True)]


@pytest.mark.parametrize("kind", ["rt_detr_v2", "detr", "yolos"])
def test_the_answer_is_transformers_own(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The regions are made of what transformers' model says to the picture, where it is sure."""
    folder = save_detector(tmp_path / kind, kind)
    image = picture()
    seen = reference(folder, image)
    assert len(seen) == QUERIES
    scores = sorted(one.score for one in seen)
    middle = sum(scores[5:7]) / 2
    for threshold in (0.0, middle, 0.999):
        sure = [one for one in seen if one.score > threshold]
        monkeypatch.setattr(detector_module, "MIN_SCORE", threshold)
        detector = LayoutDetector(str(folder))
        assert detector.find_regions(image) == regions_from(sure, width=300, height=400)
        detector.close()


def test_regions_are_on_the_picture_and_the_same_again(detector: LayoutDetector) -> None:
    """Boxes are pixels of the picture that was given, and a second look sees nothing else."""
    image = picture(700, 260)
    regions = detector.find_regions(image)
    assert regions
    for region in regions:
        assert region.box.clipped(700, 260) == region.box
    assert detector.find_regions(image) == regions
    assert detector.find_regions(picture()) != regions


def test_a_huge_picture_is_reduced_first(
    detector: LayoutDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processor never sees more than 2048 pixels a side; boxes are those of the original."""
    shown: list[tuple[int, int]] = []
    processor = detector._processor

    class Watched:
        post_process_object_detection = staticmethod(processor.post_process_object_detection)

        def __call__(self, images: Image.Image, **settings: object) -> object:
            shown.append(images.size)
            return processor(images=images, **settings)

    monkeypatch.setattr(detector, "_processor", Watched())
    regions = detector.find_regions(Image.new("RGB", (9000, 3000), "white"))
    assert shown == [(MAX_SIDE, 683)]
    assert max(region.box.x1 for region in regions) > MAX_SIDE
    detector.find_regions(Image.new("RGB", (20000, 1), "white"))
    assert shown[1] == (MAX_SIDE, 1)


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK"])
def test_pictures_of_any_mode(detector: LayoutDetector, mode: str) -> None:
    """A scan in grey, or with a palette, is brought to RGB here."""
    assert detector.find_regions(picture().convert(mode))


def test_threads_may_share_a_detector(
    detector: LayoutDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many callers get their own picture's regions, and the model runs in one thread."""
    images = [picture(300 + 40 * n, 400) for n in range(6)]
    alone = [detector.find_regions(image) for image in images]
    found: dict[int, object] = {}
    ran_in: set[threading.Thread] = set()
    network = detector._network

    class Watched:
        config = network.config

        def __call__(self, **inputs: torch.Tensor) -> object:
            ran_in.add(threading.current_thread())
            return network(**inputs)

    monkeypatch.setattr(detector, "_network", Watched())

    def look(n: int) -> None:
        found[n] = detector.find_regions(images[n])

    threads = [threading.Thread(target=look, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[n] for n in range(6)] == alone
    assert len(ran_in) == 1
    assert ran_in.isdisjoint(threads)


def test_an_order_of_the_models_own_is_kept(
    detector: LayoutDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A processor that answers in reading order, as PP-DocLayout's does, is believed."""

    def ranked(outputs: object, **settings: object) -> list[dict[str, torch.Tensor]]:
        boxes = torch.tensor([[10.0, 300, 290, 390], [10, 100, 290, 190], [10, 10, 290, 90]])
        scores, labels = torch.tensor([0.6, 0.9, 0.7]), torch.tensor([1, 3, 2])
        rank = torch.arange(3)
        return [{"boxes": boxes, "scores": scores, "labels": labels, "order_seq": rank}]

    monkeypatch.setattr(detector._processor, "post_process_object_detection", ranked)
    regions = detector.find_regions(picture())
    assert [region.type for region in regions] == ["text", "table", "title"]


def test_an_error_in_the_model_is_ours(
    detector: LayoutDetector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong in there is an EngineError with the picture's size, cause chained."""

    def fails(**_: object) -> object:
        raise RuntimeError("no room for this")

    monkeypatch.setattr(detector, "_network", fails)
    with pytest.raises(EngineError, match=r"300 × 400 pixels: no room") as caught:
        detector.find_regions(picture())
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_a_model_that_is_nowhere() -> None:
    """The error says how to get the weights."""
    with pytest.raises(ModelNotFoundError, match=r"layout_model=.*hf download someone/no-such"):
        LayoutDetector("someone/no-such-model")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A path with nothing at it is told as such."""
    with pytest.raises(ModelNotFoundError, match="there is no such folder"):
        LayoutDetector(str(tmp_path / "nothing"))


def test_a_folder_without_a_checkpoint(tmp_path: Path) -> None:
    """An empty folder is no model."""
    with pytest.raises(ModelNotFoundError, match=r"has no config\.json"):
        LayoutDetector(str(tmp_path))


def test_what_the_hubs_cache_has_is_taken_from_there(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub id that was downloaded once loads without asking the hub."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "models--org--layout"
    (repository / "snapshots").mkdir(parents=True)
    copy_of(folder, repository / "snapshots" / commit)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(commit)

    def asked(*_: object, **__: object) -> str:
        raise AssertionError("the hub was asked")

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.hf_hub_download", asked)
    LayoutDetector("org/layout").close()
    (repository / "snapshots" / commit / "model.safetensors").unlink()
    with pytest.raises(ModelNotFoundError, match="the hub was asked"):
        LayoutDetector("org/layout")


def test_no_code_of_a_checkpoint_is_run(folder: Path, tmp_path: Path) -> None:
    """A checkpoint that brings code of its own is loaded without it."""
    mine = copy_of(folder, tmp_path / "mine")
    (mine / "evil.py").write_text("raise SystemExit('ran')")
    for name, kind in (
        ("config.json", "AutoModelForObjectDetection"),
        ("preprocessor_config.json", "AutoImageProcessor"),
    ):
        settings = json.loads((mine / name).read_text())
        (mine / name).write_text(json.dumps({**settings, "auto_map": {kind: "evil.Evil"}}))
    detector = LayoutDetector(str(mine))
    assert type(detector._network).__module__.startswith("transformers.")
    detector.close()


@pytest.mark.parametrize("text", ["{", "[]", "null"])
def test_damaged_settings(text: str, tmp_path: Path) -> None:
    """A config.json that can't be read is named."""
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ModelNotFoundError, match=r"damaged|no transformers checkpoint"):
        LayoutDetector(str(tmp_path))


def test_a_model_that_detects_no_objects() -> None:
    """A model for texts or for reading is refused by its kind, before anything is loaded."""
    with pytest.raises(ModelNotFoundError, match=r"a 'got_ocr2' checkpoint, not one of"):
        LayoutDetector(str(TINY))


@pytest.mark.parametrize("lost", ["model.safetensors", "preprocessor_config.json"])
def test_a_checkpoint_with_a_file_missing(lost: str, folder: Path, tmp_path: Path) -> None:
    """What is missing is named; weights in other formats are never loaded."""
    cut = copy_of(folder, tmp_path / "cut")
    (cut / lost).rename(cut / "pytorch_model.bin")
    with pytest.raises(ModelNotFoundError, match="safetensors" if "model" in lost[:5] else lost):
        LayoutDetector(str(cut))


def test_broken_weights(folder: Path, tmp_path: Path) -> None:
    """A file that was cut off while it was copied is an error, not noise."""
    broken = copy_of(folder, tmp_path / "broken")
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:10_000])
    with pytest.raises(EngineError, match=r"layout_model=.*can't be loaded"):
        LayoutDetector(str(broken))


def test_weights_that_lack_a_tensor(folder: Path, tmp_path: Path) -> None:
    """A checkpoint with a hole is an error, not a model with random numbers in it."""
    hole = copy_of(folder, tmp_path / "hole")
    weights = load_file(hole / "model.safetensors")
    weights.pop(next(name for name in weights if "fc1.weight" in name))
    save_file(weights, hole / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(EngineError, match=r"lacks 1 weights.*fc1"):
        LayoutDetector(str(hole))


@pytest.mark.parametrize(
    ("kind", "processor", "package"),
    [
        ("pp_doclayout_v3", "PPDocLayoutV3ImageProcessor", "torchvision"),
        ("rf_detr", "RfDetrImageProcessor", "torchvision"),
        ("detr", "DetrImageProcessor", "timm"),
    ],
)
def test_a_checkpoint_that_needs_another_package(
    kind: str, processor: str, package: str, tmp_path: Path
) -> None:
    """What has to be installed for it is in the message."""
    if find_spec(package) is not None:
        pytest.skip(f"{package} is installed here")
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    (tmp_path / "preprocessor_config.json").write_text(
        json.dumps({"image_processor_type": processor})
    )
    save_file({"a": torch.zeros(1)}, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(MissingDependencyError, match=f"pip install {package}"):
        LayoutDetector(str(tmp_path))


def test_options_are_checked() -> None:
    """A model that is no name."""
    with pytest.raises(OptionError, match="layout_model=''"):
        LayoutDetector("")


def test_many_threads_get_one_detector(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask at the same time, and however they spell the folder, it is loaded once."""
    monkeypatch.chdir(folder.parent)
    detectors: list[LayoutDetector] = []
    start = threading.Barrier(8)

    def ask(name: str) -> None:
        start.wait()
        detectors.append(shared_detector(name))

    names = [str(folder), folder.name, f"./{folder.name}/", str(folder)] * 2
    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(detectors) == 8
    assert len({id(detector) for detector in detectors}) == 1
    detectors[0].close()


def test_a_closed_detector_is_forgotten(folder: Path) -> None:
    """It answers no more, a second close is fine, and the next call loads a new one."""
    first = shared_detector(str(folder))
    first.close()
    first.close()
    with pytest.raises(EngineDeadError, match="was closed"):
        first.find_regions(picture())
    second = shared_detector(str(folder))
    assert second is not first
    assert second.alive
    second.find_regions(picture())
    second.close()


def test_a_failed_load_is_tried_again(folder: Path, tmp_path: Path) -> None:
    """A checkpoint that was not there and then is: the error does not stick."""
    later = tmp_path / "later"
    later.mkdir()
    with pytest.raises(ModelNotFoundError):
        shared_detector(str(later))
    later.rmdir()
    copy_of(folder, later)
    shared_detector(str(later)).close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_forked_child_never_uses_its_parents_detector(folder: Path) -> None:
    """In a child the parent's detector refuses instead of waiting for a thread that is not there,
    and the shared ones are forgotten; the parent's goes on."""
    detector = shared_detector(str(folder))
    detector.find_regions(picture())
    child = os.fork()
    if child == 0:  # no assertion may escape into the child's copy of pytest
        from got_loaders.layout.detector.detector import _detectors

        try:
            detector.find_regions(picture())
        except EngineDeadError as error:
            detector.close()
            os._exit(0 if "forked" in str(error) and not _detectors._entries else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert shared_detector(str(folder)) is detector
    detector.find_regions(picture())
    detector.close()


IMPORT = """
import sys
from got_loaders.layout.detector import detector
assert not {"torch", "transformers"} & {*sys.modules}
"""


def test_importing_it_is_light() -> None:
    """torch and transformers are loaded with the first model, not before."""
    subprocess.run([sys.executable, "-c", IMPORT], check=True)
