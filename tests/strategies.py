"""Reports of any shape, for the tests of what must hold for every one of them."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from claimcheck.records import Attribution, Claim, Document, Party, Relation, Span, Speaker
from claimcheck.report import Report

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
numbers = st.floats(allow_nan=False, allow_infinity=False)
names = st.none() | texts
dates = st.none() | st.dates().map(str) | st.datetimes().map(lambda time: time.isoformat() + "Z")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
triples = st.tuples(numbers, numbers, numbers)


@st.composite
def reports(draw):
    documents = draw(
        st.lists(
            st.builds(
                Document, texts, texts, names, dates, names, st.dictionaries(texts, json_values, max_size=3)
            ),
            max_size=2,
            unique_by=lambda d: d.id,
        )
    )
    parties = draw(
        st.lists(
            st.builds(Party, texts, texts, st.lists(texts, max_size=2).map(tuple)),
            max_size=3,
            unique_by=lambda p: p.id,
        )
    )
    attributions, claims = [], []
    for id in draw(st.lists(texts, max_size=4, unique=True)):
        document = draw(st.sampled_from(documents)) if documents else None
        size = len(document.text) if document else 0
        span = (
            st.tuples(st.integers(0, size), st.integers(0, size))
            .filter(lambda p: p[0] < p[1])
            .map(lambda p: Span(*p))
        )
        some = st.lists(span, max_size=2).map(tuple)
        made = draw(st.booleans()) if size else False
        if made:
            attributions.append(
                Attribution(
                    id,
                    draw(some),
                    draw(some),
                    (draw(span), *draw(some)),
                    draw(st.sampled_from(["direct", "indirect", "mixed"])),
                    draw(st.sampled_from([None, *(a.id for a in attributions)])),
                    draw(numbers),
                )
            )
        claims.append(
            Claim(
                id,
                draw(texts),
                draw(names),
                draw(st.sampled_from([None, *(p.id for p in parties)])),
                draw(texts),
                draw(
                    st.sampled_from(
                        ["asserts", "denies", "demands", "promises", "predicts", "questions", "believes"]
                    )
                ),
                draw(st.booleans()),
                id if made else None,
                document.id if document else None,
                draw(dates),
                draw(st.none() | st.integers(0, 99)),
                draw(st.none() | st.integers(0, 99)),
                draw(texts),
            )
        )
    ids = st.sampled_from([c.id for c in claims]) if claims else st.nothing()
    relation = st.builds(
        Relation,
        ids,
        ids,
        st.sampled_from(["contradicts", "corroborates", "neither"]),
        numbers,
        triples,
        triples,
        texts,
        st.tuples(st.booleans(), st.booleans()),
        st.tuples(st.booleans(), st.booleans()),
        st.none() | numbers,
        st.dictionaries(texts, numbers, max_size=3),
    )
    mentions = st.builds(Span, st.integers(0, 5), st.integers(6, 9))
    speaker = st.builds(
        Speaker,
        texts,
        texts,
        st.sampled_from(["person", "organization", "unknown"]),
        st.lists(mentions, max_size=2).map(tuple),
        st.lists(texts, max_size=2).map(tuple),
    )
    return Report(
        documents=tuple(documents),
        attributions=tuple(attributions),
        speakers=tuple(draw(st.lists(speaker, max_size=2))),
        parties=tuple(parties),
        claims=tuple(claims),
        relations=tuple(draw(st.lists(relation, max_size=3))),
        provenance=draw(st.dictionaries(texts, json_values, max_size=3)),
    )


patient = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
