import numpy as np
import pytest

from claimcheck.errors import InputError
from claimcheck.evaluation.baselines import (
    FEATURES,
    extract_quotes,
    hypothesis_only,
    lexical_relations,
    majority,
    overlap_features,
    predict_article,
    word_overlap,
)
from claimcheck.evaluation.classification import LABELS
from claimcheck.evaluation.readers import Pair

TRAIN = [
    pair
    for town in ("Orrin", "Calder", "Bexley", "Torrin")
    for pair in (
        Pair(f"The bridge at {town} is open to cars.", f"The bridge at {town} is open.", "entailment"),
        Pair(f"The bridge at {town} is open to cars.", f"The bridge at {town} is not open.", "contradiction"),
        Pair(f"The bridge at {town} is open to cars.", "Bakers like rye bread.", "neutral"),
    )
]
NEW = [
    ("The mill in Hask is open to visitors.", "The mill in Hask is open."),
    ("The mill in Hask is open to visitors.", "Bakers like rye bread."),
    ("The mill in Hask is open to visitors.", "The mill in Hask is not open."),
]


def test_majority_gives_the_shares_in_the_order_of_labels():
    train = [Pair("a", "b", label) for label in ("contradiction", "contradiction", "entailment", "neutral")]
    assert majority(train)(NEW).tolist() == [[0.25, 0.25, 0.5]] * 3


@pytest.mark.parametrize("fit", [hypothesis_only, word_overlap])
def test_learned_baselines_give_columns_in_the_order_of_labels(fit):
    probabilities = fit(TRAIN)(NEW)
    assert probabilities.shape == (3, 3)
    assert np.allclose(probabilities.sum(axis=1), 1)
    assert [LABELS[i] for i in probabilities.argmax(axis=1)] == ["entailment", "neutral", "contradiction"]


def test_hypothesis_only_never_sees_the_premise():
    predict = hypothesis_only(TRAIN)
    assert np.array_equal(predict([("One thing.", "It is open.")]), predict([("Another.", "It is open.")]))


def test_a_label_missing_from_training_has_no_probability():
    two = [pair for pair in TRAIN if pair.label != "neutral"]
    assert word_overlap(two)(NEW)[:, LABELS.index("neutral")].tolist() == [0, 0, 0]


@pytest.mark.parametrize("fit", [majority, hypothesis_only, word_overlap])
def test_baselines_on_nothing(fit):
    assert fit(TRAIN)([]).shape == (0, 3)
    with pytest.raises(InputError, match="got none"):
        fit([Pair("a", "b", "not_entailment")])


def test_overlap_features_by_hand():
    [row] = overlap_features([("Nine of the miners died on Monday.", "Two miners did not die on Monday.")])
    named = dict(zip(FEATURES, row, strict=True))
    # nine miner died monday / two miner did die monday
    assert named["hypothesis words in the premise"] == pytest.approx(2 / 5)
    assert named["premise words in the hypothesis"] == pytest.approx(2 / 4)
    assert named["words shared of all"] == pytest.approx(2 / 7)
    assert named["negation in the premise"] == 0
    assert named["negation in the hypothesis"] == named["negation in one only"] == 1
    assert named["hypothesis numbers not in the premise"] == 1
    assert named["numbers in both, none shared"] == 1
    assert named["log words in the hypothesis"] == pytest.approx(np.log(8))


def shown(text, **options):
    return [
        tuple(" / ".join(span.of(text) for span in spans) for spans in (item.source, item.cue, item.content))
        for item in extract_quotes(text, **options)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            '"We will stay," said Ana Lind.', [("Ana Lind", "said", "We will stay")], id="verb, name"
        ),
        pytest.param("“We will stay,” she said.", [("she", "said", "We will stay")], id="curly, pronoun"),
        pytest.param(
            'Bo Marsh told us: "We will go."', [("Bo Marsh", "told", "We will go")], id="name first"
        ),
        pytest.param(
            '"We will stay," said Ana Lind. "All of us."',
            [("Ana Lind", "said", "We will stay / All of us")],
            id="resumed",
        ),
        pytest.param(
            '"We stay," said Ana. "You go," said Bo.',
            [("Ana", "said", "We stay"), ("Bo", "said", "You go")],
            id="two speakers",
        ),
        pytest.param(
            "Mr. Orr said that the pier was open. It rained.",
            [("Mr. Orr", "said", "the pier was open")],
            id="clause",
        ),
        pytest.param('The "best pie" in town is cold.', [], id="no verb"),
        pytest.param('"So," said Ana.', [], id="one word"),
        pytest.param("", [], id="empty"),
        pytest.param('An unclosed "quotation said Ana', [], id="unbalanced"),
    ],
)
def test_extract_quotes(text, expected):
    assert shown(text) == expected


def test_extract_quotes_with_marks_and_without_clauses():
    text = '"We will stay," said Ana. Bo Marsh said that he would go home.'
    assert shown(text, marks=True, clauses=False) == [("Ana", "said", '"We will stay,"')]


def test_extract_quotes_is_linear_enough_for_a_long_text():
    text = 'Ana Lind said she would stay. "We will stay," she said. ' * 2000
    assert len(extract_quotes(text)) == 4000


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(
            ("the bridge is safe", ""), ("the bridge is not safe", ""), "contradicts", id="negation"
        ),
        pytest.param(
            ("the bridge is safe", "said"), ("the bridge is safe", "denied"), "contradicts", id="cue"
        ),
        pytest.param(
            ("the bridge is not safe", "said"),
            ("the bridge is safe", "denied"),
            "corroborates",
            id="denial of it",
        ),
        pytest.param(("nine miners died", ""), ("14 miners died", ""), "contradicts", id="numbers"),
        pytest.param(("nine miners died", ""), ("the miners died", ""), "corroborates", id="one number"),
        pytest.param(("nine miners died", ""), ("the school is not open", ""), None, id="another topic"),
    ],
)
def test_lexical_relations(first, second, expected):
    rows = [
        {"id": name, "text": text, "cue": cue}
        for name, (text, cue) in zip("ab", (first, second), strict=True)
    ]
    assert [relation["label"] for relation in lexical_relations(rows)] == ([expected] if expected else [])


def test_predict_article_is_in_the_gold_form():
    text = (
        '"The bridge is safe," said Ana Lind. She said that it would stand. Bo said the bridge was not safe.'
    )
    predicted = predict_article({"text": text})
    assert [(item["id"], item["kind"], item["speaker"]) for item in predicted["attributions"]] == [
        ("a1", "direct", "Ana Lind"),
        ("a2", "indirect", "Ana Lind"),
        ("a3", "indirect", "Bo"),
    ]
    [[start, end]] = predicted["attributions"][0]["content"]
    assert text[start:end] == "The bridge is safe"
    assert ("a1", "a3", "contradicts") in [(r["a"], r["b"], r["label"]) for r in predicted["relations"]]
