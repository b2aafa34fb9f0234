"""Candidate retrieval: which claims of other articles a claim is compared with, at a cost that does not grow with them.

Two claims that contradict each other often share no word ("Not before autumn" against "by June 30"): what they share is
the matter, and that stands in what surrounds them. A pair therefore scores the cosine of the two claims (content,
speaker, cue and the sentences before, as TF-IDF of stems and numbers) plus twice the cosine of their articles (all
claims of each together). The inverse document frequency is squared for claims and cubed for articles: names and other
rare words tell one matter from another of the same kind.

Both are sparse products over an inverted index. A query uses its rarest words, and only as many as lead to a fixed
number of entries of the index, so that a claim costs about the same among a thousand and among a million.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import regex

from claimcheck.errors import InputError
from claimcheck.records import Claim

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MAX_CANDIDATES = 20  # for each claim
ARTICLE_WEIGHT = 2.0
POSTINGS = 3000  # entries of the index that one query may lead to
NEAR_ARTICLES = 50  # whose claims are candidates, whatever words these share
NEAR_CLAIMS = 1000  # at most so many claims in them
BLOCK = 512  # queries that are multiplied together

Indices = npt.NDArray[np.int64]
_WORD = regex.compile(r"\p{L}{3,}|\d+")
_LOW = 2**32 - 1


def nearest_pairs(
    claims: Sequence[Claim], k: int = MAX_CANDIDATES, articles: Sequence[Hashable] | None = None
) -> list[tuple[int, int]]:
    """Return the pairs (i, j), i < j, in which one claim is among the ``k`` nearest of the other in other articles.

    Of equal texts, wire copies say, only the nearest is a candidate of a claim: they do not crowd the others out.
    The pairs do not depend on the order of the claims, and there are at most ``k`` for each claim.

    Parameters
    ----------
    articles
        What each claim's article is called; default: its document. A claim of none (None) stands for itself.

    Raises
    ------
    InputError
        If ``k`` is not positive, or there is not one article for each claim.

    Examples
    --------
    >>> texts = ["the ferry Solveig sank", "taxes will rise", "the Solveig is afloat", "no taxes will rise"]
    >>> nearest_pairs([Claim(f"c{n}", text) for n, text in enumerate(texts)], k=1)
    [(0, 2), (1, 3)]
    """
    if k < 1:
        raise InputError(f"k is {k}, expected at least 1 candidate for each claim")
    if articles is None:
        articles = [claim.document for claim in claims]
    if len(articles) != len(claims):
        raise InputError(
            f"{len(articles)} articles for {len(claims)} claims, expected one (or None) for each"
        )
    # the order that claims come in must not matter, not even for the last bit of a sum
    order = sorted(range(len(claims)), key=lambda i: (*_content(claims[i]), str(articles[i]), claims[i].id))
    ranked = [claims[i] for i in order]
    pairs = set()
    for i, found in enumerate(_candidates(ranked, _numbered([articles[i] for i in order]), k)):
        for j in found.tolist():
            a, b = order[i], order[j]
            pairs.add((a, b) if a < b else (b, a))
    return sorted(pairs)


def _content(claim: Claim) -> tuple[str, ...]:
    return (claim.text, claim.speaker or "", claim.cue, claim.context)


def _numbered(articles: Sequence[Hashable]) -> Indices:
    """Return the number of each claim's article; claims of none get one of their own."""
    numbers: dict[Hashable, int] = {}
    keys = [("claim", n) if article is None else ("article", article) for n, article in enumerate(articles)]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def words(text: str) -> list[str]:
    """Return the first five letters of a text's words of three letters and more, and its numbers.

    >>> words("They denied it on 12 May")
    ['they', 'denie', '12', 'may']
    """
    return [word[:5] for word in _WORD.findall(text.lower())]


def _candidates(claims: Sequence[Claim], owner: Indices, k: int) -> Iterator[Indices]:
    """Yield the nearest claims of each claim; ``owner`` (n,) holds the number of its article."""
    vectors = _vectors(claims, owner)
    if vectors is None:
        return
    own, together, member = vectors
    # for each article (rows), the similarity of the article that each claim (columns) is of
    around = _near_articles(together, np.bincount(owner)) @ member.T * np.float32(ARTICLE_WEIGHT)
    texts: dict[str, int] = {}
    group = np.array([texts.setdefault(" ".join(c.text.lower().split()), len(texts)) for c in claims])
    queries, index = _rarest(own), own.T.tocsr()
    for begin in range(0, len(claims), BLOCK):
        rows = slice(begin, begin + BLOCK)
        scores = (queries[rows] @ index + around[owner[rows]]).tocsr()
        for row, (columns, values) in enumerate(_rows(scores), begin):
            apart = owner[columns] != owner[row]
            yield _best(columns[apart], values[apart], k, group)


def _vectors(claims: Sequence[Claim], owner: Indices) -> tuple[csr_matrix, csr_matrix, csr_matrix] | None:
    """Return claims by words, articles by words, and claims by articles; None if there is no word at all."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
    from sklearn.preprocessing import normalize

    parts = [" ".join((c.text, c.speaker or "", c.cue, c.context)) for c in claims]
    if not any(words(part) for part in parts):
        return None
    counts = CountVectorizer(analyzer=words, dtype=np.float32).fit_transform(parts)
    ones = np.ones(len(claims), dtype=np.float32)
    member = csr_matrix((ones, (np.arange(len(claims)), owner)))
    gathered = (member.T @ counts).tocsr()
    weigh = TfidfTransformer(sublinear_tf=True, norm=None).fit(gathered)
    rarity = weigh.idf_.astype(np.float32)
    own = normalize(weigh.transform(counts).multiply(rarity).tocsr())
    together = normalize(weigh.transform(gathered).multiply(rarity**2).tocsr())
    return own, together, member


def _near_articles(articles: csr_matrix, sizes: Indices) -> csr_matrix:
    """Return the similarity of each article to those nearest to it, as many as hold about ``NEAR_CLAIMS`` claims."""
    from scipy.sparse import csr_matrix

    queries, index = _rarest(articles), articles.T.tocsr()
    found: list[Indices] = []
    values: list[npt.NDArray[np.float32]] = []
    for begin in range(0, articles.shape[0], BLOCK):
        for row, (columns, similar) in enumerate(
            _rows((queries[begin : begin + BLOCK] @ index).tocsr()), begin
        ):
            others = columns != row
            columns, similar = columns[others], similar[others]
            best = _best(np.arange(len(columns)), similar, NEAR_ARTICLES)
            held = np.cumsum(sizes[columns[best]])
            best = best[: 1 + int(np.searchsorted(held, NEAR_CLAIMS))]
            found.append(columns[best])
            values.append(similar[best])
    ends = np.cumsum([0, *(len(columns) for columns in found)])
    return csr_matrix((np.concatenate(values), np.concatenate(found), ends), shape=(len(sizes), len(sizes)))


def _rarest(vectors: csr_matrix) -> csr_matrix:
    """Return the vectors with their rarest words only: as many as occur ``POSTINGS`` times in all, and the rarest."""
    from scipy.sparse import csr_matrix

    spread = np.bincount(vectors.indices, minlength=vectors.shape[1])
    rows = np.repeat(np.arange(vectors.shape[0]), np.diff(vectors.indptr))
    order = np.lexsort((vectors.indices, spread[vectors.indices], rows))
    total = np.cumsum(spread[vectors.indices[order]])
    before = np.concatenate([[0], total])[vectors.indptr[rows]]
    kept = np.zeros(len(rows), dtype=np.bool_)
    kept[order] = total - before <= POSTINGS
    firsts = order[vectors.indptr[:-1][np.diff(vectors.indptr) > 0]]
    kept[firsts] = True
    ends = np.concatenate([[0], np.cumsum(kept)])[vectors.indptr]
    return csr_matrix((vectors.data[kept], vectors.indices[kept], ends), shape=vectors.shape)


def _rows(matrix: csr_matrix) -> Iterator[tuple[Any, Any]]:
    for begin, end in zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True):
        yield matrix.indices[begin:end], matrix.data[begin:end]


def _best(columns: Indices, values: npt.NDArray[np.float32], k: int, group: Indices | None = None) -> Indices:
    """Return the ``k`` columns of the highest values, the best first, equal ones by number; one of each group."""
    keys = (values * 2**20).astype(np.int64) << 32 | _LOW - columns.astype(np.int64)
    enough = 4 * k if group is not None else k
    few = np.partition(keys, len(keys) - enough)[-enough:] if len(keys) > enough else keys
    best: Indices = _LOW - (np.sort(few)[::-1] & _LOW)
    if group is None:
        return best
    _, first = np.unique(group[best], return_index=True)
    if len(first) < k and len(few) < len(keys):  # many copies: look at all
        best = _LOW - (np.sort(keys)[::-1] & _LOW)
        _, first = np.unique(group[best], return_index=True)
    return best[np.sort(first)[:k]]
