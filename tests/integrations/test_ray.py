"""Ray datasets: what an actor does to a table, and a cluster that loses a node."""

import json
import os
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from fakes import FakeChecker

from claimcheck.errors import InputError
from claimcheck.integrations import ray as integration
from claimcheck.integrations.ray import RowChecker, check
from claimcheck.pipeline import make_document

ROOT = Path(__file__).resolve().parents[2]


def run(columns, checker=FakeChecker, parties=None, text_column="text", id_column=None):
    made = RowChecker(checker, parties, text_column, id_column, 4, 1)(pa.table(columns)).to_pydict()
    return made, [report and json.loads(report) for report in made["report"]]


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS"):
        monkeypatch.setenv(name, "1")


@pytest.mark.parametrize("checker", [FakeChecker, FakeChecker()], ids=["loader", "checker"])
def test_each_row_gets_a_report_or_an_error(checker):
    made, reports = run(
        {"text": ["Rain.", "a bomb", None, "", "Snow."], "key": [1, 2, 3, 4, None], "more": [5, 6, 7, 8, 9]},
        checker=checker,
        id_column="key",
    )
    assert made["more"] == [5, 6, 7, 8, 9]
    assert [report and (report["id"], report["text"]) for report in reports] == [
        ("1", "Rain."),
        None,
        None,
        None,
        (make_document("Snow.").id, "Snow."),
    ]
    assert made["error"] == [
        None,
        "RuntimeError: cannot stand 'a bomb'",
        "InputError: 'text' must be a string, not null",
        "InputError: text is empty",
        None,
    ]


def test_columns_and_parties():
    made, reports = run({"body": ["Rain."]}, text_column="body", parties={"Quarry": ["Holm"]})
    assert reports[0]["parties"] == {"Quarry": ["Holm"]}
    assert list(made) == ["body", "report", "error"]


def test_no_rows():
    made, _ = run({"text": pa.array([], pa.string())})
    assert made == {"text": [], "report": [], "error": []}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"body": ["x"]}, "^no column 'text' among 'body'$"),
        ({"text": ["x"], "error": ["y"]}, "^the dataset has a column 'error' already: rename it$"),
    ],
)
def test_columns_that_cannot_be_used(columns, message):
    with pytest.raises(InputError, match=message):
        run(columns)


@pytest.mark.parametrize("concurrency", [0, -1, (0, 2), (3, 2)])
def test_concurrency_that_is_none(monkeypatch, concurrency):
    monkeypatch.setattr(integration, "require", lambda *_: None)
    with pytest.raises(InputError, match="^concurrency is "):
        check(None, concurrency=concurrency)


def test_without_ray(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "ray.data", raising=False)
    with pytest.raises(ImportError, match=r"pip install '\.\[ray\]'"):
        check(None)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_node_that_dies_loses_nothing_and_repeats_nothing(monkeypatch):
    """Two nodes of one core each, as processes of their own; one is killed while it works."""
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "tests")]))
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
        ray.init(address=cluster.address, log_to_driver=False)
        texts = [f"text {n}" if n % 10 else f"bomb {n}" for n in range(300)]
        source = ray.data.from_items([{"id": n, "text": text} for n, text in enumerate(texts)])
        slow = FakeChecker(delay=0.05)
        reports = check(source, checker=slow, id_column="id", concurrency=2, batch_size=5)
        rows = []
        for row in reports.iter_rows():
            rows.append(row)
            if len(rows) == 40:
                assert sum(node["Alive"] for node in ray.nodes()) == 3
                cluster.remove_node(nodes[0], allow_graceful=False)
        assert sum(node["Alive"] for node in ray.nodes()) == 2
    finally:
        ray.shutdown()
        cluster.shutdown()
    rows.sort(key=lambda row: row["id"])
    assert [row["id"] for row in rows] == list(range(300))
    assert [(row["report"] is None, row["error"] is None) for row in rows] == [
        (n % 10 == 0, n % 10 != 0) for n in range(300)
    ]
    assert [json.loads(row["report"])["text"] for row in rows if row["report"]] == [
        text for text in texts if text.startswith("text")
    ]


def test_a_null_text_is_what_is_told_where_there_are_no_ids():
    made, reports = run({"text": ["Rain.", None]})
    assert made["error"] == [None, "InputError: 'text' must be a string, not null"]
    assert reports[0]["text"] == "Rain."
