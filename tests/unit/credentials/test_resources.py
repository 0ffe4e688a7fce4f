"""Related resources: what the issuer says stands behind a URL is what is used here, or an error."""

import hashlib
from base64 import b64encode

import pytest

from credentials.checks import Check, CheckId, CheckOutcome
from credentials.problem_types import ProblemType
from credentials.verify import verify
from resolver.encodings import base58btc, base64url
from resolver.strict_json import Json
from tests.unit.credentials.issuing import V2, Issuer, Shelf, credential

DID = "did:web:ministry.example"
TEXT = b'{"@context": {"name": "https://schema.org/name"}}'
OTHER = "https://resources.example/picture.png"
ADMITTED = "https://contexts.example/admitted"
SHELF = Shelf()
ISSUER = Issuer.on(SHELF, DID)


class Used:
    """One text is used here."""

    async def text(self, url: str) -> bytes | None:
        return TEXT if url in {V2, ADMITTED} else None


async def checked(*resources: Json, source: Used | None = None) -> Check:
    raw = ISSUER.jwt(credential(DID, relatedResource=list(resources)))
    report = await verify(raw, SHELF.verifier(resources=source or Used()))
    found = report.check(CheckId.RESOURCES)
    assert report.verified is (found.outcome is not CheckOutcome.FAILED)
    return found


def sri(name: str, data: bytes = TEXT) -> str:
    return f"{name}-{b64encode(hashlib.new(name, data).digest()).decode()}"


SHA256 = hashlib.sha256(TEXT).digest()
SHA384 = hashlib.sha384(TEXT).digest()
GOOD: list[dict[str, Json]] = [
    {"digestSRI": sri("sha256")},
    {"digestSRI": sri("sha384")},
    {"digestSRI": sri("sha512")},
    {"digestSRI": sri("sha384").replace("+", "-").replace("/", "_").rstrip("=")},
    {"digestSRI": f"{sri('sha384', b'older')} {sri('sha384')}?x=y"},
    {"digestMultibase": "u" + base64url(b"\x12\x20" + SHA256)},
    {"digestMultibase": "z" + base58btc(b"\x12\x20" + SHA256)},
    {"digestMultibase": "u" + base64url(b"\x20\x30" + SHA384)},
    {"digestMultibase": "u" + base64url(SHA256)},
    {"digestSRI": sri("sha256"), "digestMultibase": "u" + base64url(SHA256)},
]
BAD: list[dict[str, Json]] = [
    {"digestSRI": sri("sha384", b"another")},
    {"digestSRI": "sha384-AAAA"},
    {"digestSRI": "sha384-!"},
    {"digestSRI": "sha384"},
    {"digestSRI": sri("md5")},
    {"digestSRI": sri("sha384").replace("sha384", "sha256")},
    {"digestSRI": 7},
    {"digestSRI": ""},
    {"digestMultibase": "u" + base64url(b"\x12\x20" + SHA256[:-1] + b"x")},
    {"digestMultibase": "u" + base64url(SHA256[:-1])},
    {"digestMultibase": "f" + SHA256.hex()},
    {"digestMultibase": "u!"},
    {"digestMultibase": ""},
    {"digestMultibase": None},
    {"digestSRI": sri("sha256"), "digestMultibase": "u" + base64url(SHA384)},
]


@pytest.mark.parametrize("digests", GOOD, ids=str)
async def test_the_digest_of_what_is_used(digests: dict[str, Json]) -> None:
    assert (await checked({"id": V2} | digests)).outcome is CheckOutcome.PASSED


@pytest.mark.parametrize("digests", BAD, ids=str)
async def test_another_digest_is_an_error(digests: dict[str, Json]) -> None:
    found = await checked({"id": OTHER, "digestSRI": "sha384-x"}, {"id": V2} | digests)
    assert found.outcome is CheckOutcome.FAILED
    assert found.problems[0].pointer.startswith("/relatedResource/1/digest")
    assert found.problems[0].type is ProblemType.MALFORMED_VALUE


async def test_what_is_not_used_is_not_fetched() -> None:
    found = await checked({"id": OTHER, "digestSRI": "sha384-x"})
    assert found.outcome is CheckOutcome.SKIPPED
    assert OTHER not in SHELF.fetched
    elsewhere = await checked({"id": ADMITTED, "digestSRI": "sha384-x"})
    assert elsewhere.outcome is CheckOutcome.SKIPPED
    report = await SHELF.check(
        ISSUER.jwt(credential(DID, relatedResource={"id": V2, "digestSRI": "sha384-x"}))
    )
    assert report.check(CheckId.RESOURCES).outcome is CheckOutcome.SKIPPED
