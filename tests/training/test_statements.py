"""Statement pairs as training examples."""

import json
import random

import pytest

from claimcheck.records import Claim
from claimcheck.training.statements import (
    article_claims,
    article_pairs,
    is_close,
    mix,
    sample_examples,
    stranger_pairs,
    told_claims,
    written_pairs,
)

TEXT = "Rain fell. Ada said we won, twice. Ben said they lost. Cleo left, she said."


def attribution(id, speaker, party, cue, *contents):
    spans = [[TEXT.index(piece), TEXT.index(piece) + len(piece)] for piece in contents]
    at = TEXT.index(cue)
    return {
        "id": id,
        "source": [],
        "cue": [[at, at + 4]],
        "content": spans,
        "speaker": speaker,
        "party": party,
    }


ARTICLE = {
    "id": "t1",
    "text": TEXT,
    "attributions": [
        attribution("a1", "Ada", "p1", "said we", "we won", "twice"),
        attribution("a2", "Ben", "p2", "said they", "they lost"),
        attribution("a3", None, None, "said.", "Cleo left"),
    ],
    "relations": [{"a": "a2", "b": "a1", "label": "contradicts"}],
}


def test_article_claims():
    first, second, third = article_claims(ARTICLE)
    assert (first.id, first.text, first.speaker, first.party, first.cue) == (
        "a1",
        "we won twice",
        "Ada",
        "p1",
        "said",
    )
    assert first.context == "Rain fell."
    assert second.context == "Rain fell. Ada said we won, twice."
    assert (third.speaker, third.party, third.start) == (None, None, TEXT.index("Cleo"))


def test_article_pairs_are_all_pairs_in_order_with_their_distance():
    found = [(a.id, b.id, distance, label) for a, b, distance, label in article_pairs(ARTICLE)]
    assert found == [("a1", "a2", 1, "contradicts"), ("a1", "a3", 2, "neither"), ("a2", "a3", 1, "neither")]


def test_written_pairs_leave_held_out_scenes_out(tmp_path):
    def side(speaker):
        return {"text": f"{speaker} spoke", "speaker": speaker, "party": "P", "cue": "said"}

    rows = [
        {"id": f"w{n}", "scene": f"s{n % 2}", "a": side("Ada"), "b": side("Ben"), "label": "neither"}
        for n in range(4)
    ]
    rows.append({"id": "w4", "a": side("Cleo"), "b": side("Ben"), "label": "contradicts"})
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert [a.id for a, *_ in written_pairs(path)] == ["w0a", "w1a", "w2a", "w3a", "w4a"]
    kept = list(written_pairs(path, frozenset({"s1"})))
    assert [(a.id, b.id, distance, label) for a, b, distance, label in kept] == [
        ("w0a", "w0b", None, "neither"),
        ("w2a", "w2b", None, "neither"),
        ("w4a", "w4b", None, "contradicts"),
    ]
    assert kept[0][0] == Claim("w0a", "Ada spoke", speaker="Ada", party="P", cue="said")


A = Claim("a", "we won", speaker="Ada", party="p1", cue="said")
B = Claim("b", "they lost", speaker="Ben", party="p2", cue="denied")
ALL, HALF, NONE = ({"close": share, "apart": share} for share in (1.0, 0.5, 0.0))


@pytest.mark.parametrize(
    ("label", "expected"),
    [("contradicts", "contradiction"), ("corroborates", "entailment"), ("neither", "neutral")],
)
def test_relations_become_inference_labels(label, expected):
    ((_, _, found),) = sample_examples([(A, B, 1, label)], ALL, random.Random(0))
    assert found == expected


def test_only_neither_is_thinned_out():
    pairs = [(A, B, 1, "neither")] * 1000 + [(A, B, 1, "contradicts")] * 100
    labels = [label for *_, label in sample_examples(pairs, {"close": 0.3, "apart": 0.3}, random.Random(1))]
    assert labels.count("contradiction") == 100
    assert 240 < labels.count("neutral") < 360
    assert not list(sample_examples([(A, B, 1, "neither")] * 50, NONE, random.Random(1)))


def test_close_and_apart_have_their_own_share():
    apart = Claim("c", "rain fell", speaker="Ben", cue="said")
    pairs = [(A, B, 2, "neither"), (A, apart, 3, "neither")]
    found = list(sample_examples(pairs * 20, {"close": 1.0, "apart": 0.0}, random.Random(1)))
    assert len(found) == 20
    assert all("lost" in premise + hypothesis for premise, hypothesis, _ in found)


@pytest.mark.parametrize(
    ("a", "b", "distance", "close"),
    [
        (A, B, 2, True),
        (A, B, 3, False),
        (A, B, None, True),
        (A, Claim("c", "nobody won anything"), 9, False),  # three letters do not count
        (A, Claim("c", "12 fell", context=""), 9, False),
        (Claim("c", "the bridges"), Claim("d", "a bridge"), 9, True),
        (Claim("c", "it fell", context="The bridge shook."), Claim("d", "a bridge"), 9, True),
        (Claim("c", "a bridge"), Claim("d", "it fell", context="The bridge shook."), 9, True),
        (Claim("c", "x", context="The bridge shook."), Claim("d", "y", context="A bridge."), 9, False),
    ],
)
def test_is_close(a, b, distance, close):
    assert is_close(a, b, distance) is close


def test_directions_and_parties_vary():
    found = [(p, h) for p, h, _ in sample_examples([(A, B, 1, "contradicts")] * 1000, ALL, random.Random(2))]
    forward = ("Ada said: we won | next, other speaker, other side", "Ben denied: they lost")
    backward = ("Ben denied: they lost | next, other speaker, other side", "Ada said: we won")
    without = [(p.removesuffix(", other side"), h) for p, h in (forward, backward)]
    near = {forward, backward, *without}
    assert set(found) == near | {(p.replace("| next,", "| apart,"), h) for p, h in near}
    assert 70 < sum("| apart," in p for p, _ in found) < 135
    assert 420 < sum(p.startswith("Ada") for p, _ in found) < 580
    assert 190 < sum(not p.endswith("side") for p, _ in found) < 310


def test_samples_repeat_with_their_seed():
    pairs = [(A, B, 1, "neither"), (A, B, None, "contradicts")] * 20
    assert list(sample_examples(pairs, HALF, random.Random(4))) == list(
        sample_examples(pairs, HALF, random.Random(4))
    )


def other_article(n):
    """Return an article of two statements that has nothing to do with ARTICLE."""
    text = f"Dora said {n} trees grew. Emil said it snowed."
    contents = [f"{n} trees grew", "it snowed"]
    return {
        "id": f"o{n}",
        "text": text,
        "attributions": [
            {
                "id": f"a{k}",
                "source": [],
                "cue": [],
                "content": [[text.index(content), text.index(content) + len(content)]],
                "speaker": speaker,
                "party": "p1",
            }
            for k, (speaker, content) in enumerate(zip(("Dora", "Emil"), contents, strict=True), 1)
        ],
        "relations": [{"a": "a1", "b": "a2", "label": "corroborates"}],
    }


def test_mix_tells_claims_of_two_articles_by_turns():
    for seed in range(20):
        claims = mix(told_claims(ARTICLE), told_claims(other_article(7)), random.Random(seed))
        homes = [claim.id.partition(":")[0] for claim in claims]
        assert set(homes) == {"t1", "o7"}
        assert len(claims) <= 5
        for home in ("t1", "o7"):  # neighbours of an article stay in its order
            own = [claim.id for claim in claims if claim.id.startswith(home)]
            assert own == sorted(own)
        assert claims[0].context == ""
        first = "Ada said we won, twice." if claims[0].id == "t1:a1" else None
        if first:
            assert claims[1].context == first


def test_told_claims_keep_parties_of_articles_apart():
    assert [told.claim.party for told in told_claims(ARTICLE)] == ["t1:p1", "t1:p2", None]
    assert [told.sentence for told in told_claims(ARTICLE)] == [
        "Ada said we won, twice.",
        "Ben said they lost.",
        "Cleo left, she said.",
    ]


def test_stranger_pairs_are_of_two_articles_and_never_related():
    found = list(stranger_pairs([ARTICLE, other_article(1), other_article(2)], 200, random.Random(5)))
    assert len(found) == 200
    assert {label for *_, label in found} == {"neither"}
    assert all(a.id.partition(":")[0] != b.id.partition(":")[0] for a, b, *_ in found)
    assert {distance for _, _, distance, _ in found} == {None, 1, 2, 3, 4}
