"""One training step: bfloat16 forward and backward, float32 weights that are updated.

Knows the model and the losses; knows no schedule and no command line.
"""

import copy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from .batches import IGNORED, Batch
from .losses import GlyphHead, PointerLoss, reading_loss
from .model import WIDTH, build_model, load_weights
from .muon import Muon
from .samples import NOWHERE
from .tokenizer import VOCABULARY, build_processor

MEAN = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)
DEVIATION = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each loss counts beside the reading loss, and the noise in the model's history."""

    glyphs: float = 0.4
    pointer: float = 0.5
    wrong_characters: float = 0.02
    """Share of the answer's characters that are replaced in what the decoder sees as written."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a step was like: losses and shares of right guesses."""

    loss: float
    characters_right: float
    glyphs_right: float
    looks_right: tuple[float, ...] = ()


class Trainer:
    """The model in training; `master` holds its float32 weights."""

    def __init__(
        self, weights: Weights | None = None, *, muon_rate: float = 1.5, device: str = "cpu"
    ) -> None:
        self.weights = weights or Weights()
        self.muon_rate = muon_rate
        self.device = torch.device(device)
        with self.device:
            self.master = build_model()
        self.glyphs = GlyphHead(WIDTH).to(self.device)
        self.model = copy.deepcopy(self.master).bfloat16().train()
        self.model.tie_weights()
        self.pointer = PointerLoss(self.model.model.language_model)
        self._prepare_optimizers()

    def load(self, path: Path) -> None:
        """Go on from a saved state (weights only: the optimizers start anew)."""
        state = torch.load(path, weights_only=True, map_location=self.device)
        load_weights(self.master, state["model"])
        self.glyphs.load_state_dict(state["aux"])
        self._copy_down()

    def save(self, state: Path | None = None, checkpoint: Path | None = None) -> None:
        """Write the float32 state to train on, and the bfloat16 checkpoint to use."""
        if state:
            torch.save({"model": _on_cpu(self.master), "aux": _on_cpu(self.glyphs)}, state)
        if checkpoint:
            copy.deepcopy(self.master).cpu().bfloat16().save_pretrained(checkpoint)
            build_processor().save_pretrained(checkpoint)

    def glyph_step(self, batch: Batch, learning_rate: float) -> Progress:
        """Teach the vision tower alone which characters stand where."""
        batch = batch.to(self.device)
        features = self.model.get_image_features(normalized(batch.pixels)).pooler_output
        loss, right = self.glyphs(features, batch.glyphs, batch.labelled)
        loss.backward()
        self._update(learning_rate)
        return Progress(loss.item(), 0.0, right)

    def reading_step(self, batch: Batch, learning_rate: float) -> Progress:
        """Teach everything to read the batch."""
        batch = batch.to(self.device)
        # Outputs before the first answer token are not needed: `start` is the last prompt token.
        start = int((batch.labels != IGNORED).float().argmax(1).min()) - 1
        ids = self._with_wrong_characters(batch)
        output = self.model.model(
            input_ids=ids, pixel_values=normalized(batch.pixels), use_cache=False
        )
        targets = batch.labels[:, start + 1 :]
        asked = targets != IGNORED
        logits = self.model.lm_head(output.last_hidden_state[:, start:-1][asked]).float()
        loss = reading_loss(logits, targets[asked], batch.ids[:, start:-1][asked])
        right = (logits.argmax(-1) == targets[asked]).float().mean().item()
        pointing, looks = self.pointer(batch.ids, batch.sources, start)
        glyphs, glyphs_right = self.glyphs(output.image_hidden_states, batch.glyphs, batch.labelled)
        total = loss + self.weights.pointer * pointing + self.weights.glyphs * glyphs
        total.backward()
        self._update(learning_rate)
        return Progress(loss.item(), right, glyphs_right, tuple(looks))

    def _with_wrong_characters(self, batch: Batch) -> torch.Tensor:
        """The history with a few wrong characters: free-running reading has to survive its own."""
        share = self.weights.wrong_characters
        chance = torch.rand(batch.ids.shape, device=self.device)
        wrong = (batch.sources != NOWHERE) & (chance < share)
        printable = torch.randint_like(batch.ids, VOCABULARY[" "], VOCABULARY["~"])
        return torch.where(wrong, printable, batch.ids)

    def _prepare_optimizers(self) -> None:
        """Muon for the matrices inside the networks, AdamW for all the rest."""
        low = dict(self.model.named_parameters())
        named = list(self.master.named_parameters())
        self._low = [low[name] for name, _ in named]
        self._high = [parameter for _, parameter in named]
        flat = ("embed", "rel_pos", "lm_head")
        matrices = [p for n, p in named if p.ndim in (2, 4) and not any(f in n for f in flat)]
        chosen = {id(parameter) for parameter in matrices}
        self._all = [*self._high, *self.glyphs.parameters()]
        rest = [parameter for parameter in self._all if id(parameter) not in chosen]
        self._adamw = torch.optim.AdamW(rest, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
        self._muon = Muon(matrices)

    def _update(self, learning_rate: float) -> None:
        for high, low in zip(self._high, self._low, strict=True):
            high.grad = None if low.grad is None else low.grad.float()
            low.grad = None
        nn.utils.clip_grad_norm_(self._all, 1.0)
        for group in self._adamw.param_groups:
            group["lr"] = learning_rate
        self._adamw.step()
        self._muon.step(learning_rate * self.muon_rate)
        for parameter in self._all:
            parameter.grad = None
        self._copy_down()

    def _copy_down(self) -> None:
        with torch.no_grad():
            for low, high in zip(self._low, self._high, strict=True):
                low.copy_(high)


def _on_cpu(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.cpu() for name, tensor in module.state_dict().items()}


def normalized(pixels: torch.Tensor) -> torch.Tensor:
    """uint8 images as the processor normalises them, channels first, bfloat16."""
    scale = torch.from_numpy(1 / (255 * DEVIATION)).view(1, 3, 1, 1).to(pixels.device)
    shift = torch.from_numpy(-MEAN / DEVIATION).view(1, 3, 1, 1).to(pixels.device)
    return (pixels.permute(0, 3, 1, 2).float() * scale + shift).to(torch.bfloat16)
