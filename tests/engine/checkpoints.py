"""A second small GOT-OCR2, with random weights and everything that the tiny one lacks.

A global attention layer beside windowed ones, windows of 14 that don't divide the page, untied
embeddings, grouped key-value heads, and a byte-level BPE tokenizer trained here on English and
Chinese. The weights are spread so wide that different pages give different texts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GotOcr2Config, GotOcr2ForConditionalGeneration, PreTrainedTokenizerFast
from transformers.models.got_ocr2.image_processing_pil_got_ocr2 import GotOcr2ImageProcessorPil
from transformers.models.got_ocr2.processing_got_ocr2 import GotOcr2Processor

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<imgpad>"]
CORPUS = [
    "system You should follow the instructions carefully and explain your answers in detail.",
    "user assistant OCR with format across multi pages upon the patch reference: [red] [green]",
    "The quick brown fox jumps over the lazy dog; 0123456789 [12, 345, 678, 901] \\( x^{2} \\)",
    "光学字符识别将扫描的页面变成可以检索的文本。表格、公式和乐谱也能读取。",
    "第一章 引言 本文介绍一种端到端的通用模型,适用于中文和英文文档。",
]
VOCABULARY = 512


def tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE, as Qwen's: any text can be encoded, a Chinese character as several bytes."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    core.train_from_iterator(
        CORPUS * 4,
        trainers.BpeTrainer(
            vocab_size=VOCABULARY - len(SPECIAL),
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        ),
    )
    core.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in SPECIAL])
    fast: Any = PreTrainedTokenizerFast
    wrapped: PreTrainedTokenizerFast = fast(
        tokenizer_object=core, pad_token="<|endoftext|>", eos_token="<|im_end|>"
    )
    return wrapped


def config(tokens: PreTrainedTokenizerFast) -> GotOcr2Config:
    """256-pixel tiles, 32 × 32 patches, 64 tokens a tile."""
    vocabulary = tokens.get_vocab()
    return GotOcr2Config(
        image_token_index=vocabulary["<imgpad>"],
        image_seq_length=64,
        tie_word_embeddings=False,
        vision_config={
            "hidden_size": 48,
            "output_channels": 32,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "image_size": 256,
            "patch_size": 8,
            "window_size": 14,
            "global_attn_indexes": [1],
            "mlp_dim": 96,
            "initializer_range": 0.2,
        },
        text_config={
            "model_type": "qwen2",
            "vocab_size": VOCABULARY,
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 4096,
            "initializer_range": 0.2,
            "tie_word_embeddings": False,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0},
            "bos_token_id": None,
            "eos_token_id": vocabulary["<|im_end|>"],
            "pad_token_id": vocabulary["<|endoftext|>"],
        },
    )


def save_random_checkpoint(folder: Path, *, seed: int = 0) -> None:
    """Write a checkpoint with random weights to ``folder``."""
    tokens = tokenizer()
    torch.manual_seed(seed)
    model = GotOcr2ForConditionalGeneration(config(tokens))
    with torch.no_grad():
        spread(model, end=tokens.get_vocab()["<|im_end|>"])
    model.save_pretrained(folder)
    save_processor(folder, tokens, size=256)


def save_processor(folder: Path, tokens: PreTrainedTokenizerFast, *, size: int) -> None:
    """Write the processor's settings for tiles of ``size`` pixels to ``folder``."""
    images = GotOcr2ImageProcessorPil(size={"height": size, "width": size})
    processor: Any = GotOcr2Processor
    processor(images, tokens).save_pretrained(folder)


def spread(model: GotOcr2ForConditionalGeneration, *, end: int) -> None:
    """Make all that a page goes through matter: positions, pixels, the end of the text."""
    tower = model.model.vision_tower
    torch.nn.init.normal_(tower.pos_embed, std=0.5)
    for layer in tower.layers:
        torch.nn.init.normal_(layer.attn.rel_pos_h, std=0.3)
        torch.nn.init.normal_(layer.attn.rel_pos_w, std=0.3)
    for weight in model.model.multi_modal_projector.parameters():
        torch.nn.init.normal_(weight, std=0.3)
    model.lm_head.weight[end] *= 1.6  # so that texts end, and at different lengths
