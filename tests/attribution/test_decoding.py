"""From tables of role probabilities, made by hand, to attributions."""

import itertools

import numpy as np
import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.attribution.decoding import CONTENT, CUE, SOURCE, Table, decode, find_kind, smooth
from claimcheck.attribution.encoding import encode, span_pieces
from claimcheck.records import Span
from claimcheck.segmentation import segment

TOKENIZER = tiny.raw_tokenizer()
ROLE = {"s": SOURCE, "u": CUE, "c": CONTENT}
OPEN = {"[": "s", "<": "u", "{": "c"}
CLOSE = {"]": "s", ">": "u", "}": "c"}


def unmark(marked: str) -> tuple[str, dict[str, list[Span]]]:
    """Read [source], <cue> and {content} off a marked text."""
    text, begun = "", {}
    found: dict[str, list[Span]] = {"s": [], "u": [], "c": []}
    for char in marked:
        if char in OPEN:
            begun[OPEN[char]] = len(text)
        elif char in CLOSE:
            found[CLOSE[char]].append(Span(begun[CLOSE[char]], len(text)))
        else:
            text += char
    return text, found


def table(text: str, spans: dict[str, list[Span]], score: float = 0.9, sure: float = 0.97) -> Table:
    """Return the table that says ``spans`` and nothing else."""
    encoding = encode(text, segment(text).quotations, TOKENIZER)
    chances = np.full((len(encoding), 4), (1 - sure) / 3, dtype=np.float32)
    chances[:, 0] = sure
    for role, places in spans.items():
        for span in places:
            a, b = span_pieces(encoding, span)
            chances[a:b] = (1 - sure) / 3
            chances[a:b, ROLE[role]] = sure
    anchor = span_pieces(encoding, (spans["u"] or spans["c"] or [Span(0, 1)])[0])[0]
    return Table(anchor, score, 0, np.log(chances))


def run(*marked: str, scores: tuple[float, ...] = (), tidy: bool = True):
    """Decode the tables of several markings of one text."""
    text = unmark(marked[0])[0]
    tables = []
    for n, each in enumerate(marked):
        same, spans = unmark(each)
        assert same == text
        tables.append(table(text, spans, scores[n] if scores else 0.9))
    segmentation = segment(text)
    encoding = encode(text, segmentation.quotations, TOKENIZER)
    return text, decode(text, segmentation, encoding, tables, tidy=tidy)


def shown(text, spans):
    return [span.of(text) for span in spans]


SMOOTH = {
    "one-row": ([[0.2, 0.8]], 1.0, [1]),
    "stray-row": ([[0.9, 0.1], [0.45, 0.55], [0.9, 0.1]], 1.0, [0, 0, 0]),
    "no-penalty": ([[0.9, 0.1], [0.45, 0.55], [0.9, 0.1]], 0.0, [0, 1, 0]),
    # a change and back costs 2: log(.9/.1) = 2.197 pays for it, log(.7/.3) = 0.847 does not
    "worth-it": ([[0.9, 0.1], [0.1, 0.9], [0.9, 0.1]], 1.0, [0, 1, 0]),
    "not-worth-it": ([[0.9, 0.1], [0.3, 0.7], [0.9, 0.1]], 1.0, [0, 0, 0]),
    # two weak rows together: 2 × 0.847 < 2; three: 2.54 > 2
    "two-weak": ([[0.9, 0.1], [0.3, 0.7], [0.3, 0.7], [0.9, 0.1]], 1.0, [0, 0, 0, 0]),
    "three-weak": ([[0.9, 0.1], [0.3, 0.7], [0.3, 0.7], [0.3, 0.7], [0.9, 0.1]], 1.0, [0, 1, 1, 1, 0]),
    "at-the-end-one-change": ([[0.9, 0.1], [0.2, 0.8]], 1.0, [0, 1]),
    "three-roles": ([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]], 1.0, [0, 1, 2]),
    "huge-penalty": ([[0.6, 0.4], [0.1, 0.9]], 100.0, [1, 1]),
}


@pytest.mark.parametrize(("rows", "penalty", "expected"), SMOOTH.values(), ids=SMOOTH)
def test_smooth(rows, penalty, expected):
    assert smooth(np.log(np.array(rows, dtype=np.float32)), penalty).tolist() == expected


@given(st.lists(st.lists(st.floats(-6, 0), min_size=3, max_size=3), min_size=1, max_size=6), st.floats(0, 3))
def test_smooth_is_the_best_of_all_paths(rows, penalty):
    from itertools import product

    scores = np.array(rows, dtype=np.float32)

    def value(path):
        changes = sum(a != b for a, b in itertools.pairwise(path))
        return sum(float(scores[i, role]) for i, role in enumerate(path)) - penalty * changes

    best = max(value(path) for path in product(range(3), repeat=len(scores)))
    assert value(smooth(scores, penalty).tolist()) == pytest.approx(best, abs=1e-4)


def test_no_tables_give_no_attributions():
    assert run("nothing was said")[1] == ()


def test_source_cue_and_content_are_read_off():
    text, (a,) = run("[The mayor] <said> {the bridge is safe}.")
    assert shown(text, a.source) == ["The mayor"]
    assert shown(text, a.cue) == ["said"]
    assert shown(text, a.content) == ["the bridge is safe"]
    assert (a.id, a.kind, a.parent, a.score) == ("a1", "indirect", None, 0.9)


def test_a_table_without_content_is_nothing():
    assert run("[The mayor] <said> nothing.")[1] == ()


def test_source_and_cue_may_be_absent():
    text, (a,) = run("“{Never again},” it went.")
    assert (a.source, a.cue) == ((), ())
    assert shown(text, a.content) == ["Never again"]


TRIM = {
    "comma-before-cue": ("“{We won,}” <said> [Ada].", ["We won"], ["said"], ["Ada"]),
    "quotes-inside-the-span": ("{“We won”} <said> [Ada].", ["We won"], ["said"], ["Ada"]),
    "stop": ("[Ada] <said> {we won.}", ["we won"], ["said"], ["Ada"]),
    "that": ("[Ada] <said> {that we won}.", ["we won"], ["said"], ["Ada"]),
    "that-comma": ("[Ada] <said> {that, “we won”}.", ["we won"], ["said"], ["Ada"]),
    "that-alone-stays": ("[Ada] <denied> {that}.", ["that"], ["denied"], ["Ada"]),
    "thatch-stays": ("[Ada] <said> {thatch burns}.", ["thatch burns"], ["said"], ["Ada"]),
    "question-mark-stays": ("“{Who won?}” <asked> [Ada].", ["Who won?"], ["asked"], ["Ada"]),
    "ellipsis-stays": ("[Ada] <said> {we won...}", ["we won..."], ["said"], ["Ada"]),
    "leading-colon": ("[Ada] <said>{: we won}", ["we won"], ["said"], ["Ada"]),
    "dash": ("{We won —} <said> [Ada].", ["We won"], ["said"], ["Ada"]),
    "source-genitive": ("[Ada's] <claim> {that we won}", ["we won"], ["claim"], ["Ada"]),
    "source-curly-genitive": ("[Ada’s] <claim> {that we won}", ["we won"], ["claim"], ["Ada"]),
    "source-comma": (
        "{We won}, <said> [Ada Holm, the mayor,] at noon.",
        ["We won"],
        ["said"],
        ["Ada Holm, the mayor"],
    ),
    "cue-comma": ("{We won}<, according to> [Ada]", ["We won"], ["according to"], ["Ada"]),
    "apostrophe-inside": ("[Ada] <said> {we didn't win}", ["we didn't win"], ["said"], ["Ada"]),
}


@pytest.mark.parametrize(("marked", "content", "cue", "source"), TRIM.values(), ids=TRIM)
def test_spans_are_trimmed(marked, content, cue, source):
    text, (a,) = run(marked)
    assert shown(text, a.content) == content
    assert shown(text, a.cue) == cue
    assert shown(text, a.source) == source


def test_untidy_spans_are_left_alone():
    text, (a,) = run("[Ada's] <claim> {that “we won,”}", tidy=False)
    assert shown(text, a.content) == ["that “we won,”"]
    assert shown(text, a.source) == ["Ada's"]


def test_punctuation_alone_is_no_content():
    assert run("[Ada] <said> {… “”} then left")[1] == ()


def test_a_content_split_by_its_cue_is_two_spans():
    text, (a,) = run("“{We won},” [Ada] <said>, “{and they lost}.”")
    assert shown(text, a.content) == ["We won", "and they lost"]
    assert a.kind == "direct"


def test_pieces_with_only_marks_between_are_joined():
    text, (a,) = run("[Ada] <said> {we won}, {“and they lost}.”")
    assert shown(text, a.content) == ["we won, “and they lost"]
    assert a.kind == "mixed"


def test_a_content_over_two_paragraphs_is_two_spans():
    text, (a,) = run("[Ada] <said>: {“We won.\n\n“They lost.”}")
    assert shown(text, a.content) == ["We won", "They lost"]


@pytest.mark.parametrize(
    ("marked", "content"),
    [
        pytest.param("“It was {late and we lost},” [Ada] <said>.", ["It was late and we lost"], id="front"),
        pytest.param("[Ada] <said>: “{It was late} and we lost.”", ["It was late and we lost"], id="end"),
        pytest.param(
            "[Ada] <said>: “{We won it}.\n\n“It was {late and dark}.”",
            ["We won it", "It was late and dark"],
            id="one-paragraph-of-two",
        ),
        pytest.param("“It was late and {we} lost,” [Ada] <said>.", ["we"], id="a-word-of-seven"),
        pytest.param(
            "“{It was} late {and we lost},” [Ada] <said>.", ["It was late and we lost"], id="by-one-piece"
        ),
        pytest.param(
            "“{It was late} and {we lost it},” [Ada] <said>.", ["It was late and we lost it"], id="by-both"
        ),
        pytest.param("“[Ben] <said> {we lost},” Ada said.", ["we lost"], id="anchor-within"),
        pytest.param("[Ada] <said>: “It was {late and we lost}", ["late and we lost"], id="not-closed"),
    ],
)
def test_a_quotation_is_taken_whole(marked, content):
    text, (a,) = run(marked)
    assert shown(text, a.content) == content


@pytest.mark.parametrize(
    ("marked", "content"),
    [
        pytest.param(
            "{Ada Holm}\n\n{The bridge is safe}, [Ada] <says>.", ["The bridge is safe"], id="caption"
        ),
        pytest.param("{The bridge\nis safe}, [Ada] <says>.", ["The bridge\nis safe"], id="line-break"),
        pytest.param(
            "[Ada] <spoke> <up>.\n\n“{The bridge is safe.}”", ["The bridge is safe"], id="quotation"
        ),
    ],
)
def test_unquoted_content_stays_in_the_paragraph_of_its_anchor(marked, content):
    text, (a,) = run(marked)
    assert shown(text, a.content) == content


@pytest.mark.parametrize(
    ("marked", "content"),
    [
        pytest.param(
            "“{We won the match},” [Ada] <said> adding “it {was} luck that carried us there.”",
            ["We won the match"],
            id="of-another-quotation",
        ),
        pytest.param(
            "“{We won the match},” [Ada] <said>, “and {the crowd was with us}.”",
            ["We won the match", "and the crowd was with us"],
            id="most-of-it",
        ),
        pytest.param(
            "[Ada] <called> “the {match} that we won against all odds” lucky.", ["match"], id="the-only-piece"
        ),
        pytest.param(
            "{It rained}. “We won, and [Ben] <said> that {the crowd} was with us until the end of the day.”",
            ["It rained", "the crowd"],
            id="anchor-within",
        ),
        pytest.param(
            "[Ada] <said> that {it rained}. “We won, and Ben called it ‘{a miracle}’ on the way home that day.”",
            ["it rained", "a miracle"],
            id="a-whole-quotation-within",
        ),
        pytest.param(
            "[Ada] <said> {it rained} there. “{We won}.\n\n“Then we went all the way home, and nobody said a word to us.”",
            ["it rained", "We won"],
            id="a-whole-paragraph",
        ),
    ],
)
def test_a_fragment_of_another_quotation_is_left_out(marked, content):
    text, (a,) = run(marked)
    assert shown(text, a.content) == content


@pytest.mark.parametrize(
    ("marked", "content"),
    [
        pytest.param("“{We won,” a note} [of the club] <says>.", ["We won"], id="comma"),
        pytest.param(
            "“{We won by “luck”, then,” a note} [of the club] <says>.", ["We won by “luck”, then"], id="inner"
        ),
        pytest.param("“{We won,” the club’s note} <says>.", ["We won"], id="apostrophe"),
        pytest.param("“{We won” in Orrin}, [Ada] <said>.", ["We won” in Orrin"], id="no-comma"),
        pytest.param(
            "[Ada] <called> it “{a mess,” but one to be mended}.",
            ["a mess,” but one to be mended"],
            id="before",
        ),
        pytest.param(
            "“{We won,” and “we lost}”, [Ada] <said>.", ["We won,” and “we lost"], id="two-quotations"
        ),
    ],
)
def test_a_quotation_that_ends_in_a_comma_ends_the_content(marked, content):
    text, (a,) = run(marked)
    assert shown(text, a.content) == content


@pytest.mark.parametrize(
    ("marked", "source", "content"),
    [
        pytest.param(
            "It <was said> that {in} [Orrin] {two were hurt}.", [], ["in Orrin two were hurt"], id="place"
        ),
        pytest.param(
            "“{We won}” – [Ada Holm] – “{and they lost}.”",
            ["Ada Holm"],
            ["We won", "and they lost"],
            id="quotations",
        ),
        pytest.param(
            "{The bridge}, [Ada Holm] <said>, {is safe}.", ["Ada Holm"], ["The bridge", "is safe"], id="cue"
        ),
    ],
)
def test_a_source_within_the_content_needs_a_cue_or_marks(marked, source, content):
    text, (a,) = run(marked)
    assert shown(text, a.source) == source
    assert shown(text, a.content) == content


@pytest.mark.parametrize(
    ("scores", "cue"),
    [((0.9, 0.6), ["has said"]), ((0.6, 0.9), ["said"])],
)
def test_of_two_readings_of_a_cue_the_surer_one_stays(scores, cue):
    text, (a,) = run(
        "[Ada] <has said> {the bridge is safe}.", "[Ada] has <said> {the bridge is safe}.", scores=scores
    )
    assert shown(text, a.cue) == cue


def test_a_cue_may_be_several_spans_and_the_source_is_the_surest():
    text, (a,) = run("[Ada Holm] <told> [Ben] <that> {the bridge is safe}")
    assert shown(text, a.cue) == ["told", "that"]
    assert shown(text, a.source) == ["Ada Holm"]


KINDS = {
    "direct": ("“{We won},” <said> [Ada].", "direct"),
    "indirect": ("[Ada] <said> {we won}.", "indirect"),
    "mixed": ("[Ada] <said> {it was “a great win” for us}.", "mixed"),
    "one-quoted-word": ("[Ada] <said> {the “win” was fair}.", "indirect"),
    "one-word-direct": ("“{Never},” <said> [Ada].", "direct"),
    "outer-quotation-does-not-count": ("“[Ben] <said> {we won},” Ada said.", "indirect"),
    "inner-quotation-counts": ("“[Ben] <said>, ‘{we won},’” Ada said.", "direct"),
    "without-cue-the-source-decides": ("“[Ben]: {we won},” it read.", "indirect"),
}


@pytest.mark.parametrize(("marked", "kind"), KINDS.values(), ids=KINDS)
def test_kind(marked, kind):
    assert run(marked)[1][0].kind == kind


def test_kind_of_a_content_without_words_is_indirect():
    assert find_kind("…", [Span(0, 1)], [], ()) == "indirect"


NESTED = (
    "[Ada] <said> {Ben had told her that Cleo denied that it was safe}.",
    "Ada said [Ben] <had told> her {that Cleo denied that it was safe}.",
    "Ada said Ben had told her that [Cleo] <denied> {that it was safe}.",
)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_nesting_gives_the_smallest_holder_as_parent(order):
    text, found = run(*(NESTED[k] for k in order))
    assert [a.id for a in found] == ["a1", "a2", "a3"]
    assert [shown(text, a.source) for a in found] == [["Ada"], ["Ben"], ["Cleo"]]
    assert [a.parent for a in found] == [None, "a1", "a2"]


def test_neighbours_are_not_nested():
    _, found = run("[Ada] <said> {we won}. Ben said they lost.", "Ada said we won. [Ben] <said> {they lost}.")
    assert [a.parent for a in found] == [None, None]


def test_an_attribution_whose_cue_lies_outside_is_not_nested():
    _, found = run("[Ada] <said> {Ben was right}, Cleo said.", "Ada said {Ben} was right, [Cleo] <said>.")
    assert [a.parent for a in found] == [None, None]


def test_numbers_follow_the_beginning_in_the_text():
    marked = ("We won, Ada said. [Ben] <said> {they lost}.", "{We won}, [Ada] <said>. Ben said they lost.")
    text, found = run(*marked)
    assert [(a.id, shown(text, a.source)) for a in found] == [("a1", ["Ada"]), ("a2", ["Ben"])]


def test_doubles_are_one_with_the_higher_score():
    marked = "[Ada] <said> {we won}."
    _, found = run(marked, marked, scores=(0.6, 0.8))
    assert [(a.id, a.score) for a in found] == [("a1", 0.8)]


def test_a_double_with_another_source_gives_way():
    text, found = run("[Ada] <said> {we won} to Ben", "Ada <said> {we won} to [Ben]", scores=(0.6, 0.8))
    assert [shown(text, a.source) for a in found] == [["Ben"]]


def test_one_cue_with_two_contents_is_two():
    _, found = run("[Ada] <said> {we won} and they lost", "[Ada] <said> we won and {they lost}")
    assert len(found) == 2


def test_words_are_never_cut():
    """The pieces of a word are read together: one stray piece does not split it."""
    text = "Ada said cabbage grows"
    spans = unmark("[Ada] <said> {cabbage grows}")[1]
    made = table(text, spans)
    encoding = encode(text, (), TOKENIZER)
    stray = span_pieces(encoding, Span(text.index("bage"), text.index("bage") + 1))[0]
    made.scores[stray] = np.log([0.9, 0.03, 0.03, 0.04])
    (a,) = decode(text, segment(text), encoding, [made])
    assert shown(text, a.content) == ["cabbage grows"]


def test_a_table_of_a_later_window_has_its_own_offset():
    text, spans = unmark("Much else here. [Ada] <said> {we won}.")
    whole = table(text, spans)
    first = 4
    part = Table(whole.anchor, 0.9, first, whole.scores[first:])
    encoding = encode(text, (), TOKENIZER)
    (a,) = decode(text, segment(text), encoding, [part])
    assert (shown(text, a.source), shown(text, a.content)) == (["Ada"], ["we won"])


def test_parents_never_form_a_circle():
    text = "Ada said we won and Ben said they lost"
    one = "Ada <said> {we won and [Ben] said they lost}"
    two = "Ada said {we won and Ben <said> they lost}"
    assert unmark(one)[0] == unmark(two)[0] == text
    _, found = run(one, two)
    parents = {a.id: a.parent for a in found}
    for id in parents:
        seen, at = set(), id
        while at is not None:
            assert at not in seen
            seen.add(at)
            at = parents[at]
