"""What several tests need: tiny checkpoints, and a machine without a network."""

from __future__ import annotations

import os
import socket

import pytest

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


@pytest.fixture(scope="session")
def nli_folder(tmp_path_factory):
    import tiny

    return tiny.save_nli(tmp_path_factory.mktemp("checkpoints") / "nli")


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory):
    import tiny

    return tiny.save_encoder(tmp_path_factory.mktemp("checkpoints") / "encoder")


@pytest.fixture(scope="session")
def attribution_folder(tmp_path_factory):
    import tiny

    return tiny.save_attribution(tmp_path_factory.mktemp("checkpoints") / "attribution")


@pytest.fixture
def no_network(monkeypatch):
    """Make every attempt to open a socket fail."""

    def refuse(*_args, **_kwargs):
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
