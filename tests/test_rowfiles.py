"""Rows in CSV, Parquet and gzip files, as JSON Lines give them."""

import csv
import gzip
import json
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from claimcheck.errors import InputError
from claimcheck.rowfiles import COLUMNS, convert, form_of, is_converted, read_outputs, read_rows, size_of

ROWS = [("a", "Rain."), ("7", "“Snow”,\nand ice"), ("c", 'She said "no".')]


def write_csv(path, rows, header=("id", "text"), delimiter=","):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=delimiter)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def write_parquet(path, columns, **options):
    pq.write_table(pa.table(columns), path, **options)
    return path


def write_json(path, rows):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps({"id": key, "text": text}) + "\n" for key, text in rows)
    return path


def plain(path, **columns):
    return [(row.line, row.id, row.text, row.error) for row in read_rows(path, **columns)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jsonl", ("json", False)),
        ("a", ("json", False)),
        ("a.csv.jsonl", ("json", False)),
        ("a.jsonl.gz", ("json", True)),
        ("a.gz", ("json", True)),
        ("a.csv", ("csv", True)),
        ("a.TSV.gz", ("csv", True)),
        ("a.parquet", ("parquet", True)),
        ("a.pq", ("parquet", True)),
    ],
)
def test_forms(name, expected):
    assert (form_of(Path(name)), is_converted(Path(name))) == expected


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz", "a.csv", "a.csv.gz", "a.tsv", "a.parquet"])
def test_every_form_gives_the_same_rows(tmp_path, name):
    path = tmp_path / name
    if ".jsonl" in name:
        write_json(path, ROWS)
        lines = [1, 2, 3]
    elif name == "a.parquet":
        write_parquet(path, {"id": [key for key, _ in ROWS], "text": [text for _, text in ROWS]})
        lines = [1, 2, 3]
    else:
        write_csv(path, ROWS, delimiter="\t" if "tsv" in name else ",")
        lines = [2, 3, 5]  # behind a header, and with a line break in a row
    assert plain(path) == [(line, *row, None) for line, row in zip(lines, ROWS, strict=True)]
    ends = [row.end for row in read_rows(path)]
    assert ends == sorted(ends)
    assert ends[-1] == size_of(path)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(b"id,text\na,Rain.\n\n , \nb,Snow.\n", [(2, "a", None), (5, "b", None)], id="blank"),
        pytest.param(b"\xef\xbb\xbfid,text\r\na,Rain.\r\n", [(2, "a", None)], id="byte order mark, CRLF"),
        pytest.param(
            b"id,text\na\nb,Snow.\n", [(2, None, "1 values for the 2 columns"), (3, "b", None)], id="short"
        ),
        pytest.param(
            b'id,text\na,"Rain" now\nb,Snow.\n',
            [(2, None, "not valid CSV: ',' expected after '\"'"), (3, "b", None)],
            id="bad quotation",
        ),
        pytest.param(
            b'id,text\na,"Rain\n',
            [(2, None, "not valid CSV: unexpected end of data")],
            id="cut off in a row",
        ),
        pytest.param(
            b"id,text\na,caf\xe9\nb,Snow.\n",
            [(2, None, "byte 0xe9 is not UTF-8: re-encode the row"), (3, "b", None)],
            id="latin-1",
        ),
        pytest.param(
            b"id,text\na,Rain.\na,Snow.\n",
            [(2, "a", None), (3, "a", "id 'a' is that of line 2: ids must differ")],
            id="twice",
        ),
        pytest.param(b"id,text\n,Rain.\n", [(2, None, "'id' is empty")], id="no id"),
        pytest.param(b"id,text\n", [], id="no rows"),
        pytest.param(b"", [], id="empty"),
    ],
)
def test_csv(tmp_path, data, expected):
    path = tmp_path / "a.csv"
    path.write_bytes(data)
    assert [(row.line, row.id, row.error) for row in read_rows(path)] == expected


def test_parquet_values(tmp_path):
    path = write_parquet(
        tmp_path / "a.parquet",
        {
            "body": pa.array(["Rain.", None, "Snow.", "Hail.", "Ice."]).dictionary_encode(),
            "key": pa.array([1, 2, None, 4, 4]),
            "more": [[1], [2], [3], [4], [5]],
        },
    )
    assert plain(path, text_column="body", id_column="key") == [
        (1, "1", "Rain.", None),
        (2, "2", "", "'body' must be a string, not null"),
        (3, None, "", "'key' must be a string or an integer, not null"),
        (4, "4", "Hail.", None),
        (5, "4", "", "id '4' is that of line 4: ids must differ"),
    ]


def test_parquet_that_is_not_utf8(tmp_path):
    broken = pa.StringArray.from_buffers(
        2, pa.py_buffer(b"\0\0\0\0\5\0\0\0\7\0\0\0"), pa.py_buffer(b"Rain.\xff\xfe")
    )
    path = write_parquet(tmp_path / "a.parquet", {"id": ["a", "b"], "text": broken})
    assert plain(path) == [
        (1, "a", "Rain.", None),
        (2, "b", "", r"'text' must be a string, not of type bytes (b'\xff\xfe')"),
    ]


def test_parquet_of_times_that_python_has_none_for(tmp_path):
    late = pa.array([2**62, 0], pa.timestamp("ms"))
    path = write_parquet(tmp_path / "a.parquet", {"id": ["a", "b"], "text": late})
    assert [(key, text) for _, key, text, _ in plain(path)] == [("a", ""), ("b", "")]
    for _, _, _, error in plain(path):
        assert error.startswith("'text' must be a string, not of type TimestampType")
    path = write_parquet(tmp_path / "b.parquet", {"id": late, "text": ["x", "y"]})
    for _, _, _, error in plain(path):
        assert error.startswith("'id' must be a string or an integer, not of type TimestampType")


OTHERS = {
    "report is a number": {"id": ["a"], "line": [1], "report": [7]},
    "report is not UTF-8": {"id": ["a"], "report": pa.array([b"{\xff}"]).cast(pa.binary()).view(pa.string())},
    "report is a late time": {"id": ["a"], "report": pa.array([2**62], pa.timestamp("ms"))},
    "id is a late time": {
        "id": pa.array([2**62], pa.timestamp("ms")),
        "line": [1],
        "error_type": ["E"],
        "error_message": ["m"],
    },
    "message is not UTF-8": {
        "id": ["a"],
        "line": [1],
        "error_type": ["E"],
        "error_message": pa.array([b"\xff"]).cast(pa.binary()).view(pa.string()),
    },
    "no column of ours": {"n": [1.5]},
    "line is no number": {"id": ["a"], "line": ["x"], "error_type": ["E"], "error_message": ["m"]},
}


@pytest.mark.parametrize("columns", OTHERS.values(), ids=OTHERS.keys())
def test_a_table_of_another_origin_is_no_output(tmp_path, columns):
    assert list(read_outputs(write_parquet(tmp_path / "a.parquet", columns))) == [None]


@pytest.mark.parametrize(
    ("name", "make", "message"),
    [
        pytest.param(
            "a.csv",
            lambda path: path.write_text("url,body\n1,x\n"),
            "column 'id' occurs 0 times among 'url', 'body': expected once",
            id="csv without the columns",
        ),
        pytest.param(
            "a.csv",
            lambda path: path.write_text("id,text,text\n1,x,y\n"),
            "column 'text' occurs 2 times among 'id', 'text', 'text'",
            id="csv with a column twice",
        ),
        pytest.param(
            "a.csv",
            lambda path: path.write_bytes("id,text\n".encode("utf-16")),
            "UTF-16: batch reads UTF-8",
            id="utf-16",
        ),
        pytest.param(
            "a.parquet",
            lambda path: write_parquet(path, {"id": ["a"]}),
            "column 'text' occurs 0 times among 'id'",
            id="parquet without the text",
        ),
        pytest.param(
            "a.parquet",
            lambda path: path.write_bytes(b"PAR1 no"),
            "cannot be read as Parquet",
            id="no parquet",
        ),
        pytest.param("a.parquet", lambda path: None, "no such file", id="missing"),
        pytest.param(
            "a.jsonl.gz",
            lambda path: path.write_bytes(gzip.compress(b'{"id": 1, "text": "x"}\n' * 99)[:-20]),
            "damaged or cut off gzip file",
            id="cut off gzip",
        ),
        pytest.param(
            "a.csv.gz",
            lambda path: path.write_bytes(b"id,text\n"),
            "damaged or cut off gzip file",
            id="no gzip",
        ),
    ],
)
def test_files_that_cannot_be_used(tmp_path, name, make, message):
    path = tmp_path / name
    make(path)
    with pytest.raises(InputError, match=message) as caught:
        list(read_rows(path))
    assert str(path) in str(caught.value)


def test_parquet_is_streamed(tmp_path):
    texts = [f"{n} " + "rain " * 20_000 for n in range(300)]
    columns = {"id": range(300), "text": texts}
    options = {
        "compression": "none",
        "use_dictionary": False,
        "write_batch_size": 16,
    }  # or it is all one page
    path = write_parquet(tmp_path / "a.parquet", columns, **options)
    before = pa.total_allocated_bytes()
    largest = 0
    tracemalloc.start()
    for _ in read_rows(path):
        largest = max(largest, pa.total_allocated_bytes() - before)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert path.stat().st_size > 30_000_000
    assert largest + peak < 25_000_000


OUTS = [
    {
        "id": "a",
        "line": 2,
        "text": "Rain,\u2028and “ice”",
        "claims": [{"id": "a1"}, {"id": "a2"}],
        "relations": [{"label": "contradicts"}, {"label": "corroborates"}, {"label": "contradicts"}],
    },
    {"id": "a\rb", "line": 4, "error": {"type": "InputError", "message": "one\rtwo"}},
    {"id": None, "line": 3, "error": {"type": "InputError", "message": 'no "id", or\nnone'}},
    {"id": "c", "line": 9, "text": "x", "claims": []},
]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.tsv", "a.parquet", "a.jsonl.gz", "a.jsonl"])
def test_outputs_are_what_they_were_made_of(tmp_path, name):
    lines = tmp_path / "lines"
    lines.write_text("".join(json.dumps(out, ensure_ascii=False) + "\n" for out in OUTS), encoding="utf-8")
    target = tmp_path / name
    if name == "a.jsonl":
        lines.rename(target)
    else:
        convert(lines, target)
    assert list(read_outputs(target)) == OUTS
    assert not list(tmp_path.glob("*.converting"))


def test_the_columns_of_a_table(tmp_path):
    lines = tmp_path / "lines"
    lines.write_text("".join(json.dumps(out, ensure_ascii=False) + "\n" for out in OUTS), encoding="utf-8")
    convert(lines, tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    assert tuple(table.column_names) == COLUMNS
    rows = table.drop_columns("report").to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("a", 2, 2, 2, 1, None, None),
        ("a\rb", 4, None, None, None, "InputError", "one\rtwo"),
        (None, 3, None, None, None, "InputError", 'no "id", or\nnone'),
        ("c", 9, 0, 0, 0, None, None),
    ]
    assert json.loads(table["report"][0].as_py()) == OUTS[0]


@pytest.mark.parametrize("name", ["a.csv", "a.parquet", "a.jsonl.gz"])
def test_no_rows_make_an_empty_table(tmp_path, name):
    lines = tmp_path / "lines"
    lines.touch()
    convert(lines, tmp_path / name)
    assert list(read_outputs(tmp_path / name)) == []


def test_a_column_whose_name_is_no_text_is_refused(tmp_path):
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"id": ["a"], "text": ["Rain."], "zzzz": [1]}), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"zzzz", b"zzz\xda"))
    with pytest.raises(InputError, match="cannot be read as Parquet: .*codec can't decode"):
        list(read_rows(path))
