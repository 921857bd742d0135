"""Prompts → embeddings, with those of the images in their places."""

from __future__ import annotations

from collections.abc import Sequence as Many

import numpy as np
from torch import Tensor

from got_loaders.engine.device.device import to_device
from got_loaders.engine.model.decoder import Decoder
from got_loaders.engine.model.vision_encoder import VisionEncoder
from got_loaders.engine.sequence import Sequence

__all__ = ["embed_prompts"]


def embed_prompts(
    groups: Many[Many[Sequence]], vision: VisionEncoder, decoder: Decoder, image_token: int
) -> list[Tensor]:
    """For each group of prompts, which are of one length: (rows, tokens, width).

    The images of all groups are encoded together; ``image_token`` holds a place for each token.
    """
    images = vision.encode([s.input for group in groups for s in group])
    device = decoder.cache_shape.device
    embedded, start = [], 0
    for group in groups:
        ids = to_device(np.array([s.input.prompt_ids for s in group]), device)
        embeddings = decoder.embed(ids)
        end = start + sum(len(s.input.tiles) for s in group)
        mask = (ids == image_token)[..., None]
        own = images[start:end].to(embeddings.dtype)
        embedded.append(embeddings.masked_scatter(mask, own))
        start = end
    return embedded
