"""Hostile strings in every field of a report, in a real browser: nothing runs, nothing is asked for, nothing reorders.

Skipped where no Chromium is installed.
"""

from __future__ import annotations

import html
import http.server
import shutil
import subprocess
import threading

import pytest
from fixtures import everywhere

from claimcheck.html import fragment, page
from claimcheck.text import render

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
DONE = "document.title = 'owned'"
EVIL = [
    f"<script>{DONE}</script>",
    f"</script><script>{DONE}</script>",
    f"</style><img src=x onerror=\"{DONE}\">",
    f'" onmouseover="{DONE}" onfocus="{DONE}" autofocus x="',
    f"' onload='{DONE}' autofocus onfocus='{DONE}",
    f'<svg/onload="{DONE}">',
    f'<body onload="{DONE}"><iframe srcdoc="<script>parent.{DONE}</script>">',
    f"javascript:{DONE}",
    f'<a href="javascript:{DONE}">click</a><base href="http://127.0.0.1:PORT/">',
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:PORT/'><link rel=stylesheet href=http://127.0.0.1:PORT/>",
    "<img src=http://127.0.0.1:PORT/pixel><style>@import 'http://127.0.0.1:PORT/css'</style>",
    "{{ 7 * 7 }}{% for x in () %}{{ x.__class__ }}{% endfor %}",
    "<!-- --!> <![CDATA[ ]]> <plaintext> <noscript><p title='</noscript><img src=x>'>",
    "\u202eevil\u2066 \u2069\u200f",
    "\x00<scr\x00ipt>",
]  # fmt: skip


@pytest.fixture(scope="module")
def server():
    """Count what is asked of a server on this machine."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_):
            pass

    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made.server_port, asked
    made.shutdown()
    made.server_close()


def opened(path, folder):
    """Return the page's elements after its scripts have run."""
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder}",
        "--virtual-time-budget=2000",
    ]
    command = [BROWSER, *options, "--dump-dom", path.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout  # fmt: skip


@needs_browser
def test_the_test_would_notice(tmp_path, server):
    port, asked = server
    (tmp_path / "bad.html").write_text(
        f'<title>x</title><img src=http://127.0.0.1:{port}/seen onerror="{DONE}">', encoding="utf-8"
    )
    assert "<title>owned</title>" in opened(tmp_path / "bad.html", tmp_path / "browser")
    assert asked.count("/seen") == 1
    asked.clear()


@needs_browser
def test_no_page_runs_or_asks_for_anything(tmp_path, server, figures, full):
    port, asked = server
    chosen = EVIL if full else EVIL[:3]
    for k, evil in enumerate(chosen):
        path = tmp_path / f"{k}.html"
        path.write_text(page(everywhere(evil.replace("PORT", str(port)))), encoding="utf-8")
        shown = opened(path, tmp_path / "browser")
        assert "<title>owned</title>" not in shown, evil
        assert 'class="claimcheck"' in shown
        assert "data-ready" in shown  # the page's own script, allowed by its hash, did run
    assert not asked
    figures("hostile strings in every field, whole pages in Chromium", len(chosen), failures=0)


@needs_browser
def test_no_notebook_cell_runs_or_asks_for_anything(tmp_path, server, figures):
    """A cell has no policy of its own around it: escaping alone must do."""
    port, asked = server
    cells = "".join(fragment(everywhere(evil.replace("PORT", str(port)))) for evil in EVIL)
    touch = """<script>for (const e of document.querySelectorAll('*'))
        for (const n of ['mouseover', 'focus', 'click', 'load', 'error']) e.dispatchEvent(new Event(n))</script>"""
    path = tmp_path / "cells.html"
    path.write_text(f"<!doctype html><title>x</title>{cells}{touch}", encoding="utf-8")
    shown = opened(path, tmp_path / "browser")
    assert "<title>x</title>" in shown
    assert html.escape(EVIL[0], quote=False) in shown
    assert not asked
    figures("hostile strings in every field, notebook cells in Chromium", len(EVIL), failures=0)


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_quoted_text_is_isolated_from_the_line_around_it(evil):
    shown = page(everywhere(evil))
    assert "javascript:" not in [a.partition('"')[0] for a in shown.split('href="')[1:]]
    for field in ("cc-name", "cc-said"):
        assert f'<bdi class="{field}">' in shown
        assert f'<span class="{field}">' not in shown
    assert not set(render(everywhere(evil))) & set("\u202e\u2066\u2069\u200f\x00\x1b")
