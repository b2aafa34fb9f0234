"""The spaCy component: what it leaves in a Doc is what the checker finds."""

import tomllib
from importlib import import_module
from pathlib import Path

import fixtures
import pytest

spacy = pytest.importorskip("spacy", reason="the extra 'spacy' is not installed")

from claimcheck.records import Document  # noqa: E402
from claimcheck.report import Report  # noqa: E402
from claimcheck.spacy_component import ClaimcheckComponent, make_component, report_of  # noqa: E402


class Known:
    """A checker that knows two texts, and finds nothing in others."""

    def __init__(self):
        self.batches = []

    def check(self, text):
        known = {report.text: report for report in (fixtures.small(), fixtures.seed())}
        return known.get(text, Report((Document("other", text),)))

    def pipe(self, texts, *, batch_size):
        self.batches.append(len(texts))
        return map(self.check, texts)


@pytest.fixture
def component():
    return ClaimcheckComponent(Known())


def test_spans_have_role_and_attribution(component):
    doc = component(spacy.blank("en")(fixtures.TEXT))
    spans = doc.spans["claimcheck"]
    assert [(span.text, span.label_, span.id_) for span in spans][6:9] == [
        ("The union's Per Lund", "source", "a3"),
        ("denied", "cue", "a3"),
        ("the bridge was safe", "content", "a3"),
    ]
    assert len(spans) == 15


def test_every_span_covers_its_text(component):
    report = fixtures.seed()
    doc = component(spacy.blank("en")(report.text))
    expected = [s for a in report.attributions for s in (*a.source, *a.cue, *a.content)]
    found = list(doc.spans["claimcheck"])
    assert len(found) == len(expected) > 0
    for span, exact in zip(found, expected, strict=True):
        assert span.start_char <= exact.start
        assert exact.end <= span.end_char
        assert span.start_char > exact.start - 20


def test_the_report_survives_in_a_serialized_doc(component):
    nlp = spacy.blank("en")
    doc = component(nlp(fixtures.TEXT))
    back = spacy.tokens.Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert report_of(back) == report_of(doc) == fixtures.small()
    assert [(s.text, s.label_) for s in back.spans["claimcheck"]] == [
        (s.text, s.label_) for s in doc.spans["claimcheck"]
    ]


@pytest.mark.parametrize("text", ["", "Nobody spoke."])
def test_a_doc_without_claims_has_an_empty_group(component, text):
    doc = component(spacy.blank("en")(text))
    assert list(doc.spans["claimcheck"]) == []
    assert report_of(doc).text == text


def test_many_docs_go_through_together_in_order(component):
    nlp = spacy.blank("en")
    texts = [fixtures.TEXT, "Nobody spoke.", fixtures.TEXT]
    docs = list(component.pipe(map(nlp, texts), batch_size=2))
    assert [doc.text for doc in docs] == texts
    assert [len(doc.spans["claimcheck"]) for doc in docs] == [15, 0, 15]
    assert component.checker.batches == [2, 1]


def test_a_doc_without_report_is_told():
    with pytest.raises(KeyError, match="claimcheck"):
        report_of(spacy.blank("en")("x"))


def test_the_pipe_is_found_by_its_name_and_takes_a_config(nli_folder, attribution_folder):
    nlp = spacy.blank("en")
    config = {"nli": str(nli_folder), "attribution": str(attribution_folder), "spans_key": "said"}
    component = nlp.add_pipe("claimcheck", config=config)
    doc = nlp("The mayor said that the bridge was safe.")
    assert report_of(doc) == component.checker.check(doc.text)
    assert set(doc.spans) == {"said"}
    assert nlp.config["components"]["claimcheck"]["spans_key"] == "said"


def test_the_entry_point_names_the_factory():
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    module, _, name = project["entry-points"]["spacy_factories"]["claimcheck"].partition(":")
    assert getattr(import_module(module), name) is make_component
