import importlib.util
import os
import random
from pathlib import Path

import pytest

from claimcheck.evaluation.articles import (
    F1_MEASURES,
    ArticleCounts,
    average_precision,
    count_article,
    match_attributions,
    same_name,
    score_articles,
    statement_rows,
    total_counts,
    word_set,
)
from claimcheck.evaluation.readers import read_articles
from claimcheck.evaluation.spans import PRF

TEXT = (
    "The bridge at Orrin is safe, Mayor Ana Lind said. Bo Marsh denied that it was safe. "
    "Ms. Lind promised a new bridge by June. A clerk said nothing would be built. It rained."
)


def at(*phrases):
    return [[TEXT.index(phrase), TEXT.index(phrase) + len(phrase)] for phrase in phrases]


def attribution(name, source, cue, content, **more):
    default = {"kind": "indirect", "speaker": None, "party": None, "parent": None}
    return {"id": name, "source": at(*source), "cue": at(*cue), "content": at(*content), **default, **more}


GOLD = {
    "id": "x",
    "text": TEXT,
    "attributions": [
        attribution(
            "a1",
            ["Mayor Ana Lind"],
            ["said"],
            ["The bridge at Orrin is safe"],
            speaker="Ana Lind",
            party="p1",
        ),
        attribution("a2", ["Bo Marsh"], ["denied"], ["it was safe"], speaker="Bo Marsh", party="p2"),
        attribution(
            "a3", ["Ms. Lind"], ["promised"], ["a new bridge by June"], speaker="Ana Lind", party="p1"
        ),
        attribution("a4", ["A clerk"], ["said"], ["nothing would be built"]),
    ],
    "relations": [
        {"a": "a1", "b": "a2", "label": "contradicts"},
        {"a": "a3", "b": "a4", "label": "contradicts"},
        {"a": "a2", "b": "a4", "label": "corroborates"},
    ],
}
PREDICTED = {
    "attributions": [
        # all words of a1; another source; the name is right; the kind is wrong
        attribution(
            "b1",
            ["Orrin"],
            [],
            ["The bridge at Orrin is safe,"],
            kind="direct",
            speaker="Ms. Lind",
            party="q",
        ),
        # 3 of 4 words of a2; the source is right; the speaker is not
        attribution("b2", ["Bo Marsh"], [], ["that it was safe"], speaker="Ana Lind", party="q"),
        # 2 of 5 words of a3: not found
        attribution("b3", ["Ms. Lind"], [], ["by June"], speaker="Ana Lind", party="q"),
        attribution("b4", ["A clerk"], [], ["nothing would be built"], speaker="clerk", party=None),
        attribution("b5", [], [], ["It rained"]),
    ],
    "relations": [
        {"a": "b2", "b": "b1", "label": "contradicts", "score": 0.7},  # right, in the other order
        {"a": "b1", "b": "b2", "label": "contradicts", "score": 0.6},  # the same again: not counted twice
        {"a": "b1", "b": "b4", "label": "contradicts", "score": 0.9},  # false alarm
        {
            "a": "b3",
            "b": "b4",
            "label": "contradicts",
            "score": 0.8,
        },  # b3 is no gold attribution: false alarm
        {"a": "b2", "b": "b4", "label": "contradicts", "score": 0.5},  # the wrong label
        {"a": "b2", "b": "b4", "label": "corroborates", "score": 0.5},  # right
        {"a": "b1", "b": "b5", "label": "neither", "score": 0.5},
    ],
}


def test_counts_by_hand():
    counts = count_article(GOLD, PREDICTED)
    assert match_attributions(GOLD, PREDICTED) == {"a1": "b1", "a2": "b2", "a4": "b4"}
    assert counts == ArticleCounts(
        attribution=PRF(tp=3, fp=2, fn=1),
        exact=PRF(tp=2, fp=3, fn=2),
        source=PRF(tp=2, fp=3, fn=2),
        party=PRF(tp=0, fp=1, fn=0),  # the one pair with gold parties: put into one, wrongly
        contradicts=PRF(tp=1, fp=3, fn=1),
        corroborates=PRF(tp=1, fp=0, fn=0),
        speaker_right=1,
        speaker_total=2,
        kind_right=2,
        kind_total=3,
        ranked=((0.7, True), (0.9, False), (0.8, False), (0.5, False)),
        unrelated=1,  # a1 and a4
        alarms=1,
    )


def test_measures_by_hand():
    counts = count_article(GOLD, PREDICTED)
    assert counts.measure("attribution") == pytest.approx(2 * (3 / 5) * (3 / 4) / (3 / 5 + 3 / 4))
    assert counts.measure("contradicts") == pytest.approx(1 / 3)  # P 1/4, R 1/2
    assert counts.measure("contradicts_ap") == pytest.approx((1 / 3) / 2)  # third of the ranking, one of two
    assert counts.measure("precision_at_half") == pytest.approx(1 / 3)
    assert counts.measure("contradicts_ece") == pytest.approx((0.3 + 0.9 + 0.8 + 0.5) / 4)
    assert counts.measure("false_alarms") == 1.0
    assert counts.measure("speaker_accuracy") == 0.5
    assert counts.measure("kind_accuracy") == pytest.approx(2 / 3)
    assert counts.measure("nested") == counts.measure("decoys_taken") == 0.0  # neither is there


def test_gold_scores_full_marks_against_itself():
    first, *others = GOLD["attributions"]
    gold = {**GOLD, "attributions": [first, *({**item, "parent": "a1"} for item in others)]}
    counts = count_article(gold, gold)
    assert {counts.measure(name) for name in (*F1_MEASURES, "speaker_accuracy", "kind_accuracy")} == {1.0}


def test_nothing_predicted():
    counts = count_article(GOLD, {"attributions": [], "relations": []})
    assert counts.attribution == PRF(fn=4)
    assert counts.contradicts == PRF(fn=2)
    assert counts.measure("speaker_accuracy") == counts.measure("contradicts_ap") == 0.0


def test_two_attributions_with_one_content_meet_their_own_sources():
    content = ["nothing would be built"]
    gold = {
        **GOLD,
        "attributions": [attribution("a1", ["A clerk"], [], content), attribution("a2", [], [], content)],
    }
    predicted = {
        "attributions": [attribution("b1", [], [], content), attribution("b2", ["A clerk"], [], content)]
    }
    assert match_attributions(gold, predicted) == {"a1": "b2", "a2": "b1"}


def test_a_pair_put_into_one_party():
    predicted = {"attributions": [{**item, "party": "q"} for item in GOLD["attributions"]]}
    assert count_article(GOLD, predicted).party == PRF(tp=1, fp=2, fn=0)  # a1-a3 right; a2 with each wrong
    apart = {"attributions": [{**item, "party": None} for item in GOLD["attributions"]]}
    assert count_article(GOLD, apart).party == PRF(tp=0, fp=0, fn=1)


def test_nested_attributions_with_the_right_parent():
    def item(name, content, parent=None):
        return attribution(name, [], [], content, parent=parent)

    whole, middle, end = ["The bridge at Orrin is safe"], ["Bo Marsh denied that it was safe"], ["by June"]
    gold = {
        **GOLD,
        "attributions": [
            item("a1", whole),
            item("a2", middle, parent="a1"),
            item("a3", end, parent="a1"),
            item("a4", ["It rained"], parent="a1"),  # not found at all
        ],
    }
    predicted = {
        "attributions": [
            item("b1", whole),
            item("b2", middle, parent="b1"),  # right
            item("b3", end, parent="b2"),  # the wrong parent
            item("b4", ["A clerk said"], parent="b2"),  # no attribution in gold
        ]
    }
    counts = count_article(gold, predicted)
    assert counts.nested == PRF(tp=1, fp=2, fn=2)
    assert counts.measure("nested") == pytest.approx(1 / 3)


def test_no_parent_may_be_left_out_on_both_sides():
    bare = {
        **GOLD,
        "attributions": [{k: v for k, v in a.items() if k != "parent"} for a in GOLD["attributions"]],
    }
    assert count_article(bare, bare) == count_article(GOLD, GOLD)


DECOYS = (
    "Lind said the “reform” was “a step back”. The film “Long Way Home” opened. “Nobody is safe,” Marsh said. "
    "They call it “the big one”. The “Orrin five” sang."
)


def test_decoys_taken_for_speech():
    def item(name, content, kind):
        start = DECOYS.index(content)
        spans = [[start, start + len(content)]]
        return {**attribution(name, [], [], []), "content": spans, "kind": kind}

    gold = {
        "text": DECOYS,
        "attributions": [
            item("a1", "the “reform” was “a step back", "mixed"),
            item("a2", "Nobody is safe", "direct"),
        ],
        "relations": [],
    }
    predicted = {
        "attributions": [
            item(
                "b1", "the “reform” was “a step back", "mixed"
            ),  # holds no decoy: gold has all of it as content
            item("b2", "Long Way", "direct"),  # two of three words: taken
            item("b3", "big", "direct"),  # one of three words
            item("b4", "The “Orrin five” sang", "indirect"),  # as reported, not as quoted
        ]
    }
    counts = count_article(gold, predicted)
    assert (counts.decoys, counts.decoys_taken) == (3, 1)
    assert counts.measure("decoys_taken") == pytest.approx(1 / 3)
    assert count_article(gold, gold).measure("decoys_taken") == 0.0


def test_a_scare_quote_in_reported_speech_is_a_decoy():
    text = "Lind said the “so-called reform” had failed."
    content = [[10, len(text) - 1]]
    gold = {
        "text": text,
        "attributions": [{**attribution("a1", [], [], []), "content": content}],
        "relations": [],
    }
    predicted = {
        "attributions": [{**attribution("b1", [], [], []), "content": content, "kind": "mixed"}],
    }
    assert count_article(gold, predicted).measure("decoys_taken") == 1.0
    assert count_article(gold, gold).measure("decoys_taken") == 0.0


@pytest.mark.parametrize(
    ("gold", "predicted", "agrees"),
    [
        ("Ana Lind", "Lind", True),
        ("Ana Lind", "Mayor Ana Lind", True),
        ("President Ana Lind", "Ms. Lind", True),
        ("Ana Lind", "Ana Marsh", False),
        ("Ana Maria Lind", "Ana Maria Marsh", True),  # half of four words
        ("the President", "the Minister", False),
        ("Ana Lind", "", False),
        (None, None, False),
    ],
)
def test_same_name(gold, predicted, agrees):
    assert same_name(gold, predicted) is agrees


def test_words_are_compared_not_marks():
    assert word_set(TEXT, at("safe, Mayor")) == word_set(TEXT, at(" safe, Mayor ")) == {5, 6}


def test_average_precision_keeps_the_order_of_ties():
    assert average_precision([(0.5, False), (0.5, True), (0.9, True)], 2) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision([], 0) == 0.0


def test_scores_resample_articles():
    good, bad = count_article(GOLD, GOLD), count_article(GOLD, {"attributions": []})
    value, low, high = score_articles([good] * 5 + [bad] * 5, samples=300)["attribution"]
    assert value == pytest.approx(2 / 3)  # P 1, R 1/2
    assert low < value < high
    assert score_articles([good], samples=10)["attribution"] == (1.0, 1.0, 1.0)


def test_counts_add_up():
    counts = count_article(GOLD, PREDICTED)
    total = total_counts([counts, counts])
    assert total.contradicts == PRF(tp=2, fp=6, fn=2)
    assert len(total.ranked) == 8
    assert total.measure("kind_accuracy") == pytest.approx(2 / 3)


def test_statement_rows():
    row = statement_rows(GOLD)[1]
    assert row == {
        "id": "a2",
        "speaker": "Bo Marsh",
        "party": "p2",
        "cue": "denied",
        "text": "it was safe",
        "context": TEXT,
        "start": TEXT.index("it was safe"),
    }


@pytest.mark.skipif(
    "CLAIMCHECK_GOLD" not in os.environ, reason="CLAIMCHECK_GOLD names no folder with score.py"
)
def test_agrees_with_the_scorer_that_comes_with_the_gold_articles():
    folder = Path(os.environ["CLAIMCHECK_GOLD"])
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    rng = random.Random(0)
    pairs = [(article, disturbed(article, rng)) for article in read_articles(folder)]
    want = scorer.score(pairs)
    got = total_counts(count_article(gold, predicted) for gold, predicted in pairs)
    for name in set(F1_MEASURES) - {"nested"}:  # which that scorer does not count
        score = getattr(got, name)
        assert (score.tp, score.tp + score.fp, score.tp + score.fn) == tuple(
            want[name][key] for key in ("tp", "predicted", "gold")
        ), name
        assert score.f1 == pytest.approx(want[name]["f1"])
    assert got.measure("speaker_accuracy") == pytest.approx(want["speaker_acc"])
    assert got.measure("kind_accuracy") == pytest.approx(want["kind_acc"])
    assert got.measure("contradicts_ap") == pytest.approx(want["contradicts_ap"])


def disturbed(article, rng):
    """Return the article as a bad extractor would have it."""
    kept = [dict(item) for item in article["attributions"] if rng.random() < 0.85]
    for item in kept:
        for role in ("source", "content"):
            item[role] = [[s, max(s + 1, e + rng.choice([0, 0, -20]))] for s, e in item[role]]
        if rng.random() < 0.3:
            item |= {
                "speaker": rng.choice([None, "Ana Lind"]),
                "party": rng.choice([None, "p1"]),
                "kind": "direct",
            }
    names = [item["id"] for item in article["attributions"]]
    extra = [
        {
            "a": rng.choice(names),
            "b": rng.choice(names),
            "label": rng.choice(["contradicts", "corroborates", "neither"]),
            "score": rng.choice([0.5, 0.7, 0.9]),
        }
        for _ in range(12)
    ]
    return {"attributions": kept, "relations": [*extra, *article["relations"]]}
