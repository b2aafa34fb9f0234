"""Tiny random checkpoints with the layout of real ones: two layers of 32, and a vocabulary of letters and a few words."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

SPECIALS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused1]", "[unused2]"]
WORDS = [
    "the",
    "said",
    "that",
    "denied",
    "mayor",
    "bridge",
    "minister",
    "not",
    "safe",
    "told",
    "bri",
    "##dges",
    "##er",
]
ENCODER_KEYS = (
    "vocab_size hidden_size num_hidden_layers num_attention_heads intermediate_size hidden_act "
    "max_position_embeddings type_vocab_size layer_norm_eps"
)
MARKS = list(".,;:!?'\"()-–—…“”‘’«»|/%$")


def vocabulary() -> list[str]:
    """Return the pieces, the position being the id."""
    letters = list(string.ascii_lowercase + string.digits + "жил")
    return [*SPECIALS, *WORDS, *MARKS, *letters, *(f"##{letter}" for letter in letters)]


def raw_tokenizer() -> Any:
    """Return an uncased WordPiece tokenizer of the ``tokenizers`` package."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    ids = {piece: k for k, piece in enumerate(vocabulary())}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    tokenizer.add_special_tokens(SPECIALS[:5])
    return tokenizer


def hf_tokenizer() -> Any:
    """Return the same tokenizer as transformers wraps it."""
    from transformers import PreTrainedTokenizerFast

    return PreTrainedTokenizerFast(
        tokenizer_object=raw_tokenizer(),
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    )


def bert_config(**changes: Any) -> Any:
    """Return the configuration of the tiny encoder."""
    from transformers import BertConfig

    options = {
        "vocab_size": len(vocabulary()),
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 64,
        "initializer_range": 0.3,  # large enough that different texts get clearly different results
        "pad_token_id": 0,
    }
    return BertConfig(**{**options, **changes})


def save_encoder(folder: Path, **changes: Any) -> Path:
    """Write a bare encoder, such as training starts from."""
    import torch
    from transformers import BertModel

    torch.manual_seed(7)
    BertModel(bert_config(**changes)).save_pretrained(folder)
    hf_tokenizer().save_pretrained(folder)
    return folder


def save_nli(
    folder: Path, labels: tuple[str, ...] = ("entailment", "neutral", "contradiction"), **changes: Any
) -> Path:
    """Write a sequence-classification checkpoint whose outputs are called ``labels``."""
    import torch
    from transformers import BertForSequenceClassification

    torch.manual_seed(7)
    config = bert_config(
        id2label=dict(enumerate(labels)), label2id={name: k for k, name in enumerate(labels)}, **changes
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    hf_tokenizer().save_pretrained(folder)
    return folder


def attribution_model(**head: Any) -> Any:
    """Return an attribution model with random weights that finds many attributions with all their parts."""
    import torch

    from claimcheck.attribution.model import AttributionModel, ModelConfig

    config = bert_config(max_position_embeddings=64).to_dict()
    options = {
        "head_size": 16,
        "window": 48,
        "overlap": 16,
        "thresholds": {"news": 0.9, "polnear": 0.9},
        **head,
    }
    model = AttributionModel.from_config(
        {key: config[key] for key in ENCODER_KEYS.split()}, ModelConfig(**options)
    )
    torch.manual_seed(35)
    for name, parameter in model.named_parameters():
        if "norm" not in name.lower():  # whatever the encoder was initialised with
            std = 0.3 if name.startswith("encoder.embeddings") else 0.4 if name.startswith("encoder") else 0.8
            torch.nn.init.normal_(parameter, std=std if parameter.ndim > 1 else 0.02)
    model.anchor[-1].weight.data.mul_(0.3)  # or every score would be 0 or 1
    return model.eval()


def save_attribution(folder: Path, **head: Any) -> Path:
    """Write an attribution checkpoint as training writes it, in float32."""
    import json

    from safetensors.torch import save_file

    model = attribution_model(**head)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(
        {name: value.contiguous() for name, value in model.state_dict().items()}, folder / "model.safetensors"
    )
    encoder = {key: getattr(model.encoder.config, key) for key in ENCODER_KEYS.split()}
    config = {"model_type": "claimcheck-attribution", "encoder": encoder, "head": model.config.to_dict()}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    raw_tokenizer().save(str(folder / "tokenizer.json"))
    return folder
