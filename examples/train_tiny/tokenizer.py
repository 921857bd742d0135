"""The character tokenizer and the processor of the tiny checkpoint, and the prompts they give.

Knows the vocabulary and the order of its ids; knows no pages and no model.
Training builds prompts with `prompt_ids`, which a test keeps equal to `GotOcr2Processor`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tokenizers import AddedToken, Tokenizer, decoders, models
from transformers import GotOcr2ImageProcessorPil, GotOcr2Processor, PreTrainedTokenizerFast

Color = Literal["red", "green", "blue"]

IMAGE_SIDE = 512
"""Width and height of what the model sees of a page or tile, pixels."""
TOKENS_PER_SIDE = 16
"""Visual tokens along one side of an image; one covers 32 × 32 pixels."""
TOKENS_PER_IMAGE = TOKENS_PER_SIDE**2
"""256, the processor's own default: no `num_image_tokens` is needed to use the checkpoint."""
MAX_PATCHES = 12

SPECIALS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<img>", "</img>", "<imgpad>", "<unk>")
CHARACTERS = ("\n", *(chr(code) for code in range(32, 127)))
SYSTEM = "system\nYou should follow the instructions carefully and explain your answers in detail."
# Whole phrases of the prompt and of format mode: short prompts, and long mark-up in one step.
PHRASES = (
    SYSTEM,
    "user\n",
    "assistant\n",
    " OCR",
    " with format",
    " across multi pages",
    " upon the patch reference",
    ": ",
    "[red] ",
    "[green] ",
    "[blue] ",
    "\\title{",
    "\\section*{",
    "\\begin{tabular}",
    "\\end{tabular}",
    "\\hline",
)
VOCABULARY = {text: index for index, text in enumerate((*SPECIALS, *CHARACTERS, *PHRASES))}
VOCABULARY_SIZE = 128
PAD, END, IMAGE = (VOCABULARY[text] for text in ("<|endoftext|>", "<|im_end|>", "<imgpad>"))
FIRST_IMAGE_TOKEN = 6
"""Position of the first visual token in every prompt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What the model is asked for, in the words of `GotOcr2Processor`; `box` in thousandths."""

    format: bool = False
    box: tuple[int, int, int, int] | None = None
    color: Color | None = None
    crop_to_patches: bool = False
    multi_page: bool = False

    def tokens(self) -> list[str]:
        """The query as items of the vocabulary."""
        parts = [f"[{self.color}] "] if self.color else []
        parts += list(str(list(self.box))) if self.box else []
        parts.append(" OCR")
        parts += [" with format"] * self.format
        parts += [" across multi pages"] * self.multi_page
        parts += [" upon the patch reference"] * self.crop_to_patches
        return [*parts, ": "]


def prompt_ids(images: int, query: Query) -> list[int]:
    """Token ids of the processor's whole prompt for this many pages or tiles."""
    before = ["<|im_start|>", SYSTEM, "<|im_end|>", "<|im_start|>", "user\n", "<img>"]
    after = ["</img>", "\n", *query.tokens(), "<|im_end|>", "<|im_start|>", "assistant\n"]
    return [*to_ids(before), *[IMAGE] * (TOKENS_PER_IMAGE * images), *to_ids(after)]


def to_ids(tokens: Sequence[str]) -> list[int]:
    """Ids of items of the vocabulary; a KeyError names one that is not in it."""
    return [VOCABULARY[token] for token in tokens]


def build_tokenizer() -> PreTrainedTokenizerFast:
    """The tokenizer: one id per character, added tokens for the phrases, an exact `decode`."""
    plain = {text: VOCABULARY[text] for text in (*SPECIALS, *CHARACTERS)}
    backend = Tokenizer(models.BPE(vocab=plain, merges=[], unk_token="<unk>", fuse_unk=False))
    backend.decoder = decoders.Fuse()
    backend.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in SPECIALS])
    backend.add_tokens([AddedToken(text, special=False, normalized=False) for text in PHRASES])
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]  # transformers is untyped
        tokenizer_object=backend,
        pad_token="<|endoftext|>",
        eos_token="<|im_end|>",
        unk_token="<unk>",
        padding_side="left",
        clean_up_tokenization_spaces=False,
        model_max_length=8192,
    )


def build_processor() -> GotOcr2Processor:
    """The processor that is saved with the checkpoint: bicubic 512 × 512, no crop by default."""
    images = GotOcr2ImageProcessorPil(
        size={"height": IMAGE_SIDE, "width": IMAGE_SIDE},
        crop_to_patches=False,
        min_patches=1,
        max_patches=MAX_PATCHES,
    )
    tokenizer = build_tokenizer()
    return GotOcr2Processor(images, tokenizer)  # type: ignore[no-untyped-call]  # as above
