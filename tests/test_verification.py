"""Verdicts on claims: what decides, what stands against it, and what parties say."""

import re

import fixtures
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import claimcheck
from claimcheck.aggregation import Aggregation
from claimcheck.errors import InputError, ModelError
from claimcheck.nli import shared
from claimcheck.pipeline import Checker
from claimcheck.records import Claim, Party, PartyVerdict, Verdict
from claimcheck.report import Report
from claimcheck.verification import bears_on, plain_content, verdict_line, verify, verify_claims

CLAIM = "The bridge is open."


class Words:
    """Reads "open" in a premise as entailment, "shut" as contradiction, both as a little of each; counts its calls."""

    def __init__(self):
        self.calls = []

    def predict(self, pairs, **options):
        self.calls.append(list(pairs))
        rows = []
        for premise, _ in pairs:
            yes, no = "open" in premise, "shut" in premise
            rows.append(
                [0.4, 0.2, 0.4]
                if yes and no
                else [0.9, 0.08, 0.02]
                if yes
                else [0.02, 0.08, 0.9]
                if no
                else [0.05, 0.9, 0.05]
            )
        return np.array(rows, dtype=np.float32)


@pytest.mark.parametrize(
    ("evidence", "label", "text", "against"),
    [
        ("It rained. The bridge is open today.", "supports", "The bridge is open today.", ""),
        ("The bridge is shut. It rained.", "refutes", "The bridge is shut.", ""),
        ("It rained. The ferry was late.", "not enough information", "", ""),
        ("", "not enough information", "", ""),
        (" \n ", "not enough information", "", ""),
        ("It is open. It rained. So it did in May. It is shut.", "supports", "It is open.", "It is shut."),
    ],
    ids=["supports", "refutes", "neither", "empty", "blank", "both"],
)
def test_verdicts(evidence, label, text, against):
    found = verify(CLAIM, evidence, nli=Words())
    assert (found.claim, found.label, found.text, found.against) == (CLAIM, label, text, against)
    assert found.contested == bool(against)
    if text:
        assert evidence[found.start : found.end] == text
    if against:
        assert evidence[found.against_start : found.against_end] == against


def test_scores_are_probabilities():
    found = verify(CLAIM, "The bridge is open today.", nli=Words())
    assert found.supports == pytest.approx(0.9 * 0.98 / (0.9 * 0.98 + 0.1 * 0.98 + 0.1 * 0.02), abs=1e-3)
    assert found.score == found.supports
    assert found.refutes == pytest.approx(0.1 * 0.02 / (0.9 * 0.98 + 0.1 * 0.98 + 0.1 * 0.02), abs=1e-3)


def test_many_share_one_call_and_equal_one_by_one():
    nli = Words()
    evidences = ["It is open.", "", "It rained. It is shut. It rained.", "It rained."]
    found = verify([CLAIM] * 4, evidences, nli=nli)
    assert len(nli.calls) == 1
    assert found == tuple(verify(CLAIM, evidence, nli=Words()) for evidence in evidences)
    assert verify([], [], nli=nli) == ()


@given(st.lists(st.sampled_from(["It is open.", "It is shut.", "It rained.", "Nobody came."]), max_size=30))
def test_nothing_of_a_long_evidence_is_left_out(sentences):
    nli = Words()
    evidence = " ".join(sentences)
    found = verify(CLAIM, evidence, nli=nli)
    read = {premise for premise, _ in nli.calls[0]} if nli.calls else set()
    assert read >= set(sentences)
    assert found.contested == ({"It is open.", "It is shut."} <= set(sentences))
    assert (found.label == "not enough information") == (not {"It is open.", "It is shut."} & set(sentences))


def test_the_shortest_of_equal_windows_decides():
    evidence = "It rained. It is open. It rained. It rained."
    assert verify(CLAIM, evidence, nli=Words()).text == "It is open."


def test_weights_of_the_model_are_used():
    nli = Words()
    never = {"supports": {"intercept": -9.0}, "neither": {"intercept": 9.0}, "refutes": {"intercept": -9.0}}
    nli.verification = Aggregation(never)
    found = verify(CLAIM, "It is open.", nli=nli)
    assert (found.label, found.text) == ("not enough information", "")


def test_verdicts_make_a_frame():
    frame = pd.DataFrame(verify([CLAIM, CLAIM], ["It is open.", "It rained."], nli=Words()))
    assert frame.columns[:5].tolist() == ["claim", "label", "score", "supports", "refutes"]
    assert frame["label"].tolist() == ["supports", "not enough information"]
    assert frame["text"].tolist() == ["It is open.", ""]


@pytest.mark.parametrize(
    ("claim", "evidence", "message"),
    [
        (CLAIM, ["It is open."], "claim is a str and evidence a list"),
        ([CLAIM], "It is open.", "claim is a list and evidence a str"),
        ([CLAIM, CLAIM], ["It is open."], "2 claims and 1 evidences"),
        (" ", "It is open.", "claim 0 is blank"),
        ([CLAIM, None], ["x", "y"], "claim 1 is None, expected str"),
        ([CLAIM], [7], "evidence 0 is 7, expected str"),
        ("\ud800", "x", "claim 0 holds a lone surrogate"),
        (CLAIM, "x\udfff", "evidence 0 holds a lone surrogate"),
    ],
    ids=[
        "one list",
        "other list",
        "lengths",
        "blank",
        "None",
        "number",
        "surrogate",
        "surrogate in evidence",
    ],
)
def test_bad_input(claim, evidence, message):
    with pytest.raises(InputError, match=re.escape(message)):
        verify(claim, evidence, nli=Words())


def test_a_model_is_asked_for():
    with pytest.raises(InputError, match="expected a checkpoint, or an object with predict"):
        verify(CLAIM, "x", nli=object())
    with pytest.raises(ModelError, match="no checkpoint folder"):
        verify(CLAIM, "x", nli="./nowhere")


def test_a_checkpoint_is_loaded_once(nli_folder):
    assert shared(nli_folder) is shared(str(nli_folder))


def test_a_checker_shares_its_model():
    nli = Words()
    checker = Checker(attributor=None, nli=nli)
    assert checker.verify(CLAIM, "It is shut.") == verify(CLAIM, "It is shut.", nli=Words())
    assert checker.verify([CLAIM], ["It is open."])[0].label == "supports"
    assert len(nli.calls) == 2


# parties -----------------------------------------------------------------------------------------------------------


class Same:
    """Equal texts entail each other, with "not" in one they contradict; all else is open."""

    def predict(self, pairs):
        def bare(text):
            return text.lower().replace("not ", "").rstrip(".")

        rows = []
        for a, b in pairs:
            differ = ("not " in a) != ("not " in b)
            rows.append(
                [0.05, 0.9, 0.05]
                if bare(a) != bare(b)
                else [0.02, 0.08, 0.9]
                if differ
                else [0.9, 0.08, 0.02]
            )
        return np.array(rows)


def claim(id, text, force="asserts", speaker="Ada", party="p1", cue="said"):
    return Claim(id, text, speaker=speaker, party=party, cue=cue, force=force)


@pytest.mark.parametrize(
    ("text", "force", "proposition", "label"),
    [
        ("the depot was sold", "asserts", "The depot was sold.", "supports"),
        ("the depot was not sold", "asserts", "The depot was sold.", "refutes"),
        ("the depot was sold", "denies", "The depot was sold.", "refutes"),
        ("that the depot was sold", "denies", "The depot was not sold.", "supports"),
        ("the depot was sold", "denies", "The mill burned.", "says nothing"),
        ("the depot was sold", "believes", "The depot was sold.", "supports"),
        ("whether the depot was sold", "questions", "The depot was sold.", "says nothing"),
        ("the depot was sold", "demands", "The depot was sold.", "says nothing"),
        ("the depot should be sold", "demands", "The depot should be sold.", "supports"),
        ("the depot will be sold", "promises", "The depot will not be sold.", "refutes"),
        ("the depot was sold", "promises", "The depot was sold.", "says nothing"),
    ],
)
def test_force_and_polarity(text, force, proposition, label):
    [found] = verify_claims(proposition, [claim("c1", text, force)], nli=Same(), by="claim")
    assert found.label == label
    assert found.claim == (None if label == "says nothing" else "c1")


def test_a_denial_of_less_is_no_denial_of_more():
    class Order:
        """Only the narrower statement entails the wider."""

        def predict(self, pairs):
            return np.array(
                [[0.9, 0.1, 0.0] if "three" in a and "three" not in b else [0.1, 0.9, 0.0] for a, b in pairs]
            )

    wide, narrow = "Soldiers were killed.", "that three soldiers were killed"
    [found] = verify_claims(wide, [claim("c1", narrow, "denies")], nli=Order())
    assert found.label == "says nothing"
    [found] = verify_claims(
        "On Sunday three soldiers were killed.", [claim("c1", "soldiers were killed", "denies")], nli=Order()
    )
    assert found.label == "refutes"


def test_framed_statements_are_read_as_such_too():
    class Framed:
        """Takes contents for opposed, and framed statements for open."""

        statement_format = "framed"

        def predict(self, pairs):
            self.pairs = list(pairs)
            return np.array(
                [[0.1, 0.8, 0.1] if "somebody said: " in h else [0.02, 0.18, 0.8] for _, h in pairs]
            )

    nli = Framed()
    [found] = verify_claims("The mill burned.", [claim("c1", "the depot was sold")], nli=nli)
    plain = np.array([0.02 * 0.2, 0.98 * 0.2, 0.98 * 0.8])
    both = np.sqrt(plain / plain.sum() * [0.1, 0.8, 0.1])
    assert nli.pairs == [
        ("Ada said: the depot was sold | apart, some speaker", "somebody said: The mill burned.")
    ]
    assert (found.label, found.score) == ("says nothing", pytest.approx(both[1] / both.sum(), abs=1e-3))


def report():
    claims = (
        claim("c1", "it rained"),
        claim("c2", "the depot was sold"),
        claim("c3", "the depot was sold", "denies", "Per", "p2", "denied"),
        claim("c4", "the depot was not sold", speaker="Per", party="p2"),
        claim("c5", "the depot was sold", speaker="Ines", party=None),
        claim("c6", "the depot was sold", "denies", None, None, "denied"),
        claim("c7", "the depot was not sold"),
    )
    parties = (Party("p1", "Council", ("Ada",)), Party("p2", "Union", ("Per",)), Party("p3", "Press"))
    return Report(parties=parties, claims=claims)


def test_each_party_of_a_report():
    found = report().verify("The depot was sold.", nli=Same())
    assert [(v.party, v.name, v.label, v.claim, v.contested, v.against) for v in found] == [
        ("p1", "Council", "supports", "c2", True, "c7"),
        ("p2", "Union", "refutes", "c3", False, None),
        ("p3", "Press", "says nothing", None, False, None),
        (None, "Ines", "supports", "c5", False, None),
        (None, None, "refutes", "c6", False, None),
    ]
    assert found[0].text == "the depot was sold"
    assert found[2].score == 1.0
    assert pd.DataFrame(found)["name"].tolist()[:4] == ["Council", "Union", "Press", "Ines"]


def test_speakers_and_claims_of_a_report():
    speakers = report().verify("The depot was sold.", nli=Same(), by="speaker")
    assert [(v.name, v.party, v.label) for v in speakers] == [
        ("Ada", None, "supports"),
        ("Per", None, "refutes"),
        ("Ines", None, "supports"),
        (None, None, "refutes"),
    ]
    claims = report().verify("The depot was sold.", nli=Same(), by="claim")
    assert [v.label for v in claims] == [
        "says nothing",
        "supports",
        "refutes",
        "refutes",
        "supports",
        "refutes",
        "refutes",
    ]


def test_a_report_without_claims():
    assert Report().verify(CLAIM, nli=Same()) == ()
    assert Report(parties=(Party("p1", "Council"),)).verify(CLAIM, nli=Same()) == (
        PartyVerdict(CLAIM, "p1", "Council", "says nothing", 1.0, 0.0, 0.0),
    )


def test_bad_questions_to_a_report():
    with pytest.raises(InputError, match="proposition is blank"):
        fixtures.small().verify("", nli=Same())
    with pytest.raises(InputError, match="proposition is None, expected str"):
        fixtures.small().verify(None, nli=Same())
    with pytest.raises(InputError, match="by is 'side', expected 'party', 'speaker' or 'claim'"):
        fixtures.small().verify(CLAIM, nli=Same(), by="side")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("that  the depot\nwas sold", "The depot was sold."),
        ("if the pier was safe", "The pier was safe."),
        ("Iffy plans are bad!", "Iffy plans are bad!"),
        ("the accusation that the police had lied", "The police had lied."),
        ("reports of a fire", "Reports of a fire."),
    ],
)
def test_plain_content(text, expected):
    assert plain_content(claim("c1", text, "denies")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("to rebuild the school", "They will rebuild the school."),
        ("not to raise the toll", "They will not raise the toll."),
        ("We will pay", "We will pay."),
    ],
)
def test_what_is_promised_will_be(text, expected):
    assert plain_content(claim("c1", text, "promises")) == expected


def test_blank_contents_bear_on_nothing():
    assert not bears_on(claim("c1", " "), CLAIM)
    assert verify_claims(CLAIM, [claim("c1", " ")], nli=Same())[0].label == "says nothing"


def test_lines_to_read():
    both = Verdict(CLAIM, "supports", 0.8, 0.8, 0.1, "It is\nopen.", 0, 11, True, "It is shut.", 12, 23)
    assert verdict_line(both) == "supports 0.80: “It is open.”; but 'It is shut.'"


# the packaged model ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claim", "label"),
    [
        ("Two people were injured.", "refutes"),
        ("A wall fell down.", "supports"),
        ("The owner of the dairy lives in Norway.", "not enough information"),
    ],
)
def test_the_packaged_model(claim, label):
    evidence = "The wall of the dairy fell on Monday. Nobody was hurt. Work will go on next week."
    found = claimcheck.verify(claim, evidence)
    assert found.label == label
    assert (found.start is None) == (label == "not enough information")
    if label == "refutes":
        assert "Nobody was hurt." in found.text


def test_the_claim_that_takes_a_side_decides_for_its_party(monkeypatch):
    chances = np.array([[0.3, 0.4, 0.3], [0.55, 0.45, 0.0]])
    monkeypatch.setattr("claimcheck.verification.claim_chances", lambda *_: chances)
    claims = (claim("c1", "it may be sold"), claim("c2", "it was sold"))
    (found,) = verify_claims("The depot was sold.", claims, nli=Same())
    assert (found.label, found.claim, found.score) == ("supports", "c2", 0.55)
