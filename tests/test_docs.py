"""The documentation: its links lead somewhere, every page is in the menu, and docstrings come out as they should."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
PROSE = [*PAGES, ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SNIPPET = re.compile(r'^--8<-- "(.+)"$', re.MULTILINE)


def prose(path):
    """Return a page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(path):
    headings = re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    for target in LINK.findall(prose(path)):
        if target.startswith(("https://", "mailto:")):
            continue
        name, _, anchor = target.partition("#")
        there = path.parent / name if name else path
        assert there.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors(there), f"{target} has no such heading"


def test_the_links_that_are_looked_at_are_many():
    assert sum(len(LINK.findall(prose(path))) for path in PROSE) >= 20
    assert anchors(ROOT / "docs" / "concepts.md") >= {"relation", "why-a-contradiction-is-not-a-falsity"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_page_is_in_the_menu(path):
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    name = path.relative_to(ROOT / "docs").as_posix()
    assert re.search(rf"[ :]{re.escape(name)}$", menu, re.MULTILINE)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_page_takes_in_has_no_links_of_its_own_place(path):
    for name in SNIPPET.findall(path.read_text(encoding="utf-8")):
        taken = ROOT / name
        links = LINK.findall(prose(taken)) if taken.suffix == ".md" else []
        assert taken.exists()
        assert [link for link in links if not link.startswith(("https://", "#"))] == []


@pytest.fixture(scope="module")
def docstrings():
    pytest.importorskip("griffe", reason="the extra 'docs' is not installed")
    spec = importlib.util.spec_from_file_location("docstrings", ROOT / "docs" / "docstrings.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_parameters_described_together_get_a_row_each(docstrings):
    text = "Do it.\n\nParameters\n----------\na, b\n    Two\n    lines.\nc\n    One.\n\nReturns\n-------\nd, e\n    No.\n"
    assert docstrings.split_parameters(text) == (
        "Do it.\n\nParameters\n----------\na\n    Two\n    lines.\nb\n    Two\n    lines.\nc\n    One.\n\n"
        "Returns\n-------\nd, e\n    No.\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Do it.\n\n>>> 1\n1\n>>> 2\n2\n", "Do it.\n\nExamples\n--------\n>>> 1\n1\n>>> 2\n2\n"),
        ("Do it.\n\nExamples\n--------\n>>> 1\n1\n", "Do it.\n\nExamples\n--------\n>>> 1\n1\n"),
        ("Do it.\n", "Do it.\n"),
    ],
)
def test_examples_get_a_heading(docstrings, text, expected):
    assert docstrings.head_examples(text) == expected


def test_roles_become_links_to_where_their_targets_stand(docstrings):
    import griffe

    package = griffe.load("claimcheck", search_paths=[ROOT], resolve_aliases=False)
    extension = docstrings.Docstrings()
    for name in ("targets.report_stances", "pipeline.Checker.verify", "nli.NLI", "sources.from_pandas"):
        found = package[name]
        assert ":func:" in found.docstring.value or ":meth:" in found.docstring.value
        extension.on_object(obj=found)
        assert ":func:" not in found.docstring.value
        assert ":meth:" not in found.docstring.value
    link = '<autoref identifier="claimcheck.{}" optional><code>{}</code></autoref>'.format
    assert (
        link("verification.verify", "claimcheck.verify") in package["pipeline.Checker.verify"].docstring.value
    )
    assert link("nli.NLI.needs_windows", "needs_windows") in package["nli.NLI"].docstring.value
    assert link("pipeline.Checker.pipe", "Checker.pipe") in package["sources.from_pandas"].docstring.value
