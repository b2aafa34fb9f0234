"""Candidates across articles: the same matter is found, by whatever order claims come in, and copies crowd nothing out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimcheck.errors import InputError
from claimcheck.records import Claim
from claimcheck.retrieval import POSTINGS, _rarest, nearest_pairs, words


def spread(*rows: tuple[str, str]) -> list[Claim]:
    return [Claim(f"c{n}", text, document=document) for n, (document, text) in enumerate(rows)]


WORDS = {
    "stems": ("Denied, denying, denials", ["denie", "denyi", "denia"]),
    "short-words": ("He is at it", []),
    "numbers": ("5 of 1,200 in 2031", ["5", "1", "200", "2031"]),
    "letters-beyond-ascii": ("Żółtów über", ["żółtó", "über"]),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "expected"), WORDS.values(), ids=WORDS)
def test_words(text, expected):
    assert words(text) == expected


FOUND = {
    "by-a-name": (
        [("x", "the Solveig sank off Harnes"), ("y", "taxes will rise"), ("z", "the Solveig is afloat")],
        [(0, 2)],
    ),
    "by-a-number": (
        [("x", "all 417 left"), ("y", "every road is shut"), ("z", "not 417, far fewer")],
        [(0, 2)],
    ),
    "not-in-one-article": ([("x", "the Solveig sank"), ("x", "the Solveig is afloat"), ("y", "taxes")], []),
    "nothing-in-common": ([("x", "the ferry sank"), ("y", "taxes rise")], []),
    "no-words": ([("x", "no"), ("y", "?"), ("z", "…")], []),
    "one": ([("x", "the ferry sank")], []),
    "none": ([], []),
}


@pytest.mark.parametrize(("rows", "expected"), FOUND.values(), ids=FOUND)
def test_the_nearest_of_other_articles(rows, expected):
    assert nearest_pairs(spread(*rows), 1) == expected


def test_claims_without_a_common_word_are_found_by_their_articles():
    given = spread(
        ("x", "Solveig left Harnes at noon"),
        ("x", "nobody was hurt"),
        ("y", "Solveig never reached Harnes"),
        ("y", "two died aboard"),
        ("z", "taxes will rise in Lindal"),
        ("z", "schools would close"),
    )
    assert (1, 3) in nearest_pairs(given, 2)
    assert (1, 3) not in nearest_pairs([Claim(c.id, c.text) for c in given], 2)  # each stands for itself


def test_one_rare_name_counts_more_than_several_common_words():
    common = [(f"d{n}", f"the harbour master said it was shut, {word}") for n, word in enumerate(WORDS)]
    names = [("x", "the harbour master said Tormund was there"), ("y", "no Tormund came to the market")]
    assert (5, 6) in nearest_pairs(spread(*common, *names), 1)
    others = [("x", "the harbour master said nobody was there"), names[1]]
    assert (5, 6) not in nearest_pairs(spread(*common, *others), 1)


def test_the_context_and_the_speaker_count():
    alone = [Claim("a", "it held"), Claim("b", "it broke"), Claim("c", "they came")]
    assert (0, 1) not in nearest_pairs(alone, 1)
    dam = [
        Claim("a", "it held", context="The Varn dam was full."),
        Claim("b", "it broke", context="Water ran over the Varn dam."),
        Claim("c", "they came"),
    ]
    assert nearest_pairs(dam, 1) == [(0, 1)]
    said = [
        Claim("a", "it held", "Ada Brook"),
        Claim("b", "it broke", "Brook"),
        Claim("c", "they came", "Roth"),
    ]
    assert nearest_pairs(said, 1) == [(0, 1)]


def test_copies_do_not_crowd_out_what_differs():
    copies = [(f"wire{n}", "the Varn dam held all night") for n in range(30)]
    given = spread(*copies, ("town", "the Varn dam broke at night"))
    pairs = nearest_pairs(given, 2)
    assert {i for i, j in pairs if j == 30} == set(range(30))  # every copy meets the one that differs
    assert len(pairs) <= 2 * len(given)


def test_articles_may_be_named():
    given = spread(("x", "the Solveig sank"), ("y", "the Solveig is afloat"))
    assert nearest_pairs(given, 1) == [(0, 1)]
    assert nearest_pairs(given, 1, ["one", "one"]) == []
    assert nearest_pairs(given, 1, [None, None]) == [(0, 1)]


@pytest.mark.parametrize("k", [0, -1])
def test_no_candidates_are_refused(k):
    with pytest.raises(InputError, match=f"^k is {k}, expected at least 1 candidate for each claim$"):
        nearest_pairs([], k)


def test_another_number_of_articles_is_refused():
    with pytest.raises(InputError, match=r"^1 articles for 2 claims, expected one \(or None\) for each$"):
        nearest_pairs(spread(("x", "a"), ("y", "b")), 1, ["x"])


def test_queries_keep_their_rarest_words():
    from scipy.sparse import csr_matrix

    n = POSTINGS - 1
    common, rare = np.ones(n), np.zeros(n)
    rare[:2] = 1
    kept = _rarest(csr_matrix(np.stack([common, rare], axis=1)))
    assert kept[0].toarray().tolist() == [[0, 1]]  # 2 + 2,999 entries are too many
    assert kept[2].toarray().tolist() == [[1, 0]]


def test_the_rarest_word_is_kept_however_common():
    from scipy.sparse import csr_matrix

    kept = _rarest(csr_matrix(np.ones((POSTINGS + 1, 1))))
    assert kept.nnz == POSTINGS + 1


CLAIMS = st.lists(
    st.tuples(
        st.sampled_from(["x", "y", "z", "w", None]),
        st.lists(st.sampled_from(["ferry", "Solveig", "sank", "417", "taxes", "dam"]), max_size=4).map(
            " ".join
        ),
    ),
    max_size=16,
).map(lambda rows: [Claim(f"c{n:02}", text, document=document) for n, (document, text) in enumerate(rows)])


@settings(max_examples=40, deadline=None)
@given(CLAIMS, st.integers(1, 4), st.randoms(use_true_random=False))
def test_pairs_are_apart_bounded_and_independent_of_the_order(claims, k, random):
    pairs = nearest_pairs(claims, k)
    assert pairs == sorted(set(pairs))
    assert len(pairs) <= k * len(claims)
    for i, j in pairs:
        assert i < j
        assert claims[i].document is None or claims[i].document != claims[j].document
    shuffled = list(claims)
    random.shuffle(shuffled)

    def named(given):
        return {frozenset((given[i].id, given[j].id)) for i, j in nearest_pairs(given, k)}

    assert named(shuffled) == named(claims)


@settings(max_examples=20, deadline=None)
@given(CLAIMS)
def test_with_room_enough_all_that_share_a_word_are_found(claims):
    claims = [
        Claim(c.id, f"{c.text} n{n:03}", document=c.document) for n, c in enumerate(claims)
    ]  # all differ
    pairs = nearest_pairs(claims, 100)
    for i, a in enumerate(claims):
        for j in range(i + 1, len(claims)):
            apart = a.document is None or a.document != claims[j].document
            shared = set(words(a.text)) & set(words(claims[j].text))
            if apart and shared:
                assert (i, j) in pairs
