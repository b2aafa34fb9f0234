"""Our own BERT against that of transformers: the same weights give the same numbers."""

import numpy as np
import pytest
import tiny
import torch
from transformers import BertForSequenceClassification, BertModel

from claimcheck.bert import BertClassifier, BertEncoder, PairTokenizer

TEXTS = ["The mayor said that.", "not", "“the bridge is safe” he told me"]


@pytest.fixture(scope="module")
def theirs():
    torch.manual_seed(2)
    config = tiny.bert_config(id2label={0: "a", 1: "b", 2: "c"}, label2id={"a": 0, "b": 1, "c": 2})
    return BertForSequenceClassification(config).eval()


@pytest.fixture(scope="module")
def ours(theirs):
    model = BertClassifier(theirs.config.to_dict())
    model.load_state_dict(theirs.state_dict())
    return model.eval()


def inputs(texts):
    return tiny.hf_tokenizer()(texts, [text[::-1] for text in texts], padding=True, return_tensors="pt")


@pytest.mark.parametrize("texts", [TEXTS, TEXTS[:1]], ids=["padded", "one"])
def test_logits_are_equal(ours, theirs, texts):
    with torch.inference_mode():
        np.testing.assert_allclose(ours(**inputs(texts)).logits, theirs(**inputs(texts)).logits, atol=1e-5)


def test_states_are_equal_without_token_types(theirs):
    encoder = BertEncoder(theirs.config.to_dict())
    encoder.load_state_dict({k: v for k, v in theirs.bert.state_dict().items() if not k.startswith("pooler")})
    given = inputs(TEXTS)
    with torch.inference_mode():
        embedded = theirs.bert.embeddings.word_embeddings(given["input_ids"])
        mask = given["attention_mask"]
        found = encoder.eval()(embedded, mask).last_hidden_state
        plain = BertModel.forward(theirs.bert, inputs_embeds=embedded, attention_mask=mask).last_hidden_state
    np.testing.assert_allclose(found[mask.bool()], plain[mask.bool()], atol=1e-5)


@pytest.mark.parametrize("pair", [True, False])
@pytest.mark.parametrize("special", [True, False])
def test_the_tokenizer_is_that_of_transformers(pair, special):
    tokenizer, reference = PairTokenizer(tiny.raw_tokenizer()), tiny.hf_tokenizer()
    second = [text[::-1] for text in TEXTS] if pair else None
    names = ("input_ids", "token_type_ids", "attention_mask")
    found = tokenizer(TEXTS, second, add_special_tokens=special)
    expected = reference(TEXTS, second, add_special_tokens=special)
    assert all(found[name] == expected[name] for name in names)
    one = tokenizer(TEXTS[0], second and second[0], add_special_tokens=special)
    assert all(one[name] == expected[name][0] for name in names)
    assert tokenizer.num_special_tokens_to_add(pair=pair) == reference.num_special_tokens_to_add(pair=pair)


def test_truncation_is_that_of_transformers_and_leaves_no_trace():
    tokenizer, reference = PairTokenizer(tiny.raw_tokenizer()), tiny.hf_tokenizer()
    long = ("the " * 30, "not " * 20)
    expected = reference(*long, truncation=True, max_length=17)["input_ids"]
    assert tokenizer(*long, truncation=True, max_length=17)["input_ids"] == expected
    assert len(tokenizer(*long)["input_ids"]) == 53


def test_the_name_of_a_special_token_in_a_text_is_text():
    tokenizer = PairTokenizer(tiny.raw_tokenizer())
    first, last = (tokenizer.raw.token_to_id(name) for name in ("[CLS]", "[SEP]"))
    ids = tokenizer("the [SEP] [CLS] mayor", "not [PAD]")["input_ids"]
    assert (ids.count(first), ids.count(last), ids.count(tokenizer.pad_id)) == (1, 2, 0)


def test_padding_fills_up_to_the_longest():
    tokenizer = PairTokenizer(tiny.raw_tokenizer())
    rows = [tokenizer(text, "not") for text in TEXTS]
    padded = tokenizer.pad(rows).to(torch.device("cpu"))
    longest = max(len(row["input_ids"]) for row in rows)
    for k, row in enumerate(rows):
        n = len(row["input_ids"])
        assert padded["input_ids"][k].tolist() == row["input_ids"] + [0] * (longest - n)
        assert padded["attention_mask"][k].tolist() == [1] * n + [0] * (longest - n)
        assert padded["token_type_ids"][k].tolist() == row["token_type_ids"] + [0] * (longest - n)


def test_texts_that_stand_in_several_pairs_are_encoded_as_if_alone():
    ours, theirs = PairTokenizer(tiny.raw_tokenizer()), tiny.raw_tokenizer()
    texts = ["the mayor said", "not safe, [SEP] bridges", "", "the mayor said"]
    pairs = [(a, b) for a in texts for b in texts]
    found = ours([a for a, _ in pairs], [b for _, b in pairs], truncation=False)
    theirs.encode_special_tokens = True
    for n, (a, b) in enumerate(pairs):
        expected = theirs.encode(a, b)
        assert found["input_ids"][n] == expected.ids
        assert found["token_type_ids"][n] == expected.type_ids
        assert found["attention_mask"][n] == expected.attention_mask


def test_only_the_products_of_the_layers_lose_precision(ours):
    lower = BertClassifier(dict(vars(ours.config)))
    lower.load_state_dict(ours.state_dict())
    lower.eval().set_matmul_dtype(torch.bfloat16)
    kinds = {name: weight.dtype for name, weight in lower.named_parameters()}
    rounded = {name for name, dtype in kinds.items() if dtype == torch.bfloat16}
    assert rounded == {name for name in kinds if ".layer." in name and "LayerNorm" not in name}
    with torch.inference_mode():
        exact, found = ours(**inputs(TEXTS)).logits, lower(**inputs(TEXTS)).logits
        embedded = ours.bert.embeddings.word_embeddings(inputs(TEXTS)["input_ids"])
        states = lower.bert(embedded, inputs(TEXTS)["attention_mask"]).last_hidden_state
    assert found.dtype == states.dtype == torch.float32
    np.testing.assert_allclose(found, exact, atol=0.05)
    assert not torch.equal(found, exact)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_one_wider_product_gives_the_same_states(ours, dtype):
    joined = BertEncoder(vars(ours.config))
    joined.load_state_dict({k: v for k, v in ours.bert.state_dict().items() if not k.startswith("pooler")})
    joined.eval().set_matmul_dtype(dtype)
    given = inputs(TEXTS)
    with torch.inference_mode():
        embedded = ours.bert.embeddings.word_embeddings(given["input_ids"])
        mask = given["attention_mask"]
        found, expected = (
            encoder(embedded, mask).last_hidden_state[mask.bool()] for encoder in (joined, ours.bert)
        )
    np.testing.assert_allclose(found, expected, atol=1e-5 if dtype == torch.float32 else 0.02)
    joined.to(torch.float64)
    assert joined.encoder.layer[0].joined_weight.dtype == torch.float64
