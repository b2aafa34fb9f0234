import csv
import io
import json
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimcheck.errors import InputError
from claimcheck.readers import (
    check_encoding,
    iter_rows,
    parse_row,
    read_parties,
    read_statements,
    read_text,
)


def stdin(monkeypatch, data):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


# texts -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "encoding", "expected"),
    [
        pytest.param(b"", "utf-8", "", id="empty"),
        pytest.param(b"One.\r\nTwo.\rThree.\n", "utf-8", "One.\r\nTwo.\rThree.\n", id="line ends stay"),
        pytest.param(b"\xef\xbb\xbfRain.", "utf-8", "Rain.", id="byte order mark"),
        pytest.param("“Näin”\u00a0🚂".encode(), "utf-8", "“Näin”\u00a0🚂", id="beyond ascii"),
        pytest.param(b"caf\xe9 \x93no\x94", "cp1252", "café “no”", id="cp1252"),
        pytest.param("Rain.".encode("utf-16"), "utf-16", "Rain.", id="utf-16"),
    ],
)
def test_read_text(tmp_path, data, encoding, expected):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    assert read_text(path, encoding=encoding) == expected


@pytest.mark.parametrize(
    ("data", "encoding", "message"),
    [
        pytest.param(
            b"The caf\xe9 shut.",
            "utf-8",
            "{}: byte 0xe9 at offset 7 is not UTF-8: name the encoding of the file, for example --encoding cp1252",
            id="latin-1",
        ),
        pytest.param(
            b"Rain\xe2\x80",
            "utf-8",
            "{}: byte 0xe2 at offset 4 is not UTF-8: name the encoding of the file, for example --encoding cp1252",
            id="cut in a character",
        ),
        pytest.param(
            "R.".encode("utf-16-le"),
            "utf-8",
            "{}: NUL at character 1: a binary file, or a text in another encoding, for example --encoding utf-16",
            id="utf-16 without mark",
        ),
        pytest.param(
            b"Rain",
            "rot13",
            "unknown encoding 'rot13': name one that Python knows, for example cp1252",
            id="no text encoding",
        ),
    ],
)
def test_read_text_refuses(tmp_path, data, encoding, message):
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_text(path, encoding=encoding)
    assert str(caught.value) == message.format(path)


def test_missing_file_and_directory(tmp_path):
    with pytest.raises(InputError) as caught:
        read_text(tmp_path / "none.txt")
    assert str(caught.value) == f"{tmp_path}/none.txt: no such file"
    with pytest.raises(InputError) as caught:
        read_text(tmp_path)
    assert str(caught.value) == f"{tmp_path}: a directory, not a file: name the files in it"
    with pytest.raises(InputError) as caught:
        read_text("nul\0.txt")
    assert str(caught.value) == "nul\0.txt: cannot be read: embedded null byte"


def test_standard_input(monkeypatch):
    stdin(monkeypatch, b"\xef\xbb\xbfRain.\r\n")
    assert read_text("-") == "Rain.\r\n"


@pytest.mark.parametrize("encoding", ["klingon", "hex", "undefined", "", "a\0b"])
def test_check_encoding_refuses(encoding):
    with pytest.raises(InputError, match="unknown encoding"):
        check_encoding(encoding)


# parties -----------------------------------------------------------------------------------------------------------


def test_read_parties(tmp_path):
    path = tmp_path / "p.json"
    path.write_text('{\n "Quarry": ["Ada Holm", "Holm"],\n "Town": []\n}', encoding="utf-8")
    assert read_parties(path) == {"Quarry": ["Ada Holm", "Holm"], "Town": []}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "expected an object of party names and lists of members, not a list ([1])"),
        ('{"Quarry": "Holm"}', "party 'Quarry': expected a list of names, not a string ('Holm')"),
        ('{"Quarry": ["Holm", 3]}', "party 'Quarry': expected names, not a number (3)"),
        ('{"Quarry": [" "]}', "party 'Quarry': expected names, not a string (' ')"),
        ('{"Quarry": [null]}', "party 'Quarry': expected names, not null"),
        (
            r'{"Quarry": ["a\udc00"]}',
            r"party 'Quarry': lone surrogate '\udc00' at character 1: repair the text first",
        ),
        ('{\n"Quarry": [}', "not valid JSON: Expecting value at line 2"),
        ("", "not valid JSON: Expecting value at character 0"),
    ],
)
def test_read_parties_refuses(tmp_path, text, message):
    path = tmp_path / "p.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_parties(path)
    assert str(caught.value) == f"{path}: {message}"


# statements --------------------------------------------------------------------------------------------------------

CONTEXT = "Ada Holm said it leaks."


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        pytest.param(
            "s.csv",
            "id,text,speaker,party,cue,date,context,start,url\n"
            f'1,it leaks,Ada Holm,Quarry,said,2031-04-05,"{CONTEXT}",14,x\n',
            [
                {
                    "text": "it leaks",
                    "speaker": "Ada Holm",
                    "party": "Quarry",
                    "cue": "said",
                    "date": "2031-04-05",
                    "context": CONTEXT,
                    "id": "1",
                    "start": 14,
                }
            ],
            id="all columns, one unknown",
        ),
        pytest.param(
            "s.csv",
            '\ufeff speaker , text \r\n"Holm, Ada","It\nleaks"\r\n\r\n,It holds\r\n',
            [{"text": "It\nleaks", "speaker": "Holm, Ada"}, {"text": "It holds", "speaker": None}],
            id="mark, CRLF, quoted line break, blank line, no speaker",
        ),
        pytest.param(
            "s.tsv", "text\tspeaker\nIt leaks\tHolm\n", [{"text": "It leaks", "speaker": "Holm"}], id="tabs"
        ),
        pytest.param(
            "s.jsonl",
            '{"text": "It leaks", "speaker": null, "start": null}\r\n\n{"text": "It holds", "id": 7, "mood": []}\n',
            [{"text": "It leaks", "speaker": None}, {"text": "It holds", "speaker": None, "id": "7"}],
            id="json lines",
        ),
        pytest.param(
            "s", ' {"text": "It leaks"}', [{"text": "It leaks", "speaker": None}], id="json lines by content"
        ),
        pytest.param("s.txt", "text,speaker\na,b", [{"text": "a", "speaker": "b"}], id="csv by content"),
    ],
)
def test_read_statements(tmp_path, name, text, expected):
    path = tmp_path / name
    path.write_bytes(text.encode())
    assert read_statements(path) == expected


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("s.csv", "", "no statements: expected rows with text and speaker"),
        ("s.csv", "text,speaker\n\n", "no statements: expected rows with text and speaker"),
        (
            "s.csv",
            "text,name\na,b\n",
            "line 1: no column 'speaker' in the header, which has 'text', 'name': name it so, in small letters",
        ),
        (
            "s.csv",
            "\ntext;speaker\na;b\n",
            "line 2: no column 'text' in the header, which has 'text;speaker': separate by commas",
        ),
        ("s.csv", "text,speaker,text\n", "line 1: column 'text' stands in the header twice"),
        ("s.csv", "text,speaker\na,b\na,b,c\n", "line 3: 3 values for 2 columns: ['a', 'b', 'c']"),
        ("s.csv", "text,speaker\n'a\nb',c\n", 'line 2: 1 values for 2 columns: ["\'a"]'),
        ("s.csv", 'text,speaker\na,b\n"a\n"c,d\n', "line 3: not valid CSV: ',' expected after '\"'"),
        ("s.csv", 'text,speaker\n"a,b\n', "line 2: not valid CSV: unexpected end of data"),
        ("s.csv", "text,speaker\n ,b\n", "line 2: 'text' is empty"),
        (
            "s.csv",
            'id,text,speaker\nx,"a\nb",c\nx,a,b\n',
            "line 4: id 'x' is that of line 2: ids must differ",
        ),
        (
            "s.csv",
            "text,speaker,start\na,b,two\n",
            "line 2: 'start' must be a whole number, not a string ('two')",
        ),
        (
            "s.csv",
            "text,speaker,context,start\na,b,ab,2\n",
            "line 2: 'start' 2 does not lie in a context of 2 characters",
        ),
        (
            "s.jsonl",
            '{"text": "a", "start": 0}',
            "line 1: 'start' 0 does not lie in a context of 0 characters",
        ),
        (
            "s.jsonl",
            '{"text": "a", "start": true}',
            "line 1: 'start' must be a whole number, not a boolean (True)",
        ),
        (
            "s.jsonl",
            '\n{"texts": "a", "speaker": "b"}',
            "line 2: no 'text' in the row, which has 'texts', 'speaker'",
        ),
        ("s.jsonl", "{}", "line 1: no 'text' in the row, which has nothing"),
        ("s.jsonl", '{"text": 5}', "line 1: 'text' must be a string, not a number (5)"),
        (
            "s.jsonl",
            '{"text": "a", "speaker": ["b"]}',
            "line 1: 'speaker' must be a string, not a list (['b'])",
        ),
        (
            "s.jsonl",
            '{"text": "a", "id": 1.5}',
            "line 1: 'id' must be a string or an integer, not a number (1.5)",
        ),
        (
            "s.jsonl",
            '{"text": "a", "id": 1}\n{"text": "a", "id": "1"}',
            "line 2: id '1' is that of line 1: ids must differ",
        ),
        ("s.jsonl", '["a"]', "line 1: expected an object with 'text' and 'speaker', not a list (['a'])"),
        (
            "s.jsonl",
            '{"text": "a"}\n{"text": "a",}',
            "line 2: not valid JSON: {} at character {}",
        ),
        (
            "s.jsonl",
            r'{"text": "a", "speaker": "\ud800"}',
            r"line 1: 'speaker': lone surrogate '\ud800' at character 0: repair the text first",
        ),
    ],
)
def test_read_statements_refuses(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_bytes(text.encode())
    with pytest.raises(InputError) as caught:
        read_statements(path)
    if "{}" in message:  # Python's own words, which differ between its versions
        try:
            json.loads(text.split("\n")[1])
        except json.JSONDecodeError as error:
            message = message.format(error.msg, error.pos)
    assert str(caught.value) == f"{path}: {message}"


def test_a_context_longer_than_the_field_limit_of_csv(tmp_path):
    path = tmp_path / "s.csv"
    long = "rain, " * 50_000
    path.write_text(f'text,speaker,context\nrain,Holm,"{long}"\n', encoding="utf-8")
    limit = csv.field_size_limit()
    assert read_statements(path)[0]["context"] == long
    assert csv.field_size_limit() == limit


# rows of a batch ---------------------------------------------------------------------------------------------------

SURROGATE = r"lone surrogate '\ud83d' at character 3: repair the text first"

BAD_ROWS = [
    pytest.param(
        b"{", None, "not valid JSON: Expecting property name enclosed in double quotes at character 1"
    ),
    pytest.param(b"rain", None, "not valid JSON: Expecting value at character 0"),
    pytest.param(
        b'{"id": "a\xe9"}', None, "byte 0xe9 at offset 9 of the line is not UTF-8: re-encode the row"
    ),
    pytest.param(b"[1, 2]", None, "expected an object with 'id' and 'text', not a list ([1, 2])"),
    pytest.param(b"null", None, "expected an object with 'id' and 'text', not null"),
    pytest.param(b"[" * 100_000, None, "not valid JSON: nested too deeply"),
    pytest.param(b'{"text": "Rain."}', None, "no 'id' in the row, which has 'text'"),
    pytest.param(b'{"id": "a", "body": "x"}', "a", "no 'text' in the row, which has 'id', 'body'"),
    pytest.param(b'{"id": null, "text": "x"}', None, "'id' must be a string or an integer, not null"),
    pytest.param(
        b'{"id": true, "text": "x"}', None, "'id' must be a string or an integer, not a boolean (True)"
    ),
    pytest.param(
        b'{"id": 1.5, "text": "x"}', None, "'id' must be a string or an integer, not a number (1.5)"
    ),
    pytest.param(b'{"id": " ", "text": "x"}', None, "'id' is empty"),
    pytest.param(b'{"id": "a", "text": 5}', "a", "'text' must be a string, not a number (5)"),
    pytest.param(b'{"id": "a", "text": {}}', "a", "'text' must be a string, not an object ({})"),
    pytest.param(b'{"id": "a", "text": "ab \\ud83d"}', "a", f"'text': {SURROGATE}"),
    pytest.param(b'{"id": "ab \\ud83d", "text": "x"}', None, f"'id': {SURROGATE}"),
]


@pytest.mark.parametrize(("raw", "key", "message"), BAD_ROWS)
def test_parse_row_refuses(raw, key, message):
    assert parse_row(raw) == (key, "", message)


def test_parse_row_says_what_is_wrong_with_an_endless_integer():
    key, text, error = parse_row(b'{"id": ' + b"9" * 5000 + b"}")
    assert (key, text) == (None, "")
    assert error.startswith("not valid JSON: ")


def test_parse_row_reads_the_columns_it_is_given():
    raw = b'{"url": "u", "body": "Rain."}'
    assert parse_row(raw, text_column="body", id_column="url") == ("u", "Rain.", None)


def test_iter_rows(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"id": 1, "text": "a"}\r\n'
        b"\r\n  \n"
        b'{"id": "1", "text": "b"}\n'
        b'{"id": "2", "text": 5}\n'
        b'{"id": "2", "text": "\xe2\x80\xa8"}'
    )
    assert [(r.line, r.id, r.text, r.error) for r in iter_rows(path)] == [
        (1, "1", "a", None),
        (4, "1", "", "id '1' is that of line 1: ids must differ"),
        (5, "2", "", "'text' must be a string, not a number (5)"),
        (6, "2", "\u2028", None),
    ]
    assert list(iter_rows(path))[-1].end == path.stat().st_size


@pytest.mark.parametrize("size", [99, 100, 101, 5000])
def test_a_line_that_is_too_long_is_skipped(tmp_path, size):
    path = tmp_path / "in.jsonl"
    good = b'{"id": 1, "text": "a"}\n'
    path.write_bytes(b"x" * size + b"\n" + good)
    rows = list(iter_rows(path, max_line_bytes=100))
    expected = "line of more than 100 bytes: is it JSON Lines?" if size > 100 else "not valid JSON"
    assert rows[0].error.startswith(expected)
    assert (rows[1].line, rows[1].id) == (2, "1")
    assert rows[1].end == path.stat().st_size


def test_utf16_is_refused_as_a_whole(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes('{"id": 1}\n'.encode("utf-16"))
    with pytest.raises(InputError) as caught:
        list(iter_rows(path))
    assert str(caught.value) == f"{path}: UTF-16: batch reads UTF-8, convert the file first"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "text", "x"]), inner),
    max_leaves=8,
)


@given(st.binary() | values.map(lambda value: json.dumps(value).encode()))
def test_parse_row_never_raises(raw):
    key, text, error = parse_row(raw)
    assert isinstance(error, str) if key is None else isinstance(key, str)
    assert text == "" or error is None


@given(st.lists(st.binary(max_size=40) | values.map(lambda value: json.dumps(value).encode()), max_size=8))
def test_iter_rows_gives_one_row_for_each_line_that_is_not_blank(lines):
    data = b"".join(line.replace(b"\n", b" ") + b"\n" for line in lines)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = b" " + data
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "in.jsonl")
        path.write_bytes(data)
        rows = list(iter_rows(path))
    kept = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    assert [row.line for row in rows] == [n for n, line in enumerate(kept, start=1) if line.strip()]
