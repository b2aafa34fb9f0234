"""Hostile texts, and models that cost nothing: what stands around the models is what these tests wear out."""

from __future__ import annotations

import random
import zlib
from itertools import pairwise

import numpy as np
import regex

from claimcheck.attribution.decoding import Table, decode
from claimcheck.attribution.encoding import encode
from claimcheck.checkpoints import packaged, read_tokenizer
from claimcheck.records import Attribution, Span

_WORD = regex.compile(r"\S+")
MOST_WORDS = 60  # of a sentence that are looked at: a model's window is finite too


class FakeTagger:
    """Takes words of each sentence for a source, a cue and contents, the same ones for the same text.

    Some attributions have no source or no cue, some lie in the content of the one before them. Spans begin and end
    wherever words do, so that sources are names, half names, marks, and nothing of the kind.
    """

    def attribute(self, document, segmentation):
        """Return one attribution for each sentence of at least two words, and some inside them."""
        text = document.text
        chance = random.Random(zlib.crc32(text[:4096].encode()))
        found: list[Attribution] = []
        for sentence in segmentation.sentences:
            for words in _stretches(text, sentence):
                first, second = sorted(chance.sample(range(1, len(words) + 1), 2))
                source, cue, content = words[:first], words[first:second], words[second:] or words[first:]
                outer = _attribution(found, chance, source, cue, content)
                if len(content) > 3 and chance.random() < 0.3:
                    cut = chance.randrange(1, len(content) - 1)
                    _attribution(found, chance, content[:1], content[1 : cut + 1], content[cut + 1 :], outer)
        return tuple(found)


def _stretches(text, sentence):
    """Yield the words of a sentence, at most MOST_WORDS at a time."""
    words = []
    for match in _WORD.finditer(text, sentence.start, sentence.end):
        words.append(match.span())
        if len(words) == MOST_WORDS:
            yield words
            words = []
    if len(words) > 1:
        yield words


def _attribution(found, chance, source, cue, content, parent=None):
    made = Attribution(
        f"a{len(found) + 1}",
        _span(source) if chance.random() < 0.9 else (),
        _span(cue) if chance.random() < 0.9 else (),
        _span(content),
        chance.choice(("direct", "indirect", "mixed")),
        parent,
        0.9,
    )
    found.append(made)
    return made.id


def _span(words):
    return (Span(words[0][0], words[-1][1]),) if words else ()


class TableTagger:
    """Stands for the attribution model alone: the tokenizer, the features and the decoding are the real ones.

    The tables say what no model would: roles that change with every piece, that run through quotation marks and
    paragraphs, that tie, contents inside contents, the same table twice, one piece alone, a whole text.

    Parameters
    ----------
    seed
        What the tables are made from. The same seed gives the same tables for the same pieces.
    skip
        So many characters at the beginning are left alone, as if the text began after them.
    """

    tokenizer = read_tokenizer(packaged("attribution"))

    def __init__(self, seed=0, *, skip=0):
        self.seed, self.skip = seed, skip

    def attribute(self, document, segmentation):
        """Decode up to eight tables."""
        encoding = encode(document.text, segmentation.quotations, self.tokenizer)
        before = int(np.searchsorted(encoding.starts, self.skip))
        chance = np.random.default_rng(self.seed)
        tables = _tables(len(encoding) - before, before, chance) if len(encoding) > before else []
        return decode(document.text, segmentation, encoding, tables, tidy=bool(self.seed % 4))


def _tables(n, before, chance):
    """Return tables over stretches of ``n`` pieces, the first of which has ``before`` others in front of it."""
    tables = []
    for _ in range(int(chance.integers(1, 9))):
        if tables and chance.random() < 0.15:  # the same roles again, from another anchor
            old = tables[-1]
            anchor = old.first + int(chance.integers(len(old.scores)))
            tables.append(Table(anchor, float(chance.random()), old.first, old.scores))
            continue
        first = int(chance.integers(n)) if chance.random() < 0.7 else 0
        length = min(n - first, int(chance.choice((1, 2, 7, 30, 360))))
        roles = _roles(length, chance)
        sure = chance.choice((0.3, 0.9, 1 - 1e-6))  # 0.3: almost nothing is preferred
        scores = np.full((length, 4), np.log((1 - sure) / 3), dtype=np.float32)
        scores[np.arange(length), roles] = np.log(sure)
        if chance.random() < 0.2:
            scores[:] = scores[0]  # ties, or one role throughout
        tables.append(
            Table(
                before + first + int(chance.integers(length)), float(chance.random()), before + first, scores
            )
        )
    return tables


def _roles(length, chance):
    """Return a role for each piece: at random, in turn, in runs, or in the order of "who said what"."""
    match int(chance.integers(4)):
        case 0:
            return chance.integers(4, size=length)
        case 1:
            return np.arange(length) % 4
        case 2:
            runs = chance.integers(1, 12, size=length)
            return np.repeat(chance.integers(4, size=length), runs)[:length]
        case _:
            cuts = np.sort(chance.integers(length + 1, size=3))
            return np.digitize(np.arange(length), cuts) % 4


class FakeNli:
    """Reads a pair by its length alone."""

    def predict(self, pairs):
        """Return rows (n, 3) of three fixed probabilities, turned by the lengths of the texts."""
        rows = np.array([(0.7, 0.2, 0.1), (0.1, 0.8, 0.1), (0.05, 0.05, 0.9)], dtype=np.float32)
        return rows[[(len(premise) + len(hypothesis)) % 3 for premise, hypothesis in pairs]].reshape(-1, 3)


def quotations_nest(quotations):
    """Whether any two quotations are apart or one lies inside the other's marks."""
    inside: list[Span] = []
    for quotation in quotations:
        while inside and inside[-1].end <= quotation.span.start:
            inside.pop()
        if inside and not inside[-1].contains(quotation.span):
            return False
        inside.append(quotation.inner)
    return True


def in_order(spans):
    """Whether spans follow one another without overlap."""
    return all(a.end <= b.start for a, b in pairwise(spans))


# One piece each, repeated to the length that is asked for.
PIECES = {
    "news": "Mayor Ada Holm of Vestby, who chairs the council, said on Monday that the bridge was safe. “We will not "
    "close it,” she told the Dockers' Union (DU). Per Lund, its spokesman, denied that.\n\n",
    "open quotes": ' "a',
    "open curly quotes": "“",
    "closing quotes": "a”",
    "single quotes": "dogs' ",
    "nested quotes": "“a ‘b «c ",
    "paragraphs opened again": "“We go\n\n",
    "apostrophes": "''",
    "commas": ",",
    "commas and spaces": ", ",
    "full stops": ".",
    "stops and spaces": ". ",
    "capitals": "A",
    "capitalised words": "Ab ",
    "initials": "A. ",
    "names joined by and": "Friends of Ab and ",
    "names joined by of the": "Bank of the ",
    "names with particles": "Ab van der ",
    "one name again": "in Gardvik he said ",
    "names in one sentence": "Ada Holm and she and ",
    "new names": "",
    "titles": "Mr. Lund, ",
    "offices": "the chief executive of the ",
    "relatives": "Ada Holm, who was ",
    "whose": "Ada Holm, whose ",
    "possessives": "Holm's ",
    "acronyms": "Ab Cd (AC) ",
    "handles": "@a",
    "hyphens": "Ab-",
    "states": "the Morvian Foreign Ministry and ",
    "pronouns": "she said it of him and they. ",
    "open brackets": "(",
    "open square brackets": "[1",
    "brackets": ".)",
    "dashes": "— ",
    "spaces": " ",
    "spaces and stops": " " * 50 + ".",
    "line breaks": "\n",
    "carriage returns": "\r\n",
    "spaces and line breaks": " \n",
    "tabs": "\t",
    "lines": "a line of\n",
    "bullets": "- a\n",
    "one word": "x",
    "digits": "1",
    "underscores": "_",
    "combining marks": "e\u0301\u0323",
    "marks alone": "\u0301",
    "right to left": "אמר ",
    "bidi controls": "\u202e\u2066a\u2069",
    "zero width": "\u200b\u200da",
    "emoji": ". 🎉",
    "wide": "「東京」。",
    "nul": "\x00",
    "participles": 'he said, "a," adding "b," ',
    "denials": "did not deny not denied n't ",
}


def text_of(name, length):
    """Return a text of ``length`` characters made of one piece of PIECES."""
    if name == "new names":
        chance = random.Random(length)
        words = []
        size = 0
        while size < length:
            words.append("".join(chance.choices("abdeiklmnorstu", k=6)).capitalize())
            size += 20
            words.append(words[-1][::-1].capitalize() + " said.")
        return " ".join(words)[:length].ljust(length)
    piece = PIECES[name]
    return (piece * (length // len(piece) + 1))[:length]


ODD = {
    "one word": lambda: "x" * 2_000_000,
    "no sentence end": lambda: "word and " * 222_222,
    "one sentence": lambda: "Ada Holm said that the bridge was safe.",
    "10,000 quotations": lambda: "“We go,” said Ada Holm. " * 10_000,
    "5,000 claims of one party": lambda: " ".join(
        f"Ada Holm said bridge {n} was safe." for n in range(5_000)
    ),
    "5,000 names": lambda: " ".join(f"{name.capitalize()} Holm said no." for name in _names(5_000)),
}


def _names(n):
    """Yield ``n`` different words of six letters."""
    chance = random.Random(0)
    return ("".join(chance.choices("abdeiklmnorstu", k=6)) for _ in range(n))
