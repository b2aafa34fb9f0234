import pytest

from claimcheck.errors import InputError
from claimcheck.evaluation.spans import PRF, Triple, merge_fragments, score_document, score_documents
from claimcheck.records import Attribution, Span, spans

TEXT = "Ana said the pier is safe and sound. Bo denied it."


def triple(source, cue, content):
    return Triple(spans(source), spans(cue), spans(content))


def test_prf_with_precision_other_than_recall():
    score = PRF(tp=3, fp=1, fn=5)
    assert score.precision == pytest.approx(0.75)
    assert score.recall == pytest.approx(0.375)
    assert score.f1 == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        pytest.param(PRF(), (0.0, 0.0, 0.0), id="nothing at all"),
        pytest.param(PRF(fp=2), (0.0, 0.0, 0.0), id="false alarms only"),
        pytest.param(PRF(fn=2), (0.0, 0.0, 0.0), id="misses only"),
        pytest.param(PRF(tp=2), (1.0, 1.0, 1.0), id="perfect"),
    ],
)
def test_prf_at_the_edges(score, expected):
    assert (score.precision, score.recall, score.f1) == expected


def test_prf_refuses_negative_counts():
    with pytest.raises(InputError, match="fp=-1"):
        PRF(tp=1, fp=-1)


def test_prf_adds_up():
    assert PRF(1, 2, 3) + PRF(10, 20, 30) == PRF(11, 22, 33)


@pytest.mark.parametrize(
    ("given", "text", "expected"),
    [
        pytest.param([(0, 3), (4, 8)], "Ana said", [(0, 8)], id="a space"),
        pytest.param([(0, 3), (6, 10)], "Ana \n\nsaid", [(0, 10)], id="two lines and a no-break space"),
        pytest.param([(0, 3), (3, 8)], "Ana said", [(0, 8)], id="nothing between"),
        pytest.param([(0, 3), (5, 9)], "Ana, said", [(0, 3), (5, 9)], id="a comma parts them"),
        pytest.param([(0, 2), (4, 6), (7, 9)], "ab, cd ef", [(0, 2), (4, 9)], id="only two of three"),
        pytest.param([(4, 8), (0, 3)], "Ana said", [(0, 8)], id="in any order"),
        pytest.param([(0, 8), (2, 3), (8, 9)], "Ana said.", [(0, 9)], id="one inside another"),
        pytest.param([], "Ana", [], id="none"),
    ],
)
def test_merge_fragments(given, text, expected):
    assert merge_fragments(spans(given), text) == spans(expected)


def test_score_document_by_hand():
    gold = [
        triple([(0, 3)], [(4, 8)], [(9, 25), (26, 35)]),  # the content is one span once merged
        triple([(37, 39)], [(40, 46)], [(47, 49)]),
    ]
    predicted = [
        triple([(0, 3)], [(4, 8)], [(9, 35)]),  # whole
        triple([(0, 3)], [(40, 46)], [(47, 49)]),  # the wrong source, found already
        triple([(13, 17)], [], [(9, 17)]),  # made up
    ]
    assert score_document(gold, predicted, TEXT) == {
        "source": PRF(tp=1, fp=1, fn=1),
        "cue": PRF(tp=2, fp=0, fn=0),
        "content": PRF(tp=2, fp=1, fn=0),
        "triple": PRF(tp=1, fp=2, fn=1),
    }


def test_score_document_takes_records():
    gold = [triple([], [(4, 8)], [(9, 25)])]
    predicted = [Attribution("a1", (), (Span(4, 8),), (Span(9, 25),), "indirect")]
    assert score_document(gold, predicted, TEXT)["triple"] == PRF(tp=1)


def test_score_documents_is_micro_average_and_spans_of_two_documents_differ():
    gold = [triple([(0, 3)], [(4, 8)], [(9, 25)])]
    right = score_document(gold, gold, TEXT)
    missed = score_document(gold, [], TEXT)
    total = score_documents([right, right, missed])
    assert total["source"] == PRF(tp=2, fp=0, fn=1)
    assert total["source"].f1 == pytest.approx(0.8)
    assert score_documents([])["triple"] == PRF()
