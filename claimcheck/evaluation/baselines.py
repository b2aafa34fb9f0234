"""Baselines that a model has to beat.

For NLI: the majority class, the hypothesis alone, word overlap. Each is a function from training pairs to a predictor,
which gives (n, 3) probabilities in the order of ``LABELS``. For attributions: a regular-expression extractor. For
relations: shared words, with a negation or a number that differs.
"""

from __future__ import annotations

import bisect
import itertools
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from claimcheck.errors import InputError
from claimcheck.evaluation.classification import LABELS
from claimcheck.evaluation.readers import Pair
from claimcheck.records import Attribution, Span

Probabilities = NDArray[np.float64]
Predictor = Callable[[Sequence[tuple[str, str]]], Probabilities]

FEATURES = (
    "hypothesis words in the premise",
    "premise words in the hypothesis",
    "words shared of all",
    "every hypothesis word in the premise",
    "negation in the premise",
    "negation in the hypothesis",
    "negation in one only",
    "hypothesis numbers not in the premise",
    "numbers in both, none shared",
    "log words in the premise",
    "log words in the hypothesis",
)

_WORD = re.compile(r"\w+(?:['’]\w+)?")
_NEGATION = re.compile(
    r"\b(?:not?|never|none|nobody|nothing|neither|nor|without|cannot|\w+n['’]t|den(?:y|ie[sd]|ying)|"
    r"reject(?:s|ed|ing)?|dismiss(?:es|ed|ing)?|refus(?:e[sd]?|ing)|disput(?:e[sd]?|ing)|rul(?:e[sd]?|ing) out)\b",
    re.IGNORECASE,
)
_NUMBERS = frozenset(
    {
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "twenty",
    }
    | {"thirty", "forty", "fifty", "hundred", "thousand", "million", "billion", "half", "dozen"}
)


def majority(train: Sequence[Pair]) -> Predictor:
    """Give every pair the label frequencies of ``train``.

    >>> predict = majority([Pair("a", "b", "neutral"), Pair("a", "c", "neutral"), Pair("a", "d", "entailment")])
    >>> predict([("x", "y")]).round(2).tolist()
    [[0.33, 0.67, 0.0]]
    """
    counts = Counter(pair.label for pair in _three_way(train))
    shares = np.array([counts[label] for label in LABELS]) / counts.total()
    return lambda pairs: np.tile(shares, (len(pairs), 1))


def hypothesis_only(train: Sequence[Pair]) -> Predictor:
    """Fit logistic regression on TF-IDF of hypothesis words and word pairs; the premise is never seen.

    What it scores above the majority is what the labels give away without any inference: Gururangan et al.,
    *Annotation Artifacts in Natural Language Inference Data* (2018).
    """
    train = _three_way(train)
    model = make_pipeline(
        TfidfVectorizer(
            ngram_range=(1, 2), min_df=min(3, len(train)), sublinear_tf=True, token_pattern=r"\w+"
        ),
        LogisticRegression(max_iter=300),
    )
    model.fit([pair.hypothesis for pair in train], [pair.label for pair in train])
    return lambda pairs: _in_order(model, [hypothesis for _, hypothesis in pairs])


def word_overlap(train: Sequence[Pair]) -> Predictor:
    """Fit logistic regression on ``overlap_features``."""
    train = _three_way(train)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(overlap_features([(p.premise, p.hypothesis) for p in train]), [pair.label for pair in train])
    return lambda pairs: _in_order(model, overlap_features(pairs))


def overlap_features(pairs: Sequence[tuple[str, str]]) -> Probabilities:
    """Return (n, len(FEATURES)): shared words, negation, numbers and lengths of (premise, hypothesis) pairs.

    >>> row = overlap_features([("Nine men died.", "No men died.")])[0]
    >>> [name for name, value in zip(FEATURES, row) if value == 1][-2:]
    ['negation in the hypothesis', 'negation in one only']
    """
    rows = []
    for premise, hypothesis in pairs:
        p, h = content_words(premise), content_words(hypothesis)
        p_numbers, h_numbers = _numbers(premise), _numbers(hypothesis)
        p_not, h_not = _negated(premise), _negated(hypothesis)
        shared = len(p & h)
        rows.append(
            (
                shared / max(len(h), 1),
                shared / max(len(p), 1),
                shared / max(len(p | h), 1),
                h <= p,
                p_not,
                h_not,
                p_not != h_not,
                len(h_numbers - p_numbers) / max(len(h_numbers), 1),
                bool(p_numbers and h_numbers and not p_numbers & h_numbers),
                math.log1p(len(premise.split())),
                math.log1p(len(hypothesis.split())),
            )
        )
    return np.array(rows, dtype=np.float64).reshape(-1, len(FEATURES))


def content_words(text: str) -> frozenset[str]:
    """Return the words of ``text`` in lower case, without stop words and a plural or possessive s.

    >>> sorted(content_words("The driver's two claims"))
    ['claim', 'driver', 'two']
    """
    words = (re.sub(r"(?:['’]s|(?<=\w\w\w)s)$", "", word.lower()) for word in _WORD.findall(text))
    return frozenset(word for word in words if word not in ENGLISH_STOP_WORDS or word in _NUMBERS)


def lexical_relations(
    rows: Sequence[Mapping[str, Any]], *, contradicts: float = 0.1, corroborates: float = 0.3
) -> list[dict[str, Any]]:
    """Relate statements (``id``, ``text``, optional ``cue``) that share words.

    Two statements contradict each other if they share at least ``contradicts`` of the shorter one's content words and
    one only is negated, cue included, or their numbers differ; else they corroborate each other from
    ``corroborates`` on. The score is the share.

    Examples
    --------
    >>> rows = [{"id": "a", "text": "the bridge is safe"}, {"id": "b", "text": "the bridge is not safe"}]
    >>> lexical_relations(rows)
    [{'a': 'a', 'b': 'b', 'label': 'contradicts', 'score': 1.0}]
    """
    read = [
        (
            row["id"],
            content_words(row["text"]),
            _negated(row["text"]) != _negated(row.get("cue") or ""),
            _numbers(row["text"]),
        )
        for row in rows
    ]
    relations = []
    for (a, a_words, a_not, a_numbers), (b, b_words, b_not, b_numbers) in itertools.combinations(read, 2):
        share = len(a_words & b_words) / max(min(len(a_words), len(b_words)), 1)
        differs = a_not != b_not or bool(a_numbers and b_numbers and not a_numbers & b_numbers)
        if share >= (contradicts if differs else corroborates):
            label = "contradicts" if differs else "corroborates"
            relations.append({"a": a, "b": b, "label": label, "score": share})
    return relations


_QUOTE = re.compile(r'"(?=\S)[^"“”\n]+"|“[^"“”\n]+”')
_VERB = re.compile(
    r"\b(?:said|says?|saying|told|tells?|according to|add(?:ed|s)|insist(?:ed|s)|den(?:ied|ies)|claim(?:ed|s)|"
    r"argue[ds]|warn(?:ed|s)|state[ds]|announce[ds]|repl(?:ied|ies)|respond(?:ed|s)|wrote|writes|note[ds]|"
    r"explain(?:ed|s)|admit(?:ted|s)|declare[ds]|continue[ds]|call(?:ed|s)|tweeted|report(?:ed|s)|ask(?:ed|s)|"
    r"acknowledge[ds]|suggest(?:ed|s)|believe[ds]|promise[ds]|predict(?:ed|s)|conclude[ds]|accuse[ds])\b",
    re.IGNORECASE,
)
_CAPITAL = r"[A-Z][\w-]*(?:['’](?!s\b)\w+)?"
_NAME = re.compile(
    rf"\b(?:(?:Mr|Mrs|Ms|Dr|Gov|Sen|Rep|Gen)\. )?{_CAPITAL}(?: (?:of |for |the |de |van |von |al )*{_CAPITAL})*"
    r"|\b(?:he|she|they|it)\b"
)
_PRONOUN = re.compile(r"(?:he|she|they|it)", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\b[A-Z])[.!?](?=\s|$)|\n")
_REACH = 120


def extract_quotes(text: str, *, marks: bool = False, clauses: bool = True) -> list[Attribution]:
    """Find attributions by regular expressions: a quotation, the nearest reporting verb, the name nearest to it.

    A quotation without a verb near it continues the one before it in its paragraph, else it is left out. With
    ``marks``, contents keep their quotation marks, as PolNeAR has them. With ``clauses``, sentences without
    quotation of the form *name, verb, (that,) rest* are taken too.

    Examples
    --------
    >>> text = 'The pier is safe, said Ana Lind. "It will stand," Mr. Orr told us. "For years."'
    >>> [found] = extract_quotes(text)
    >>> [[span.of(text) for span in spans] for spans in (found.source, found.cue, found.content)]
    [['Mr. Orr'], ['told'], ['It will stand', 'For years']]
    """
    quotes = [match.span() for match in _QUOTE.finditer(text) if len(match.group().split()) > 1]
    ends = [match.end() for match in _SENTENCE_END.finditer(text)] + [len(text)]
    found: list[tuple[Span, Span, list[Span], bool]] = []
    for number, (start, end) in enumerate(quotes):
        content = Span(start, end) if marks else _trimmed(text, start + 1, end - 1)
        if content is None:
            continue
        place = bisect.bisect_right(ends, start)
        floor = max(start - _REACH, quotes[number - 1][1] if number else 0, ends[place - 1] if place else 0)
        ceiling = quotes[number + 1][0] if number + 1 < len(quotes) else len(text)
        ceiling = min(end + _REACH, ceiling, ends[min(bisect.bisect_right(ends, end), len(ends) - 1)])
        before = _verb_and_name(text, floor, start, near=start)
        after = _verb_and_name(text, end, ceiling, near=end)
        nearest = min((hit for hit in (before, after) if hit), key=lambda hit: hit[0], default=None)
        if nearest:
            found.append((nearest[2], nearest[1], [content], True))
        elif found and "\n" not in text[found[-1][2][-1].end : start]:
            found[-1][2].append(content)
    if clauses:
        found += _clauses(text, quotes, ends)
    found.sort(key=lambda item: item[2][0])
    return [
        Attribution(f"a{i}", (source,), (cue,), tuple(content), "direct" if quoted else "indirect")
        for i, (source, cue, content, quoted) in enumerate(found, start=1)
    ]


def predict_article(article: Mapping[str, Any]) -> dict[str, Any]:
    """Predict attributions and relations of an article in the gold form, by rule alone.

    A speaker is the name in the source; a pronoun is the name before it. Every speaker is a party.
    """
    text = article["text"]
    rows: list[dict[str, Any]] = []
    last = None
    for item in extract_quotes(text):
        name = item.source[0].of(text)
        last = last if _PRONOUN.fullmatch(name) else name
        rows.append(
            {
                "id": item.id,
                "kind": item.kind,
                "speaker": last,
                "party": last,
                **{
                    role: [[s.start, s.end] for s in getattr(item, role)]
                    for role in ("source", "cue", "content")
                },
                "text": " ".join(span.of(text) for span in item.content),
            }
        )
    statements = [{**row, "cue": text[slice(*row["cue"][0])]} for row in rows]
    return {"attributions": rows, "relations": lexical_relations(statements)}


def _clauses(
    text: str, quotes: Sequence[tuple[int, int]], ends: Sequence[int]
) -> Iterator[tuple[Span, Span, list[Span], bool]]:
    start = 0
    for end in ends:
        quoted = any(a < end and start < b for a, b in quotes)
        verb = None if quoted else _VERB.search(text, start, end)
        names = list(_NAME.finditer(text, start, verb.start())) if verb else []
        if verb and names:
            rest = re.compile(r"\s+that\b").match(text, verb.end(), end)
            content = _trimmed(text, rest.end() if rest else verb.end(), end)
            if content and len(content.of(text).split()) > 2:
                yield Span(*names[-1].span()), Span(*verb.span()), [content], False
        start = end


def _verb_and_name(text: str, start: int, end: int, *, near: int) -> tuple[int, Span, Span] | None:
    """Return (distance to ``near``, verb, name) of the verb nearest to ``near`` and the name nearest to that verb."""
    verbs = [Span(*match.span()) for match in _VERB.finditer(text, start, end)]
    names = [Span(*match.span()) for match in _NAME.finditer(text, start, end)]
    names = [name for name in names if not any(name.overlaps(verb) for verb in verbs)]
    if not verbs or not names:
        return None
    verb = min(verbs, key=lambda span: _gap(span, Span(near, near + 1)))
    return _gap(verb, Span(near, near + 1)), verb, min(names, key=lambda span: _gap(span, verb))


def _gap(a: Span, b: Span) -> int:
    return max(b.start - a.end, a.start - b.end, 0)


def _trimmed(text: str, start: int, end: int) -> Span | None:
    """Return the span without white space and marks at its edges, or None if nothing is left."""
    inner = text[start:end]
    left = len(inner) - len(inner.lstrip(" \t\r\n\xa0,.:;"))
    right = len(inner.rstrip(" \t\r\n\xa0,.:;"))
    return Span(start + left, start + right) if left < right else None


def _negated(text: str) -> bool:
    return len(_NEGATION.findall(text)) % 2 == 1


def _numbers(text: str) -> frozenset[str]:
    words = re.findall(r"\d+(?:[.,]\d+)*|[a-z]+", text.lower())
    return frozenset(word for word in words if word[0].isdigit() or word in _NUMBERS)


def _three_way(train: Iterable[Pair]) -> list[Pair]:
    kept = [pair for pair in train if pair.label in LABELS]
    if not kept:
        raise InputError(f"a baseline needs training pairs with one of the labels {LABELS}: got none")
    return kept


def _in_order(model: Any, inputs: Any) -> Probabilities:
    """Return the model's probabilities in the order of LABELS; scikit-learn sorts its classes by name."""
    probabilities = np.zeros((len(inputs), len(LABELS)))
    if len(inputs):
        probabilities[:, [LABELS.index(label) for label in model.classes_]] = model.predict_proba(inputs)
    return probabilities
