"""What an article's body says of a headline, in the four labels of the Fake News Challenge (FNC-1, 2017).

========== ============================================================ =====================
label      the body                                                     stance on the headline
========== ============================================================ =====================
agree      says the same                                                favor
disagree   says the contrary                                            against
discuss    is on the same matter, and takes no side                     none
unrelated  is on another matter                                         none
========== ============================================================ =====================

Two rounds of logistic regression, over the words that both share, over words of doubt and refutation, and over what
the NLI model reads: is it related, and if so, how. The weights are fitted by
:mod:`claimcheck.training.headlines` and kept as ``headlines.json`` beside the NLI checkpoint.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import regex

from claimcheck.checkpoints import packaged, read_json
from claimcheck.decision import linear
from claimcheck.errors import InputError, ModelError
from claimcheck.nli import shared
from claimcheck.pairing import FloatArray, stems
from claimcheck.relations import SupportsPredict
from claimcheck.windows import Sentence, cut, nearest

LABELS = ("agree", "disagree", "discuss", "unrelated")
SIDES = LABELS[:3]
NAME = "headlines.json"
SURFACE = (
    "shared_window",  # share of the headline's stems that the nearest window has
    "shared_body",
    "shared_lead",  # … that the first three sentences have
    "shared_sentence",  # … that one sentence has
    "shared_names",  # share of the headline's names and numbers that the body has
    "shared_pairs",  # share of the headline's pairs of neighbouring words that the body has
    "repeated",  # log of how often the body has the headline's stems
    "no_stems",  # the headline has none
    "headline_doubts",  # words of doubt in the headline, the window, the body
    "window_doubts",
    "body_doubts",
    "headline_refutes",  # words of refutation
    "window_refutes",
    "body_refutes",
    "refutes_alone",  # the window refutes and the headline does not
    "doubts_alone",
    "headline_asks",
    "body_length",  # log of the number of sentences
)
READINGS = tuple(
    f"{where}_{label}" for where in ("window", "lead") for label in ("entailment", "neutral", "contradiction")
)
FEATURES = (*SURFACE, *READINGS)

_DOUBT = regex.compile(
    r"\b(?:alleg\w+|apparent\w*|believ\w+|claim\w*|could|may|might|purport\w*|report(?:s|ed|edly)?|rumou?r\w*|said to|seem\w*"
    r"|suspect\w*|unconfirm\w*|unverif\w*|verif\w+|according to|suppos\w+|appear\w*|investigat\w+|confirm\w*)\b",
    regex.IGNORECASE,
)
_REFUTE = regex.compile(
    r"\b(?:fake\w*|fraud\w*|hoax\w*|false\w*|fals\w+|den(?:y|ies|ied|ying|ial)|not|no|never|despite|doubt\w*|bogus|debunk\w*"
    r"|pranks?|retract\w*|untrue|myth\w*|satir\w+|refut\w+|dismiss\w*|didn['’]t|isn['’]t|wasn['’]t|made up|fabricat\w+"
    r"|actually|wrong\w*|mistak\w+)\b",
    regex.IGNORECASE,
)
_NAME = regex.compile(r"\b(?:\p{Lu}[\p{L}'’]{2,}|\p{N}+)")
_TOKEN = regex.compile(r"\w+")
_LEAST = 1e-4  # a probability below it says no more
HARDLY = 0.05  # a pair that is less probably related is not read


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it is compared: its sentences, stems, words, neighbouring words, and how often it has each stem."""

    sentences: tuple[Sentence, ...]
    stems: Mapping[str, int]
    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    doubts: int
    refutes: int

    @classmethod
    def of(cls, text: str) -> Body:
        """Return the body of a text."""
        sentences = cut(text)
        counts: dict[str, int] = {}
        for sentence in sentences:
            for stem in sentence.stems:
                counts[stem] = counts.get(stem, 0) + 1
        words = _TOKEN.findall(text.lower())
        return cls(
            sentences,
            counts,
            frozenset(words),
            frozenset(itertools.pairwise(words)),
            len(_DOUBT.findall(text)),
            len(_REFUTE.findall(text)),
        )

    @property
    def lead(self) -> str:
        """The first sentences, up to three and about 90 words."""
        return (nearest(self.sentences[:3], "") or ("",))[0]

    def window(self, headline: str) -> str:
        """Return the part nearest to a headline."""
        return (nearest(self.sentences, headline) or ("",))[0]


def surface(headline: str, body: Body, window: str) -> list[float]:
    """Return the features named in SURFACE."""
    wanted = stems(headline)
    lead: frozenset[str] = frozenset().union(*(s.stems for s in body.sentences[:3]))
    names = {name.lower() for name in _NAME.findall(headline)}
    words = _TOKEN.findall(headline.lower())
    pairs = set(itertools.pairwise(words))
    total = max(len(wanted), 1)
    doubts, refutes = len(_DOUBT.findall(headline)), len(_REFUTE.findall(headline))
    near_doubts, near_refutes = len(_DOUBT.findall(window)), len(_REFUTE.findall(window))
    return [
        len(wanted & stems(window)) / total,
        len(wanted & body.stems.keys()) / total,
        len(wanted & lead) / total,
        max((len(wanted & s.stems) for s in body.sentences), default=0) / total,
        len(names & body.words) / max(len(names), 1),
        len(pairs & body.pairs) / max(len(pairs), 1),
        np.log1p(sum(body.stems.get(stem, 0) for stem in wanted)),
        not wanted,
        np.log1p(doubts),
        np.log1p(near_doubts),
        np.log1p(body.doubts),
        np.log1p(refutes),
        np.log1p(near_refutes),
        np.log1p(body.refutes),
        near_refutes > 0 and not refutes,
        near_doubts > 0 and not doubts,
        "?" in headline,
        np.log1p(len(body.sentences)),
    ]


@dataclass(frozen=True, slots=True)
class Prepared:
    """(headline, body) pairs, ready to be read: windows, leads and surface features (n, 18)."""

    headlines: tuple[str, ...]
    windows: tuple[str, ...]
    leads: tuple[str, ...]
    surface: FloatArray

    @classmethod
    def of(cls, pairs: Sequence[tuple[str, str]]) -> Prepared:
        """Prepare pairs; a body that occurs again is cut once."""
        cached = functools.cache(Body.of)
        bodies = [cached(body) for _, body in pairs]
        headlines = tuple(headline for headline, _ in pairs)
        windows = tuple(body.window(headline) for headline, body in zip(headlines, bodies, strict=True))
        rows = [surface(*row) for row in zip(headlines, bodies, windows, strict=True)]
        return cls(
            headlines,
            windows,
            tuple(body.lead for body in bodies),
            np.array(rows, dtype=np.float64).reshape(len(pairs), len(SURFACE)),
        )

    def read(self, places: Sequence[int], nli: SupportsPredict) -> FloatArray:
        """Return the features (n, 24) named in FEATURES of some of the pairs."""
        if not places:
            return np.zeros((0, len(FEATURES)))
        asked = [(texts[n], self.headlines[n]) for texts in (self.windows, self.leads) for n in places]
        rows = np.log(np.asarray(nli.predict(asked), dtype=np.float64).clip(_LEAST))
        return np.hstack([self.surface[places], rows[: len(places)], rows[len(places) :]])


@dataclass(frozen=True, slots=True)
class HeadlineModel:
    """The weights of both rounds by feature name, with an ``intercept``: ``related``, and ``sides`` by label."""

    related: Mapping[str, float]
    sides: Mapping[str, Mapping[str, float]]

    @classmethod
    def load(cls, folder: Path) -> HeadlineModel:
        """Return the weights kept with an NLI checkpoint.

        Raises
        ------
        ModelError
            If there are none, or ``headlines.json`` is damaged.
        """
        value = read_json(folder / NAME)
        try:
            related, sides = value["related"], value["sides"]
            weights = [related, *(sides[label] for label in SIDES)]
            if not all(math.isfinite(weight) for each in weights for weight in each.values()):
                raise InputError("a weight is not finite")
        except (AttributeError, KeyError, TypeError, InputError) as error:
            raise ModelError(f"{folder / NAME} holds no weights for headlines: {error}") from None
        return cls(related, sides)

    def predict(self, pairs: Sequence[tuple[str, str]], nli: SupportsPredict) -> FloatArray:
        """Return the probabilities (n, 4) of LABELS; pairs that are hardly related are not put to the NLI model."""
        prepared = Prepared.of(pairs)
        near = np.flatnonzero(linear(prepared.surface, SURFACE, self.related) >= HARDLY).tolist()
        rows = np.zeros((len(pairs), len(FEATURES)))
        rows[:, : len(SURFACE)] = prepared.surface
        rows[near] = prepared.read(near, nli)
        return self.combine(prepared.surface, rows)

    def combine(self, plain: FloatArray, rows: FloatArray) -> FloatArray:
        """Return the probabilities (n, 4) of LABELS from the features named in SURFACE and in FEATURES."""
        related = linear(plain, SURFACE, self.related)[:, None]
        return np.hstack([related * self.sides_of(rows), 1 - related])

    def sides_of(self, rows: FloatArray) -> FloatArray:
        """Return the probabilities (n, 3) of SIDES for related pairs, from the features named in FEATURES."""
        weights = np.array([[self.sides[label].get(name, 0.0) for name in FEATURES] for label in SIDES])
        logits = rows @ weights.T + np.array([self.sides[label].get("intercept", 0.0) for label in SIDES])
        chances = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
        normal: FloatArray = chances / chances.sum(axis=1, keepdims=True)
        return normal


@functools.cache
def _loaded(folder: Path) -> HeadlineModel:
    return HeadlineModel.load(folder)


def headline_stances(
    pairs: Iterable[tuple[str, str]], *, nli: str | Path | None = None
) -> npt.NDArray[np.float64]:
    """Return the probabilities (n, 4) of agree, disagree, discuss and unrelated, in this order.

    Parameters
    ----------
    pairs
        (headline, body) tuples. No pairs give an array of shape (0, 4).
    nli
        Folder of an NLI checkpoint with ``headlines.json``; default: the packaged one, loaded once.

    Raises
    ------
    InputError
        If an item is not a pair of ``str``.
    ModelError
        If the checkpoint is missing, or has no weights for headlines.

    Examples
    --------
    >>> chances = headline_stances([(headline, body)])  # doctest: +SKIP
    >>> LABELS[chances[0].argmax()]  # doctest: +SKIP
    'discuss'
    """
    pairs = list(pairs)
    for n, pair in enumerate(pairs):
        if not (isinstance(pair, tuple | list) and len(pair) == 2 and all(isinstance(t, str) for t in pair)):
            raise InputError(f"pair {n} must be (headline, body), two str, not {pair!r:.80}")
    folder = packaged("nli") if nli is None else Path(nli)
    return _loaded(folder).predict([(headline, body) for headline, body in pairs], shared(folder))
