"""The checker, with an attributor and an NLI model whose answers are known."""

import hashlib
import json
import os

import numpy as np
import pytest
import regex

import claimcheck
from claimcheck import Checker, Claim, Document, InputError, ModelError, Report, Span, WorkerError
from claimcheck.decision import Decision
from claimcheck.pipeline import HINTS, load, make_document
from claimcheck.records import Attribution
from claimcheck.segmentation import segment

ARTICLE = (
    "Bridge row in Vestby\n\n"
    "Ada Holm said the bridge is safe. Per Lund denied the bridge is safe.\n\n"
    "“We will close it,” said Cleo Vinter."
)


class Attributor:
    """Reads "<Name> said|denied <content>." and “…,” said <Name>."""

    PATTERN = regex.compile(
        r"(?P<s>\p{Lu}\w+ \p{Lu}\w+) (?P<u>said|denied) (?P<c>[^.]+)\.|“(?P<c2>[^”]+),” (?P<u2>said) (?P<s2>\p{Lu}\w+ \p{Lu}\w+)"
    )

    def attribute(self, document, segmentation):
        assert segmentation == segment(document.text)
        found = []
        for n, match in enumerate(self.PATTERN.finditer(document.text), 1):
            two = "2" if match["s2"] else ""
            source, cue, content = ((Span(*match.span(role + two)),) for role in "suc")
            found.append(Attribution(f"a{n}", source, cue, content, "direct" if two else "indirect"))
        return tuple(found)


class Nli:
    """Contradiction where one text only is a denial, entailment where both are equal, else neutral."""

    def __init__(self):
        self.calls = []

    def predict(self, pairs):
        self.calls.append(len(pairs))
        rows = []
        for premise, hypothesis in pairs:
            a, b = (t.removeprefix("It is not true that ").strip(".").lower() for t in (premise, hypothesis))
            denials = premise.startswith("It is not") + hypothesis.startswith("It is not")
            rows.append(
                (0.02, 0.96, 0.02) if a != b else (0.04, 0.06, 0.9) if denials == 1 else (0.9, 0.06, 0.04)
            )
        return np.array(rows, dtype=np.float32)


@pytest.fixture
def checker():
    return Checker(Attributor(), Nli())


def pairs_of(report):
    return [(r.a, r.b, r.label) for r in report.relations]


# check


def test_check_joins_all_steps(checker):
    report = checker.check(
        ARTICLE, id="vestby", title="Row", date="2031-05-06", url="https://example.org/row"
    )
    (document,) = report.documents
    assert (document.id, document.title, document.date, document.url) == (
        "vestby",
        "Row",
        "2031-05-06",
        "https://example.org/row",
    )
    assert document.text == ARTICLE
    assert [(c.id, c.speaker, c.text, c.force) for c in report.claims] == [
        ("a1", "Ada Holm", "the bridge is safe", "asserts"),
        ("a2", "Per Lund", "the bridge is safe", "denies"),
        ("a3", "Cleo Vinter", "We will close it", "promises"),
    ]
    assert pairs_of(report) == [("a1", "a2", "contradicts")]
    assert report.relations[0].score == pytest.approx(0.9)
    assert [s.name for s in report.speakers] == ["Ada Holm", "Per Lund", "Cleo Vinter"]
    assert Report.from_dict(report.to_dict()) == report


def test_offsets_point_into_the_text_as_given(checker):
    text = "\ufeff  " + ARTICLE.replace("\n", "\r\n")
    report = checker.check(text)
    assert report.text == text
    for attribution, claim in zip(report.attributions, report.claims, strict=True):
        assert attribution.content[0].of(text) == claim.text == text[claim.start : claim.end]


@pytest.mark.parametrize("text", ["", " ", "\n\n\t", "Nothing was said here.", "…"])
def test_text_without_attributions_gives_an_empty_report(checker, text):
    report = checker.check(text)
    assert report.text == text
    assert (report.attributions, report.claims, report.relations, report.parties, report.speakers) == (
        (),
    ) * 5
    assert Report.from_dict(report.to_dict()) == report


@pytest.mark.parametrize(
    ("text", "flags"),
    [("", ["empty text"]), (" \n", ["empty text"]), ("Nothing was said here.", []), (ARTICLE, [])],
)
def test_an_empty_text_is_flagged(checker, text, flags):
    assert checker.check(text).provenance["flags"] == flags
    assert [report.provenance["flags"] for report in checker.pipe([ARTICLE, text])] == [[], flags]


def test_a_date_that_is_none_is_refused(checker):
    with pytest.raises(
        InputError, match=r"^document 'x': date is 'last May', expected ISO 8601 such as 2024-03-02 or"
    ):
        checker.check(ARTICLE, id="x", date="last May")


def test_the_id_is_made_from_the_text(checker):
    expected = f"doc-{hashlib.sha256(ARTICLE.encode()).hexdigest()[:12]}"
    assert checker.check(ARTICLE).id == checker.check(ARTICLE).id == expected
    assert checker.check(ARTICLE + " ").id != expected
    assert make_document("x", id="").id == ""


def test_a_document_is_taken_as_it_is(checker):
    document = Document("d7", ARTICLE, meta={"desk": 4})
    assert checker.check(document).documents == (document,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"bytes", "text must be str, not bytes"),
        (None, "text must be str, not NoneType"),
        (3, "text must be str, not int"),
        ("a\ud800", "lone surrogate"),
    ],
)
def test_bad_text_is_refused(checker, text, message):
    with pytest.raises(InputError, match=message):
        checker.check(text)


def test_the_callers_parties_win(checker):
    report = checker.check(ARTICLE, parties={"North": ["Holm", "Lund"], "South": ["Cleo Vinter"]})
    assert [(p.name, p.members) for p in report.parties] == [
        ("North", ("Ada Holm", "Per Lund")),
        ("South", ("Cleo Vinter",)),
    ]
    assert [c.party for c in report.claims] == ["p1", "p1", "p2"]


def test_parties_as_a_string_are_refused(checker):
    with pytest.raises(InputError, match="expected a list of names, got the string 'Holm'"):
        checker.check(ARTICLE, parties={"North": "Holm"})


def test_provenance_tells_how_the_report_was_made(checker):
    checker.nli.hash, checker.attributor.hash = "n" * 64, "a" * 64
    provenance = checker.check(ARTICLE).provenance
    assert provenance["claimcheck"] == claimcheck.__version__
    assert provenance["models"] == {"attribution": "a" * 64, "nli": "n" * 64}
    assert provenance["thresholds"]["contradicts"] == provenance["thresholds"]["corroborates"] == 0.5
    assert provenance["flags"] == []


def test_models_without_a_hash_are_none_in_provenance(checker):
    assert checker.check(ARTICLE).provenance["models"] == {"attribution": None, "nli": None}


def test_left_out_pairs_are_flagged():
    report = Checker(Attributor(), Nli(), max_pairs=2).check(ARTICLE)
    assert report.provenance["flags"] == ["pairs limited"]


@pytest.mark.parametrize(("speakers", "flags"), [(60, []), (61, [HINTS])])
def test_hints_left_out_of_an_article_of_many_speakers_are_flagged(speakers, flags):
    names = [f"{chr(65 + k // 26)}da {chr(65 + k % 26)}olk" for k in range(speakers)]
    report = Checker(Attributor(), Nli(), max_pairs=10_000).check(
        " ".join(f"{name} said no." for name in names)
    )
    assert len(report.speakers) == speakers
    assert report.provenance["flags"] == flags
    assert HINTS == "parties: hints not weighed, more than 60 voices"
    assert Report.from_dict(report.to_dict()).provenance["flags"] == flags


def test_thresholds_are_the_models_unless_given():
    nli = Nli()
    nli.decision = Decision().with_thresholds({"contradicts": 0.95, "corroborates": 0.4})
    assert pairs_of(Checker(Attributor(), nli).check(ARTICLE)) == []
    checker = Checker(Attributor(), nli, thresholds={"contradicts": 0.9 - 1e-6})
    assert pairs_of(checker.check(ARTICLE)) == [("a1", "a2", "contradicts")]
    assert checker.check(ARTICLE).provenance["thresholds"]["corroborates"] == 0.4


@pytest.mark.parametrize("options", [{"thresholds": {"contradicts": 2}}, {"max_pairs": 0}])
def test_bad_options_are_refused(options):
    with pytest.raises(InputError):
        Checker(Attributor(), Nli(), **options)


def test_the_statement_format_is_the_models(checker):
    assert checker.form == "plain"
    nli = Nli()
    nli.statement_format = "framed"
    seen = []
    nli.predict = lambda pairs: seen.extend(pairs) or np.full((len(pairs), 3), 1 / 3)
    Checker(Attributor(), nli).check(ARTICLE)
    assert seen[0][0].startswith("Ada Holm said: the bridge is safe | next, other speaker")


def test_a_segmenter_can_be_exchanged():
    class Counting:
        seen = 0

        def segment(self, text):
            self.seen += 1
            return segment(text)

    segmenter = Counting()
    checker = Checker(Attributor(), Nli(), segmenter=segmenter)
    checker.check(ARTICLE)
    assert segmenter.seen == 1


def test_an_attributor_with_batches_is_given_batches(checker):
    class Batched(Attributor):
        sizes: list[int] = []  # noqa: RUF012

        def attribute_batch(self, documents, segmentations):
            self.sizes.append(len(documents))
            return [self.attribute(d, s) for d, s in zip(documents, segmentations, strict=True)]

    texts = [ARTICLE, "", ARTICLE + "\n"]
    batched = Checker(Batched(), Nli())
    assert list(batched.pipe(texts)) == list(checker.pipe(texts))
    assert Batched.sizes == [3]


# pipe


TEXTS = [ARTICLE, "", "Bo Rusk said it rains. Ann Moe said it rains.", "Nothing.", ARTICLE.upper(), ARTICLE]


@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_pipe_equals_check_one_by_one_in_order(checker, batch_size):
    assert list(checker.pipe(TEXTS, batch_size=batch_size)) == [checker.check(text) for text in TEXTS]


@pytest.mark.parametrize("batch_size", [2, 64])
def test_pipe_equals_check_where_places_and_rare_words_decide(batch_size):
    """Surface features are those of a claim's own article, whatever else is in the batch."""
    weights = {
        "shared_text": 0.7,
        "opening": 2.0,
        "first_place": -3.0,
        "second_place": 1.5,
        "intercept": -0.4,
    }
    nli = Nli()
    nli.decision = Decision(
        gate={"shared_text": 1.0, "opening": 1.0, "first_place": -2.0, "intercept": -1.0},
        alone={"contradicts": {"contradiction": 1.0}, "corroborates": {"entailment": 1.0}},
        together={
            "contradicts": {**weights, "other_contradicts": 0.5},
            "corroborates": {**weights, "allied": 0.5, "intercept": -2.0},
        },
    )
    checker = Checker(Attributor(), nli)
    expected = [checker.check(text).to_dict() for text in TEXTS]
    assert any(report["relations"] for report in expected)
    assert [report.to_dict() for report in checker.pipe(TEXTS, batch_size=batch_size)] == expected


def test_pipe_shares_the_models_batches():
    nli = Nli()
    list(Checker(Attributor(), nli).pipe(TEXTS))
    assert len(nli.calls) <= 2


@pytest.mark.parametrize("consumer", ["next", "break"])
def test_pipe_is_lazy(checker, consumer):
    taken = []

    def source():
        for n, text in enumerate(TEXTS):
            taken.append(n)
            yield text

    reports = checker.pipe(source(), batch_size=2)
    assert taken == []
    next(reports)
    assert taken == [0, 1]
    if consumer == "next":
        next(reports)
        assert taken == [0, 1]
        next(reports)
        assert taken == [0, 1, 2, 3]


def test_pipe_reads_an_endless_source(checker):
    from itertools import islice, repeat

    assert len(list(islice(checker.pipe(repeat(ARTICLE), batch_size=3), 7))) == 7


def test_pipe_of_nothing_is_nothing(checker):
    assert list(checker.pipe([])) == []


def test_pipe_passes_contexts_through(checker):
    marker = object()
    given = [(ARTICLE, marker), ("", {"row": 1}), (Document("d3", ARTICLE), None)]
    result = list(checker.pipe(given, as_tuples=True, batch_size=2))
    assert [context for _, context in result] == [marker, {"row": 1}, None]
    assert [report.id for report, _ in result] == [make_document(ARTICLE).id, make_document("").id, "d3"]


def test_pipe_gives_parties_to_every_article(checker):
    for report in checker.pipe([ARTICLE, ARTICLE], parties={"North": ["Holm", "Lund", "Vinter"]}):
        assert [p.name for p in report.parties] == ["North"]


def test_pipe_names_the_place_of_a_bad_text(checker):
    done = []
    with pytest.raises(InputError, match=r"^text 3: document '': text must be str, not NoneType"):
        for report in checker.pipe([ARTICLE, "", ARTICLE, None], batch_size=2):
            done.append(report)
    assert len(done) == 2


def test_pipe_refuses_one_text(checker):
    with pytest.raises(InputError, match="^texts is one str, expected several"):
        next(checker.pipe("The mayor said it rained."))


def test_cross_refuses_what_is_no_report(checker):
    with pytest.raises(InputError, match="^item 0 is a str, expected a Report"):
        checker.cross(["The mayor said it rained."])


def test_parties_are_a_mapping(checker):
    with pytest.raises(InputError, match="^parties is a list, expected a dict"):
        checker.check("The mayor said it rained.", parties=["A"])


@pytest.mark.parametrize("batch_size", [0, -1])
def test_pipe_refuses_a_batch_size_that_is_not_positive(checker, batch_size):
    with pytest.raises(InputError, match=f"^batch_size is {batch_size}, expected at least 1$"):
        next(checker.pipe([ARTICLE], batch_size=batch_size))


class Killer(Nli):
    """Ends its process at a text with "die"."""

    def predict(self, pairs):
        if any("die" in text for pair in pairs for text in pair):
            os._exit(9)
        return super().predict(pairs)


def test_pipe_in_processes_tells_at_which_text_they_die():
    checker = Checker(Attributor(), Killer())
    bad = ARTICLE.replace("bridge is safe", "patients die")
    reports = checker.pipe([ARTICLE, bad, ARTICLE], n_process=2, batch_size=3)
    assert next(reports) == checker.check(ARTICLE)
    with pytest.raises(WorkerError, match=r"^text 1: the worker that checked it died twice: exit code 9$"):
        next(reports)


@pytest.mark.parametrize("n_process", [0, -2])
def test_pipe_refuses_a_number_of_processes_that_is_none(checker, n_process):
    with pytest.raises(InputError, match=f"^n_process is {n_process}, expected -1 or at least 1$"):
        next(checker.pipe([ARTICLE], n_process=n_process))


# map_batch


def test_map_batch_gives_json(checker):
    result = checker.map_batch({"text": [ARTICLE, ""], "id": ["x", 7]})
    reports = [Report.from_dict(json.loads(text)) for text in result["report"]]
    assert [report.id for report in reports] == ["x", "7"]
    assert reports[0] == checker.check(ARTICLE, id="x")


def test_map_batch_makes_ids_where_there_are_none(checker):
    for batch in ({"text": [ARTICLE]}, {"text": [ARTICLE], "id": [None]}):
        (text,) = checker.map_batch(batch)["report"]
        assert f'"{make_document(ARTICLE).id}"' in text


def test_map_batch_names_a_missing_column(checker):
    with pytest.raises(InputError, match=r"^no column 'text' among 'body', 'n': pass text_column=$"):
        checker.map_batch({"body": [ARTICLE], "n": [1]})
    assert len(checker.map_batch({"body": [ARTICLE]}, text_column="body")["report"]) == 1


def test_map_batch_names_the_row_of_a_bad_text(checker):
    with pytest.raises(InputError, match=r"^row 1 of the batch: .*text must be str, not NoneType"):
        checker.map_batch({"text": [ARTICLE, None]})


def test_datasets_map(checker, tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    dataset = datasets.Dataset.from_dict({"text": TEXTS})
    mapped = dataset.map(checker.map_batch, batched=True, batch_size=2, load_from_cache_file=False)
    assert mapped.column_names == ["text", "report"]
    assert mapped["report"][:] == [checker.check(text).to_json() for text in TEXTS]


# compare


ROWS = [
    {"text": "the bridge is safe", "speaker": "Ada Holm"},
    {"text": "The bridge is safe.", "speaker": "Per Lund", "cue": "denied", "id": "x"},
    {"text": "the bridge is safe", "speaker": None},
]


def test_compare_relates_every_pair(checker):
    report = checker.compare(ROWS)
    assert [c.id for c in report.claims] == ["s1", "x", "s3"]
    assert pairs_of(report) == [
        ("s1", "x", "contradicts"),
        ("s1", "s3", "corroborates"),
        ("x", "s3", "contradicts"),
    ]
    assert report.documents == ()
    assert report.provenance["claimcheck"] == claimcheck.__version__
    assert Report.from_dict(report.to_dict()) == report


@pytest.mark.parametrize("rows", [[], ROWS[:1]])
def test_compare_of_fewer_than_two_has_no_relations(checker, rows):
    report = checker.compare(rows)
    assert len(report.claims) == len(rows)
    assert report.relations == ()


def test_compare_takes_parties(checker):
    report = checker.compare(ROWS, parties={"Town": ["Ada Holm"], "Union": ["Per Lund"]})
    assert [c.party for c in report.claims] == ["Town", "Union", None]


def test_compare_tells_the_model_how_far_apart_statements_of_one_article_stand():
    nli = Nli()
    nli.statement_format = "framed"
    seen = []
    nli.predict = lambda pairs: seen.extend(p for p, _ in pairs) or np.array([[0.0, 1.0, 0.0]] * len(pairs))
    article = "A was. B was. C was. D was."
    rows = [{"text": t, "context": article} for t in ("A was", "D was", "B was", "C was")]
    rows.append({"text": "E was"})
    Checker(Attributor(), nli).compare(rows)
    places = {tuple(p.split(" | ")[1].split(", ")[:1]) for p in seen}
    assert places == {("next",), ("near",), ("apart",)}
    assert seen[0].split(" | ")[1].startswith("near")  # A and D are three apart
    assert seen[1].split(" | ")[1].startswith("next")  # A and B
    assert seen[3].split(" | ")[1].startswith("apart")  # A and E


def test_compare_refuses_bad_rows_by_number(checker):
    with pytest.raises(InputError, match="^statement 1: text is '', expected"):
        checker.compare([ROWS[0], {"text": ""}])


# cross


def test_cross_relates_claims_of_different_articles(checker):
    one = checker.check("Ada Holm said the bridge is safe. Per Lund denied the bridge is safe.", id="x")
    two = checker.check("Cleo Vinter said the bridge is safe.", id="y")
    report = checker.cross(iter([one, two]))
    assert pairs_of(report) == [
        ("x:a1", "x:a2", "contradicts"),
        ("x:a1", "y:a1", "corroborates"),
        ("x:a2", "y:a1", "contradicts"),
    ]
    assert [d.id for d in report.documents] == ["x", "y"]
    assert Report.from_dict(report.to_dict()) == report


def test_cross_of_nothing_is_empty(checker):
    assert checker.cross([]).claims == ()


def test_cross_refuses_one_id_of_two_texts(checker):
    with pytest.raises(InputError, match="document id 'x' is that of an earlier one with another text"):
        checker.cross([checker.check(ARTICLE, id="x"), checker.check("Nothing.", id="x")])


def test_cross_numbers_equal_texts_and_says_so(checker):
    one, two = checker.pipe([ARTICLE, ARTICLE])
    report = checker.cross([one, two])
    assert [d.id for d in report.documents] == [one.id, f"{one.id}-2"]
    assert report.provenance["flags"] == ["equal texts numbered"]
    assert (f"{one.id}:a1", f"{one.id}-2:a1", "corroborates") in pairs_of(report)
    assert checker.cross([one]).provenance["flags"] == []


def test_cross_keeps_the_flags_of_its_reports():
    checker = Checker(Attributor(), Nli(), max_pairs=2)
    report = checker.cross([checker.check(ARTICLE, id="x")])
    assert report.provenance["flags"] == ["pairs limited"]


def test_cross_compares_the_nearest_and_says_so():
    texts = {
        "x": "Ada Holm said the bridge is safe.",
        "y": "Per Lund denied the bridge is safe.",
        "z": "Cleo Vinter said the taxes will rise.",
    }
    flags = ["across articles: 1 nearest candidates of each claim"]
    checker = Checker(Attributor(), Nli(), max_pairs=1, max_candidates=1)
    report = checker.cross([checker.check(text, id=id) for id, text in texts.items()])
    assert ("x:a1", "y:a1", "contradicts") in pairs_of(report)
    assert report.provenance["flags"] == []  # no more pairs than max_pairs for each article
    report = checker.cross([checker.check(text, id=id) for id, text in texts.items()], max_candidates=1)
    assert pairs_of(report) == [("x:a1", "y:a1", "contradicts")]
    assert report.provenance["flags"] == flags


def test_compare_compares_the_nearest_and_says_so(checker):
    rows = [
        {"speaker": "Ada Holm", "text": "the bridge is safe"},
        {"speaker": "Per Lund", "cue": "denied", "text": "the bridge is safe in Vestby"},
        {"speaker": "Cleo Vinter", "text": "taxes will rise"},
    ]
    assert checker.compare(rows).provenance["flags"] == []
    assert checker.compare(rows, max_candidates=2).provenance["flags"] == []
    report = checker.compare(rows, max_candidates=1)
    assert report.provenance["flags"] == ["across articles: 1 nearest candidates of each claim"]
    assert {(r.a, r.b) for r in report.relations} <= {("s1", "s2")}


@pytest.mark.parametrize(
    "call",
    [
        lambda checker: checker.compare(ROWS, max_candidates=0),
        lambda checker: checker.cross([], max_candidates=0),
        lambda checker: Checker(Attributor(), Nli(), max_candidates=0),
    ],
    ids=["compare", "cross", "checker"],
)
def test_no_candidates_are_refused(checker, call):
    with pytest.raises(InputError, match="^max_candidates is 0, expected at least 1$"):
        call(checker)


# load


def test_load_takes_objects_as_they_are():
    attributor, nli = Attributor(), Nli()
    checker = load(attribution=attributor, nli=nli, max_pairs=7, thresholds={"contradicts": 0.7})
    assert (checker.attributor, checker.nli, checker.max_pairs) == (attributor, nli, 7)
    assert checker.decision.thresholds["contradicts"] == 0.7


def test_load_takes_folders(attribution_folder, nli_folder, no_network):
    checker = load(attribution=attribution_folder, nli=str(nli_folder), dtype="float32")
    report = checker.check(ARTICLE)
    assert report.provenance["models"] == {"attribution": checker.attributor.hash, "nli": checker.nli.hash}
    assert len(checker.nli.hash) == 64
    assert report.claims
    assert all(isinstance(claim, Claim) for claim in report.claims)


def test_load_names_a_folder_that_is_not_there(tmp_path, no_network):
    with pytest.raises(ModelError, match="no checkpoint folder"):
        load(attribution=Attributor(), nli=tmp_path / "none")
    with pytest.raises(ModelError, match="no checkpoint folder"):
        load(attribution=tmp_path / "none", nli=Nli())


@pytest.mark.parametrize("given", [None, 3], ids=["none", "number"])
def test_what_is_not_several_is_refused(checker, given):
    for call, what in ((checker.cross, "reports"), (checker.compare, "statements")):
        with pytest.raises(InputError, match=f"{what} is a {type(given).__name__}, expected"):
            call(given)
    with pytest.raises(InputError, match=f"texts is one {type(given).__name__}, expected several texts"):
        list(checker.pipe(given))


def test_one_report_is_not_several(checker):
    with pytest.raises(InputError, match="reports is a Report, expected several reports: put one in a list"):
        checker.cross(checker.check("Ada Holm said it leaked."))


def test_a_document_has_its_own_id(checker):
    with pytest.raises(InputError, match="^id, date given with a Document, which has its own"):
        checker.check(Document("x", "It rained."), id="y", date="2024-01-01")


def test_an_id_is_a_string(checker):
    with pytest.raises(InputError, match="^document id is 7, expected str"):
        checker.check("It rained.", id=7)
    assert checker.check("It rained.", id="").id == ""


def test_as_tuples_asks_for_pairs(checker):
    with pytest.raises(InputError, match=r"^text 1 is 'ab', expected \(text, context\)"):
        list(checker.pipe([("It rained.", 1), "ab"], as_tuples=True))


def test_an_article_is_compared_alike_whatever_stands_before_it():
    """Places and rare words are those of a statement's own article, not of the table."""
    seen = []

    class Record(Decision):
        def passes(self, surface, apart):
            seen.append(surface)
            return super().passes(surface, apart)

    checker = Checker(Attributor(), Nli())
    checker.decision = Record()
    article = "The weir leaks, said Ada. The weir holds, said Per. It is old."
    own = [{"text": text, "context": article} for text in ("The weir leaks", "The weir holds")]
    checker.compare(own)
    checker.compare(
        [{"text": f"thing {n}", "context": "thing 0 thing 1 thing 2 thing 3"} for n in range(4)] + own
    )
    np.testing.assert_array_equal(seen[0][0], seen[1][-1])


# states


@pytest.fixture
def given(attribution_folder, monkeypatch):
    """A checker with a pair head, and a list of the states that it hands on."""
    from claimcheck.attribution import Attributor as Real
    from claimcheck.pair_head import PairHead

    nli, seen = Nli(), []
    nli.pair_head = PairHead(4, 32, size=3, hidden=3, networks=1)
    made = Checker(Real.from_pretrained(attribution_folder), nli)
    nli.pair_head.attribution = made.attributor.hash
    monkeypatch.setattr("claimcheck.pipeline.relate", lambda *_, states, **__: seen.append(states) or [])
    return made, seen


def test_states_are_those_of_the_claims(given):
    checker, seen = given
    text = "The mayor said that the bridge is safe. “It is not,” the minister told them. " * 4
    reports = list(checker.pipe(["", text]))
    claims = reports[1].claims
    assert len(claims) > 6
    (states,) = seen
    assert states.shape == (len(claims), 32)
    assert states.any(axis=1).all()
    rows = [{"text": c.text, "start": c.start, "context": text} for c in claims]
    checker.compare([{"text": "It rained."}, *rows])
    assert not seen[1][0].any()
    whole = [k for k, c in enumerate(claims) if c.end - c.start == len(c.text)]
    np.testing.assert_allclose(seen[1][1:][whole], states[whole], atol=5e-3)


def test_a_few_statements_of_an_article_need_no_states(given):
    checker, seen = given
    checker.compare([{"text": f"thing {n}", "context": "thing 0 thing 1 thing 2"} for n in range(3)])
    checker.compare([{"text": f"thing {n}"} for n in range(9)])
    assert seen == [None, None]


def test_states_of_another_attributor_are_not_used(given):
    checker, seen = given
    checker.nli.pair_head.attribution = "another"
    text = "The mayor said that the bridge is safe. “It is not,” the minister told them. " * 4
    assert len(checker.check(text).claims) > 6
    checker.attributor = Attributor()
    checker.check(ARTICLE)
    assert seen == [None, None]
