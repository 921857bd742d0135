"""Small object detectors with random weights, made in code and saved as the hub's are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from transformers import (
    DetrConfig,
    DetrForObjectDetection,
    ResNetConfig,
    RTDetrResNetConfig,
    RTDetrV2Config,
    RTDetrV2ForObjectDetection,
    YolosConfig,
    YolosForObjectDetection,
)

LABELS = {0: "Page-header", 1: "Text", 2: "Section-header", 3: "Table", 4: "Picture"}
QUERIES = 12
SIDE = 64


def save_detector(folder: Path, kind: str = "rt_detr_v2") -> Path:
    """A checkpoint of ``kind`` that looks at 64 × 64 pixels and answers with 12 boxes."""
    torch.manual_seed(7)
    network: Any = {"rt_detr_v2": _rt_detr, "detr": _detr, "yolos": _yolos}[kind]()
    with torch.no_grad():
        for weights in network.parameters():
            if weights.dim() > 1 and len(
                weights
            ):  # so wide that different pictures give different answers
                weights.normal_(std=weights[0].numel() ** -0.5)
    network.save_pretrained(folder)
    processor = {"rt_detr_v2": "RTDetr", "detr": "Detr", "yolos": "Yolos"}[kind]
    settings: dict[str, object] = {
        "image_processor_type": f"{processor}ImageProcessor",
        "size": {"height": SIDE, "width": SIDE},
        "do_resize": True,
        "do_rescale": True,
        "do_normalize": kind != "rt_detr_v2",
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    return folder


def _names() -> dict[str, Any]:
    return {"id2label": LABELS, "label2id": {name: number for number, name in LABELS.items()}}


def _rt_detr() -> Any:
    make: Any = RTDetrResNetConfig
    backbone = make(
        embedding_size=8,
        hidden_sizes=[8, 8, 16, 16],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_indices=[2, 3, 4],
    )
    config = RTDetrV2Config(
        backbone_config=backbone,
        encoder_in_channels=[8, 16, 16],
        encoder_hidden_dim=16,
        encoder_ffn_dim=16,
        encoder_attention_heads=2,
        d_model=16,
        decoder_in_channels=[16, 16, 16],
        decoder_ffn_dim=16,
        decoder_layers=2,
        decoder_attention_heads=2,
        num_queries=QUERIES,
        **_names(),
    )
    return RTDetrV2ForObjectDetection(config)


def _detr() -> Any:
    make: Any = ResNetConfig
    backbone = make(
        embedding_size=8,
        hidden_sizes=[8, 8, 8, 8],
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage4"],
    )
    config = DetrConfig(
        backbone_config=backbone,
        num_queries=QUERIES,
        encoder_layers=1,
        encoder_ffn_dim=16,
        encoder_attention_heads=2,
        decoder_layers=1,
        decoder_ffn_dim=16,
        decoder_attention_heads=2,
        d_model=16,
        **_names(),
    )
    return DetrForObjectDetection(config)


def _yolos() -> Any:
    config = YolosConfig(
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        image_size=[SIDE, SIDE],
        patch_size=16,
        num_detection_tokens=QUERIES,
        **_names(),
    )
    return YolosForObjectDetection(config)
