"""Fitting the decision, on made-up articles and an NLI model that answers from the words of a pair."""

import itertools
import json
import random

import numpy as np
import pytest

from claimcheck.decision import ALONE, LABELS, LOOSE, TOGETHER
from claimcheck.training import relations
from claimcheck.training.relations import (
    MIXED,
    article_group,
    best_threshold,
    cross_score,
    first_round,
    fit,
    short_groups,
)


def article(number):
    """Eight statements: the first two say the same, the third contradicts both, the others stand alone."""
    rng = random.Random(number)
    topic = rng.choice(["bridge", "tunnel", "harbour", "station"])
    contents = [
        f"the {topic} is safe",
        f"the {topic} remains safe",
        f"the {topic} is unsafe",
        *("lunch was late", "rain fell", "the band played", "tea was served", "dogs barked"),
    ]
    text, attributions = "", []
    for k, content in enumerate(contents):
        start = len(text) + len(f"Person{k} said ")
        text += f"Person{k} said {content}. "
        attributions.append(
            {
                "id": f"a{k + 1}",
                "source": [[start - len(f"Person{k} said "), start - 6]],
                "cue": [[start - 5, start - 1]],
                "content": [[start, start + len(content)]],
                "speaker": f"Person{k}",
                "party": None,
            }
        )
    found = [("a1", "a2", "corroborates"), ("a1", "a3", "contradicts"), ("a2", "a3", "contradicts")]
    return {
        "id": f"t{number}",
        "text": text,
        "attributions": attributions,
        "relations": [{"a": a, "b": b, "label": label} for a, b, label in found],
    }


class WordNLI:
    """Contradiction where one of two texts says "unsafe", entailment where both say "safe"; with some noise."""

    statement_format = "plain"

    def predict(self, pairs):
        rng = np.random.default_rng(0)
        rows = []
        for pair in pairs:
            unsafe, safe = (sum(word in text.split() for text in pair) for word in ("unsafe.", "safe."))
            row = np.array([0.1, 0.8, 0.1])
            if unsafe + safe == 2:
                row = np.array([0.1, 0.2, 0.7]) if unsafe == 1 else np.array([0.7, 0.2, 0.1])
            row = row + rng.uniform(0, 0.2, 3)
            rows.append(row / row.sum())
        return np.array(rows, dtype=np.float32)


ARTICLES = [article(n) for n in range(24)]


@pytest.fixture(scope="module")
def fitted():
    return fit(WordNLI(), ARTICLES[12:])


def test_an_article_gives_all_its_pairs_with_labels():
    claims, pairs, labels = article_group(ARTICLES[0])
    assert [claim.id for claim in claims] == [f"a{n}" for n in range(1, 9)]
    assert pairs[:8] == [(0, n, n) for n in range(1, 8)] + [(1, 2, 1)]
    assert labels[:8] == ["corroborates", "contradicts", *["neither"] * 5, "contradicts"]
    assert set(labels[8:]) == {"neither"}


def test_short_texts_hold_the_labels_of_their_articles():
    texts = list(short_groups(ARTICLES[:5], random.Random(1), mixed=3))
    assert [n for n, _ in texts] == [n for n in range(5) for _ in range(4)]
    for n, (claims, pairs, labels) in texts:
        known = {frozenset((r["a"], r["b"])): r["label"] for r in ARTICLES[n]["relations"]}
        for (i, j, distance), label in zip(pairs, labels, strict=True):
            (one, first), (other, second) = (claims[k].id.split(":") for k in (i, j))
            assert distance == j - i
            own = one == other == f"t{n}"
            assert label == (known.get(frozenset((first, second)), "neither") if own else "neither")
    assert {label for _, (_, _, labels) in texts for label in labels} == {"neither", *LABELS}


def test_the_decision_learns_what_the_model_says(fitted):
    decision, record = fitted
    assert record["articles"] == 12
    assert (record["long"]["texts"], record["long"]["pairs"]) == (12, 12 * 28)
    assert record["loose"]["texts"] == 12 * (1 + MIXED) + 12
    for name, label in itertools.product(("long", "loose"), LABELS):
        least = 0.9 if name == "long" else 0.5  # the model takes the safety of two bridges for one
        assert record[name][label]["f1"] > least
        assert record[name][label]["average_precision"]["together"] > least
        assert record[name][label]["gate_recall"] >= least - 0.05
        assert record[name][label]["false_alarms"] < 0.05
        key = label if name == "long" else f"{label}{LOOSE}"
        assert 0 < decision.thresholds[key] < 1
        assert set(decision.alone[key]) == {*ALONE, "intercept"}
        assert set(decision.together[key]) == {*TOGETHER, "intercept"}
    assert decision.alone["contradicts"]["contradiction"] > 0
    assert decision.alone["corroborates"]["entailment"] > 0


def test_no_article_is_scored_by_weights_that_saw_it(fitted, monkeypatch):
    """With labels drawn at random, nothing that is fitted elsewhere can tell them."""
    rng = np.random.default_rng(1)
    n = 60
    pairs = [[(0, 1, 1), (0, 2, 2), (1, 2, 1)] for _ in range(n)]
    targets = {label: rng.random(3 * n) < 0.5 for label in LABELS}
    leak = np.repeat(np.arange(n), 3)  # the article's number: of use only to weights that saw the article
    alone = np.hstack([rng.normal(size=(3 * n, len(ALONE) - 1)), leak[:, None]])
    read = relations.Read(pairs, np.arange(n), alone, leak, targets)
    for label, scores in cross_score(read).items():
        for score in scores.values():
            right = ((score >= 0.5) == targets[label]).mean()
            assert 0.35 < right < 0.65
    assert all(len(chances) == 3 * n for chances in first_round(read).values())


def test_the_threshold_with_the_best_f1_is_found():
    target = np.array([False, False, True, True, False, True])
    assert best_threshold(target, np.array([0.1, 0.2, 0.3, 0.6, 0.4, 0.9])) == (0.3, pytest.approx(6 / 7))


def test_of_thresholds_as_good_as_the_best_the_middle_is_taken():
    target = np.array([True] * 100 + [False, True])
    chances = np.array([0.9] * 100 + [0.5, 0.4])  # 0.4 and 0.9 have F1 of .995
    assert best_threshold(target, chances) == (0.65, pytest.approx(200 / 201))
    assert best_threshold(target, chances, 0.75) == (0.775, pytest.approx(200 / 201))


def test_where_the_middle_is_worse_one_as_good_as_the_best_is_taken():
    target = np.array([True, True, False, False, False, False, True, True])
    chances = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2])  # 0.8 and 0.2 are best, 0.5 lies between
    threshold, f1 = best_threshold(target, chances)
    assert threshold in (0.8, 0.2)
    assert f1 == pytest.approx(2 / 3)


def test_only_contradictions_of_loose_pairs_need_more_than_the_middle(monkeypatch):
    places = []

    def recorded(target, chances, place):
        places.append(place)
        return best_threshold(target, chances, place)

    monkeypatch.setattr(relations, "best_threshold", recorded)
    fit(WordNLI(), ARTICLES[12:18])
    assert places == [0.5, 0.5, 0.75, 0.5]  # articles, then loose pairs; contradictions, then corroborations


def test_without_held_out_articles_it_says_so(nli_folder, tmp_path, monkeypatch, capsys):
    path = tmp_path / "articles.jsonl"
    path.write_text(json.dumps(ARTICLES[0]) + "\n")
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "training.json").write_text(json.dumps({"config": {"statements": {"held_out": ["z1"]}}}))
    monkeypatch.setattr("sys.argv", ["relations", "--nli", str(folder), "--articles", str(path)])
    with pytest.raises(SystemExit):
        relations.main()
    assert "none of the 1 articles is held out by the checkpoint's config (1 ids)" in capsys.readouterr().err
