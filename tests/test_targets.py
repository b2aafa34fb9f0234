"""Stance towards a target: hypotheses, texts, claims, and what they come to for a party."""

import numpy as np
import pytest
from fixtures import small, statements
from hypothesis import given
from hypothesis import strategies as st

import claimcheck
from claimcheck.errors import InputError
from claimcheck.records import Claim, Stance
from claimcheck.report import Report
from claimcheck.targets import CLAIM, combine, is_claim, read_claims, render_target


class Words:
    """An NLI model that knows praise and blame by their words."""

    def __init__(self, form="plain"):
        self.pairs, self.statement_format = [], form

    def predict(self, pairs):
        self.pairs += pairs
        signs = [("good" in premise) - ("awful" in premise) for premise, _ in pairs]
        rows = {1: (0.8, 0.15, 0.05), 0: (0.1, 0.7, 0.2), -1: (0.0, 0.1, 0.9)}
        return np.array([rows[sign] for sign in signs], dtype=np.float32).reshape(-1, 3)


KINDS = {
    "noun phrase": ("the withdrawal of troops", False),
    "one word": ("immigration", False),
    "gerund": ("allowing home schoolers to play on teams", False),
    "participle": ("troops based in the valley", False),
    "modal": ("The toll should be abolished", True),
    "copula": ("the bridge is safe", True),
    "past": ("Ukraine rejected the plan", True),
    "present": ("Tourism harms the coast", True),
    "negated": ("taxes don't fall", True),
    "full stop": ("Cities work.", True),
    "plural with an article": ("tolls on the bridges", False),
}


@pytest.mark.parametrize(("target", "expected"), KINDS.values(), ids=KINDS)
def test_claims_and_topics(target, expected):
    assert is_claim(target) is expected


MOTIONS = {
    "topic": ("the  toll\n", None, "The author supports the toll."),
    "claim": ("The toll must go", None, "The toll must go"),
    "believes that": ("This house believes that the toll must go", CLAIM, "The toll must go"),
    "believes": ("This House believes tolls fail", CLAIM, "Tolls fail"),
    "would": ("This house would abolish tolls", None, "We should abolish tolls"),
    "a house is no motion": ("This house is for sale", None, "This house is for sale"),
    "template": ("the toll", "{} is good.", "the toll is good."),
}


@pytest.mark.parametrize(("target", "template", "expected"), MOTIONS.values(), ids=MOTIONS)
def test_render_target(target, template, expected):
    assert render_target(target, template) == expected


def test_texts():
    nli = Words()
    found = claimcheck.stances(["A good toll.", "An awful toll.", "It rains.", " "], "the toll", nli=nli)
    assert found == [
        Stance("0", "the toll", "favor", 0.8, 0.8, 0.05),
        Stance("1", "the toll", "against", 0.9, 0.0, 0.9),
        Stance("2", "the toll", "none", 0.7, 0.1, 0.2),
        Stance("3", "the toll", "none", 1.0, 0.0, 0.0),
    ]
    assert {hypothesis for _, hypothesis in nli.pairs} == {"The author supports the toll."}


def test_one_target_each():
    nli = Words()
    found = claimcheck.stances(["A good toll.", "A good ferry."], ["the toll", "the ferry is late"], nli=nli)
    assert [stance.target for stance in found] == ["the toll", "the ferry is late"]
    assert [hypothesis for _, hypothesis in nli.pairs] == [
        "The author supports the toll.",
        "the ferry is late",
    ]


def test_of_a_long_text_the_part_nearest_to_the_target_is_read():
    filler = "Nothing else was on the agenda of the council that day, which ended early. " * 10
    text = f"The weather is awful. {filler} The new toll is a good thing. {filler}"
    nli = Words()
    (found,) = claimcheck.stances([text], "the new toll", nli=nli)
    assert found.label == "favor"
    assert len(nli.pairs) == 1
    assert len(nli.pairs[0][0].split()) <= 90


@given(st.lists(st.sampled_from(["good", "awful", "rain", "", "a good day"]), max_size=8))
def test_together_as_one_by_one(texts):
    together = claimcheck.stances(texts, "the toll", nli=Words())
    alone = [claimcheck.stances([text], "the toll", nli=Words())[0] for text in texts]
    assert [(s.label, s.favor, s.against) for s in together] == [(s.label, s.favor, s.against) for s in alone]


REFUSED = {
    "one text": (("A text.", "the toll"), {}, "texts is a str, expected a sequence of texts: 'A text.'"),
    "no text": (([None], "the toll"), {}, "text 0 is None, expected a str"),
    "blank": ((["a"], "  "), {}, "target is '  ', expected a topic or a claim in words"),
    "blank for one": ((["a", "b"], ["the toll", ""]), {}, "target is '', expected"),
    "two targets for one text": (
        (["a"], ["b", "c"]),
        {},
        "2 targets for 1 texts: give one for all, or one each",
    ),
    "template": (
        (["a"], "b"),
        {"template": "it is good"},
        r"template 'it is good' has no \{\} for the target",
    ),
    "model": ((["a"], "b"), {"nli": 3}, "nli is 3, expected a checkpoint"),
}


@pytest.mark.parametrize(("given", "options", "message"), REFUSED.values(), ids=REFUSED)
def test_refused(given, options, message):
    with pytest.raises(InputError, match=message):
        claimcheck.stances(*given, **{"nli": Words(), **options})


def test_claims_are_read_with_speaker_and_cue_and_where_known_with_context():
    claims = [
        Claim("c1", "the plan", "Ada Holm", cue="rejected", force="denies", context="A plan was made."),
        Claim("c2", "the withdrawal of troops", cue="demanded", force="demands"),
    ]
    plain, framed = Words(), Words("framed")
    read_claims(claims, "h", plain)
    read_claims(claims, "h", framed)
    assert plain.pairs == [
        ("Ada Holm rejected: the plan", "h"),
        ("somebody demanded: the withdrawal of troops", "h"),
    ]
    assert framed.pairs[0] == ("Ada Holm rejected: the plan | A plan was made.", "h")
    assert framed.pairs[1] == plain.pairs[1]


def side(id, label, score):
    return Stance(id, "t", label, score, score * (label == "favor"), score * (label == "against"), (id,))


COMBINED = {
    "nothing said": ([], Stance("p", "t", "none", 1.0)),
    "no side": ([side("a", "none", 0.9), side("b", "none", 0.6)], Stance("p", "t", "none", 0.6)),
    "one of many": (
        [side("a", "none", 0.9), side("b", "against", 0.7), side("c", "none", 0.5)],
        Stance("p", "t", "against", 0.7, 0.0, 0.7, ("b",)),
    ),
    "the surest first": (
        [side("a", "favor", 0.6), side("b", "favor", 0.9)],
        Stance("p", "t", "favor", 0.9, 0.9, 0.0, ("b", "a")),
    ),
    "divided": (
        [side("a", "favor", 0.6), side("b", "against", 0.9)],
        Stance("p", "t", "against", 0.54, 0.24, 0.54, ("b",)),
    ),
}


@pytest.mark.parametrize(("found", "expected"), COMBINED.values(), ids=COMBINED)
def test_combine(found, expected):
    assert combine("p", "t", found) == expected


SIDES = st.builds(
    side, st.text(max_size=3), st.sampled_from(["favor", "against", "none"]), st.floats(0.34, 1)
)


@given(st.lists(SIDES, max_size=6))
def test_combining_is_even_handed(found):
    turn = {"favor": "against", "against": "favor", "none": "none"}
    turned = [side(s.holder, turn[s.label], s.score) for s in found]
    one, other = combine("p", "t", found), combine("p", "t", turned)
    assert 0 <= one.score <= 1
    assert (one.favor, one.against) == (other.against, other.favor)
    assert one.label == turn[other.label] or one.favor == one.against


def report():
    """Return a report in which the city praises the bridge, and the union does not."""
    made = small()
    texts = {"a1": "a good bridge", "a2": "so good", "a3": "an awful bridge", "a4": "rain", "a5": "good"}
    claims = [
        Claim(c.id, texts[c.id], c.speaker, c.party, cue=c.cue, attribution=c.attribution)
        for c in made.claims
    ]
    return Report(made.documents, made.attributions, made.speakers, made.parties, claims, made.relations)


def test_parties_of_a_report():
    city = 0.7529  # 0.8 · 2.4 / (2.4 + 0.15)
    assert report().stances("the bridge", nli=Words()) == (
        Stance("p1", "the bridge", "favor", city, city, 0.0, ("a1", "a2", "a5")),
        Stance("p2", "the bridge", "against", 0.9, 0.0, 0.9, ("a3",)),
    )


def test_speakers_and_claims_of_a_report():
    by_speaker = report().stances("the bridge", by="speaker", nli=Words())
    assert [(s.holder, s.label, s.claims) for s in by_speaker] == [
        ("Ada Holm", "favor", ("a1", "a2", "a5")),
        ("Per Lund", "against", ("a3",)),
    ]
    by_claim = report().stances("the bridge", by="claim", nli=Words())
    assert [(s.holder, s.label) for s in by_claim] == [
        ("a1", "favor"), ("a2", "favor"), ("a3", "against"), ("a4", "none"), ("a5", "favor")
    ]  # fmt: skip


def test_speakers_of_statements_are_those_of_the_claims():
    assert [s.holder for s in statements().stances("taxes", by="speaker", nli=Words())] == [
        "Ida Moe",
        "Jon Vik",
    ]
    assert statements().stances("taxes", nli=Words()) == ()


def test_a_report_without_claims_asks_nothing():
    nli = Words()
    assert Report().stances("the bridge", nli=nli) == ()
    assert nli.pairs == []


@pytest.mark.parametrize(
    ("target", "by", "message"),
    [
        ("", "party", "target is ''"),
        ("the bridge", "side", "by is 'side', expected one of party, speaker, claim"),
    ],
)
def test_refused_of_a_report(target, by, message):
    with pytest.raises(InputError, match=message):
        report().stances(target, by=by, nli=Words())
