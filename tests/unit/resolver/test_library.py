"""The package as a library: one name, which costs nothing until it is used."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web

import resolver
from resolver import resolve
from resolver.errors import ErrorCode, InvalidUpstreamError
from resolver.options import ResolutionOptions
from tests.loopback import TestCa, serve_tls

ROOT = Path(__file__).resolve().parents[3]
KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


async def test_one_call_resolves() -> None:
    resolution = await resolve(KEY)
    assert resolution.document is not None
    assert resolution.document.id.text == KEY


async def test_a_failure_is_an_answer() -> None:
    resolution = await resolve("did:web:127.0.0.1")
    assert resolution.document is None
    assert resolution.error is not None
    assert resolution.error.code is ErrorCode.INVALID_DID
    options = ResolutionOptions.parse([("versionId", "1")])
    refused = await resolve(KEY, options)
    assert refused.error is not None
    assert refused.error.code is ErrorCode.FEATURE_NOT_SUPPORTED


async def test_upstreams_and_what_may_be_fetched_can_be_given(ca: TestCa) -> None:
    async def site(request: web.Request) -> web.Response:
        return web.json_response({"id": "did:ebsi:x"})

    async with serve_tls(ca, {"uni.example": site}) as policy:
        asked = {"ebsi": "https://uni.example/{did}"}
        resolution = await resolve("did:ebsi:x", upstreams=asked, policy=policy)
    assert resolution.resolved is not None
    assert resolution.resolved.provenance.via == "https://uni.example"
    with pytest.raises(InvalidUpstreamError):
        await resolve("did:ebsi:x", upstreams={"ebsi": "http://uni.example/{did}"})


def test_importing_the_package_loads_no_other_module() -> None:
    code = (
        "import sys; before = set(sys.modules); import resolver; "
        "new = set(sys.modules) - before; "
        "assert not [m for m in new if m.startswith(('resolver.', 'aiohttp', 'cryptography'))], new"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_other_names_are_not_made_up() -> None:
    with pytest.raises(AttributeError, match="nothing_like_that"):
        _ = resolver.nothing_like_that


def test_the_documented_example_runs() -> None:
    page = (ROOT / "docs" / "how-to" / "resolve.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    shown = subprocess.run(
        [sys.executable, "-W", "error", "-c", example],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    (expected,) = re.findall(r"It prints:\n\n```text\n(.*?)```", page, re.DOTALL)
    assert shown == expected
