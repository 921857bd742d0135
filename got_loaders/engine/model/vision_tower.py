"""The vision tower and the projector: tiles → the embeddings that stand in the prompt for them.

It takes over the weights of transformers' modules and computes the same functions. States keep
their channels last throughout, which is what the products and the CPU's convolutions like best.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812  # torch's own custom
from torch import Tensor

from got_loaders.engine.model.linear import Linear
from got_loaders.engine.model.vision_attention import make_attention
from got_loaders.errors import EngineError

__all__ = ["VisionLayer", "VisionTower"]

_CACHE_BYTES = 3 << 20
"""What the widest array of a layer may take on the CPU, unless the layer's weights take more."""


class VisionTower:
    """The tower and the projector of one model, which can't be called by others afterwards.

    Where all layers look at windows of one size that fill the grid, no patch sees beyond its own:
    the layers are then shown the windows as grids of their own, and nothing is cut up and put
    together again in each.
    """

    def __init__(self, model: Any) -> None:
        tower, config = model.model.vision_tower, model.model.vision_tower.config
        if config.hidden_act != "gelu":
            raise EngineError(f"the vision tower's activation {config.hidden_act!r} is unsupported")
        self._side: int = config.image_size // config.patch_size
        windows = {layer.window_size or self._side for layer in tower.layers}
        window = windows.pop() if len(windows) == 1 else self._side
        self._grid = window if self._side % window == 0 else self._side
        self._patches = _Patches(tower.patch_embed.projection, self._grid)
        self._positions: Tensor | None = None
        if tower.pos_embed is not None:
            self._positions = _split_grids(tower.pos_embed.detach(), self._grid).contiguous()
        self._layers = [VisionLayer(layer, self._grid) for layer in tower.layers]
        self._neck = _Neck(tower.neck)
        self._projector = _Projector(model.model.multi_modal_projector)

    def __call__(self, pixels: Tensor) -> Tensor:
        """Normalised pixels (tiles, size, size, 3) → (tiles, tokens a tile, decoder width)."""
        hidden = self._patches(pixels)
        if self._positions is not None:
            hidden += self._positions
        shape = hidden.shape
        hidden = hidden.flatten(0, 2)
        for layer in self._layers:
            hidden = layer(hidden)
        hidden = hidden.view(shape).transpose(2, 3)
        grid = hidden.reshape(-1, self._side, self._side, shape[-1])
        return self._projector(self._neck(grid))


class VisionLayer:
    """One layer of the tower, over the weights of transformers' one, which it takes over.

    ``side`` is the side of a grid of patches. A layer with a window looks at squares of that many
    patches; the grid is padded where they don't fit.
    """

    def __init__(self, layer: Any, side: int) -> None:
        self._layer = layer
        self._window: int = layer.window_size
        weight = layer.mlp.lin1.weight
        self._patches = max(_CACHE_BYTES, weight.nbytes) // weight[:, 0].nbytes
        self._attend = make_attention(layer.attn, self._window or side)
        self._qkv, self._out = Linear(layer.attn.qkv), Linear(layer.attn.proj)
        self._linear1, self._linear2 = Linear(layer.mlp.lin1), Linear(layer.mlp.lin2)

    def __call__(self, hidden: Tensor) -> Tensor:
        """Grids (grids, side, side, width) → the same shape."""
        if self._window:
            outputs = [
                self._finish(self._mix_windows(group), group) for group in self._split(hidden)
            ]
        else:
            mixed = self._attend(self._qkv(self._layer.layer_norm1(hidden)))
            pairs = zip(self._split(mixed), self._split(hidden), strict=True)
            outputs = [self._finish(*pair) for pair in pairs]
        return torch.cat(outputs, dim=0 if len(hidden) > 1 else 1)

    def _split(self, hidden: Tensor) -> tuple[Tensor, ...]:
        """Grids, or whole windows of one, that go through the layer together.

        On the CPU so few that what they write stays in the cache, and comes from memory that the
        process has: larger arrays are given back to the system and cleared for each use.
        """
        if hidden.device.type != "cpu":
            return (hidden,)
        grids, rows, columns, _ = hidden.shape
        if grids > 1:
            return torch.tensor_split(hidden, -(-grids * rows * columns // self._patches))
        step = self._window or 1
        return torch.split(hidden, max(1, self._patches // (columns * step)) * step, dim=1)

    def _mix_windows(self, hidden: Tensor) -> Tensor:
        layer, states = self._layer, self._layer.layer_norm1(hidden)
        windows, padded = layer.window_partition(states, self._window)
        mixed = self._attend(self._qkv(windows))
        unpadded: Tensor = layer.window_unpartition(mixed, self._window, padded, states.shape[1:3])
        return unpadded

    def _finish(self, mixed: Tensor, hidden: Tensor) -> Tensor:
        """What follows the attention."""
        hidden = self._out.linear_add(mixed, hidden)
        return self._linear2.linear_add(
            self._linear1.linear_gelu(self._layer.layer_norm2(hidden)), hidden
        )


class _Patches:
    """The patch embedding, a convolution whose strides are its kernel's size, as a product."""

    def __init__(self, convolution: Any, grid: int) -> None:
        self._size, self._grid = convolution.kernel_size[0], grid
        weight = convolution.weight.detach().permute(0, 2, 3, 1).flatten(1)
        self._linear = Linear(SimpleNamespace(weight=weight, bias=convolution.bias))

    def __call__(self, pixels: Tensor) -> Tensor:
        """(tiles, size, size, 3) → (tiles, grids down, grids across, side, side, width)."""
        tiles, side = len(pixels), self._grid
        grids = pixels.shape[1] // (side * self._size)
        cut = pixels.view(tiles, grids, side, self._size, grids, side, -1)
        return self._linear(cut.permute(0, 1, 4, 2, 5, 3, 6).flatten(5))


def _split_grids(states: Tensor, side: int) -> Tensor:
    """(tiles, rows, columns, width) → grids (tiles, down, across, side, side, width), a view."""
    tiles, rows, columns, width = states.shape
    return states.view(tiles, rows // side, side, columns // side, side, width).transpose(2, 3)


class _Neck:
    """A product and a convolution, each followed by a norm over the channels."""

    def __init__(self, neck: Any) -> None:
        weight = neck.conv1.weight.detach().flatten(1)
        self._linear = Linear(SimpleNamespace(weight=weight, bias=neck.conv1.bias))
        self._convolution = neck.conv2
        self._norms = neck.layer_norm1, neck.layer_norm2

    def __call__(self, hidden: Tensor) -> Tensor:
        """(tiles, rows, columns, width) → (tiles, rows, columns, channels)."""
        hidden = _layer_norm(self._norms[0], self._linear(hidden))
        return _layer_norm(self._norms[1], _convolve(self._convolution, hidden))


class _Projector:
    """Two convolutions, each halving the grid, and a product."""

    def __init__(self, projector: Any) -> None:
        self._convolutions = projector.conv_upsampler1, projector.conv_upsampler2
        self._linear = Linear(projector.multimodal_projector)

    def __call__(self, states: Tensor) -> Tensor:
        """(tiles, rows, columns, channels) → (tiles, tokens, decoder width)."""
        for convolution in self._convolutions:
            states = _convolve(convolution, states)
        return self._linear(states.flatten(1, 2))


def _convolve(convolution: Any, states: Tensor) -> Tensor:
    out: Tensor = convolution(states.permute(0, 3, 1, 2))
    return out.permute(0, 2, 3, 1)


def _layer_norm(norm: Any, states: Tensor) -> Tensor:
    return F.layer_norm(states, norm.normalized_shape, norm.weight, norm.bias, norm.eps)
