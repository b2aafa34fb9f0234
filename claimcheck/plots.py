"""Plots of a report: who contradicts whom as a matrix and as a network, and when.

Sides are those of :meth:`Report.sides`: the parties, or the speakers of a report that has none. Labels differ in line style and in words, not in
colour alone.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from claimcheck.errors import InputError
from claimcheck.extras import require
from claimcheck.records import RelationLabel
from claimcheck.report import Report, count

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Style(NamedTuple):
    """How the relations of a label are drawn."""

    noun: str
    color: str
    line: str
    map: str
    bend: float


STYLES: dict[str, Style] = {
    "contradicts": Style("contradiction", "#d55e00", "-", "Oranges", 0.12),
    "corroborates": Style("corroboration", "#0072b2", "--", "Blues", -0.12),
}


def _style(label: str) -> Style:
    if label not in STYLES:
        raise InputError(f"label {label!r} cannot be plotted: expected one of {', '.join(STYLES)}")
    return STYLES[label]


def _axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Return ``ax``, or the axes of a new figure of that size in inches."""
    if ax is not None:
        return ax
    found: Axes = require("matplotlib.pyplot", "plot").subplots(
        figsize=(width, height), layout="constrained"
    )[1]
    return found


def _between(report: Report, side: dict[str, int], label: str, min_score: float) -> Counter[tuple[int, int]]:
    """Return how many relations there are between every two sides, the lower number first."""
    return Counter(
        (min(side[r.a], side[r.b]), max(side[r.a], side[r.b]))
        for r in report.relations
        if r.label == label and r.score >= min_score and r.a in side and r.b in side
    )


def plot_matrix(
    report: Report,
    label: RelationLabel = "contradicts",
    *,
    min_score: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many relations of a label there are between every two sides, and return the axes.

    Raises
    ------
    InputError
        If ``label`` is not "contradicts" or "corroborates", or nobody speaks in the report.
    ImportError
        If matplotlib is not installed.
    """
    style = _style(label)
    names, _ = report.sides()
    if not names:
        raise InputError("there is nothing to plot: the report has no parties and no speakers")
    counts = report.counts(label, min_score=min_score)
    top = max(map(max, counts))
    ax = _axes(ax, 3 + 0.65 * len(names), 2.2 + 0.5 * len(names))
    ax.imshow(counts, cmap=style.map, vmin=0, vmax=max(1.0, 1.8 * top), aspect="auto")
    for i, row in enumerate(counts):
        for j, number in enumerate(row):
            ax.text(
                j, i, str(number or "·"), ha="center", va="center", color="0.6" if not number else "black"
            )
    ax.set_xticks(range(len(names)), names, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(names)), names)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_title(f"{style.noun}s")
    return ax


def plot_network(report: Report, *, min_score: float = 0.0, ax: Axes | None = None) -> Axes:
    """Draw the sides on a circle, joined by contradictions (solid) and corroborations (dashed); return the axes.

    A line is as thick as there are relations and carries their number; a dot is as large as there are claims. Relations
    within one side are not drawn.

    Raises
    ------
    InputError
        If nobody speaks in the report.
    ImportError
        If matplotlib is not installed.
    """
    names, side = report.sides()
    if not names:
        raise InputError("there is nothing to plot: the report has no parties and no speakers")
    patches = require("matplotlib.patches", "plot")
    lines = require("matplotlib.lines", "plot")
    ax = _axes(ax, 7, 5.5)
    angles = [math.pi / 2 - 2 * math.pi * i / len(names) for i in range(len(names))]
    points = [(math.cos(angle), math.sin(angle)) for angle in angles]
    for label, style in STYLES.items():
        for (a, b), number in sorted(_between(report, side, label, min_score).items()):
            if a == b:
                continue
            (ax_, ay), (bx, by) = points[a], points[b]
            arc = f"arc3,rad={style.bend}"
            ax.add_patch(
                patches.FancyArrowPatch(
                    points[a], points[b], arrowstyle="-", connectionstyle=arc, linestyle=style.line,
                    linewidth=1 + 1.2 * math.log2(number), color=style.color, zorder=1,
                )
            )  # fmt: skip
            # the middle of the arc: its control point lies `bend` of the chord off, the curve half as far
            x, y = (ax_ + bx + style.bend * (by - ay)) / 2, (ay + by - style.bend * (bx - ax_)) / 2
            box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none"}
            ax.text(x, y, str(number), color=style.color, ha="center", va="center", fontsize=9, bbox=box)
    sizes = Counter(side.values())
    areas = [60 + 40 * sizes[i] for i in range(len(names))]
    ax.scatter([x for x, _ in points], [y for _, y in points], s=areas, color="0.25", zorder=2)
    for i, (name, (x, y)) in enumerate(zip(names, points, strict=True)):
        ha = "center" if abs(x) < 0.3 else "left" if x > 0 else "right"
        va = "bottom" if y > 0.3 else "top" if y < -0.3 else "center"
        ax.text(1.14 * x, 1.14 * y, f"{name}\n{count(sizes[i], 'claim')}", ha=ha, va=va)
    ax.legend(
        handles=[
            lines.Line2D([], [], color=style.color, linestyle=style.line, label=f"{style.noun}s")
            for style in STYLES.values()
        ],
        loc="lower left",
        frameon=False,
    )
    ax.set(xlim=(-1.9, 1.9), ylim=(-1.6, 1.6), aspect="equal")
    ax.set_axis_off()
    return ax


def plot_timeline(report: Report, *, min_score: float = 0.0, ax: Axes | None = None) -> Axes:
    """Draw the claims of several articles by date and side, joined where they contradict; return the axes.

    A claim has its own date or its article's, in ISO 8601. Contradictions are solid lines, corroborations dashed ones.
    Claims without a date or a side are left out, and their number stands below.

    Raises
    ------
    InputError
        If no claim has both.
    ImportError
        If matplotlib is not installed.
    """
    import pandas as pd

    names, side = report.sides()
    dates = {d.id: d.date for d in report.documents}
    said = [c.date or dates.get(c.document or "") for c in report.claims]
    parsed = pd.to_datetime(pd.Series(said, dtype="object"), errors="coerce", utc=True, format="ISO8601")
    day = {c.id: date for c, date in zip(report.claims, parsed, strict=True) if not pd.isna(date)}
    shown = [c.id for c in report.claims if c.id in day and c.id in side]
    if not shown:
        raise InputError(
            f"none of {count(len(report.claims), 'claim')} has a date and a side: give check(date=) or statements a "
            "date such as 2024-03-02"
        )
    used = sorted({side[id] for id in shown})
    row = {number: i for i, number in enumerate(used)}
    ax = _axes(ax, 8, 1.6 + 0.7 * len(used))
    groups: dict[tuple[int, Any], list[str]] = {}
    for id in shown:
        groups.setdefault((side[id], day[id]), []).append(id)
    place: dict[str, tuple[Any, float]] = {}
    for (number, date), ids in groups.items():
        for k, id in enumerate(ids):  # claims of one side and day stand above each other
            place[id] = (date, row[number] + 0.6 * ((k + 0.5) / len(ids) - 0.5))
    for label, style in STYLES.items():
        found = [r for r in report.relations if r.label == label and r.score >= min_score]
        found = [r for r in found if r.a in place and r.b in place]
        for n, relation in enumerate(found):
            (x1, y1), (x2, y2) = place[relation.a], place[relation.b]
            name = f"{style.noun}s" if n == 0 else "_"  # the legend takes the first
            ax.plot(
                [x1, x2],
                [y1, y2],
                style.line,
                color=style.color,
                linewidth=1.2,
                alpha=0.8,
                label=name,
                zorder=1,
            )
    x, y = zip(*place.values(), strict=True)
    ax.scatter(x, y, s=28, color="0.25", zorder=2)
    ax.set_yticks(range(len(used)), [names[number] for number in used])
    ax.set_ylim(len(used) - 0.5, -0.5)
    ax.grid(axis="x", color="0.9")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.tick_params(axis="x", rotation=30)
    if ax.get_legend_handles_labels()[0]:
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
    if len(shown) < len(report.claims):
        ax.set_xlabel(f"{count(len(report.claims) - len(shown), 'claim')} without a date or a side left out")
    return ax
