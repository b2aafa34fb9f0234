"""Fuzz targets: each takes bytes and may raise nothing but `InputError`.

::

    python tests/torture/fuzz.py TARGET [options of libFuzzer]      with atheris, guided by coverage, until stopped
    python -m pytest tests/torture/test_fuzz.py [--full]            the same targets with plain mutations

atheris (``pip install atheris``) is no dependency: its wheels lag behind Python's releases.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

if __name__ == "__main__":
    import atheris

    atheris.instrument_imports(
        include=["claimcheck"]
    ).__enter__()  # for good: some modules are imported when needed

from inputs import FakeNli, FakeTagger, quotations_nest

from claimcheck import Checker, Document, Report
from claimcheck.errors import InputError
from claimcheck.evaluation.readers import read_articles, read_attribution_corpus, read_pairs
from claimcheck.parties import find_parties
from claimcheck.readers import iter_rows, parse_row, read_parties, read_statements, read_text
from claimcheck.rowfiles import loads, read_outputs, read_rows, size_of
from claimcheck.segmentation import segment
from claimcheck.sources import from_corenlp, from_html
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


def jsonl_gz(data):
    list(read_rows(file(data, "in.jsonl.gz")))


def rows_csv(data):
    list(read_rows(file(data, "in.csv")))


def rows_parquet(data):
    path = file(data, "in.parquet")
    list(read_rows(path))
    size_of(path)


def outputs_csv(data):
    list(read_outputs(file(data, "out.csv")))


def outputs_parquet(data):
    list(read_outputs(file(data, "out.parquet")))


def html(data):
    from_html(data)


def corenlp(data):
    found, _, text = text_of(data).partition("\n")
    CHECKER.compare(from_corenlp(loads(found) or {}, text))


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


def parquet_of(rows):
    """Return rows as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), stream)
    return stream.getvalue()


ARTICLE = (
    "Bridge row\n\nMayor Ada Holm said “it is ‘safe’”. Per Lund, the DU's spokesman, denied that: "
    '"No."\r\n\r\nאמר e\u0301 🎉'
)
REPORT = CHECKER.check(ARTICLE)
OUTPUT = {
    "id": "a",
    "line": 1,
    "error_type": None,
    "error_message": None,
    "report": json.dumps({"id": "a", "line": 1}),
}
FAILED = {"id": None, "line": 2, "error_type": "InputError", "error_message": "no text", "report": None}
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
    jsonl_gz: gzip.compress(b'{"id": 1, "text": "Rain."}\r\n\n{"id": "b", "text": ""}\n', mtime=0),
    rows_csv: b'\xef\xbb\xbfid,text,n\r\n1,"Rain, ""rain""\nand rain",x\n\n1,Snow,\n2,\xc3\xa9 \xff,y\n3,too,many,values\n',
    rows_parquet: parquet_of([{"id": "a", "text": ARTICLE, "n": 1}, {"id": None, "text": "Rain.", "n": None}]),
    outputs_csv: b'id,line,error_type,error_message,report\na,1,,,"{""id"": ""a"", ""line"": 1}"\n,2,InputError,no text,\n',
    outputs_parquet: parquet_of([OUTPUT, FAILED]),
    html: b'<!doctype html><html><head><meta charset="utf-8"><title>Bridge row</title><meta property="article:'
    b'published_time" content="2031-05-06"><link rel="canonical" href="https://example.org/a"></head><body><nav><a href='
    b'"/">Home</a></nav><article><h1>Bridge row</h1><p>Mayor Ada Holm said &ldquo;it is safe&rdquo; on Monday, before the '
    b'council met in Vestby to vote.</p><p>Per Lund, a spokesman, denied that &amp; left.</p></article></body></html>',
    corenlp: b'{"quotes": [{"id": 0, "text": "\\"No,\\"", "beginIndex": 0, "speaker": "Ada", "canonicalSpeaker": '
    b'"Unknown"}]}\n"No," said Ada.',
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
