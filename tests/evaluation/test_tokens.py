import pytest

from claimcheck.errors import InputError
from claimcheck.evaluation.spans import PRF, Triple
from claimcheck.evaluation.tokens import TokenItem, bio_spans, detokenize, score_item, without_overlaps
from claimcheck.records import Span

# "Ann said that Bo had denied it , '' and left .", of which only the outer attribution is labelled
TOKENS = ("Ann", "said", "that", "Bo", "had", "denied", "it", ",", "''", "and", "left", ".")
LABELS = ("B-source", "B-cue", "B-content", *["I-content"] * 6, "O", "O", "O")
ITEM = TokenItem("x", TOKENS, LABELS)


def triple(text, source, cue, content):
    return Triple(*(tuple(Span(text.index(p), text.index(p) + len(p)) for p in part) for part in (source, cue, content)))  # fmt: skip


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        pytest.param("Ann 's dog , he said , bit .", "Ann’s dog, he said, bit.", id="clitic and commas"),
        pytest.param("`` We ca n't , '' he said .", "“We can’t,” he said.", id="quotation marks"),
        pytest.param("the workers ' ` plan '", "the workers’ ‘plan’", id="single marks"),
        pytest.param("Bo -LRB- D-Ohio -RRB- paid $ 5 .", "Bo (D-Ohio) paid $5.", id="brackets and money"),
        pytest.param("in the U.S. . He left .", "in the U.S. He left.", id="stop after an abbreviation"),
        pytest.param("people are ... more", "people are ... more", id="dots"),
        pytest.param('" No , " he said , " never . "', "“No,” he said, “never.”", id="straight marks"),
        pytest.param('`` No , " he said , " never', "“No,” he said, “never", id="straight and other marks"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_detokenize(tokens, text):
    shown, places = detokenize(tokens.split())
    assert shown == text
    assert len(places) == len(tokens.split())


def test_each_token_knows_its_place():
    text, places = detokenize(["``", "No", ".", "''", "-LSB-", "U.S.", ".", "-RSB-"])
    assert [text[start:end] for start, end in places] == ["“", "No", ".", "”", "[", "U.S.", "", "]"]


def test_a_straight_mark_keeps_its_place():
    text, places = detokenize(['"', "No", '"', "she", '"', "said", '"'])
    assert [text[start:end] for start, end in places] == ["“", "No", "”", "she", "“", "said", "”"]


def test_labels_follow_each_other_without_a_gap():
    assert bio_spans(["B-source", "B-source", "I-source", "B-cue"]) == {
        ("source", 0, 1),
        ("source", 1, 3),
        ("cue", 3, 4),
    }


def test_a_continuation_of_nothing_is_outside():
    assert bio_spans(["I-cue", "O", "B-source", "I-content", "I-content"]) == {("source", 2, 3)}


def test_a_content_hides_what_is_nested_in_it():
    text, places = detokenize(TOKENS)
    outer = triple(text, ["Ann"], ["said"], ["that Bo had denied it,”"])
    inner = triple(text, ["Bo"], ["had denied"], ["it"])
    assert without_overlaps([inner, outer], text, places) == bio_spans(LABELS)
    assert without_overlaps([inner], text, places) == {("source", 3, 4), ("cue", 4, 6), ("content", 6, 7)}


def test_fragments_that_only_white_space_parts_are_one_span():
    text, places = detokenize(TOKENS)
    parted = triple(text, ["Ann"], ["said"], ["that Bo", "had denied"])
    assert ("content", 2, 6) in without_overlaps([parted], text, places)


def test_a_span_takes_the_tokens_that_it_touches():
    text, places = detokenize(TOKENS)
    content = Span(text.index("enied"), text.index("it,") + 3)
    assert without_overlaps([Triple((), (), (content,))], text, places) == {("content", 5, 8)}


def test_scores_by_hand():
    predicted = {("source", 0, 1), ("source", 3, 4), ("cue", 1, 3), ("content", 2, 9), ("content", 10, 11)}
    assert score_item(ITEM, predicted) == {
        "source": PRF(tp=1, fp=1),
        "cue": PRF(fp=1, fn=1),
        "content": PRF(tp=1, fp=1),
    }


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        pytest.param(("O",), "item 'x' has 2 tokens and 1 labels", id="number"),
        pytest.param(("O", "B-speaker"), "label 'B-speaker' is not one of", id="role"),
    ],
)
def test_items_that_are_none(labels, message):
    with pytest.raises(InputError, match=message):
        TokenItem("x", ("a", "b"), labels)
