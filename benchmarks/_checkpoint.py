"""Checkpoints that never end a text: a benchmark sets the lengths itself.

- "tiny": the embedded checkpoint
- "real": the architecture of the published model with random weights, whose texts are noise
- "successor": the same architecture, random but for its output layer, which lets each token have
  one successor by a wide margin. Its text is then the same in every number format and batch, where
  random weights are undecided every few tokens, and it is made of words: it can be handed in as a
  draft. What a step computes and reads is the same.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken
from transformers import AutoTokenizer, GotOcr2Config, GotOcr2ForConditionalGeneration

from got_loaders.engine.model.checkpoint import TINY
from tests.engine.checkpoints import save_processor, tokenizer

END_TOKENS = ("<|im_end|>", "<|endoftext|>")
WORDS = 4096
"""Of the checkpoint "successor": more than the tokens of any page, so that none comes twice."""


@dataclass(frozen=True, slots=True)
class Muted:
    """A checkpoint's folder, and the ids that its model never chooses."""

    folder: Path
    end_tokens: frozenset[int]


@contextmanager
def muted_checkpoint(name: str) -> Iterator[Muted]:
    """A temporary copy of the embedded checkpoint ("tiny"), or the architecture of the published
    model with random weights ("real"), in bfloat16 as both are published."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / name
        with ThreadPoolExecutor(1) as thread:  # whose pool of torch's threads ends with it
            checkpoint = thread.submit(save_checkpoint, name, folder).result()
        yield checkpoint


def save_checkpoint(name: str, folder: Path, *, device: str = "cpu") -> Muted:
    """Write the checkpoint to ``folder``, which must not be there; it is made on ``device``."""
    make = {"tiny": _tiny, "real": _real, "successor": _successor}[name]
    with torch.device(device):
        model, tokens = make(folder)
        end_tokens = _mute(model, tokens.get_vocab())
    model.save_pretrained(folder)
    return Muted(folder, end_tokens)


def _tiny(folder: Path) -> tuple[Any, Any]:
    shutil.copytree(TINY, folder)
    model = GotOcr2ForConditionalGeneration.from_pretrained(TINY, dtype=torch.bfloat16)
    return model, AutoTokenizer.from_pretrained(TINY)


def _real(folder: Path) -> tuple[Any, Any]:
    """560 million weights, spread so wide that a text is not one token again and again."""
    tokens = tokenizer()
    config = _config(tokens)
    config.text_config.initializer_range = 0.05
    return _random(config, tokens, folder), tokens


def _successor(folder: Path) -> tuple[Any, Any]:
    """The output layer has weights of its own, as large as those that are shared otherwise."""
    tokens = tokenizer()
    words = [f" w{number:04}" for number in range(WORDS)]
    tokens.add_tokens([AddedToken(word, normalized=False) for word in words])
    config = _config(tokens)
    config.tie_word_embeddings = config.text_config.tie_word_embeddings = False
    config.text_config.initializer_range = 0.02
    model = _random(config, tokens, folder)
    vocabulary = tokens.get_vocab()
    ids = [vocabulary[word] for word in words]
    with torch.no_grad():
        embeddings, head = model.get_input_embeddings().weight, model.get_output_embeddings().weight
        torch.nn.init.normal_(embeddings)
        head.zero_()
        order = torch.tensor(ids)
        head[order] = 0.1 * embeddings[order.roll(1)]
        for token in set(vocabulary.values()) - set(ids):
            # The prompt's last token has a word as its successor, too.
            head[ids[token % WORDS]] += 0.1 * embeddings[token]
    return model, tokens


def _config(tokens: Any) -> Any:
    vocabulary = tokens.get_vocab()
    config: Any = GotOcr2Config(image_token_index=vocabulary["<imgpad>"], image_seq_length=256)
    config.text_config.eos_token_id = vocabulary["<|im_end|>"]
    config.vision_config.initializer_range = 0.02
    return config


def _random(config: Any, tokens: Any, folder: Path) -> Any:
    torch.manual_seed(0)
    model: Any = GotOcr2ForConditionalGeneration(config)
    with torch.no_grad():
        torch.nn.init.normal_(model.model.vision_tower.pos_embed, std=0.5)
        for weight in model.model.multi_modal_projector.parameters():
            torch.nn.init.normal_(weight, std=0.05)
    save_processor(folder, tokens, size=1024)
    return model.to(torch.bfloat16)


@torch.no_grad()
def _mute(model: Any, vocabulary: dict[str, int]) -> frozenset[int]:
    """Let the end tokens, and ids that the tokenizer lacks, never be the most probable.

    Their rows of the output layer become the mean of all the others, so their logits are the mean
    of the others' logits, which is below the greatest. (Rows of zeros would win where all other
    logits are negative, as they are where a trained model wants to end.)
    """
    end_tokens = frozenset(vocabulary[text] for text in END_TOKENS)
    rows = model.get_output_embeddings().weight
    heard = torch.zeros(len(rows), dtype=torch.bool)
    heard[[token for token in vocabulary.values() if token not in end_tokens]] = True
    rows[~heard] = rows[heard].float().mean(0).to(rows.dtype)
    return end_tokens
