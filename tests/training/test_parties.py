"""Fitting what joins parties."""

import json

import pytest

from claimcheck.affinity import Affinity
from claimcheck.training import parties
from claimcheck.training.parties import Example, fit, labelled_pairs, read_example, score

FIRMS = ("Vellmar Foods", "Ossery Steel", "Lorn Ferries", "Gard Energy", "Tolk Mining", "Pell Airlines")


def article(number: int, series: str) -> dict:
    """Return an article in which the porter and the welders of a firm stand with it, and a minister does not."""
    firm = FIRMS[number % len(FIRMS)]
    parts = [
        (firm, "p1"),
        ("The night porter, Ina Tarn", "p1"),
        ("Finance Minister Odo Brask", "p2"),
        ("Two welders", "p1"),
        ("A beekeeper", None),
    ]
    text, attributions = "", []
    for k, (source, party) in enumerate(parts):
        start = len(text)
        end = start + len(source)
        text += f"{source} said it rained. "
        attributions.append(
            {
                "id": f"a{k + 1}",
                "source": [[start, end]],
                "cue": [[end + 1, end + 5]],
                "content": [[end + 6, end + 15]],
                "kind": "indirect",
                "parent": None,
                "party": party,
            }
        )
    return {"id": f"{series}{number:02d}", "text": text, "attributions": attributions}


def examples() -> list[Example]:
    return [read_example(article(k, "abc"[k % 3])) for k in range(60)]


def test_an_example_has_a_party_for_every_voice() -> None:
    example = read_example(article(0, "a"))
    assert example.series == "a"
    assert example.attributions == [("a1",), ("a2",), ("a3",), ("a4",), ("a5",)]
    assert example.parties == ["p1", "p1", "p2", "p1", None]
    assert example.gold == {"a1": "p1", "a2": "p1", "a3": "p2", "a4": "p1"}


def test_pairs_are_labelled_by_party() -> None:
    targets = [(target, weight) for _, target, weight in labelled_pairs(read_example(article(0, "a")))]
    same, other, nobody = (True, 1.0), (False, 1.0), (False, 0.6)
    assert targets == [same, other, same, nobody, other, same, nobody, other, nobody, nobody]


def test_score_counts_pairs_of_attributions() -> None:
    example = read_example(article(0, "a"))
    for voice in example.voices:
        voice.group = "one" if voice.id in ("s1", "s2", "s3") else None  # firm, porter and minister together
    counts = score([example], Affinity())
    assert (counts.tp, counts.fp, counts.fn) == (1, 2, 2)


def test_fit_tells_the_sides_apart() -> None:
    affinity, crossed = fit(examples())
    assert crossed["precision"] == 1.0
    assert crossed["f1"] > 0.9
    unseen = score([read_example(article(5, "z"))], affinity)
    assert (unseen.tp, unseen.fp, unseen.fn) == (3, 0, 0)


def test_one_series_cannot_be_cross_validated() -> None:
    with pytest.raises(ValueError, match="the articles are of 1 series, expected at least 2"):
        fit([read_example(article(k, "a")) for k in range(3)])


def test_command_writes_weights_that_load(tmp_path, monkeypatch) -> None:
    corpus = tmp_path / "articles.jsonl"
    corpus.write_text("\n".join(json.dumps(article(k, "abc"[k % 3])) for k in range(60)), encoding="utf-8")
    checkpoint = tmp_path / "checkpoint"
    checkpoint.mkdir()
    command = ["parties", "--checkpoint", str(checkpoint), "--articles", str(corpus), "--held-out", "c"]
    monkeypatch.setattr("sys.argv", command)
    parties.main()
    written = json.loads((checkpoint / "parties.json").read_text(encoding="utf-8"))
    affinity = Affinity.load(checkpoint)
    assert affinity.weights == written["weights"]
    assert written["record"]["articles"] == 40
    held_out = written["record"]["held_out"]
    assert held_out["fitted"]["f1"] > held_out["ties_only"]["f1"]
    assert "parties.json" in (checkpoint / "SHA256SUMS").read_text(encoding="utf-8")
