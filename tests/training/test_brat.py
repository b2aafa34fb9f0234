import pytest

from claimcheck import InputError
from claimcheck.training.brat import read_brat
from claimcheck.training.data import read_articles

TEXT = "The mayor said the bridge, he thinks, is sound and told us so. Nobody was hurt."
TEXT_BOUND = (
    "T1\tSource 0 9\tThe mayor\nT2\tCue 10 14\tsaid\nT3\tContent 15 25;38 46\tthe bridge is sound\n"
    "T4\tCue 51 55\ttold\nT5\tContent 59 61\tso\nT6\tContent 63 78\tNobody was hurt\nT7\tPlace 4 9\tmayor\n"
    "#1\tAnnotatorNotes T1\ta note\n"
)
SAID = {"id": "T2", "source": [[0, 9]], "cue": [[10, 14]], "content": [[15, 25], [38, 46]]}
TOLD = {"id": "T4", "source": [[0, 9]], "cue": [[51, 55]], "content": [[59, 61]]}
ALONE = {"id": "T6", "source": [], "cue": [], "content": [[63, 78]]}


@pytest.fixture
def folder(tmp_path):
    def write(annotations, text=TEXT):
        (tmp_path / "a.txt").write_text(text, encoding="utf-8")
        (tmp_path / "a.ann").write_text(annotations, encoding="utf-8")
        return tmp_path

    return write


@pytest.mark.parametrize(
    "links",
    [
        "R1\tfrom Arg1:T2 Arg2:T1\nR2\treports Arg1:T3 Arg2:T2\nR3\tx Arg1:T4 Arg2:T1\nR4\ty Arg1:T4 Arg2:T5\n",
        "E1\tCue:T2 Source:T1 Content:T3\nE2\tCue:T4 Source:T1 Content:T5\n",
    ],
    ids=["relations", "events"],
)
def test_linked_parts_are_one_attribution(folder, links):
    (article,) = read_brat(folder(TEXT_BOUND + links))
    assert (article["id"], article["text"]) == ("a", TEXT)
    assert article["attributions"] == [SAID, TOLD, ALONE]


def test_a_content_without_a_cue_keeps_its_source(folder):
    (article,) = read_brat(folder(TEXT_BOUND + "R1\tby Arg1:T6 Arg2:T1\n"))
    assert article["attributions"][-1] == {**ALONE, "source": [[0, 9]]}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("T9\tCue 70 99\tx", "span 70 99 lies outside the text of 79 characters"),
        ("T9\tCue 9 9\tx", "span 9 9 lies outside"),
        ("T9 Cue 1 2", "cannot read 'T9 Cue 1 2' as a brat annotation"),
        ("R9\tfrom T1 T2", "cannot read"),
    ],
)
def test_what_cannot_be_read_is_named(folder, line, expected):
    with pytest.raises(InputError, match=rf"a\.ann:1: {expected}"):
        read_brat(folder(line + "\n"))


def test_an_annotation_without_text_is_named(tmp_path):
    (tmp_path / "b.ann").write_text("")
    with pytest.raises(InputError, match=r"b\.ann: no text beside it"):
        read_brat(tmp_path)


def test_the_trainers_read_a_brat_folder(folder):
    (article,) = read_articles(folder(TEXT_BOUND))
    assert {a["id"] for a in article["attributions"]} == {"T2", "T3", "T4", "T5", "T6"}  # nothing is linked
