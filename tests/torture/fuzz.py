"""Fuzz targets: each takes bytes and may raise nothing but `InputError`.

::

    python tests/torture/fuzz.py TARGET [options of libFuzzer]      with atheris, guided by coverage, until stopped
    python -m pytest tests/torture/test_fuzz.py [--full]            the same targets with plain mutations

atheris (``pip install atheris``) is no dependency: its wheels lag behind Python's releases.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

if __name__ == "__main__":
    import atheris

    with atheris.instrument_imports(include=["claimcheck"]):
        pass

from inputs import FakeNli, FakeTagger, quotations_nest

from claimcheck import Checker, Document, Report
from claimcheck.errors import InputError
from claimcheck.evaluation.readers import read_articles, read_attribution_corpus, read_pairs
from claimcheck.parties import find_parties
from claimcheck.readers import iter_rows, parse_row, read_parties, read_statements, read_text
from claimcheck.segmentation import segment
from claimcheck.speakers import resolve_speakers
from claimcheck.training.brat import read_brat

CHECKER = Checker(FakeTagger(), FakeNli())
FOLDER = Path(tempfile.mkdtemp(prefix="claimcheck-fuzz-"))


def file(data, name):
    """Return a file with the data in it, the same one each time."""
    path = FOLDER / name
    path.write_bytes(data)
    return path


def text_of(data):
    return data.decode("utf-8", "replace")


def segmentation(data):
    assert quotations_nest(segment(text_of(data)).quotations)


def linking(data):
    document = Document("d", text_of(data))
    parts = segment(document.text)
    attributions = FakeTagger().attribute(document, parts)
    find_parties(document, resolve_speakers(document, attributions, parts.quotations))


def whole(data):
    report = CHECKER.check(text_of(data))
    assert Report.from_dict(report.to_dict()) == report


def page(data):
    CHECKER.check(text_of(data)).to_html()


def terminal(data):
    CHECKER.check(text_of(data)).summary(width=40)


def text(data):
    read_text(file(data, "a.txt"))


def jsonl_row(data):
    parse_row(data)


def jsonl(data):
    list(iter_rows(file(data, "in.jsonl")))


def statements_csv(data):
    CHECKER.compare(read_statements(file(data, "table.csv"))[:20])


def statements_jsonl(data):
    CHECKER.compare(read_statements(file(data, "table.jsonl"))[:20])


def parties(data):
    given = read_parties(file(data, "parties.json"))
    CHECKER.check("Ada Holm said no. Per Lund said yes.", parties=given)


def brat(data):
    head, _, tail = data.partition(b"\n\n")
    file(tail, "brat.txt")
    file(head, "brat.ann")
    read_brat(FOLDER)


def saved(data):
    Report.load(file(data, "report.json"))


def nli_pairs(data):
    read_pairs(file(data, "pairs.jsonl"))


def corpus(data):
    read_attribution_corpus(file(data, "corpus.jsonl"))


def articles(data):
    read_articles(file(data, "article.json"))


ARTICLE = (
    "Bridge row\n\nMayor Ada Holm said “it is ‘safe’”. Per Lund, the DU's spokesman, denied that: "
    '"No."\r\n\r\nאמר e\u0301 🎉'
)
REPORT = CHECKER.check(ARTICLE)
# What mutations start from.
SEEDS = {
    segmentation: ARTICLE.encode(),
    linking: ARTICLE.encode(),
    whole: ARTICLE.encode(),
    page: ARTICLE.encode(),
    terminal: ARTICLE.encode(),
    text: b"\xef\xbb\xbf" + ARTICLE.encode(),
    jsonl_row: b'{"id": "a", "text": "Rain \\u00e9 \\ud83d\\ude00", "n": [1, {"x": null}]}',
    jsonl: b'{"id": 1, "text": "Rain."}\r\n\n{"id": "b", "text": ""}\n{"id": 1, "text": "Snow"}',
    statements_csv: b'id,text,speaker,party,start,context\n1,"No, ""never""",Ada,Quarry,3,Oh No never\n2,Yes,Per,,,\n',
    statements_jsonl: b'{"text": "No", "speaker": "Ada", "start": 1, "context": "A No"}\n{"text": "Yes", "speaker": null}',
    parties: b'{"Quarry": ["Ada Holm", "Holm"], "Union": ["Per Lund"]}',
    brat: b"T1\tSource 0 3\tAda\nT2\tCue 4 8\tsaid\nT3\tContent 9 11;12 14\tno\nR1\tfrom Arg1:T2 Arg2:T1\n"
    b"E1\tCue:T2 X:T3\n\nAda said no no.",
    saved: REPORT.to_json().encode(),
    nli_pairs: b'{"premise": "a", "hypothesis": "b", "label": "neutral"}\n',
    corpus: b'{"id": "a", "text": "Ada said no", "split": "test", "attributions": '
    b'[{"source": [[0, 3]], "cue": [[4, 8]], "content": [[9, 11]]}]}\n',
    articles: b'{"id": "a", "text": "Ada said no", "relations": [], "attributions": '
    b'[{"id": "x", "source": [[0, 3]], "cue": [[4, 8]], "content": [[9, 11]]}]}',
}  # fmt: skip
TARGETS = {target.__name__: target for target in SEEDS}


def one(target, data):
    """Run a target once; a refusal is a result too."""
    try:
        target(data)
    except InputError:
        return


if __name__ == "__main__":
    chosen = TARGETS[sys.argv.pop(1)]
    corpus_folder = FOLDER / "seeds"
    corpus_folder.mkdir()
    (corpus_folder / "seed").write_bytes(SEEDS[chosen])
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    atheris.Setup([*sys.argv, "-timeout=20", str(corpus_folder)], lambda data: one(chosen, data))
    atheris.Fuzz()
