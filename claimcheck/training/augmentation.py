"""NLI examples made by rule from labelled pairs: negated sentences, words replaced by related ones, and other evidence.

What follows from a sentence decides what its negation does: if P entails H then P contradicts not-H, and not-H entails
not-P; if P contradicts H then P entails not-H; if P leaves H open then it leaves not-H open. Public training sets show
negation nearly always as a sign of contradiction (Hossain et al., An Analysis of Natural Language Inference Benchmarks
through the Lens of Negation, EMNLP 2020); pairs made this way show it with all three labels. Replacing one word shows
what a single word can do (Glockner et al., Breaking NLI Systems with Sentences that Require Simple Lexical Inferences,
ACL 2018). The evidence of another claim about the same thing mostly leaves a claim open.
"""

from __future__ import annotations

import json
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import regex

from claimcheck.lexicon import word_set
from claimcheck.pairing import stems

Example = tuple[str, str, str]  # premise, hypothesis, NLI label

LONGEST = 20  # words of a sentence that is negated: in longer ones the first verb is often not the main one
_HELD = 300  # texts that a word may stand in to lead to them
_SUBJECT = 7  # words that may stand before the verb
_AUXILIARIES = word_set("is are was were has have had can could will would")
_POSSESSION = {"has": "does not have", "have": "do not have", "had": "did not have"}
_PARTICIPLES = word_set(  # those that do not end in -ed or -en
    "been gone come become made had done said told found held kept left lost met paid put read run sat seen sold sent set "
    "shut slept spent stood taught thought understood won cut hit hurt let led built bought brought caught felt fought "
    "begun grown known shown thrown flown drawn worn sworn torn born sung swum struck stuck dealt meant heard"
)
_PRONOUNS = word_set("he she it they we i you there this that these those")
_DETERMINERS = word_set("the a an his her its their our my your this that")
_CLOSED = word_set(  # what ends the search for the main verb: another clause, a negation, a quantifier, a question
    "not no never nobody none nothing neither nor without hardly barely scarcely rarely seldom few little only cannot "
    "all every each both some any many most several everyone everybody everything someone somebody something anyone "
    "if when while because although though unless until before after since that who which whose whom what where why how "
    "and or but than as"
)
_UNSURE = regex.compile(
    r"[?;:\"“”()]|n['’]t\b|\b(?:not|no|never|nobody|none|nothing|neither|nor|without|hardly|also|too|even|only|just|if|"
    r"unless|or|either|all|every|both|some|any|anything|anyone|still|yet|already|always|usually|often|sometimes)\b",
    regex.IGNORECASE,
)
_ARTICLE = regex.compile(r"\b([Aa])n? $")
_WORD = regex.compile(r"\p{L}+(?:[-'’]\p{L}+)*")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words that can stand in for each other, and what the exchange does to a sentence.

    ``antonyms`` and members of one of ``exclusive`` make a contradiction, ``synonyms`` leave the meaning as it is, and the
    broad word of ``hypernyms`` follows from the narrow one. ``verb_forms`` gives third person, past, participle and
    -ing form of verbs.
    """

    antonyms: Sequence[tuple[str, str]]
    exclusive: Mapping[str, Sequence[str]]
    synonyms: Sequence[tuple[str, str]]
    hypernyms: Sequence[tuple[str, str]]
    verb_forms: Mapping[str, Sequence[str]]

    def exchanges(self) -> dict[str, list[tuple[str, str]]]:
        """Return what may replace each word, with the NLI label of the sentence before and after.

        >>> Lexicon([("rise", "fall")], {}, [], [], {"rise": ["rises", "rose", "risen", "rising"],
        ...     "fall": ["falls", "fell", "fallen", "falling"]}).exchanges()["rose"]
        [('fell', 'contradiction')]
        """
        found: dict[str, list[tuple[str, str]]] = {}

        def add(first: str, second: str, label: str) -> None:
            forms = zip(self._forms(first), self._forms(second), strict=False)
            for one, other in forms:
                if one != other:
                    found.setdefault(one, []).append((other, label))

        for first, second in self.antonyms:
            add(first, second, "contradiction")
            add(second, first, "contradiction")
        for first, second in self.synonyms:
            add(first, second, "entailment")
            add(second, first, "entailment")
        for narrow, broad in self.hypernyms:
            add(narrow, broad, "entailment")
            add(broad, narrow, "neutral")
        for group in self.exclusive.values():
            for word, other in permutations(group, 2):
                found.setdefault(word, []).append((other, "contradiction"))
        return found

    def _forms(self, word: str) -> list[str]:
        return [word, *self.verb_forms.get(word, ())]


def read_lexicon(path: Path) -> Lexicon:
    """Return the lexicon of a JSON file."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    pairs = {name: [(a, b) for a, b in raw[name]] for name in ("antonyms", "synonyms", "hypernyms")}
    return Lexicon(exclusive=raw["exclusive"], verb_forms=raw["verb_forms"], **pairs)


def verb_bases(lexicon: Lexicon) -> dict[str, tuple[str, str]]:
    """Return the base form of each finite form of a verb, and the form of "do" that negates it.

    >>> verb_bases(Lexicon([], {}, [], [], {"rise": ["rises", "rose", "risen", "rising"]}))
    {'rises': ('rise', 'does'), 'rose': ('rise', 'did')}
    """
    bases: dict[str, tuple[str, str]] = {}
    for base, (third, past, *_) in lexicon.verb_forms.items():
        bases[third] = (base, "does")
        if past != base:
            bases[past] = (base, "did")
    return bases


def negate(sentence: str, bases: Mapping[str, tuple[str, str]]) -> str | None:
    """Return a simple statement with its main verb negated, or None where it is not plain which that is.

    Parameters
    ----------
    sentence
        One sentence.
    bases
        As :func:`verb_bases` gives them.

    Examples
    --------
    >>> bases = {"rose": ("rise", "did")}
    >>> negate("The two men are asleep.", bases), negate("Prices rose by a tenth.", bases)
    ('The two men are not asleep.', 'Prices did not rise by a tenth.')
    >>> negate("Nobody came.", bases), negate("All of them are late.", bases), negate("Are they late?", bases)
    (None, None, None)
    """
    words = list(_WORD.finditer(sentence))
    if not 2 <= len(words) <= LONGEST or _UNSURE.search(sentence):
        return None
    for k, word in enumerate(words[: _SUBJECT + 1]):
        lower = word[0].lower()
        if lower in _CLOSED and not (k == 0 and lower == "that"):
            return None
        if k == 0 or k + 1 == len(words):
            continue
        if sentence[words[k - 1].end() : word.start()] != " ":
            return None  # after a comma, it is not the first clause's subject that goes on
        if lower in ("do", "does", "did"):
            return None
        if lower in _POSSESSION and not _is_participle(words[k + 1][0].lower()):
            return _put(sentence, word, _POSSESSION[lower])
        if lower in _AUXILIARIES:
            return _put(sentence, word, "cannot" if lower == "can" else f"{lower} not")
        first = words[0][0].lower()
        # a form such as "fires" is a verb for certain only where a subject has just ended
        subject_ends = 2 if first in _DETERMINERS and first not in _PRONOUNS else 1
        if word[0] in bases and k == subject_ends:
            base, auxiliary = bases[word[0]]
            return _put(sentence, word, f"{auxiliary} not {base}")
    return None


def _is_participle(word: str) -> bool:
    return word.endswith(("ed", "en")) or word in _PARTICIPLES


def _put(sentence: str, word: regex.Match[str], new: str) -> str:
    return sentence[: word.start()] + new + sentence[word.end() :]


def sample_negations(
    rows: Iterable[Example], bases: Mapping[str, tuple[str, str]], rng: random.Random
) -> Iterator[Example]:
    """Yield examples with a negation made of labelled pairs: one of each pair that allows it.

    "entailment" gives a contradiction (the hypothesis negated) or an entailment (both negated and exchanged);
    "contradiction" gives an entailment in either direction; "neutral" stays neutral. A sentence against its own negation is mixed in, one time in ten.
    """
    for premise, hypothesis, label in rows:
        no_premise, no_hypothesis = negate(premise, bases), negate(hypothesis, bases)
        made: list[Example] = []
        if label == "entailment":
            if no_hypothesis:
                made.append((premise, no_hypothesis, "contradiction"))
                if no_premise:
                    made += [(no_hypothesis, no_premise, "entailment")] * 2
        elif label == "contradiction":
            if no_hypothesis:
                made.append((premise, no_hypothesis, "entailment"))
            if no_premise:
                made.append((hypothesis, no_premise, "entailment"))
        else:
            if no_hypothesis:
                made.append((premise, no_hypothesis, "neutral"))
            if no_premise:
                made.append((no_premise, hypothesis, "neutral"))
            if no_premise and no_hypothesis:
                made.append((no_premise, no_hypothesis, "neutral"))
        if no_hypothesis and rng.random() < 0.1:
            both = [hypothesis, no_hypothesis]
            rng.shuffle(both)
            made = [(both[0], both[1], "contradiction")]
        if made:
            yield rng.choice(made)


def sample_exchanges(sentences: Iterable[str], lexicon: Lexicon, rng: random.Random) -> Iterator[Example]:
    """Yield a sentence and the same with one word exchanged, for each sentence that has such a word.

    Words that contradict each other are many more than synonyms: the label is drawn first, from those that are possible.
    """
    table = lexicon.exchanges()
    for sentence in sentences:
        if _UNSURE.search(sentence):
            continue
        possible: dict[str, list[str]] = {}
        for word in _WORD.finditer(sentence):
            for other, label in table.get(word[0], ()):
                article = r"\1n " if other[0] in "aeiou" else r"\1 "
                before = _ARTICLE.sub(article, sentence[: word.start()])
                possible.setdefault(label, []).append(before + other + sentence[word.end() :])
        if possible:
            label = rng.choice(sorted(possible))
            yield sentence, rng.choice(possible[label]), label


def sample_other_evidence(rows: Iterable[Example], rng: random.Random) -> Iterator[Example]:
    """Yield claims that are not neutral once more, as neutral, with the other evidence that has most of their words.

    For sets whose claims are all decided, or whose open ones are told by the length of their evidence. Rare words count
    more (inverse document frequency), and one alone is not enough. Evidence with all the words of a claim, or half of whose
    words stand in the claim's own evidence, could decide it and is passed over.
    """
    own: dict[str, set[str]] = {}
    for evidence, claim, label in rows:
        if label != "neutral":
            own.setdefault(claim, set()).add(evidence)
    words = {evidence: stems(evidence) for evidence in sorted(set().union(*own.values()))}
    holders: dict[str, list[str]] = defaultdict(list)
    for evidence, found in words.items():
        for stem in found:
            holders[stem].append(evidence)
    for claim, given in own.items():
        wanted, known = stems(claim), frozenset().union(*(words[evidence] for evidence in given))
        shared: dict[str, list[float]] = defaultdict(list)
        for stem in sorted(wanted):
            held = holders.get(stem, ())
            for evidence in held if len(held) <= _HELD else ():
                shared[evidence].append(math.log(len(words) / len(held)))
        nearness = {
            evidence: sum(weights)
            for evidence, weights in shared.items()
            if len(weights) > 1
            and not wanted <= words[evidence]
            and 2 * len(words[evidence] & known) < len(words[evidence])
        }
        if nearness:
            best = max(nearness.values())
            nearest = [evidence for evidence, value in nearness.items() if value == best]
            yield rng.choice(nearest), claim, "neutral"
