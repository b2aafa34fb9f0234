"""The targets of `fuzz.py` under atheris, which searches for inputs that reach new code."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz import TARGETS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed"),
]


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_but_an_input_error_comes_out(name, request, figures, full, tmp_path):
    seconds = request.config.getoption("--fuzz-seconds") if full else 2
    options = [f"-max_total_time={seconds:g}", f"-artifact_prefix={tmp_path}/", "-rss_limit_mb=4096"]
    command = [sys.executable, str(Path(__file__).with_name("fuzz.py")), name, *options]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    found = [path.read_bytes()[:2000] for path in tmp_path.iterdir()]
    assert not found, done.stderr[-3000:]
    assert done.returncode == 0, done.stderr[-3000:]
    assert "INFO: Instrumenting claimcheck.report" in done.stderr
    tried = re.search(r"^Done (\d+) runs", done.stderr, re.MULTILINE)
    figures(name, int(tried[1]), findings=0, elapsed_seconds=round(seconds, 1))
