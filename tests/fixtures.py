"""Reports made by hand, for the tests of what is done with a report."""

from __future__ import annotations

import json
from pathlib import Path

from claimcheck.records import Attribution, Claim, Document, Party, Relation, Span, Speaker, spans
from claimcheck.report import Report

SEEDS = Path(__file__).resolve().parent.parent / "seeds"

TEXT = (
    "Bridge row deepens in Vestby\r\n"
    "\r\n"
    "Mayor Ada Holm said the bridge would open in May. “It is safe,” she said.\r\n"
    "\r\n"
    "The union's Per Lund denied that the bridge was safe. Lund said Holm had told him it would never open."
)


def at(text: str, piece: str, occurrence: int = 0) -> Span:
    """Return the span of ``piece`` in ``text``."""
    start = -1
    for _ in range(occurrence + 1):
        start = text.index(piece, start + 1)
    return Span(start, start + len(piece))


def _attribution(
    id: str, source: Span, cue: Span, content: Span, kind: str, parent: str | None = None, score: float = 1.0
) -> Attribution:
    return Attribution(id, (source,), (cue,), (content,), kind, parent, score)  # type: ignore[arg-type]


def small() -> Report:
    """Return a report of one short article: two parties, four claims, one of them nested, two relations."""
    attributions = (
        _attribution(
            "a1",
            at(TEXT, "Mayor Ada Holm"),
            at(TEXT, "said"),
            at(TEXT, "the bridge would open in May"),
            "indirect",
            score=0.9,
        ),
        _attribution("a2", at(TEXT, "she"), at(TEXT, "said", 1), at(TEXT, "It is safe"), "direct"),
        _attribution(
            "a3",
            at(TEXT, "The union's Per Lund"),
            at(TEXT, "denied"),
            at(TEXT, "the bridge was safe"),
            "indirect",
        ),
        _attribution(
            "a4",
            at(TEXT, "Lund", 1),
            at(TEXT, "said", 2),
            at(TEXT, "Holm had told him it would never open"),
            "indirect",
        ),
        _attribution(
            "a5", at(TEXT, "Holm", 1), at(TEXT, "had told"), at(TEXT, "it would never open"), "indirect", "a4"
        ),
    )
    who = {
        "a1": ("Ada Holm", "p1"),
        "a2": ("Ada Holm", "p1"),
        "a3": ("Per Lund", "p2"),
        "a4": ("Per Lund", "p2"),
        "a5": ("Ada Holm", "p1"),
    }
    claims = tuple(
        Claim(
            a.id,
            a.content[0].of(TEXT),
            *who[a.id],
            cue=a.cue[0].of(TEXT),
            force="denies" if a.id == "a3" else "asserts",
            attribution=a.id,
            document="bridge",
            start=a.content[0].start,
            end=a.content[-1].end,
        )
        for a in attributions
    )
    return Report(
        documents=(Document("bridge", TEXT, title="Bridge row deepens in Vestby", date="2024-03-02"),),
        attributions=attributions,
        speakers=(
            Speaker("s1", "Ada Holm", "person", (at(TEXT, "Ada Holm"), at(TEXT, "she")), ("a1", "a2", "a5")),
            Speaker("s2", "Per Lund", "person", (at(TEXT, "Per Lund"),), ("a3", "a4")),
        ),
        parties=(Party("p1", "City", ("Ada Holm",)), Party("p2", "Union", ("Per Lund",))),
        claims=claims,
        relations=(
            Relation(
                "a1", "a5", "contradicts", 0.81, (0.02, 0.17, 0.81), (0.02, 0.17, 0.81), "opposite outcomes"
            ),
            Relation(
                "a2",
                "a3",
                "contradicts",
                0.97,
                (0.96, 0.03, 0.01),
                (0.9, 0.08, 0.02),
                "a denial of the same",
                denied=(False, True),
                truncated=(True, False),
                gate=0.91,
                features={"shared_text": 1.25, "next": 1.0},
            ),
            Relation("a1", "a2", "corroborates", 0.55, (0.6, 0.4, 0.0), (0.5, 0.5, 0.0), ""),
            Relation("a1", "a3", "neither", 0.6, (0.2, 0.6, 0.2), (0.2, 0.6, 0.2), ""),
        ),
        provenance={"claimcheck": "0.1.0", "models": {"nli": "0f3a"}, "thresholds": {"contradicts": 0.5}},
    )


def seed() -> Report:
    """Return the gold annotation of the seed article as a report."""
    data = json.loads((SEEDS / "seed.json").read_text(encoding="utf-8"))
    return from_gold(data)


def from_gold(data: dict) -> Report:  # type: ignore[type-arg]
    """Return an article in the gold format as a report; every relation gets the score 1."""
    text = data["text"]
    attributions = tuple(
        Attribution(a["id"], spans(a["source"]), spans(a["cue"]), spans(a["content"]), a["kind"], a["parent"])
        for a in data["attributions"]
    )
    row = {a["id"]: a for a in data["attributions"]}
    names = dict.fromkeys(a["speaker"] for a in data["attributions"] if a["speaker"])
    return Report(
        documents=(Document(data["id"], text, title=data["title"]),),
        attributions=attributions,
        speakers=tuple(
            Speaker(f"s{i}", name, attributions=tuple(a["id"] for a in row.values() if a["speaker"] == name))
            for i, name in enumerate(names, 1)
        ),
        parties=tuple(Party(p["id"], p["name"], tuple(p["members"])) for p in data["parties"]),
        claims=tuple(
            Claim(
                a.id,
                " ".join(s.of(text) for s in a.content),
                row[a.id]["speaker"],
                row[a.id]["party"],
                cue=" ".join(s.of(text) for s in a.cue),
                attribution=a.id,
                document=data["id"],
                start=a.content[0].start,
                end=a.content[-1].end,
            )
            for a in attributions
        ),
        relations=tuple(
            Relation(r["a"], r["b"], r["label"], 1.0, (0.0, 0.0, 1.0), (0.0, 0.0, 1.0), r["why"])
            if r["label"] == "contradicts"
            else Relation(r["a"], r["b"], r["label"], 1.0, (1.0, 0.0, 0.0), (1.0, 0.0, 0.0), r["why"])
            for r in data["relations"]
        ),
    )


def statements() -> Report:
    """Return a report without documents, as ``Checker.compare`` makes it."""
    return Report(
        claims=(
            Claim("1", "taxes will fall", "Ida Moe", cue="promised", force="promises", date="2023-01-01"),
            Claim("2", "taxes will rise", "Jon Vik", cue="predicted", force="predicts", hedged=True),
        ),
        relations=(Relation("1", "2", "contradicts", 0.9, (0.0, 0.1, 0.9), (0.0, 0.1, 0.9)),),
    )


def crossed() -> Report:
    """Return a report of two articles, as ``Checker.cross`` makes it."""
    one, two = "Holm said the bridge is open.", "Lund said the bridge is shut."
    claims, attributions = [], []
    for id, text, content, who in (
        ("x", one, "the bridge is open", "Ada Holm"),
        ("y", two, "the bridge is shut", "Per Lund"),
    ):
        source = at(text, who.split()[-1])
        attributions.append(_attribution(f"{id}:a1", source, at(text, "said"), at(text, content), "indirect"))
        span = at(text, content)
        claims.append(
            Claim(
                f"{id}:a1",
                content,
                who,
                cue="said",
                attribution=f"{id}:a1",
                document=id,
                start=span.start,
                end=span.end,
            )
        )
    return Report(
        documents=(Document("x", one, title="First"), Document("y", two)),
        attributions=tuple(attributions),
        claims=tuple(claims),
        relations=(
            Relation(
                "x:a1", "y:a1", "contradicts", 0.99, (0.0, 0.01, 0.99), (0.0, 0.01, 0.99), "open / shut"
            ),
        ),
    )


def everywhere(text: str) -> Report:
    """Return a report with ``text`` in every field that takes any."""
    n = len(text)
    spans_of = (Span(0, n),), (Span(n + 1, n + 5),), (Span(n + 6, 2 * n + 6),)
    return Report(
        documents=(Document(text, f"{text} said {text}.", title=text, url=text),),
        attributions=(Attribution(text, *spans_of, "direct"),),
        parties=(Party(text, text, (text,)), Party("p2", "B")),
        claims=(
            Claim(text, text, text, text, text, attribution=text, document=text),
            Claim("2", text, None, "p2", text),
        ),
        relations=(Relation(text, "2", "contradicts", 0.5, (0, 0, 1), (0, 0, 1), text),),
        provenance={text: [text]},
    )
