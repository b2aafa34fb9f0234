"""Offsets, sentences and quotations of `claimcheck.segmentation`."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.records import Quotation
from claimcheck.segmentation import Segmentation, find_quotations, segment, split_sentences

SEEDS = sorted((Path(__file__).parent.parent / "seeds").glob("*.txt"))


def sentences(text: str) -> list[str]:
    return [span.of(text) for span in split_sentences(text)]


def inner(text: str) -> list[str]:
    return [quotation.inner.of(text) for quotation in find_quotations(text)]


def paragraphs(text: str) -> list[str]:
    return [span.of(text) for span in segment(text).paragraphs]


def table(rows: dict[str, tuple[str, object]]) -> list[object]:
    return [pytest.param(*row, id=name) for name, row in rows.items()]


QUOTED = {
    "straight": ('"We go," she said.', ["We go,"]),
    "curly": ("“We go,” she said.", ["We go,"]),
    "guillemets": ("«We go», she said. ‹Now›, he said.", ["We go", "Now"]),
    "guillemets-with-spaces": ("« On y va », dit-elle.", [" On y va "]),
    "guillemets-with-no-break-spaces": ("«\u00a0On y va\u00a0», dit-elle.", ["\u00a0On y va\u00a0"]),
    "german": ("„Wir gehen“, sagte sie. »Jetzt«, sagte er.", ["Wir gehen", "Jetzt"]),
    "swedish": ("”Vi går”, sade hon.", ["Vi går"]),
    "latex": ("``We go,'' she said. It is ``now.''", ["We go,", "now."]),
    "latex-nested": ("``She said `no' twice,'' he said.", ["She said `no' twice,", "no"]),
    "two-straight-singles": ("''We go,'' she said.", ["We go,"]),
    "two-curly-singles": ("‘‘We go,’’ she said.", ["We go,"]),
    "three-singles-at-the-end": ("''He told us, 'Go.''' She left.", ["He told us, 'Go.'", "Go."]),
    "full-width": ("＂We go＂ it says.", ["We go"]),
    "corner-brackets": ("「行きます」と言った。『本』も", ["行きます", "本"]),
    "no-space-before": ('She said:"We go" and left.', ["We go"]),
    "space-missing-after": ('"We go, "she said.', ["We go, "]),
    "space-too-many": ('She said: " We go."', [" We go."]),
    "spaces-on-both-sides": ('He wrote " we go " on it.', [" we go "]),
    "in-brackets": ('The hall ("the barn") is old.', ["the barn"]),
    "between-dashes": ('They—"the cowards"—fled.', ["the cowards"]),
    "after-a-hyphen": ('A pro-"growth" plan, a "growth"-led plan.', ["growth", "growth"]),
    "ends-in-a-dash": ('"I never—" he began. "Go!"', ["I never—", "Go!"]),
    "begins-with-dots": ('"...and we won," she said.', ["...and we won,"]),
    "single-in-double": ("“He said ‘go’ to us,” she said.", ["He said ‘go’ to us,", "go"]),
    "double-in-single": ("'He said \"go\" to us,' she said.", ['He said "go" to us,', "go"]),
    "same-mark-nested": (
        '"They march in order to "free" us by force," the envoy says.',
        ['They march in order to "free" us by force,', "free"],
    ),
    "same-mark-nested-twice": (
        '"Your "aid" and your "peace" are lies," she said.',
        ['Your "aid" and your "peace" are lies,', "aid", "peace"],
    ),
    "same-curly-mark-nested": ("“The “plan” is dead,” she said.", ["The “plan” is dead,", "plan"]),
    "straight-in-curly": ("“The 'plan' is \"dead\",” she said.", ["The 'plan' is \"dead\",", "plan", "dead"]),
    "three-deep": ("“A ‘b “c” d’ e,” he said.", ["A ‘b “c” d’ e,", "b “c” d", "c"]),
    "nested-at-both-ends": ("\"'Go,' he said, 'now,'\" she said.", ["'Go,' he said, 'now,'", "Go,", "now,"]),
    "curly-opened-straight-closed": ('“We go," she said. "We stay,” he said.', ["We go,", "We stay,"]),
    "adjacent": ('"Go.""Stay."', ["Go.", "Stay."]),
    "byte-order-mark-before": ('\ufeff"We go," she said.', ["We go,"]),
    "british": ("'We go,' she said. 'We won't stay.'", ["We go,", "We won't stay."]),
    "british-curly": ("‘We can’t go,’ she said.", ["We can’t go,"]),
    "british-possessive": (
        "'We back the drivers' demand for pay,' she said.",
        ["We back the drivers' demand for pay,"],
    ),
    "british-curly-possessive": ("‘The nurses’ pay is low,’ she said.", ["The nurses’ pay is low,"]),
    "british-ends-in-s": ("They have 'no plans' for it.", ["no plans"]),
    "possessive-in-a-double-quotation": ('"The drivers\' pay," she said.', ["The drivers' pay,"]),
    "feet-in-a-quotation": ('"He is 6\'2"," she said.', ["He is 6'2\","]),
    "inches-in-a-quotation": ('"The pipe is 5" wide," she said.', ['The pipe is 5" wide,']),
    "ends-in-a-number": ("Her \"top 5\" and 'top 6' lists", ["top 5", "top 6"]),
    "decade-in-quotes": ("He misses the 'roaring '20s' most.", ["roaring '20s"]),
    "begins-with-a-number": ("the judges' '10 years' sentence", ["10 years"]),
    "title-in-a-headline": ("Mayor: 'I quit'", ["I quit"]),
    "line-break-inside": ('"We go\nnow," she said.', ["We go\nnow,"]),
    "crlf-inside": ('"We go\r\nnow," she said.', ["We go\r\nnow,"]),
    "emoji-inside": ('"We go 🎉," she said. "Now 👍🏽"', ["We go 🎉,", "Now 👍🏽"]),
    "many-sentences": ('"We go. Now. Why not?" she said.', ["We go. Now. Why not?"]),
}

UNQUOTED = {
    "nothing": "",
    "blank": " \n\t\n",
    "empty-marks": "The string \"\" and the string '' are empty.",
    "blank-marks": 'The string " " is blank.',
    "plural-possessive": "the drivers' demand and the nurses' reply",
    "curly-possessive": "the drivers’ demand",
    "possessive-of-a-name": "James' car and Jones' house",
    "contractions": "don't, o'clock, O'Neill, y'all'd've",
    "years": "the class of '68 and James' class of '72",
    "elisions": "rock 'n' roll in the '90s, 'tis said by 'em all",
    "curly-elisions": "rock ’n’ roll in the ’90s, ’tis said by ’em all",
    "dropped-letters": "goin' and comin' all day",
    "feet-and-inches": "He is 6'2\", she is 5' 11\".",
    "inches": 'a 5" pipe and a 12" pipe',
    "feet": "a 6' fence",
    "primes": "at 51°30′26″ north",
    "breadcrumbs": "Home » World » Europe",
    "read-more": "Read more »",
    "stray-closing-mark": "She left.” Then he left.",
    "one-mark": '"',
}

PARAGRAPHS = {
    "one-object": ('"A.\n\n"B.\n\n"C," he said.', [('"A.\n\n"B.\n\n"C,"', True)]),
    "curly": ("“A.\n\n“B.” She left.", [("“A.\n\n“B.”", True)]),
    "single": ("'A.\n\n'B,' she said.", [("'A.\n\n'B,'", True)]),
    "guillemets-repeat-the-closing-mark": ("« A.\n\n» B. »", [("« A.\n\n» B. »", True)]),
    "both-marks-repeated": (
        "“A: ‘B.\n\n“‘C.’ D.” E.",
        [("“A: ‘B.\n\n“‘C.’ D.”", True), ("‘B.\n\n“‘C.’", True)],
    ),
    "begun-in-the-middle": ('He said: "A.\n\n"B."', [('"A.\n\n"B."', True)]),
    "closed-each-time": ('"A."\n\n"B."', [('"A."', True), ('"B."', True)]),
    "crlf": ('"A.\r\n\r\n"B."', [('"A.\r\n\r\n"B."', True)]),
    "never-closed": ('"A.\n\n"B.\n\nC.', [('"A.\n\n"B.', False)]),
    "ends-with-its-paragraph": ('He said "A b. \n\nC "d" e.', [('"A b.', False), ('"d"', True)]),
    "not-opened-again": ('"A, he said.\n\nB.\n\nC "d" e.', [('"A, he said.', False), ('"d"', True)]),
    "unclosed-at-the-end": ("“A b", [("“A b", False)]),
    "unclosed-inside-a-closed-one": ("“A ‘b c,” he said.", [("“A ‘b c,”", True), ("‘b c,", False)]),
    "same-mark-unclosed": ('"A b, he said. C "d" e.', [('"A b, he said. C "d" e.', False), ('"d"', True)]),
    "next-one-stands-alone": ('"A b, he said.\n\nThen "c".', [('"A b, he said.', False), ('"c"', True)]),
}

SENTENCES = {
    "two": ("She left. He stayed.", ["She left.", "He stayed."]),
    "marks": ("Why? Go! Really?! Yes.", ["Why?", "Go!", "Really?!", "Yes."]),
    "no-stop": ("Mayor quits", ["Mayor quits"]),
    "headline": ("Mayor quits\n\nShe left.", ["Mayor quits", "She left."]),
    "wide-stops": ("彼は行った。彼女も。", ["彼は行った。", "彼女も。"]),
    "titles": ("Mr. Orr met Cllr. Ames and Gen. Pike.", ["Mr. Orr met Cllr. Ames and Gen. Pike."]),
    "title-after-a-mark": ('"Mrs. Orr left." Sgt. Ames did.', ['"Mrs. Orr left."', "Sgt. Ames did."]),
    "initials": ("J. K. Orr met George W. Ames.", ["J. K. Orr met George W. Ames."]),
    "initials-of-abbreviations": ("V. P. C. Orr left.", ["V. P. C. Orr left."]),
    "letter-at-the-end": ("It was Plan B. The mayor left.", ["It was Plan B.", "The mayor left."]),
    "country": ("The U.S. Navy left the U.S. The U.K. stayed.", ["The U.S. Navy left the U.S.", "The U.K. stayed."]),
    "country-before-a-quotation": ('He is in the U.S. "We go," he said.', ["He is in the U.S.", '"We go," he said.']),
    "degree": ("Ann Orr, Ph.D. and M.D., left.", ["Ann Orr, Ph.D. and M.D., left."]),
    "company": ("Orr Inc. shares fell. Orr Corp. Chairman Ed Ames left.", ["Orr Inc. shares fell.", "Orr Corp. Chairman Ed Ames left."]),
    "company-at-the-end": ("She runs Orr Inc. He does not.", ["She runs Orr Inc.", "He does not."]),
    "number": ("He is No. 2. She is no. 3.", ["He is No. 2.", "She is no. 3."]),
    "no-as-an-answer": ("No. She left.", ["No.", "She left."]),
    "months": ("It began Jan. 5 and ended in Feb. The rest is known.", ["It began Jan. 5 and ended in Feb.", "The rest is known."]),
    "weekday-and-month": ("On Mon. Jan. 5 they met.", ["On Mon. Jan. 5 they met."]),
    "may": ("He may. She may not.", ["He may.", "She may not."]),
    "time": ("It is 5 p.m. Eastern. At 6 a.m. he left.", ["It is 5 p.m. Eastern.", "At 6 a.m. he left."]),
    "time-at-the-end": ("He left at 5 p.m. Voters stayed.", ["He left at 5 p.m.", "Voters stayed."]),
    "latin": ("Some, e.g. Orr and i.e. Ames, left.", ["Some, e.g. Orr and i.e. Ames, left."]),
    "versus": ("Orr v. Ames and cats vs. Dogs Inc. ended.", ["Orr v. Ames and cats vs. Dogs Inc. ended."]),
    "decimals": ("It cost $2.50 or 3.5 million. He paid.", ["It cost $2.50 or 3.5 million.", "He paid."]),
    "year-at-the-end": ("It began in 2019. 40 people left.", ["It began in 2019.", "40 people left."]),
    "address": ("See example.org/a.html and v2.0.1 now.", ["See example.org/a.html and v2.0.1 now."]),
    "ellipsis-goes-on": ("Well... maybe… not . . . now.", ["Well... maybe… not . . . now."]),
    "ellipsis-ends": ("He left... She stayed… They went.", ["He left...", "She stayed…", "They went."]),
    "leading-ellipsis": ("... He left.", ["... He left."]),
    "lower-case-name": ("She left. iPads fell. eBay rose.", ["She left.", "iPads fell.", "eBay rose."]),
    "stop-in-brackets": ("(She left. He stayed.) They went.", ["(She left.", "He stayed.)", "They went."]),
    "mark-in-brackets": ("The heir (!) Ed Orr left.", ["The heir (!) Ed Orr left."]),
    "footnote": ("She left.[1] He stayed.[2]", ["She left.[1]", "He stayed.[2]"]),
    "emoji": ("We won! 🎉🎉 They lost. 👍🏽", ["We won! 🎉🎉", "They lost. 👍🏽"]),
    "no-break-spaces": ("Mr.\u00a0Orr left.\u00a0He won.", ["Mr.\u00a0Orr left.", "He won."]),
    "dateline": ("ORRVILLE, Jan. 5 — The mayor left. OSLO. — He", ["ORRVILLE, Jan. 5 — The mayor left.", "OSLO. — He"]),
    "agency": ("ORRVILLE (Wire) - The mayor left.", ["ORRVILLE (Wire) - The mayor left."]),
    "wrapped": ("The mayor of Orrville left the\nhall. He went to\nAmes.", ["The mayor of Orrville left the\nhall.", "He went to\nAmes."]),
    "wrapped-crlf": ("The mayor\r\nleft. He\r\nwon.", ["The mayor\r\nleft.", "He\r\nwon."]),
    "asked": ('"Why?" she asked. He left.', ['"Why?" she asked.', "He left."]),
    "exclaimed": ('"We won!" said Orr.', ['"We won!" said Orr.']),
    "stop-then-new-sentence": ('"We won." She left.', ['"We won."', "She left."]),
    "mark-then-new-sentence": ('"Why?" The hall fell silent.', ['"Why?"', "The hall fell silent."]),
    "named-asker": ('"Why?" Ann Orr asked. He left.', ['"Why?" Ann Orr asked.', "He left."]),
    "named-asker-with-a-title": ('"Why?" Mr. J. P. Orr, the mayor, said.', ['"Why?" Mr. J. P. Orr, the mayor, said.']),
    "said-with-its-own-object": ('"Go!" Orr said he was sad.', ['"Go!"', "Orr said he was sad."]),
    "curly-asker": ("‘Why?’ asked Orr. “Go!” he cried.", ["‘Why?’ asked Orr.", "“Go!” he cried."]),
    "many-in-a-quotation": ('"We go. We stay," she said. "Why?"', ['"We go.', 'We stay," she said.', '"Why?"']),
    "quotation-after-a-colon": ('She said: "We go. Now."', ['She said: "We go.', 'Now."']),
    "nested-ends": ("“He said ‘go.’” She left.", ["“He said ‘go.’”", "She left."]),
    "lower-case-quotation": ('She left. "because i can," she said.', ["She left.", '"because i can," she said.']),
    "closing-mark-after-a-space": ("« Oui. » Il part.", ["« Oui. »", "Il part."]),
    "latex-closing-mark": ("``We won.'' She left.", ["``We won.''", "She left."]),
    "signed": ('"We won." — Ed Orr, coach', ['"We won." — Ed Orr, coach']),
    "bullets": ("- One. Two\n- Three\n• Four", ["- One.", "Two", "- Three", "• Four"]),
    "numbers": ("1. First one. More.\n2. Second", ["1. First one.", "More.", "2. Second"]),
    "letters": ("a) First\nb) Second", ["a) First", "b) Second"]),
}  # fmt: skip

LINES = {
    "blank-line": ("A.\n\nB.", ["A.", "B."]),
    "blank-line-with-spaces": ("A.\n \t\nB.", ["A.", "B."]),
    "crlf": ("A.\r\n\r\nB.", ["A.", "B."]),
    "paragraph-separator": ("A.\u2029B.", ["A.", "B."]),
    "surrounding-space": ("\n\n  A. \n\n\n B.\n", ["A.", "B."]),
    "wrapped": (
        "The mayor of Orrville left the town hall\nbefore noon. Mr. Ames, who had come from\nOslo, stayed.",
        ["The mayor of Orrville left the town hall\nbefore noon. Mr. Ames, who had come from\nOslo, stayed."],
    ),
    "headline-on-its-own-line": (
        "Mayor quits\nThe mayor of Orrville left the town hall before noon.",
        ["Mayor quits", "The mayor of Orrville left the town hall before noon."],
    ),
    "one-line-each": (
        "The mayor left.\nHe had come to the town hall of Orrville at noon.\nNobody saw him.",
        ["The mayor left.", "He had come to the town hall of Orrville at noon.\nNobody saw him."],
    ),
    "long-lines": (
        "The mayor left" + " and left" * 20 + ".\n" + "The council stayed" + " and stayed" * 20 + ".",
        ["The mayor left" + " and left" * 20 + ".", "The council stayed" + " and stayed" * 20 + "."],
    ),
    "bullets": ("They want\n- bread\n- roses", ["They want", "- bread", "- roses"]),
    "numbered": ("They want:\n1. bread\n2. roses", ["They want:", "1. bread", "2. roses"]),
    "dash-in-wrapped-text": ("They want bread\n– and roses.", ["They want bread\n– and roses."]),
}


@pytest.mark.parametrize(("text", "expected"), table(QUOTED))
def test_inner_spans_of_quotations(text: str, expected: list[str]) -> None:
    assert inner(text) == expected
    assert all(quotation.closed for quotation in find_quotations(text))


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in UNQUOTED.items()])
def test_marks_that_quote_nothing(text: str) -> None:
    assert inner(text) == []


@pytest.mark.parametrize(("text", "expected"), table(PARAGRAPHS))
def test_quotations_over_paragraphs_and_unclosed(text: str, expected: list[tuple[str, bool]]) -> None:
    assert [(quotation.span.of(text), quotation.closed) for quotation in find_quotations(text)] == expected


@pytest.mark.parametrize(("text", "expected"), table(SENTENCES))
def test_sentences(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@pytest.mark.parametrize(("text", "expected"), table(LINES))
def test_paragraphs(text: str, expected: list[str]) -> None:
    assert paragraphs(text) == expected


@pytest.mark.xfail(strict=True, reason="a clipped name before a plural possessive looks like a quotation")
def test_clipped_name_before_a_possessive() -> None:
    assert inner("the 'Skins beat the Bears' defence") == []


def test_offsets_are_code_points_and_exact() -> None:
    text = "🎉 “Ça va.”\r\n\r\nOui."
    parts = segment(text)
    assert [(s.start, s.end) for s in parts.sentences] == [(0, 10), (14, 18)]
    (quotation,) = parts.quotations
    assert (quotation.span.start, quotation.inner.start, quotation.inner.end, quotation.span.end) == (
        2,
        3,
        9,
        10,
    )


def test_unclosed_quotation_has_the_end_of_its_inner_span() -> None:
    (quotation,) = find_quotations('She said "we go. \n\nHe left.')
    assert (quotation.span.end, quotation.inner.end, quotation.closed) == (16, 16, False)


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
def test_seed_article(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    parts = segment(text)
    found = [quotation.inner.of(text) for quotation in parts.quotations]
    assert [words.split()[0] + " … " + words.split()[-1] for words in found] == [
        "In … morning,",
        "unfortunately, … again.",
        "in … south-east",
        "Moscow … again.",
        "Obviously, … means,",
        "resolve … resolve",
        "Kyiv … defeat,",
        "We … unity,",
    ]
    assert all(quotation.closed for quotation in parts.quotations)
    assert [s.of(text) for s in parts.sentences][-3:] == [
        '"We will not give up any piece of Ukrainian land.',
        "We will revive Donbas.",
        'And we will show that one more highly important factor of our victory is our unity," Poroshenko said.',
    ]


# Text made of the things that decide: marks, stops, line breaks, abbreviations, words.
MARKS = ['"', "'", "“", "”", "‘", "’", "«", "»", "``", "''", "`", "„", "「", "」"]
STOPS = [".", "!", "?", "...", "…", ",", "—", "- ", "(", ")", "[1]", "。", ":"]
SPACES = [" ", " ", " ", "\n", "\n\n", "\r\n", "\r\n\r\n", "\u00a0", "\u2029", "\t", "\u200b", "\x0c"]
WORDS = [
    "Orr",
    "she",
    "said",
    "Mr.",
    "U.S.",
    "p.m.",
    "No.",
    "5",
    "J.",
    "the dogs'",
    "'90s",
    "🎉",
    "İ",
    "I",
    "1.",
]
PIECES = st.sampled_from([*MARKS, *STOPS, *SPACES, *WORDS])
TEXTS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=40).map("".join))


def check_invariants(text: str, parts: Segmentation) -> None:
    for spans in (parts.paragraphs, parts.sentences):
        assert all(span.end <= len(text) for span in spans)
        assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
        covered = "".join(span.of(text) for span in spans)
        assert [c for c in covered if not c.isspace()] == [c for c in text if not c.isspace()]
        assert all(span.of(text).strip() == span.of(text) for span in spans)
    assert all(any(p.contains(s) for p in parts.paragraphs) for s in parts.sentences)
    open_now: list[Quotation] = []
    for quotation in parts.quotations:
        assert quotation.span.end <= len(text)
        assert quotation.span.contains(quotation.inner)
        assert quotation.span.start < quotation.inner.start
        assert quotation.closed == (quotation.inner.end < quotation.span.end)
        while open_now and open_now[-1].span.end <= quotation.span.start:
            open_now.pop()
        assert not open_now or open_now[-1].inner.contains(quotation.span)
        open_now.append(quotation)


@given(TEXTS)
def test_invariants(text: str) -> None:
    parts = segment(text)
    check_invariants(text, parts)
    assert parts.sentences == split_sentences(text)
    assert parts.quotations == find_quotations(text)


@given(
    TEXTS, st.sampled_from(["Before", "Mr. Orr left.", '"Why?" he asked.', "the dogs' 5\" bowl", "A\nb\nc"])
)
def test_paragraph_before_shifts_every_offset_equally(text: str, before: str) -> None:
    head, tail, both = segment(before), segment(text), segment(before + "\n\n" + text)
    shift = len(before) + 2
    for name in ("paragraphs", "sentences"):
        moved = [(s.start + shift, s.end + shift) for s in getattr(tail, name)]
        assert [(s.start, s.end) for s in getattr(both, name)] == [
            *((s.start, s.end) for s in getattr(head, name)),
            *moved,
        ]
    assert [(q.span.start, q.span.end, q.inner.start, q.inner.end, q.closed) for q in both.quotations] == [
        *((q.span.start, q.span.end, q.inner.start, q.inner.end, q.closed) for q in head.quotations),
        *(
            (q.span.start + shift, q.span.end + shift, q.inner.start + shift, q.inner.end + shift, q.closed)
            for q in tail.quotations
        ),
    ]


@given(TEXTS)
def test_unclosed_quotation_never_swallows_the_next_paragraph(text: str) -> None:
    whole = 'He said "we go.\n\nNobody "spoke" there.\n\n' + text
    quotations = [quotation for quotation in find_quotations(whole) if quotation.span.start < 37]
    assert [(q.span.of(whole), q.closed) for q in quotations] == [('"we go.', False), ('"spoke"', True)]


ARTICLE = (
    "Mayor of Orrin quits\n\n"
    "\"We won't go on like this,\" said Mr. J. K. Lund, the mayor's aide. \"It can't last. It won't.\" "
    'The drivers\' union "refused" to talk to the U.S. Embassy.\n\nShe left at 5 p.m. on Monday...\n\n'
)
HOSTILE = {
    "article": ARTICLE,
    "letters": "a",
    "words": "word ",
    "stops": ".",
    "spaced-stops": ". ",
    "straight-marks": '"',
    "opening-marks": ' "a',
    "mixed-marks": "\"'“‘«`",
    "possessives": "dogs' ",
    "initials": "A. ",
    "askers": 'he?" Orr ',
    "blank-lines": "\n",
    "lines": "a line of\n",
    "paragraphs-opened-again": '"We go\n\n',
    "spaces": " " * 50 + ".",
    "brackets": ".)",
    "emoji": ". 🎉",
}


def seconds(text: str) -> float:
    """Return the processor time of segmenting a text, the lesser of two."""
    times = []
    for _ in range(2):
        start = time.process_time()
        segment(text)
        times.append(time.process_time() - start)
    return min(times)


def assert_linear(short: str, long: str) -> None:
    # Eight times the text: quadratic time would be 64 times as long. The constant forgives the clock its noise.
    assert len(long) <= 8 * len(short)
    assert seconds(long) < 24 * seconds(short) + 0.1


@pytest.mark.parametrize("piece", [pytest.param(piece, id=name) for name, piece in HOSTILE.items()])
def test_time_is_linear(piece: str) -> None:
    repeats = (400 if "'" in piece or '"' in piece else 10_000) // len(piece) + 1
    assert_linear(piece * repeats, piece * (8 * repeats))


def test_a_long_text_between_marks_is_not_read_again_for_each() -> None:
    # Each of the later marks may close the first one.
    assert_linear('"' + "word " * 12_500 + "'x' " * 250, '"' + "word " * 100_000 + "'x' " * 2_000)


def test_two_megabytes_without_a_sentence_end() -> None:
    text = "word " * 400_000
    assert [(s.start, s.end) for s in split_sentences(text)] == [(0, len(text) - 1)]


def test_ten_thousand_quotation_marks() -> None:
    text = '"a" ' * 5_000
    quotations = find_quotations(text)
    assert len(quotations) == 5_000
    assert {quotation.inner.of(text) for quotation in quotations} == {"a"}
