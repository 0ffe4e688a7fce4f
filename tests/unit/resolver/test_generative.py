"""Vectors of our own, so that a clone without the published ones tests the same documents."""

import json
from pathlib import Path
from typing import Any

import pytest

from resolver.clock import FixedClock
from resolver.instant import Instant
from resolver.methods.generative import generative_methods
from resolver.resolution import VERIFIED_HERE, Resolver

VECTORS = json.loads((Path(__file__).parent / "vectors" / "generative.json").read_text())
RESOLVER = Resolver(generative_methods(), FixedClock(Instant(0)))


@pytest.mark.parametrize("document", VECTORS["documents"], ids=lambda d: d["id"][:24])
async def test_a_document_follows_from_its_identifier(document: dict[str, Any]) -> None:
    result = (await RESOLVER.resolve(document["id"])).json()
    assert result["didDocument"] == document
    assert result["didResolutionMetadata"] == {"contentType": "application/did"}


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda v: v["did"][:24])
async def test_an_identifier_that_holds_no_document_is_refused(vector: dict[str, str]) -> None:
    resolution = await RESOLVER.resolve(vector["did"])
    assert resolution.document is None
    assert resolution.error is not None
    assert resolution.error.code.value == vector["error"]


def test_what_is_verified_here_is_asked_of_nobody_else() -> None:
    assert set(generative_methods()) <= VERIFIED_HERE
