"""Which claims are compared, and what two readings of a pair come to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck import Checker
from claimcheck.decision import Decision
from claimcheck.errors import InputError
from claimcheck.pairing import FEATURES, pair_features
from claimcheck.records import Claim
from claimcheck.relations import (
    ALL_STATEMENTS,
    CLEARLY_NEUTRAL,
    LESS_NEUTRAL,
    LESS_NEUTRAL_LOOSE,
    SAME_WORDS,
    apart_features,
    candidate_pairs,
    cross_pairs,
    neutral_limits,
    relate,
    statement_pairs,
)

NEUTRAL = (0.02, 0.96, 0.02)


def claims(*texts: str) -> list[Claim]:
    return [Claim(f"c{n}", text, speaker=f"S{n}") for n, text in enumerate(texts, 1)]


class Table:
    """An NLI model that knows its answers by (premise, hypothesis), and notes what it was asked."""

    def __init__(self, answers, default=NEUTRAL):
        self.answers, self.default, self.asked, self.options = answers, default, [], []

    def predict(self, pairs, **options):
        self.asked.append(list(pairs))
        self.options.append(options)
        return np.array([self.answers.get(pair, self.default) for pair in pairs], dtype=np.float32).reshape(
            -1, 3
        )


def short(relations):
    return [(r.a, r.b, r.label, r.score) for r in relations]


# candidates


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10])
def test_all_pairs_are_taken_while_they_are_few(n):
    pairs, limited = candidate_pairs(claims(*("x" * n)))
    assert pairs == [(i, j, j - i) for i in range(n) for j in range(i + 1, n)]
    assert not limited


def test_the_limit_itself_is_not_limited():
    assert candidate_pairs(claims(*"abcd"), 6) == (
        [(i, j, j - i) for i in range(4) for j in range(i + 1, 4)],
        False,
    )


def test_beyond_the_limit_neighbours_are_taken():
    pairs, limited = candidate_pairs(claims(*"abcd"), 5)
    assert limited
    assert pairs == [(0, 1, 1), (0, 2, 2), (1, 2, 1), (1, 3, 2), (2, 3, 1)]


def test_beyond_the_limit_half_the_room_is_for_shared_words():
    texts = ["ferry sank", "b", "c", "d", "e", "the ferry floats"]
    pairs, limited = candidate_pairs(claims(*texts), 4)
    assert limited
    assert pairs == [(0, 1, 1), (0, 5, 5), (1, 2, 1), (2, 3, 1)]


def test_a_limit_of_one_keeps_one():
    assert candidate_pairs(claims(*"abc"), 1) == ([(0, 1, 1)], True)


@given(
    st.lists(st.sampled_from(["ferry", "ferry 40", "harbour ferry", "x"]), max_size=14), st.integers(1, 60)
)
def test_candidates_are_ordered_unique_and_as_many_as_allowed(texts, limit):
    pairs, limited = candidate_pairs(claims(*texts), limit)
    total = len(texts) * (len(texts) - 1) // 2
    assert len(pairs) == len(set(pairs)) == min(total, limit)
    assert limited == (total > limit)
    assert all(0 <= i < j < len(texts) and distance == j - i for i, j, distance in pairs)
    assert pairs == sorted(pairs)


def spread(*texts: tuple[str, str]) -> list[Claim]:
    return [Claim(f"{document}:{n}", text, document=document) for n, (document, text) in enumerate(texts)]


def test_cross_pairs_are_of_different_documents():
    given = spread(("x", "a"), ("x", "b"), ("y", "c"), ("z", "d"))
    assert cross_pairs(given, 5) == (
        [(0, 2, None), (0, 3, None), (1, 2, None), (1, 3, None), (2, 3, None)],
        False,
    )


def test_beyond_the_limit_each_claim_gets_the_nearest():
    given = spread(("x", "ferry sank"), ("x", "ferry lost"), ("y", "rain"), ("z", "the ferry floats"))
    assert cross_pairs(given, 5, 2) == (
        [(0, 2, None), (0, 3, None), (1, 2, None), (1, 3, None), (2, 3, None)],
        False,
    )
    assert cross_pairs(given, 4, 2) == ([(0, 3, None), (1, 3, None)], True)


def test_as_many_candidates_as_claims_are_all_pairs():
    given = spread(("x", "a"), ("y", "b"), ("z", "c"))
    assert cross_pairs(given, 0, 2) == ([(0, 1, None), (0, 2, None), (1, 2, None)], False)


@settings(deadline=None)  # the first call imports scikit-learn
@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.sampled_from(["ferry", "ferry 40", "dam", "no"])), max_size=12
    ),
    st.integers(0, 80),
)
def test_cross_pairs_say_whether_any_is_missing(rows, limit):
    given = spread(*rows)
    pairs, limited = cross_pairs(given, limit, 2)
    every = [
        (i, j, None)
        for i in range(len(given))
        for j in range(i + 1, len(given))
        if given[i].document != given[j].document
    ]
    assert limited == (len(pairs) < len(every))
    assert set(pairs) <= set(every)
    if len(every) <= limit:
        assert pairs == every


PLACES = [("one", 1), (None, 0), ("one", 0), ("two", 0), ("one", 2)]


def test_few_statements_are_all_compared():
    assert statement_pairs(claims(*"abcde"), PLACES, max_pairs=1) == (
        [
            (0, 1, None),
            (0, 2, 1),
            (0, 3, None),
            (0, 4, 1),
            (1, 2, None),
            (1, 3, None),
            (1, 4, None),
            (2, 3, None),
            (2, 4, 2),
            (3, 4, None),
        ],
        False,
        False,
    )


def test_of_more_statements_those_nearest_are_compared():
    texts = ["ferry sank", "ferry floats", "taxes", "taxes", "dam broke"]
    given = claims(*texts)
    pairs = [(0, 1, None), (0, 2, 1), (0, 4, 1), (1, 3, None), (2, 3, None), (2, 4, 2)]
    assert statement_pairs(given, PLACES, max_candidates=1)[0][:3] == pairs[:3]
    found, limited, nearest = statement_pairs(given, PLACES, max_pairs=2, max_candidates=1)
    assert (limited, nearest) == (True, True)
    assert [pair for pair in found if pair[2] is not None] == [(0, 2, 1), (0, 4, 1)]


def test_the_number_of_statements_that_are_all_compared():
    few = claims(*(f"the ferry {n}" for n in range(ALL_STATEMENTS)))
    many = claims(*(f"the ferry {n}" for n in range(ALL_STATEMENTS + 1)))
    pairs, limited, nearest = statement_pairs(few, [(None, 0)] * len(few))
    assert (len(pairs), limited, nearest) == (ALL_STATEMENTS * (ALL_STATEMENTS - 1) // 2, False, False)
    pairs, limited, nearest = statement_pairs(many, [(None, 0)] * len(many))
    assert len(many) * 10 <= len(pairs) <= len(many) * 20
    assert (limited, nearest) == (False, True)


def test_cross_pairs_of_one_document_are_none():
    assert cross_pairs(spread(("x", "a"), ("x", "b")), 9) == ([], False)
    assert cross_pairs([], 9) == ([], False)


# relations

A, B = "A.", "B."


def run(forward, backward, **options):
    nli = Table({(A, B): forward, (B, A): backward})
    return relate(claims("a", "b"), [(0, 1, 1)], nli, **options), nli


def test_the_score_is_the_mean_of_both_readings():
    relations, _ = run((0.1, 0.2, 0.7), (0.2, 0.3, 0.5))
    assert short(relations) == [("c1", "c2", "contradicts", 0.6)]
    assert relations[0].forward == (0.1, 0.2, 0.7)
    assert relations[0].backward == (0.2, 0.3, 0.5)


LABELS = {
    "contradicts": ((0.0, 0.2, 0.8), (0.0, 0.4, 0.6), [("contradicts", 0.7)]),
    "corroborates": ((0.8, 0.2, 0.0), (0.6, 0.4, 0.0), [("corroborates", 0.7)]),
    "on-the-threshold": ((0.0, 0.5, 0.5), (0.0, 0.5, 0.5), [("contradicts", 0.5)]),
    "under-the-threshold": ((0.0, 0.51, 0.49), (0.0, 0.5, 0.5), []),
    "one-way-entailment": ((0.9, 0.1, 0.0), (0.0, 1.0, 0.0), []),
    "split": ((0.9, 0.1, 0.0), (0.0, 0.1, 0.9), []),
    "entailment-does-not-hide-contradiction": ((0.4, 0.0, 0.6), (0.3, 0.1, 0.6), [("contradicts", 0.6)]),
}


@pytest.mark.parametrize(("forward", "backward", "expected"), LABELS.values(), ids=LABELS)
def test_labels_under_the_default_thresholds(forward, backward, expected):
    assert [(r.label, r.score) for r in run(forward, backward)[0]] == expected


@pytest.mark.parametrize(
    ("thresholds", "expected"),
    [
        ({"contradicts": 0.6, "corroborates": 0.5}, ["contradicts"]),
        ({"contradicts": 0.61, "corroborates": 0.5}, []),
        ({"contradicts": 0.61, "corroborates": 0.3}, ["corroborates"]),
        ({"contradicts": 0.1, "corroborates": 0.1}, ["contradicts"]),
    ],
)
def test_thresholds_decide(thresholds, expected):
    decision = Decision().with_thresholds(thresholds)
    relations, _ = run((0.3, 0.1, 0.6), (0.3, 0.1, 0.6), decision=decision)
    assert [r.label for r in relations] == expected


def test_a_pair_is_read_again_unless_it_is_clearly_neutral():
    nli = Table(
        {("A.", "B."): (0.05, 0.9, 0.05), ("A.", "C."): (0.1, 0.8, 0.1), ("B.", "C."): (0.0, 0.2, 0.8)}
    )
    relate(claims("a", "b", "c"), [(0, 1, 1), (0, 2, 2), (1, 2, 1)], nli)
    assert nli.asked == [[("A.", "B."), ("A.", "C."), ("B.", "C.")], [("C.", "A."), ("C.", "B.")]]


def test_keep_all_reads_everything_and_returns_it():
    relations, nli = run(NEUTRAL, (0.1, 0.8, 0.1), keep_all=True)
    assert len(nli.asked[1]) == 1
    assert short(relations) == [("c1", "c2", "neither", 0.88)]


def test_nothing_is_asked_about_nothing():
    nli = Table({})
    assert relate(claims("a", "b"), [], nli) == []
    assert relate([], [], nli) == []
    assert nli.asked == []


def test_options_go_to_the_model():
    _, nli = run((0, 0, 1), (0, 0, 1), options={"show_progress_bar": True})
    assert nli.options == [{"show_progress_bar": True}] * 2


def test_framed_claims_show_who_speaks():
    nli = Table({})
    relate(claims("a", "b"), [(0, 1, 1)], nli, form="framed")
    assert nli.asked[0] == [("S1 said: a | next, other speaker", "S2 said: b")]


def test_relations_keep_the_order_of_the_pairs():
    nli = Table({}, default=(0.0, 0.1, 0.9))
    relations = relate(claims("a", "b", "c"), [(1, 2, 1), (0, 2, 2), (0, 1, 1)], nli)
    assert [(r.a, r.b) for r in relations] == [("c2", "c3"), ("c1", "c3"), ("c1", "c2")]


DISTRIBUTION = st.tuples(*[st.integers(1, 100)] * 3).map(lambda t: tuple(round(x / sum(t), 3) for x in t))


@given(DISTRIBUTION, DISTRIBUTION)
def test_swapping_a_pair_changes_neither_label_nor_score(forward, backward):
    if max(forward[1], backward[1]) >= CLEARLY_NEUTRAL:
        return  # read one way only
    there, _ = run(forward, backward)
    nli = Table({(A, B): forward, (B, A): backward})
    back = relate(claims("a", "b"), [(1, 0, 1)], nli)
    assert [(r.label, r.score) for r in back] == [(r.label, r.score) for r in there]
    assert [(r.forward, r.backward) for r in back] == [(r.backward, r.forward) for r in there]


@pytest.mark.parametrize("shape", [(2, 3), (1, 2), (3,)])
def test_a_model_that_answers_in_another_shape_is_refused(shape):
    class Wrong:
        def predict(self, pairs):
            return np.zeros(shape)

    with pytest.raises(
        InputError, match=r"^the NLI model returned an array of shape \(.*\) for 1 pairs, expected \(1, 3\)$"
    ):
        relate(claims("a", "b"), [(0, 1, 1)], Wrong())


def test_a_model_may_answer_in_lists():
    class Lists:
        def predict(self, pairs):
            return [[0.0, 0.1, 0.9]] * len(pairs)

    assert short(relate(claims("a", "b"), [(0, 1, 1)], Lists())) == [("c1", "c2", "contradicts", 0.9)]


@pytest.mark.parametrize(
    ("thresholds", "message"),
    [
        ({"contradicts": 1.2}, "threshold of 'contradicts' is 1.2, expected a number between 0 and 1"),
        ({"corroborates": -0.1}, "threshold of 'corroborates' is -0.1, expected a number between 0 and 1"),
        ({"corroborates": "0.5"}, "threshold of 'corroborates' is '0.5', expected"),
        ({"contradicts": None}, "threshold of 'contradicts' is None, expected"),
        ({"contradicts": float("nan")}, "threshold of 'contradicts' is nan, expected"),
        ({"contradicts": True}, "threshold of 'contradicts' is True, expected"),
        ({"contradict": 0.5}, "threshold of 'contradict': expected one of gate, contradicts, corroborates"),
    ],
)
def test_bad_thresholds_are_refused(thresholds, message):
    with pytest.raises(InputError, match=f"^{message}"):
        Decision().with_thresholds(thresholds)


def test_a_gate_keeps_pairs_from_being_read():
    decision = Decision(gate={"next": 4.0, "intercept": -2.0})
    nli = Table({}, default=(0.0, 0.1, 0.9))
    relations = relate(claims("a", "b", "c"), [(0, 1, 1), (0, 2, 2), (1, 2, 1)], nli, decision=decision)
    assert nli.asked[0] == [("A.", "B."), ("B.", "C.")]
    assert [(r.a, r.b) for r in relations] == [("c1", "c2"), ("c2", "c3")]


def test_a_relation_carries_what_it_rests_on():
    decision = Decision(gate={"next": 4.0, "intercept": -2.0})
    nli = Table({}, default=(0.0, 0.1, 0.9))
    pair = [
        Claim("c1", "the ferry sank", speaker="Ada"),
        Claim("c2", "the ferry floats", speaker="Ben", cue="denied", force="denies"),
    ]
    (relation,) = relate(pair, [(0, 1, 1)], nli, decision=decision)
    assert relation.denied == (False, True)
    assert relation.truncated == (False, False)
    assert relation.gate == 0.8808  # the logistic function of 4 - 2
    known = {"next": 1.0, "second_denies": 1.0, "closeness": 1.0, "loose": 1.0}
    assert known.items() <= relation.features.items()
    assert "first_denies" not in relation.features  # a zero
    assert relation.why == (
        "Two speakers speak of “ferry”, one directly after the other; Ben denies the second (“denied”); "
        "each is read as contradicting the other (0.90, 0.90)."
    )


def test_without_a_gate_there_is_no_probability_of_passing_it():
    assert run((0.0, 0.1, 0.9), (0.0, 0.1, 0.9))[0][0].gate is None


def test_a_pair_that_was_read_one_way_says_so():
    nli = Table({(A, B): (0.02, 0.9, 0.08)})
    decision = Decision().with_thresholds({"contradicts": 0.05})
    (relation,) = relate(claims("a", "b"), [(0, 1, 1)], nli, decision=decision)
    assert relation.forward == relation.backward == (0.02, 0.9, 0.08)
    assert relation.why.endswith("the first is read as neutral towards the second (0.90).")


@pytest.mark.parametrize(
    ("form", "expected"), [("framed", (True, False)), ("plain", (False, False))], ids=["framed", "plain"]
)
def test_a_statement_that_is_too_long_for_its_frame_is_said_to_be_cut(form, expected):
    nli = Table({}, default=(0.0, 0.1, 0.9))
    (relation,) = relate(claims("it leaks, " * 99, "it holds"), [(0, 1, 1)], nli, form=form)
    assert relation.truncated == expected
    assert ("of the first only the first 600 characters were read" in relation.why) == expected[0]


@pytest.mark.parametrize(
    ("first", "second", "label"),
    [
        pytest.param({}, {}, "corroborates", id="both-say-it"),
        pytest.param({"force": "denies"}, {}, "contradicts", id="one-denies-it"),
        pytest.param({"force": "denies"}, {"force": "denies"}, "corroborates", id="both-deny-it"),
    ],
)
def test_the_same_words_agree_unless_one_side_denies_them(first, second, label):
    class Wrong:
        def predict(self, pairs):
            return np.array([[0.0, 0.0, 1.0] if label == "corroborates" else [1.0, 0.0, 0.0]] * len(pairs))

    claims = [Claim("c1", "the bridge is safe", **first), Claim("c2", "The bridge is safe", **second)]
    (relation,) = relate(claims, [(0, 1, None)], Wrong())
    assert (relation.label, relation.score >= SAME_WORDS) == (label, True)


# the pair head


class Head:
    """Says what it is asked, and that a pair contradicts as surely as its first claim's vector says."""

    def __init__(self):
        self.asked = []

    def chances(self, vectors, states, pairs, surface):
        self.asked.append(
            (vectors.tolist(), None if states is None else states.tolist(), pairs, surface.shape)
        )
        contradicts = np.array([vectors[i][0] for i, _, _ in pairs])
        return np.column_stack([1 - contradicts, contradicts, np.zeros(len(pairs))])


class HeadedNli(Table):
    """Has a head, and the vector [n / 10] for a claim of "n"."""

    def __init__(self, table):
        super().__init__(table)
        self.pair_head = Head()
        self.encoded = []

    def encode(self, texts):
        self.encoded.append(texts)
        return np.array([[int(text.split(": ")[1].split(" | ")[0]) / 10] for text in texts], dtype=np.float32)


RATHER_NEUTRAL = {(f"{i}.", f"{j}."): (0.2, 0.4, 0.4) for i in (9, 5, 1) for j in (9, 5, 1)}
LOOKING = Decision(
    {"related_apart": 1.0},
    {"contradicts": {"contradicts_apart": 1.0}, "corroborates": {"entailment": 1.0}},
    {"contradicts": {"contradicts_alone": 1.0}, "corroborates": {"corroborates_alone": 1.0}},
    {"gate": 0.3, "contradicts": 0.4, "corroborates": 0.9},
)


def test_the_head_is_asked_of_the_claims_that_form_pairs():
    nli = HeadedNli(RATHER_NEUTRAL)
    given = [Claim("c0", "7"), *claims("9", "5", "1")]
    states = np.array([[n] for n in range(4)], dtype=np.float32)
    pairs = [(1, 3, 2), (2, 3, 1)]
    relations = relate(given, pairs, nli, decision=LOOKING, states=states)
    ((vectors, asked, moved, shape),) = nli.pair_head.asked
    np.testing.assert_allclose(vectors, [[0.9], [0.5], [0.1]], atol=1e-6)
    assert asked == [[1], [2], [3]]
    assert moved == [(0, 2, 2), (1, 2, 1)]
    assert shape == (2, len(FEATURES))
    assert [(r.a, r.b, r.label, round(r.score, 2)) for r in relations] == [
        ("c1", "c3", "contradicts", 0.9),
        ("c2", "c3", "contradicts", 0.5),
    ]
    assert relations[0].features["contradicts_apart"] == pytest.approx(np.log(9), abs=1e-3)
    assert relations[0].gate == pytest.approx(0.9, abs=1e-3)


def test_what_the_head_finds_unrelated_is_not_read():
    nli = HeadedNli(RATHER_NEUTRAL)
    relate(claims("9", "5", "1"), [(0, 1, 1), (1, 2, 1), (2, 0, 2)], nli, decision=LOOKING)
    assert nli.asked == [[("9.", "5."), ("5.", "1.")], [("5.", "9."), ("1.", "5.")]]
    relate(claims("9", "5", "1"), [(2, 0, 2)], nli, decision=LOOKING, keep_all=True)
    assert nli.asked[2:] == [[("1.", "9.")], [("9.", "1.")]]


def test_beside_a_head_a_rather_neutral_reading_is_enough():
    given = claims(*"123456789")
    near, apart = (pair_features(given, [(0, 1, distance)]) for distance in (1, None))
    assert neutral_limits(HeadedNli({}), near) == LESS_NEUTRAL < CLEARLY_NEUTRAL
    assert LESS_NEUTRAL < neutral_limits(HeadedNli({}), apart) == LESS_NEUTRAL_LOOSE < CLEARLY_NEUTRAL
    assert neutral_limits(Table({}), near) == CLEARLY_NEUTRAL
    nli = HeadedNli({("9.", "5."): (0.3, 0.4, 0.3)})
    relate(claims("9", "5", *"1111111"), [(0, 1, 1)], nli, decision=LOOKING)
    relate(claims("9", "5", *"1111111"), [(0, 1, None)], nli, decision=LOOKING)
    assert nli.asked == [[("9.", "5.")], [("9.", "5.")], [("5.", "9.")]]


def test_loose_pairs_are_read_as_plain_sentences_too():
    weights = {"plain_contradiction": 1.0, "plain_entailment": -1.0}
    both = {"contradicts": {"contradicts_alone": 1.0}, "corroborates": {"intercept": -9.0}}
    decision = Decision(
        alone={"contradicts": weights, "corroborates": {}},
        together={**both, "contradicts_loose": both["contradicts"]},
    )
    table = {("9.", "5."): (0.1, 0.1, 0.8), ("5.", "9."): (0.2, 0.4, 0.4)}
    asked = {}
    for nli in (Table(table), HeadedNli(table)):
        (relation,) = relate(claims("9", "5"), [(0, 1, None)], nli, form="framed", decision=decision)
        asked[type(nli)] = [pair for (pair,) in nli.asked], relation.score
    plain, score = asked[Table]
    assert plain[-2:] == [("9.", "5."), ("5.", "9.")]
    assert score == pytest.approx(0.9074, abs=1e-4)  # the means of log 4 and log 2/3, and of log 9 and log 4
    plain, score = asked[HeadedNli]
    assert plain[-1:] == [("9.", "5.")] != plain[-2:-1]
    assert score == pytest.approx(36 / 37, abs=1e-4)  # odds of 4 for it, and of 9 against agreement, one way


def test_without_a_head_nothing_is_said_of_pairs_apart():
    pairs = [(0, 1, 1)]
    found = apart_features(claims("a", "b"), pairs, pair_features(claims("a", "b"), pairs), Table({}))
    assert found.tolist() == [[0, 0, 0]]


def test_a_decision_that_needs_a_head_is_refused_without_one():
    nli = Table({})
    nli.decision = LOOKING
    with pytest.raises(InputError, match="weighs what its pair_head says, and it has none"):
        Checker(object(), nli)
