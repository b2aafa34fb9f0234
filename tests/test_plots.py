"""What is drawn is what the report holds."""

import sys

import fixtures
import numpy as np
import pytest

from claimcheck.errors import InputError
from claimcheck.records import Claim, Party, Relation
from claimcheck.report import Report

mpl = pytest.importorskip("matplotlib", reason="the extra 'plot' is not installed")
mpl.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.patches import FancyArrowPatch  # noqa: E402


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def lines(ax):
    """Return the two ends of each line and its style."""
    return [(list(map(tuple, line.get_xydata())), line.get_linestyle()) for line in ax.lines]


@pytest.mark.parametrize("label", ["contradicts", "corroborates"])
@pytest.mark.parametrize("make", [fixtures.small, fixtures.seed], ids=["small", "seed"])
def test_the_matrix_is_that_of_the_report(make, label):
    ax = make().plot_matrix(label)
    expected = make().matrix(label)
    assert np.array_equal(ax.images[0].get_array(), expected)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(expected.index)
    assert texts(ax) == [str(number or "·") for number in expected.to_numpy().ravel()]


def test_the_matrix_keeps_to_the_least_score():
    assert fixtures.small().plot_matrix(min_score=0.9).images[0].get_array().tolist() == [[0, 1], [1, 0]]


def test_speakers_are_the_sides_where_there_are_no_parties():
    ax = fixtures.crossed().plot_matrix()
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["Ada Holm", "Per Lund"]
    assert ax.images[0].get_array().tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    "report",
    [fixtures.small(), fixtures.crossed(), fixtures.statements(), fixtures.seed()],
    ids=["parties", "documents", "speakers", "seed"],
)
@pytest.mark.parametrize("label", ["contradicts", "corroborates"])
def test_the_matrix_drawn_is_the_matrix_returned(report, label):
    ax = report.plot_matrix(label)
    matrix = report.matrix(label)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == list(matrix.index)
    assert [text.get_text().replace("·", "0") for text in ax.texts] == [
        str(n) for n in matrix.to_numpy().flat
    ]


def test_the_network_joins_sides_by_label():
    ax = fixtures.seed().plot_network()
    assert texts(ax) == [
        "2",
        "3",
        "Russia\n12 claims",
        "Ukraine\n4 claims",
        "Donetsk People's Republic\n3 claims",
    ]
    joined = [p for p in ax.patches if isinstance(p, FancyArrowPatch)]
    assert [p.get_linestyle() for p in joined] == ["-", "--"]
    assert joined[0].get_linewidth() < joined[1].get_linewidth()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["contradictions", "corroborations"]


def test_relations_within_a_side_are_no_line():
    within = fixtures.small()  # a1 and a5 are of one party
    assert [(r.a, r.b) for r in within.contradictions(0.9)] == [("a2", "a3")]
    assert len(within.plot_network().patches) == 1


def dated(*rows, relations=()):
    claims = [Claim(f"c{i}", "x", "A", party, date=date) for i, (party, date) in enumerate(rows)]
    made = [Relation(a, b, label, 0.9, (0, 0, 1), (0, 0, 1)) for a, b, label in relations]
    return Report(parties=(Party("p1", "City"), Party("p2", "Union")), claims=claims, relations=made)


def test_the_timeline_places_claims_by_date_and_side():
    report = dated(
        ("p1", "2024-01-01"),
        ("p1", "2024-01-01"),
        ("p2", "2024-01-03T12:00:00Z"),
        ("p2", None),
        (None, "2024-01-04"),
        relations=[("c0", "c2", "contradicts"), ("c1", "c2", "corroborates"), ("c1", "c3", "contradicts")],
    )
    ax = report.plot_timeline()
    new_year = mpl.dates.date2num(np.datetime64("2024-01-01"))
    points = ax.collections[0].get_offsets().tolist()
    assert points == pytest.approx(np.array([[new_year, -0.15], [new_year, 0.15], [new_year + 2.5, 1]]))
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["City", "Union"]
    assert [style for _, style in lines(ax)] == ["-", "--"]
    assert ax.get_xlabel() == "2 claims without a date or a side left out"


def test_claims_have_the_dates_of_their_articles():
    ax = fixtures.small().plot_timeline()
    assert len(ax.collections[0].get_offsets()) == 5
    assert {x for x, _ in ax.collections[0].get_offsets()} == {
        mpl.dates.date2num(np.datetime64("2024-03-02"))
    }
    assert ax.get_xlabel() == ""


def test_a_plot_goes_onto_given_axes():
    _, axes = plt.subplots(1, 3)
    small = fixtures.small()
    drawn = [small.plot_matrix(ax=axes[0]), small.plot_network(ax=axes[1]), small.plot_timeline(ax=axes[2])]
    assert drawn == list(axes)
    assert len(plt.get_fignums()) == 1
    drawn[0].figure.canvas.draw()


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        pytest.param(lambda: Report().plot_matrix(), "no parties and no speakers", id="empty matrix"),
        pytest.param(lambda: Report().plot_network(), "no parties and no speakers", id="empty network"),
        pytest.param(
            lambda: fixtures.small().plot_matrix("neither"),
            "label 'neither' cannot be plotted: expected one of contradicts, corroborates",
            id="neither",
        ),
        pytest.param(
            lambda: dated((None, "2024-01-01"), ("p2", None)).plot_timeline(),
            "none of 2 claims has a date and a side",
            id="no dates",
        ),
    ],
)
def test_what_cannot_be_drawn_is_told(draw, message):
    with pytest.raises(InputError, match=message):
        draw()


def test_without_matplotlib_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(
        ImportError,
        match=r"matplotlib is not installed: in a checkout of claimcheck, pip install '.\[plot\]'",
    ):
        fixtures.small().plot_matrix()
