"""The attributor on a model with random weights: what must hold whatever the model says."""

import json
import re
import shutil
from dataclasses import replace

import numpy as np
import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck.attribution import Attributor
from claimcheck.attribution.attributor import _extend, _owners
from claimcheck.attribution.decoding import Table
from claimcheck.attribution.encoding import encode, windows
from claimcheck.errors import InputError, ModelError
from claimcheck.records import Document, Span
from claimcheck.segmentation import segment

SHORT = "The mayor said that the bridge is safe. “It is not,” the minister told them.\n\nHe denied that."
LONG = "\n\n".join(f"{SHORT} Part {n} was told; the mayor said {'not ' * n}so." for n in range(12))
TEXTS = [SHORT, "", "Жил был naïve 😀 “x” said.", LONG, "   ", SHORT[:40], "said"]


@pytest.fixture(scope="module")
def attributor(attribution_folder):
    return Attributor.from_pretrained(attribution_folder, dtype="float32")


def documents(*texts):
    return [Document(f"d{n}", text) for n, text in enumerate(texts)]


def rounded(attributions):
    return [(a.id, a.source, a.cue, a.content, a.kind, a.parent, round(a.score, 3)) for a in attributions]


def test_the_random_model_finds_something(attributor):
    """Otherwise the tests below would hold for nothing."""
    assert len(attributor.attribute(Document("d", LONG))) > 20


def test_no_text_has_no_attributions(attributor):
    assert attributor.attribute(Document("d", "")) == ()
    assert attributor.attribute(Document("d", " \n ")) == ()
    assert attributor.attribute_batch([]) == []


def check(text, attributions):
    assert [a.id for a in attributions] == [f"a{n}" for n in range(1, len(attributions) + 1)]
    ids = {a.id for a in attributions}
    begins = []
    for a in attributions:
        spans = a.source + a.cue + a.content
        assert a.content
        assert all(0 <= s.start < s.end <= len(text) for s in spans)
        assert all(s.of(text).strip() for s in spans)
        assert list(a.content) == sorted(a.content)
        assert a.parent is None or (a.parent in ids and a.parent != a.id)
        assert 0 <= a.score <= 1
        assert a.kind in ("direct", "indirect", "mixed")
        begins.append(min(s.start for s in spans))
    assert begins == sorted(begins)


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_what_is_found_lies_in_the_text_and_in_order(attributor, text):
    check(text, attributor.attribute(Document("d", text)))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["The mayor ", "said that ", "“It is not,” ", "\n\n", "denied ", "‘", "safe. ", "told ", "İ"]
            ),
            st.text(st.characters(codec="utf-8"), max_size=8),
        ),
        max_size=30,
    ).map("".join)
)
def test_any_text_is_read(attributor, text):
    check(text, attributor.attribute(Document("d", text)))


def test_the_name_of_a_special_token_in_a_text_is_text(attributor):
    ids = encode("the [SEP] [unused1] mayor", (), attributor.tokenizer).ids.tolist()
    assert not {attributor.tokenizer.token_to_id(name) for name in ("[SEP]", "[unused1]")} & set(ids)


def test_a_given_segmentation_is_used(attributor):
    document = Document("d", SHORT)
    assert attributor.attribute(document, segment(SHORT)) == attributor.attribute(document)


def test_long_texts_are_read_in_several_windows(attributor):
    encoding = encode(LONG, segment(LONG).quotations, attributor.tokenizer)
    assert len(windows(encoding, segment(LONG).sentences, 48, 16)) > 10
    found = attributor.attribute(Document("d", LONG))
    ends = [a.content[-1].end for a in found]
    assert min(ends) < len(LONG) / 10
    assert max(ends) > len(LONG) * 0.9


def test_equal_texts_are_read_once(attributor, monkeypatch):
    read = []
    run = attributor._run
    monkeypatch.setattr(
        attributor, "_run", lambda encodings, *rest: read.append(len(encodings)) or run(encodings, *rest)
    )
    expected = attributor.attribute_batch(documents(SHORT, LONG))
    found = attributor.attribute_batch(documents(SHORT, LONG, SHORT, LONG, SHORT))
    assert read == [2, 2]
    assert found == [expected[n % 2] for n in range(5)]
    other = [segment(SHORT), replace(segment(SHORT), quotations=())]  # equal texts, cut up in other ways
    attributor.attribute_batch(documents(SHORT, SHORT), other)
    assert read == [2, 2, 2]


@pytest.mark.parametrize("tokens_per_batch", [1, 120, 100_000])
def test_batched_equals_one_by_one(attributor, monkeypatch, tokens_per_batch):
    single = [rounded(attributor.attribute(document)) for document in documents(*TEXTS)]
    monkeypatch.setattr(attributor, "tokens_per_batch", tokens_per_batch)
    assert [rounded(found) for found in attributor.attribute_batch(documents(*TEXTS))] == single


def test_states_are_those_of_the_contents(attributor, monkeypatch):
    given = documents(*TEXTS)
    parts = [segment(document.text) for document in given]
    read = attributor.attribute_with_states(given, parts)
    assert [found for found, _ in read] == attributor.attribute_batch(given, parts)
    again = attributor.states(given, parts, [[a.content for a in found] for found, _ in read])
    for (found, states), same in zip(read, again, strict=True):
        assert states.shape == (len(found), 32)
        assert states.any(axis=1).all()
        np.testing.assert_array_equal(states, same)
    monkeypatch.setattr(attributor, "tokens_per_batch", 1)
    for (_, states), (_, alone) in zip(read, attributor.attribute_with_states(given, parts), strict=True):
        np.testing.assert_allclose(states, alone, atol=5e-3)


def test_a_state_is_the_mean_over_the_pieces_of_all_its_spans(attributor):
    document = Document("d", SHORT)
    parts = segment(SHORT)
    spans = [Span(start := SHORT.index(word), start + len(word)) for word in ("mayor", "bridge is")]
    both, first, second = attributor.states([document], [parts], [[spans, spans[:1], spans[1:]]])[0]
    pieces = [len(attributor.tokenizer.encode(s.of(SHORT), add_special_tokens=False).ids) for s in spans]
    np.testing.assert_allclose(both, np.average([first, second], axis=0, weights=pieces), atol=1e-3)


def test_a_very_long_document_has_no_states(attributor, monkeypatch):
    monkeypatch.setattr("claimcheck.attribution.attributor.MOST_PIECES", 200)
    (_, states), (found, none) = attributor.attribute_with_states(documents(SHORT, LONG))
    assert states.any()
    assert none.shape == (len(found), 32)
    assert not none.any()


def test_padding_changes_no_role(attributor):
    """The roles of a window do not depend on how long its neighbours in the batch are."""
    import torch

    from claimcheck.attribution.model import OFFSET, stack_windows

    short, long = (encode(t, segment(t).quotations, attributor.tokenizer) for t in (SHORT[:40], SHORT))
    vocabulary = attributor.tokenizer.get_vocab()
    mark = vocabulary["[unused1]"]
    results = []
    for batch in ([(short, 0, len(short))], [(short, 0, len(short)), (long, 0, len(long))]):
        with torch.inference_mode():
            ids, mask, features = stack_windows(batch, [mark] * len(batch), vocabulary)
            states = attributor.model.encode(ids, mask, features)
            roles = attributor.model.roles(states, mask, torch.tensor([0]), torch.tensor([OFFSET + 1]))
        results.append(roles[0, OFFSET : OFFSET + len(short)].numpy())
    np.testing.assert_allclose(results[0], results[1], atol=1e-4)


def test_a_higher_threshold_finds_no_more(attribution_folder, attributor):
    def found(threshold):
        checker = Attributor.from_pretrained(attribution_folder, threshold=threshold, dtype="float32")
        return {a.score for a in checker.attribute(Document("d", SHORT))}

    everything = found(0.0)
    middle = sorted(everything)[len(everything) // 2]
    assert found(middle) == {score for score in everything if score >= middle}
    assert len(found(middle)) < len(everything)
    assert not found(1.0)


@pytest.mark.parametrize("threshold", [-0.1, 1.5])
def test_a_threshold_outside_is_refused(attribution_folder, threshold):
    with pytest.raises(InputError, match=f"threshold {threshold} must be between 0 and 1"):
        Attributor.from_pretrained(attribution_folder, threshold=threshold)


def test_the_convention_has_its_own_mark(attribution_folder, attributor):
    polnear = Attributor.from_pretrained(attribution_folder, convention="polnear", dtype="float32")
    assert polnear._mark == attributor._mark + 1
    assert polnear.attribute(Document("d", SHORT)) != attributor.attribute(Document("d", SHORT))


def test_an_unknown_convention_is_refused(attribution_folder):
    with pytest.raises(InputError, match="^convention 'parc' is not one of news, polnear$"):
        Attributor.from_pretrained(attribution_folder, convention="parc")


def test_loading_and_reading_touch_no_network(attribution_folder, no_network):
    assert Attributor.from_pretrained(attribution_folder).attribute(Document("d", SHORT))


def test_the_hash_is_that_of_the_weights(attribution_folder, attributor):
    import hashlib

    assert (
        attributor.hash == hashlib.sha256((attribution_folder / "model.safetensors").read_bytes()).hexdigest()
    )


# windows that overlap


def test_every_piece_is_owned_by_the_window_with_the_farthest_edges():
    encoding = encode("a " * 20, (), tiny.raw_tokenizer())
    (owners,) = _owners([encoding], [(0, 0, 10), (0, 6, 16), (0, 12, 20)])
    # in 6..9 the first window's right edge (9) and the second one's left edge (6) are compared: ties go to the first
    assert owners.tolist() == [0] * 8 + [1] * 6 + [2] * 6


def rows(first, last):
    return np.repeat(np.arange(first, last, dtype=np.float32)[:, None], 4, axis=1)


EXTEND = {
    "before": (10, 20, 4, 14, 4, 20),
    "after": (10, 20, 14, 26, 10, 26),
    "both": (10, 20, 4, 26, 4, 26),
    "inside": (10, 20, 12, 18, 10, 20),
    "same": (10, 20, 10, 20, 10, 20),
}


@pytest.mark.parametrize("case", EXTEND.values(), ids=EXTEND)
def test_extend_adds_what_the_table_lacks(case):
    a, b, c, d, first, last = case
    extended = _extend(Table(12, 0.9, a, rows(a, b)), c, rows(c, d))
    assert extended.first == first
    np.testing.assert_array_equal(extended.scores, rows(first, last))


# checkpoints that cannot be used


@pytest.fixture
def folder(attribution_folder, tmp_path):
    return shutil.copytree(attribution_folder, tmp_path / "copy")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
@pytest.mark.parametrize("keep", [0.0, 0.5])
def test_a_damaged_file_is_named(folder, name, keep):
    data = (folder / name).read_bytes()
    (folder / name).write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(ModelError, match=re.escape(name)):
        Attributor.from_pretrained(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.safetensors"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelError, match=re.escape(name)):
        Attributor.from_pretrained(folder)


def change(folder, **values):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **values}))


def test_another_kind_of_model_is_refused(nli_folder):
    with pytest.raises(ModelError, match="holds a model of type 'bert', expected 'claimcheck-attribution'"):
        Attributor.from_pretrained(nli_folder)


def test_weights_that_do_not_fit_are_refused(folder):
    head = json.loads((folder / "config.json").read_text())["head"]
    change(folder, head={**head, "head_size": 8})
    with pytest.raises(ModelError, match=r"the weights in .* do not fit its config\.json"):
        Attributor.from_pretrained(folder)


@pytest.mark.parametrize("values", [{"head": {"unknown": 1}}, {"head": None}, {"encoder": None}])
def test_a_config_of_another_shape_is_refused(folder, values):
    change(folder, **values)
    with pytest.raises(ModelError, match=r"config\.json"):
        Attributor.from_pretrained(folder)


def test_a_folder_that_is_not_there_is_named(tmp_path, no_network):
    with pytest.raises(ModelError, match="^no checkpoint folder"):
        Attributor.from_pretrained(tmp_path / "none")
