from __future__ import annotations

import csv
import io
import json
import math
import subprocess
import sys

import fixtures
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from strategies import patient, reports

from claimcheck.errors import InputError, SpanError
from claimcheck.records import Attribution, Claim, Document, Party, Relation, Span, Speaker
from claimcheck.report import Report

ALL = {
    "small": fixtures.small,
    "seed": fixtures.seed,
    "statements": fixtures.statements,
    "crossed": fixtures.crossed,
    "empty": Report,
}


@pytest.fixture(params=ALL.values(), ids=ALL.keys())
def report(request):
    return request.param()


@pytest.fixture
def small():
    return fixtures.small()


# construction


def test_importing_the_report_loads_nothing_heavy():
    code = (
        "import sys, claimcheck.report; "
        "print([m for m in ('torch', 'transformers', 'pandas', 'datasets', 'jinja2', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_lists_become_tuples():
    assert Report(claims=[Claim("1", "x")]) == Report(claims=(Claim("1", "x"),))


CLAIM = Claim("a1", "x", attribution="a1", document="d")
FOUND = Attribution("a1", (), (), (Span(0, 1),), "direct")
DOC = Document("d", "x")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({"claims": (CLAIM, CLAIM)}, "claim id 'a1' occurs 2 times", id="claim twice"),
        pytest.param(
            {"parties": (Party("p", "A"), Party("p", "B"))}, "party id 'p' occurs 2 times", id="party twice"
        ),
        pytest.param({"documents": (DOC, DOC)}, "document id 'd' occurs 2 times", id="document twice"),
        pytest.param({"claims": (CLAIM,)}, "claim 'a1' names attribution 'a1'", id="attribution missing"),
        pytest.param(
            {"claims": (Claim("1", "x", party="p9"),)}, "claim '1' names party 'p9'", id="party missing"
        ),
        pytest.param(
            {"relations": (Relation("1", "2", "neither", 1.0, (0, 1, 0), (0, 1, 0)),)},
            "relation '1' - '2' names claim '1'",
            id="claim missing",
        ),
        pytest.param(
            {"attributions": (Attribution("a1", (), (), (Span(0, 1),), "direct", "a0"),)},
            "attribution 'a1' names parent 'a0'",
            id="parent missing",
        ),
        pytest.param(
            {"attributions": (FOUND,), "claims": (CLAIM, Claim("a2", "y", attribution="a1"))},
            "claims 'a1' and 'a2' both have attribution 'a1'",
            id="two claims of one attribution",
        ),
    ],
)
def test_inconsistent_records_are_refused(fields, message):
    with pytest.raises(InputError, match=message):
        Report(**fields)


def test_a_span_past_the_end_is_refused():
    late = Attribution("a1", (), (), (Span(90, 120),), "direct")
    with pytest.raises(
        SpanError, match=r"attribution 'a1': span \(90, 120\) exceeds document 'd' of 100 characters"
    ):
        Report(documents=(Document("d", "x" * 100),), attributions=(late,), claims=(CLAIM,))


# questions


def test_id_and_text_are_those_of_the_only_document(small):
    assert (small.id, small.text) == ("bridge", fixtures.TEXT)


@pytest.mark.parametrize("name", ["statements", "crossed"])
def test_id_and_text_need_one_document(name):
    several = ALL[name]()
    for ask in (lambda: several.id, lambda: several.text):
        with pytest.raises(
            InputError, match=f"a report of {len(several.documents)} documents has no single id"
        ):
            ask()


def test_relations_come_best_first(small):
    assert [(r.a, r.b) for r in small.contradictions()] == [("a2", "a3"), ("a1", "a5")]
    assert [(r.a, r.b) for r in small.contradictions(min_score=0.81)] == [("a2", "a3"), ("a1", "a5")]
    assert [(r.a, r.b) for r in small.contradictions(0.82)] == [("a2", "a3")]
    assert [(r.a, r.b) for r in small.corroborations()] == [("a1", "a2")]
    assert small.corroborations(0.9) == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("Ada Holm", ["a1", "a2", "a5"], id="canonical"),
        pytest.param("ada  HOLM", ["a1", "a2", "a5"], id="any case"),
        pytest.param("Lund", ["a3", "a4"], id="surname"),
        pytest.param("city", ["a1", "a2", "a5"], id="party"),
        pytest.param("the Union", ["a3", "a4"], id="party with article"),
        pytest.param("p2", ["a3", "a4"], id="party id"),
    ],
)
def test_claims_by(small, name, expected):
    assert [c.id for c in small.claims_by(name)] == expected


@pytest.mark.parametrize("name", ["Nobody", "", "Ada", "olm", "Holm Ada"])
def test_claims_by_an_unknown_name_lists_the_known(small, name):
    with pytest.raises(
        InputError, match=f"nobody named '{name}' .* names are Ada Holm, Per Lund, City, Union"
    ):
        small.claims_by(name)


def test_claims_by_a_surname_of_two():
    claims = (Claim("1", "x", "Ada Holm"), Claim("2", "y", "Bo Holm Jr."), Claim("3", "z", "Holm"))
    assert [c.id for c in Report(claims=claims).claims_by("Holm")] == ["3"]
    with pytest.raises(InputError, match=r"'holm' may be any of Ada Holm, Bo Holm Jr\.: give the full name"):
        Report(claims=claims[:2]).claims_by("holm")
    assert [c.id for c in Report(claims=claims[1:2]).claims_by("holm")] == ["2"]


def test_claims_by_beside_a_blank_name():
    claims = (Claim("1", "x", ""), Claim("2", "y", "Ada Holm"))
    assert [c.id for c in Report(claims=claims).claims_by("Holm")] == ["2"]


def test_claims_by_somebody_silent():
    assert Report(parties=(Party("p", "Council", ("Ada Holm",)),)).claims_by("Holm") == ()
    assert Report(speakers=(Speaker("s", "Ada Holm"),)).claims_by("Ada Holm") == ()


def test_claim(small):
    assert small.claim("a3").force == "denies"
    with pytest.raises(InputError, match="no claim 'a9' in this report: its claims are a1, a2, a3, a4, a5"):
        small.claim("a9")


def test_matrix_counts_pairs_of_parties(small):
    expected = pd.DataFrame([[1, 1], [1, 0]], index=["City", "Union"], columns=["City", "Union"])
    pd.testing.assert_frame_equal(small.matrix(), expected)
    assert small.matrix("corroborates").to_numpy().tolist() == [[1, 0], [0, 0]]
    assert small.matrix(min_score=0.9).to_numpy().tolist() == [[0, 1], [1, 0]]
    with pytest.raises(InputError, match="label 'supports' is none of contradicts, corroborates, neither"):
        small.matrix("supports")


def test_matrix_of_the_seed():
    matrix = fixtures.seed().matrix()
    assert matrix.loc["Russia", "Ukraine"] == 2
    assert matrix.loc["Russia", "Russia"] == 2
    assert (matrix == matrix.T).all(axis=None)


def test_matrix_tells_equal_names_apart():
    twins = Report(parties=(Party("p1", "Council"), Party("p2", "Council")))
    assert list(twins.matrix().columns) == ["Council (p1)", "Council (p2)"]


def test_matrix_without_parties():
    matrix = fixtures.statements().matrix()
    speakers = ["Ida Moe", "Jon Vik"]
    pd.testing.assert_frame_equal(matrix, pd.DataFrame([[0, 1], [1, 0]], index=speakers, columns=speakers))
    assert fixtures.statements().matrix(min_score=0.95).to_numpy().tolist() == [[0, 0], [0, 0]]
    assert Report().matrix().shape == (0, 0)


def test_repr(small):
    assert repr(small) == "Report('bridge', 5 claims, 2 parties, 2 contradictions, 1 corroboration)"
    assert str(small) == small.summary()


# JSON


def test_to_dict_has_the_gold_form(small):
    data = small.to_dict()
    assert data["schema_version"] == 1
    assert (data["id"], data["title"], data["date"]) == (
        "bridge",
        "Bridge row deepens in Vestby",
        "2024-03-02",
    )
    assert data["text"] == fixtures.TEXT
    assert data["parties"][0] == {"id": "p1", "name": "City", "members": ["Ada Holm"]}
    start = fixtures.TEXT.index("it would never open")
    last = data["attributions"][-1]
    assert last["content"] == [[start, start + 19]]
    assert {k: last[k] for k in ("id", "kind", "speaker", "party", "parent", "score")} == {
        "id": "a5",
        "kind": "indirect",
        "speaker": "Ada Holm",
        "party": "p1",
        "parent": "a4",
        "score": 1.0,
    }
    assert data["relations"][1] == {
        "a": "a2",
        "b": "a3",
        "label": "contradicts",
        "score": 0.97,
        "forward": [0.96, 0.03, 0.01],
        "backward": [0.9, 0.08, 0.02],
        "why": "a denial of the same",
        "denied": [False, True],
        "truncated": [True, False],
        "gate": 0.91,
        "features": {"shared_text": 1.25, "next": 1.0},
    }


def test_the_seed_survives_as_gold():
    gold = json.loads((fixtures.SEEDS / "seed.json").read_text(encoding="utf-8"))
    data = fixtures.seed().to_dict()
    assert data["text"] == gold["text"]
    assert data["parties"] == gold["parties"]
    for name in ("attributions", "relations"):
        for ours, theirs in zip(data[name], gold[name], strict=True):
            assert {key: ours[key] for key in theirs} == theirs


def test_round_trip(report, tmp_path):
    assert Report.from_dict(report.to_dict()) == report
    path = tmp_path / "report.json"
    report.save(path)
    assert Report.load(path) == report
    assert json.loads(report.to_json(indent=1)) == report.to_dict()


@patient
@given(reports())
def test_any_report_survives_json(report):
    assert Report.from_dict(report.to_dict()) == report
    assert Report.from_dict(json.loads(report.to_json())) == report


@patient
@given(reports())
def test_any_report_can_be_shown(report):
    assert report.to_html().startswith("<!doctype html>")
    assert str(report)
    for table in ("claims", "relations", "parties"):
        assert len(report.to_pandas(table)) == len(getattr(report, table))


def test_letters_are_not_escaped_and_numpy_numbers_are():
    strange = Report(
        documents=(Document("d", "Привет, 東京"),),
        claims=(Claim("1", "x"), Claim("2", "y")),
        relations=(
            Relation("1", "2", "contradicts", np.float32(0.1), (0.0, 0.0, np.float32(1.0)), (0, 0, 1)),
        ),
        provenance={"n": np.int64(3), "lists": (1, [2])},
    )
    text = strange.to_json()
    assert "Привет, 東京" in text
    data = json.loads(text)
    assert data["relations"][0]["score"] == float(np.float32(0.1))
    assert data["provenance"] == {"n": 3, "lists": [1, [2]]}


@pytest.mark.parametrize(
    ("report", "message"),
    [
        pytest.param(
            Report(documents=(Document("d", "x", meta={"seen": {1, 2}}),)),
            r"meta of document 'd'\['seen'\]: set is not a JSON value",
            id="set",
        ),
        pytest.param(
            Report(provenance={"a": [math.nan]}),
            r"provenance\['a'\]\[0\]: nan is not a JSON number",
            id="nan",
        ),
        pytest.param(Report(provenance={"a": {1: 2}}), r"provenance\['a'\]: key 1 is int", id="key"),
        pytest.param(
            Report(
                claims=(Claim("1", "x"),),
                relations=(Relation("1", "1", "neither", math.nan, (0.0, 1.0, 0.0), (0.0, 1.0, 0.0)),),
            ),
            "report cannot be written as JSON: .*not JSON compliant",
            id="nan score",
        ),
    ],
)
def test_what_json_cannot_hold_is_refused(report, message):
    with pytest.raises(InputError, match=message):
        report.to_json()


def test_a_lone_surrogate_is_refused_and_nothing_written(tmp_path):
    path = tmp_path / "r.json"
    with pytest.raises(InputError, match="lone surrogate"):
        Report(claims=(Claim("1", "broken \ud800"),)).save(path)
    assert not path.exists()


def drop(name):
    return lambda data: data.pop(name)


def put(*path_and_value):
    *path, last, value = path_and_value

    def change(data):
        for step in path:
            data = data[step]
        data[last] = value

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(
            drop("schema_version"),
            "a report without schema_version: this claimcheck reads version 1",
            id="no version",
        ),
        pytest.param(put("schema_version", 2), "a report of schema_version 2: this", id="later version"),
        pytest.param(put("schema_version", True), "schema_version True", id="true is not 1"),
        pytest.param(drop("claims"), "report has no 'claims'", id="no claims"),
        pytest.param(put("claims", {}), "report: 'claims' is {}, expected list", id="claims not a list"),
        pytest.param(
            put("claims", 1, None), r"claims\[1\] is NoneType, expected an object", id="claim not an object"
        ),
        pytest.param(
            put("claims", 0, "text", 7), r"claims\[0\]: 'text' is 7, expected str", id="text not str"
        ),
        pytest.param(put("claims", 0, "hedged", 1), r"'hedged' is 1, expected bool", id="hedged not bool"),
        pytest.param(
            put("claims", 0, "start", True), r"'start' is True, expected int or null", id="start a bool"
        ),
        pytest.param(
            put("claims", 0, "force", "shouts"), r"'force' is 'shouts', expected one of asserts", id="force"
        ),
        pytest.param(
            put("attributions", 0, "kind", "odd"), r"'kind' is 'odd', expected one of direct", id="kind"
        ),
        pytest.param(
            put("attributions", 0, "cue", [[3]]),
            r"attributions\[0\]: 'cue' holds \[3\], expected \[start, end\]",
            id="span",
        ),
        pytest.param(
            put("attributions", 0, "cue", [[5, 3]]), r"'cue': span \(5, 3\) must satisfy", id="span reversed"
        ),
        pytest.param(
            put("attributions", 0, "cue", [[1, 9999]]), r"exceeds document 'bridge'", id="span out of text"
        ),
        pytest.param(
            put("attributions", 0, "content", []), "attribution 'a1' has no content span", id="no content"
        ),
        pytest.param(
            put("relations", 0, "forward", [0.5, 0.5]),
            r"'forward' is \[0.5, 0.5\], expected three numbers",
            id="two numbers",
        ),
        pytest.param(
            put("relations", 0, "score", "high"), r"'score' is 'high', expected int or float", id="score"
        ),
        pytest.param(put("relations", 0, "a", "a77"), r"names claim 'a77'", id="relation"),
        pytest.param(put("parties", 0, "members", "Ada"), r"'members' is 'Ada', expected list", id="members"),
        pytest.param(
            put("parties", 0, "members", [1]), r"'members' is \[1\], expected a list of str", id="members int"
        ),
        pytest.param(put("provenance", None), r"'provenance' is None, expected dict", id="provenance"),
    ],
)
def test_damaged_reports_are_refused(small, tmp_path, change, message):
    data = small.to_dict()
    change(data)
    with pytest.raises(InputError, match=message):
        Report.from_dict(data)
    path = tmp_path / "damaged.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InputError, match=r"damaged\.json: "):
        Report.load(path)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"schema_version": 1, "id": "x"', id="cut short"),
        pytest.param(b"\x80\x04\x95", id="pickle"),
        pytest.param(b"\xff\xfe{\x00}\x00", id="utf-16"),
        pytest.param(b'{"schema_version": 1, "score": NaN}', id="NaN"),
        pytest.param(b"[" * 100_000, id="deep"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"null", id="null"),
    ],
)
def test_what_is_not_a_report_is_refused(tmp_path, content):
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.json"):
        Report.load(path)


def test_a_missing_file_is_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        Report.load(tmp_path / "none.json")


# tables


def test_claims_table(small):
    frame = small.to_pandas()
    assert list(frame["id"]) == ["a1", "a2", "a3", "a4", "a5"]
    row = frame.iloc[2]
    start = fixtures.TEXT.index("the bridge was safe")
    assert row.drop(["date", "parent"]).to_dict() == {
        "id": "a3",
        "document": "bridge",
        "speaker": "Per Lund",
        "party": "Union",
        "party_id": "p2",
        "force": "denies",
        "hedged": False,
        "kind": "indirect",
        "cue": "denied",
        "text": "the bridge was safe",
        "source": "The union's Per Lund",
        "start": start,
        "end": start + 19,
        "attribution": "a3",
        "score": 1.0,
    }
    assert row[["date", "parent"]].isna().all()
    assert frame["force"].cat.categories.tolist()[:2] == ["asserts", "denies"]


def test_relations_table(small):
    frame = small.to_pandas("relations")
    assert frame[["a", "b", "label", "score"]].to_numpy().tolist()[1] == ["a2", "a3", "contradicts", 0.97]
    row = frame.iloc[1]
    assert (row["a_speaker"], row["b_speaker"], row["a_party"], row["b_party"]) == (
        "Ada Holm",
        "Per Lund",
        "City",
        "Union",
    )
    assert (row["a_text"], row["b_text"]) == ("It is safe", "the bridge was safe")
    assert (row["forward_entailment"], row["backward_contradiction"]) == (0.96, 0.02)
    assert (row["a_denied"], row["b_denied"]) == (False, True)
    for side in "ab":
        text = small.text[row[f"{side}_start"] : row[f"{side}_end"]]
        assert text == row[f"{side}_text"]


def test_parties_and_speakers_tables(small):
    parties = small.to_pandas("parties")
    assert parties.to_numpy().tolist() == [
        ["p1", "City", ["Ada Holm"], 3, 2, 1],
        ["p2", "Union", ["Per Lund"], 2, 1, 0],
    ]
    speakers = small.to_pandas("speakers")
    assert speakers.to_numpy().tolist() == [
        ["s1", "Ada Holm", "person", "City", 3, 2],
        ["s2", "Per Lund", "person", "Union", 2, 1],
    ]


@pytest.mark.parametrize("table", ["claims", "relations", "parties", "speakers"])
def test_tables_keep_their_columns(report, table):
    frame, empty = report.to_pandas(table), Report().to_pandas(table)
    assert frame.dtypes.to_dict() == empty.dtypes.to_dict()
    dataset = report.to_dataset(table)
    assert dataset.column_names == list(frame.columns)
    assert dataset.features == Report().to_dataset(table).features
    assert len(dataset) == len(frame)


def test_dataset_holds_the_values(small):
    rows = small.to_dataset().to_list()
    assert (rows[4]["text"], rows[4]["parent"], rows[4]["hedged"]) == ("it would never open", "a4", False)
    assert small.to_dataset("parties")[0]["members"] == ["Ada Holm"]


def test_an_unknown_table_is_refused(small):
    for make in (small.to_pandas, small.to_dataset):
        with pytest.raises(
            InputError, match="no table 'quotes': expected one of claims, relations, parties, speakers"
        ):
            make("quotes")


def test_csv_holds_the_values_and_reads_back(report, tmp_path):
    for table in ("claims", "relations", "parties", "speakers"):
        path = tmp_path / f"{table}.csv"
        assert report.to_csv(path, table) == path.read_bytes().decode("utf-8")
        frame = report.to_pandas(table)
        back = pd.read_csv(
            path, dtype={name: "string" for name in frame.columns if frame[name].dtype == "string"}
        )
        assert list(back.columns) == list(frame.columns)
        assert len(back) == len(frame)
        for name in frame.columns.drop("members", errors="ignore"):
            filled = [["" if pd.isna(v) else v for v in column[name]] for column in (back, frame)]
            assert filled[0] == filled[1]  # an empty text and a missing one are the same in CSV


FORMULAS = ["=1+1", "+1", "-1", "@A1", "\tx", "\rx", "\nx", "＝1", "－1"]


@pytest.mark.parametrize("text", [*FORMULAS, "a=1", "", "'=1"])
def test_csv_for_spreadsheets_has_no_formulas(text):
    made = Report(claims=(Claim("c1", text, speaker=text),))
    (plain,), (safe,) = (
        list(csv.DictReader(io.StringIO(made.to_csv(safe_for_spreadsheets=safe), newline="")))
        for safe in (False, True)
    )
    expected = f"'{text}" if text in FORMULAS else text
    assert (plain["text"], plain["speaker"]) == (text, text)
    assert (safe["text"], safe["speaker"]) == (expected, expected)
    assert {name for name in plain if plain[name] != safe[name]} <= {"text", "speaker"}


def test_csv_for_spreadsheets_keeps_what_is_missing(small):
    assert small.to_csv(safe_for_spreadsheets=True) == small.to_csv()


def test_csv_writes_lists_as_json(small):
    assert small.to_csv(table="parties").splitlines()[1:] == [
        'p1,City,"[""Ada Holm""]",3,2,1',
        'p2,Union,"[""Per Lund""]",2,1,0',
    ]


@pytest.mark.parametrize("table", ["claims", "relations", "parties", "speakers"])
def test_parquet_holds_what_the_dataset_holds(report, tmp_path, table, capsys):
    path = tmp_path / "t.parquet"
    report.to_parquet(path, table)
    expected = report.to_dataset(table)
    back = pq.read_table(path)
    assert back.to_pylist() == expected.to_list()
    assert back.schema.equals(expected.features.arrow_schema)
    assert len(pd.read_parquet(path)) == len(report.to_pandas(table))
    assert capsys.readouterr().err == ""


def test_tables_in_files_know_their_names(small, tmp_path):
    for write in (lambda: small.to_csv(table="quotes"), lambda: small.to_parquet(tmp_path / "q", "quotes")):
        with pytest.raises(InputError, match="no table 'quotes'"):
            write()
