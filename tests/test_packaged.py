"""The models that are shipped, read from their folders: what they find in the seed article, and that they are whole."""

import json
import re
import shutil

import fixtures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import claimcheck
from claimcheck import NLI, Document, ModelError, Report
from claimcheck.attribution import Attributor
from claimcheck.checkpoints import HASHES, packaged, read_json, read_weights

SEED = (fixtures.SEEDS / "000_fca476f9301b5aed.txt").read_bytes().decode("utf-8")
MODELS = ("attribution", "nli")


ARTICLES = [
    "Mayor Ada Holm said on Monday that the bridge was safe. Per Lund of the union denied that it was safe.",
    "",
    "The ferry left at noon.",
    "“We will not pay,” said Cleo Vinter, the mill's owner.\n\nThe council insisted that the mill must pay.",
    "Vinter told reporters that Holm had promised her a contract. Holm's office called the claim “pure invention”.",
]

PLAIN = {
    "paraphrase": ("A man is playing a guitar on stage.", "A man is playing an instrument.", "entailment"),
    "part": ("Two dogs are running across a wet field.", "Animals are running outside.", "entailment"),
    "negation": ("Nobody was hurt in the fire.", "Three people were hurt in the fire.", "contradiction"),
    "antonym": ("The shop is open all day on Sunday.", "The shop is closed on Sunday.", "contradiction"),
    "unrelated": ("A woman is reading a newspaper.", "The woman is a teacher from Norway.", "neutral"),
    "addition": ("A boy is sitting in a boat.", "The boy is waiting for his older brother.", "neutral"),
}


@pytest.fixture(scope="module")
def checker():
    return claimcheck.load(dtype="float32")


@pytest.fixture(scope="module")
def report(checker):
    return checker.check(SEED, id="seed")


# the seed article


def test_the_seed_article_has_its_attributions(report):
    assert len(report.attributions) >= 12
    assert len(report.claims) == len(report.attributions)


@pytest.mark.parametrize("name", ["Peskov", "Putin", "Poroshenko", "Zakharchenko"])
def test_the_seed_article_has_its_speakers(report, name):
    assert any(speaker.name.endswith(name) for speaker in report.speakers)
    assert report.claims_by(name)


def test_the_seed_article_has_its_nesting(report):
    ids = {a.id: a for a in report.attributions}
    children = [a for a in report.attributions if a.parent]
    assert children
    for child in children:
        parent = ids[child.parent]
        assert all(any(c.contains(s) for c in parent.content) for s in child.content)


def test_offsets_are_true(report):
    assert report.text == SEED
    for attribution, claim in zip(report.attributions, report.claims, strict=True):
        spans = attribution.source + attribution.cue + attribution.content
        assert all(0 <= s.start < s.end <= len(SEED) for s in spans)
        assert all(s.of(SEED) == s.of(SEED).strip() for s in spans)
        assert claim.text == " ".join(s.of(SEED) for s in attribution.content)
        assert claim.cue == " ".join(s.of(SEED) for s in attribution.cue)
    for speaker in report.speakers:
        assert all(mention.of(SEED).strip() for mention in speaker.mentions)


def test_relations_name_claims_and_hold_probabilities(report):
    order = {claim.id: n for n, claim in enumerate(report.claims)}
    assert report.relations
    for relation in report.relations:
        assert order[relation.a] < order[relation.b]
        assert relation.label in ("contradicts", "corroborates")
        assert 0 <= relation.score <= 1
        for row in (relation.forward, relation.backward):
            assert sum(row) == pytest.approx(1, abs=1e-3)
        assert relation.why


def test_every_claim_with_a_speaker_but_the_outlet_has_a_party(report):
    assert {c.party for c in report.claims} <= {None, *(p.id for p in report.parties)}
    assert {c.speaker for c in report.claims if c.speaker and c.party is None} == {"Joinfo"}
    republic = next(p for p in report.parties if "Alexander Zakharchenko" in p.members)
    assert republic.name == "Donetsk People's Republic"


def test_the_report_survives_json(report, tmp_path):
    assert Report.from_dict(json.loads(report.to_json())) == report
    report.save(tmp_path / "report.json")
    assert Report.load(tmp_path / "report.json") == report


def test_the_report_can_be_drawn(report):
    assert "Zakharchenko" in report.to_html()
    assert "Zakharchenko" in str(report)
    assert report.matrix().shape == (len(report.parties),) * 2


def test_the_report_names_its_models(report):
    for name in MODELS:
        (line,) = [
            x for x in (packaged(name) / HASHES).read_text().splitlines() if x.endswith("model.safetensors")
        ]
        assert report.provenance["models"][name] == line.split()[0]


def test_the_callers_parties_win(checker):
    report = checker.check(SEED, parties={"Moscow": ["Putin", "Peskov"], "Kyiv": ["Poroshenko"]})
    names = {party.id: party.name for party in report.parties}
    for speaker, party in (("Putin", "Moscow"), ("Peskov", "Moscow"), ("Poroshenko", "Kyiv")):
        assert {names[claim.party] for claim in report.claims_by(speaker)} == {party}


# NLI


@pytest.mark.parametrize(("premise", "hypothesis", "label"), PLAIN.values(), ids=PLAIN)
def test_labels_are_in_order_on_plain_pairs(checker, premise, hypothesis, label):
    (row,) = checker.nli.predict([(premise, hypothesis)])
    assert checker.nli.labels[row.argmax()] == label


def test_the_direction_of_a_pair_matters(checker):
    there, back = checker.nli.predict(
        [
            ("A man is playing a guitar.", "A person makes music."),
            ("A person makes music.", "A man is playing a guitar."),
        ]
    )
    assert there[0] > back[0]


def test_nli_batches_equal_one_by_one(checker):
    pairs = [(p, h) for p, h, _ in PLAIN.values()]
    single = np.concatenate([checker.nli.predict([pair]) for pair in pairs])
    np.testing.assert_allclose(checker.nli.predict(pairs), single, atol=1e-4)


@pytest.mark.xfail(
    strict=True, reason="full windows of unrelated text, longer than in training, read as entailment"
)
def test_long_pairs_are_windowed_without_loss(checker):
    filler = "The council met on Tuesday and talked about the harbour. " * 80
    pair = (f"{filler}Nobody was hurt in the fire.", "Three people were hurt in the fire.")
    assert checker.nli.needs_windows([pair]) == [True]
    assert checker.nli.labels[checker.nli.predict([pair])[0].argmax()] == "contradiction"


# batches


def close(a, b, tolerance):
    """Whether two reports say the same, with scores within ``tolerance``."""
    assert [(x.source, x.cue, x.content, x.kind, x.parent) for x in a.attributions] == [
        (x.source, x.cue, x.content, x.kind, x.parent) for x in b.attributions
    ]
    assert [x.score for x in a.attributions] == pytest.approx(
        [x.score for x in b.attributions], abs=tolerance
    )
    assert (a.speakers, a.parties, a.claims) == (b.speakers, b.parties, b.claims)
    assert [(r.a, r.b, r.label) for r in a.relations] == [(r.a, r.b, r.label) for r in b.relations]
    assert [r.score for r in a.relations] == pytest.approx([r.score for r in b.relations], abs=tolerance)


def test_pipe_equals_check_one_by_one(checker, report):
    together = list(checker.pipe([Document("seed", SEED), *ARTICLES]))
    close(together[0], report, 1e-3)
    for text, found in zip(ARTICLES, together[1:], strict=True):
        close(found, checker.check(text), 1e-3)


def test_pipe_equals_check_one_by_one_in_bfloat16():
    checker = claimcheck.load(dtype="bfloat16")
    for together, alone in zip(
        checker.pipe(ARTICLES, batch_size=3), map(checker.check, ARTICLES), strict=True
    ):
        close(together, alone, 0.02)


def test_a_prefix_shifts_every_offset_equally(checker):
    """Without a change of window: a short article in front of which only white space is put."""
    text = ARTICLES[0]
    plain, shifted = checker.check(text), checker.check("   " + text)
    assert plain.attributions
    for a, b in zip(plain.attributions, shifted.attributions, strict=True):
        assert [(s.start + 3, s.end + 3) for s in a.content] == [(s.start, s.end) for s in b.content]


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    "Ada Holm said ",
                    "“We won,” ",
                    "\n\n",
                    "denied that ",
                    "the bridge fell. ",
                    "한국 ",
                    "İ",
                    "ﬁ",
                ]
            ),
            st.text(st.characters(codec="utf-8"), max_size=12),
        ),
        max_size=20,
    ).map("".join)
)
def test_any_text_is_read(text):
    report = ANY.check(text)
    for attribution in report.attributions:
        for span in attribution.source + attribution.cue + attribution.content:
            assert span.of(text).strip()
    assert Report.from_dict(report.to_dict()) == report


class _Any:
    """Loads the models once, when the first example comes."""

    def check(self, text):
        if not hasattr(self, "checker"):
            self.checker = claimcheck.load(dtype="float32")
        return self.checker.check(text)


ANY = _Any()


@pytest.mark.parametrize("text", ["", "  \n", "word", "“", "a " * 3000, "x" * 5000, "said " * 700])
def test_odd_texts_are_read(checker, text):
    assert checker.check(text).text == text


def test_compare_finds_a_plain_contradiction(checker):
    report = checker.compare(
        [
            {"text": "Nobody was hurt in the fire at the mill", "speaker": "Ada Holm", "cue": "said"},
            {"text": "Three people were hurt in the fire at the mill", "speaker": "Per Lund", "cue": "said"},
            {"text": "The new ferry will be painted green", "speaker": "Cleo Vinter", "cue": "said"},
        ]
    )
    (relation,) = report.contradictions()
    assert (relation.a, relation.b) == ("s1", "s2")


def test_cross_relates_articles(checker):
    reports = [checker.check(text, id=f"d{n}") for n, text in enumerate(ARTICLES) if text]
    crossed = checker.cross(reports)
    assert len(crossed.documents) == len(reports)
    assert len(crossed.claims) == sum(len(report.claims) for report in reports)
    assert len(crossed.relations) >= sum(len(report.relations) for report in reports)


# the checkpoints


def test_nothing_touches_the_network(no_network):
    assert claimcheck.load().check(ARTICLES[0]).claims


@pytest.mark.parametrize("name", MODELS)
def test_a_checkpoint_is_whole(name):
    folder = packaged(name)
    listed = {line.split("  ")[1] for line in (folder / HASHES).read_text().splitlines()}
    assert {"model.safetensors", "config.json", "tokenizer.json", "training.json"} <= listed
    assert (folder / "README.md").is_file()
    assert not list(folder.glob("*.bin")) + list(folder.glob("*.pt")) + list(folder.glob("*.pkl"))
    assert read_json(folder / "training.json")["config"]
    dtypes = {str(value.dtype) for value in read_weights(folder).values() if value.is_floating_point()}
    assert dtypes == {"torch.float16"}


def test_the_pair_head_knows_the_states_of_the_packaged_attributor(checker):
    assert checker.nli.pair_head.attribution == checker.attributor.hash
    assert checker.decision.looks_apart
    assert "pair_head.safetensors" in (packaged("nli") / HASHES).read_text()


def test_the_weights_stay_small_enough_for_a_package_index():
    total = sum(path.stat().st_size for name in MODELS for path in packaged(name).iterdir())
    assert total < 95_000_000


LOADERS = {"attribution": Attributor.from_pretrained, "nli": NLI.from_pretrained}


@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "tokenizer.json"])
@pytest.mark.parametrize("name", MODELS)
def test_a_changed_byte_is_refused(name, file, tmp_path):
    folder = shutil.copytree(packaged(name), tmp_path / name)
    data = bytearray((folder / file).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / file).write_bytes(data)
    with pytest.raises(ModelError, match=rf"{re.escape(file)} has the SHA-256 .* reinstall claimcheck"):
        LOADERS[name](folder)


def test_the_models_are_not_mixed_up():
    with pytest.raises(ModelError):
        NLI.from_pretrained(packaged("attribution"))
    with pytest.raises(ModelError, match="expected 'claimcheck-attribution'"):
        Attributor.from_pretrained(packaged("nli"))


def test_no_checkpoint_names_a_path_of_the_machine_it_was_made_on():
    for name in MODELS:
        for path in packaged(name).iterdir():
            if path.suffix in {".json", ".md", ".toml"} and path.name != "tokenizer.json":
                text = path.read_text(encoding="utf-8")
                assert not re.search(r"(?:^|[\s\"'(=])/(?:\w+/)+\w", text), path  # an absolute path


def test_the_attributor_reads_a_long_article_in_windows():
    attributor = Attributor.from_pretrained(packaged("attribution"), dtype="float32")
    text = "\n\n".join(f"Mayor Ada Holm said on day {n} that bridge number {n} was safe." for n in range(60))
    found = attributor.attribute(Document("d", text))
    assert len(found) == pytest.approx(60, abs=3)


TOWARDS = {
    "favor of a topic": ("I am strongly in favor of the toll.", "the toll", "favor"),
    "against a topic": ("The toll is a terrible idea.", "the toll", "against"),
    "against a claim": ("The toll must stay.", "the toll should be abolished", "against"),
}


@pytest.mark.parametrize(("text", "target", "expected"), TOWARDS.values(), ids=TOWARDS)
def test_stances_without_any_examples(text, target, expected):
    (stance,) = claimcheck.stances([text], target)
    assert stance.label == expected


def test_who_denies_a_claim_is_against_it():
    claims = [
        claimcheck.Claim("c1", "the bridge was safe", "Per Lund", cue="denied", force="denies"),
        claimcheck.Claim("c2", "the bridge is safe", "Ada Holm", cue="confirmed"),
    ]
    lund, holm = Report(claims=claims).stances("the bridge is safe", by="speaker")
    assert (lund.holder, lund.label) == ("Per Lund", "against")
    assert (holm.holder, holm.label) == ("Ada Holm", "favor")
