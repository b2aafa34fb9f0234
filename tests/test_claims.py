"""From attributions to claims: force, hedging, and what a claim takes from its article."""

import pytest

from claimcheck.claims import find_force, is_hedged, make_claims
from claimcheck.records import Attribution, Document, Party, Span, Speaker
from claimcheck.segmentation import segment

FORCES = [
    # plain assertions
    ("said", "the bridge is safe", "asserts"),
    ("", "the bridge is safe", "asserts"),
    ("according to", "the dam broke at noon", "asserts"),
    ("announced", "the road was open", "asserts"),
    ("insisted", "the road was open", "asserts"),
    ("confirmed", "two men had died", "asserts"),
    ("told reporters", "nobody was hurt", "asserts"),
    # denials
    ("denied", "any money changed hands", "denies"),
    ("has repeatedly denied", "taking bribes", "denies"),
    ("denies", "that he was there", "denies"),
    ("rejected", "the charge of fraud", "denies"),
    ("dismissed as absurd", "talk of a rift", "denies"),
    ("disputed", "the count", "denies"),
    ("ruled out", "a second vote", "denies"),
    ("rules out", "a second vote", "denies"),
    ("refuted", "the report", "denies"),
    ("brushed off", "rumours of a split", "denies"),
    ("does not accept", "the verdict", "denies"),
    ("never said", "the plant would close", "denies"),
    ("did not agree", "that the lake is clean", "denies"),
    ("doesn't believe", "the lake is clean", "denies"),
    ("doesn’t recognise", "the new council", "denies"),
    # beliefs, expectations and wishes that are negated
    ("does not think", "the lake is clean", "denies"),
    ("do not think", "the lake is clean", "denies"),
    ("do not believe", "the lake is clean", "denies"),
    ("didn't think", "the lake was clean", "denies"),
    ("didn’t believe", "the lake was clean", "denies"),
    ("never thought", "the lake was clean", "denies"),
    ("no longer thinks", "the lake is clean", "denies"),
    ("nobody thinks", "the lake is clean", "denies"),
    ("do not really think", "the lake is clean", "denies"),
    ("does not suppose", "the lake is clean", "denies"),
    ("does not reckon", "the lake is clean", "denies"),
    ("does not consider", "the lake clean", "denies"),
    ("did not feel", "the lake was clean", "denies"),
    ("do not suspect", "foul play", "denies"),
    ("does not expect", "the office to appeal", "denies"),
    ("does not want", "the harbour dredged", "denies"),
    ("not only thinks", "the lake is clean", "believes"),
    ("not only said", "the lake was clean", "asserts"),
    # denials that are themselves negated
    ("did not deny", "meeting the envoy", "asserts"),
    ("didn't deny", "meeting the envoy", "asserts"),
    ("didn’t dispute", "the figures", "asserts"),
    ("has never denied", "owning shares", "asserts"),
    ("did not rule out", "a second vote", "asserts"),
    ("cannot rule out", "a leak", "asserts"),
    ("would not rule out", "a leak", "asserts"),
    ("declined to rule out", "a strike", "asserts"),
    ("refused to deny", "the affair", "asserts"),
    ("stopped short of denying", "the affair", "asserts"),
    ("no longer disputes", "the debt", "asserts"),
    ("without denying", "the affair", "asserts"),
    ("nobody denied", "the debt", "asserts"),
    ("nobody disputes", "the debt", "asserts"),
    ("hardly disputed", "the debt", "asserts"),
    ("neither confirmed nor denied", "the affair", "asserts"),  # the plainest force for what is left open
    # no denials
    ("no doubt thinks", "the lake is clean", "believes"),
    ("can't help thinking", "the lake is clean", "believes"),
    ("cannot but think", "the lake is clean", "believes"),
    ("not surprisingly thinks", "the lake is clean", "believes"),
    # demands
    ("demanded", "that the mayor resign", "demands"),
    ("called for", "an inquiry", "demands"),
    ("called on the state", "to pay", "demands"),
    ("urged", "calm", "demands"),
    ("insisted on", "a full refund", "demands"),
    ("ordered", "an end to the strike", "demands"),
    ("wants", "the harbour dredged", "demands"),
    ("asked", "to be heard", "demands"),
    ("said", "the council must pay", "demands"),
    ("said", "the rule should be dropped", "demands"),
    # promises
    ("promised", "lower fares", "promises"),
    ("vowed", "to appeal", "promises"),
    ("said", "We will rebuild the bridge", "promises"),
    ("said", "I'll pay it back", "promises"),
    # predictions
    ("warned", "of floods", "predicts"),
    ("predicted", "a dry summer", "predicts"),
    ("said", "the bridge will open in May", "predicts"),
    # questions
    ("asked", "who had paid", "questions"),
    ("wondered", "why nobody came", "questions"),
    ("doubts", "that the lake is clean", "questions"),
    ("said", "Who paid for it?", "questions"),
    ("said", "“Who paid for it?”", "questions"),
    ("denied", "Was it I?", "questions"),
    # beliefs
    ("believes", "the lake is clean", "believes"),
    ("thought", "the lake was clean", "believes"),
    ("fears", "the worst", "believes"),
    ("in her view", "the law is sound", "believes"),
    ("did not doubt", "the lake was clean", "believes"),
    ("has no doubt", "the lake is clean", "believes"),
    ("is beyond doubt", "the lake is clean", "believes"),
]


@pytest.mark.parametrize(("cue", "content", "force"), FORCES, ids=[f"{c} {t}" for c, t, _ in FORCES])
def test_find_force(cue, content, force):
    assert find_force(cue, content) == force


def test_the_table_of_forces_is_large_and_covers_all():
    assert len(FORCES) >= 40
    assert len({force for _, _, force in FORCES}) == 7


@pytest.mark.parametrize("cue", ["DENIED", "Denied", "denied"])
def test_force_ignores_case(cue):
    assert find_force(cue, "it") == "denies"


HEDGES = [
    ("said", "the dam may have been damaged", True),
    ("said", "It is possibly a fault", True),
    ("said", "the fault is unlikely to recur", True),
    ("suggested", "the fault was old", True),
    ("reportedly", "the fault was old", True),
    ("estimated", "40 people had come", True),
    ("thinks", "it is over", True),
    ("said", "the dam broke", False),
    ("denied", "the dam broke", False),
    ("said", "mayors mightily objected", False),
    ("", "", False),
]


@pytest.mark.parametrize(("cue", "content", "hedged"), HEDGES)
def test_is_hedged(cue, content, hedged):
    assert is_hedged(cue, content) is hedged


TEXT = "The weir leaked. Ada Holm, the mayor, denied that it was “old,” she said, “or weak.” It may go."


def at(piece: str) -> Span:
    return Span(TEXT.index(piece), TEXT.index(piece) + len(piece))


def claims():
    attributions = (
        Attribution("a1", (at("Ada Holm"),), (at("denied"),), (at("it was “old"), at("or weak")), "mixed"),
        Attribution("a2", (), (), (at("It may go"),), "indirect"),
    )
    speakers = (Speaker("s1", "Ada Holm", attributions=("a1",)),)
    parties = (Party("p1", "Town hall", ("Ada Holm",)), Party("p2", "Others", ("Per Lund",)))
    document = Document("d1", TEXT, date="2031-05-06")
    return make_claims(document, segment(TEXT), attributions, speakers, parties)


def test_a_claim_takes_everything_from_its_attribution():
    first, _ = claims()
    assert first.id == first.attribution == "a1"
    assert first.text == "it was “old or weak"
    assert (first.speaker, first.party) == ("Ada Holm", "p1")
    assert (first.cue, first.force, first.hedged) == ("denied", "denies", False)
    assert (first.document, first.date) == ("d1", "2031-05-06")
    assert TEXT[first.start : first.end] == "it was “old,” she said, “or weak"
    assert first.context == "The weir leaked."


def test_a_claim_without_a_speaker_is_kept():
    second = claims()[1]
    assert (second.speaker, second.party, second.cue) == (None, None, "")
    assert (second.text, second.force, second.hedged) == ("It may go", "asserts", True)


def test_a_claim_without_a_speaker_can_have_a_party():
    attributions = (Attribution("a1", (), (), (at("It may go"),), "indirect"),)
    parties = (Party("p1", "Town hall", ("Ada Holm",)),)
    (claim,) = make_claims(Document("d", TEXT), segment(TEXT), attributions, (), parties, {"a1": "p1"})
    assert (claim.speaker, claim.party) == (None, "p1")


def test_no_attributions_make_no_claims():
    assert make_claims(Document("d", ""), segment(""), (), (), ()) == ()


@pytest.mark.parametrize(
    ("content", "hedged"),
    [("it opens in May", False), ("it may open", True), ("it might", True)],
    ids=["month", "may", "might"],
)
def test_a_month_is_no_hedge(content, hedged):
    assert is_hedged("said", content) is hedged
