from dataclasses import dataclass

import pytest

from resolver.clock import FixedClock
from resolver.did import Did
from resolver.errors import ErrorCode, ResolutionError
from resolver.instant import parse_instant
from resolver.methods import LATEST, DocumentMetadata, Resolved, Version
from resolver.options import ResolutionOptions
from resolver.resolution import Resolver, native_resolver
from resolver.result import Resolution

from .conftest import Page, Pages

CLOCK = FixedClock(parse_instant("2026-03-01T12:00:00.250Z"))
KEY = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@dataclass
class Deactivated:
    """A method all of whose DIDs were ended."""

    versioned = False

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        return Resolved(None, DocumentMetadata(deactivated=True))


@pytest.fixture
def resolver(pages: Pages) -> Resolver:
    return native_resolver(pages, CLOCK)


def error_of(resolution: Resolution) -> ErrorCode:
    assert resolution.document is None
    assert resolution.error is not None
    json = resolution.json()
    assert json["didDocument"] is None
    assert json["didDocumentMetadata"] == {}
    metadata = json["didResolutionMetadata"]
    assert isinstance(metadata, dict)
    problem = metadata["error"]
    assert isinstance(problem, dict)
    assert problem["type"] == f"https://www.w3.org/ns/did#{resolution.error.code}"
    assert problem["title"]
    assert problem["detail"]
    return resolution.error.code


async def test_a_result_has_its_three_parts(resolver: Resolver) -> None:
    result = (await resolver.resolve(KEY)).json()
    assert result["didResolutionMetadata"] == {"contentType": "application/did"}
    assert result["didDocumentMetadata"] == {}
    assert isinstance(result["didDocument"], dict)
    assert result["didDocument"]["id"] == KEY


@pytest.mark.parametrize(
    "did",
    [
        "",
        "not-a-did",
        "did:example",
        "did:example:",
        f"{KEY}#x",
        f"{KEY}?a=b",
        f"{KEY}/a",
        "did:key:é",
        " " + KEY,
    ],
)
async def test_what_is_no_did_is_invalid(resolver: Resolver, did: str) -> None:
    assert error_of(await resolver.resolve(did)) is ErrorCode.INVALID_DID


async def test_the_first_thing_wrong_is_what_is_answered(resolver: Resolver) -> None:
    bad = ResolutionOptions.parse([("versionId", "1"), ("noCache", "maybe")], accept="text/html")
    invalid = ResolutionOptions.parse([("noCache", "maybe")], accept="text/html")
    cases = [
        ("did:EXAMPLE:a", bad, ErrorCode.INVALID_DID),
        ("did:example:a", bad, ErrorCode.METHOD_NOT_SUPPORTED),
        ("did:key:zzz", bad, ErrorCode.FEATURE_NOT_SUPPORTED),
        ("did:key:zzz", invalid, ErrorCode.INVALID_OPTIONS),
        (
            "did:key:zzz",
            ResolutionOptions(accept="text/html"),
            ErrorCode.REPRESENTATION_NOT_SUPPORTED,
        ),
        ("did:key:zzz", ResolutionOptions(), ErrorCode.INVALID_DID),
        ("did:web:example.com", ResolutionOptions(), ErrorCode.NOT_FOUND),
    ]
    for did, options, code in cases:
        assert error_of(await resolver.resolve(did, options)) is code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ([("noCache", "true")], None),
        ([("noCache", "false")], None),
        ([("expandRelativeUrls", "false")], None),
        ([("expandRelativeUrls", "true")], None),
        ([("expandRelativeUrls", True)], None),
        ([("expandRelativeUrls", 1)], ErrorCode.INVALID_OPTIONS),
        ([("versionNumber", "1")], ErrorCode.FEATURE_NOT_SUPPORTED),
        ([("versionId", "1")], ErrorCode.FEATURE_NOT_SUPPORTED),
        ([("versionTime", "2026-03-01T00:00:00Z")], ErrorCode.FEATURE_NOT_SUPPORTED),
        ([("hl", "x")], ErrorCode.FEATURE_NOT_SUPPORTED),
        ([("\udce9" * 5000, "x")], ErrorCode.FEATURE_NOT_SUPPORTED),
        ([("noCache", "yes")], ErrorCode.INVALID_OPTIONS),
        ([("noCache", "true"), ("noCache", "true")], ErrorCode.INVALID_OPTIONS),
    ],
)
async def test_options_are_honoured_or_refused(
    resolver: Resolver, given: list[tuple[str, str]], code: ErrorCode | None
) -> None:
    resolution = await resolver.resolve(KEY, ResolutionOptions.parse(given))
    assert len(resolution.body()) < 4096
    assert code is None or error_of(resolution) is code
    assert (resolution.error is None) == (code is None)


async def test_the_media_types_of_did_1_0_are_given_too(resolver: Resolver) -> None:
    for name in ("application/did", "application/did+json", "application/did+ld+json"):
        resolution = await resolver.resolve(KEY, ResolutionOptions(accept=name))
        assert resolution.content_type == name
        assert resolution.error is None


async def test_a_deactivated_did_has_no_document_and_is_no_error() -> None:
    resolver = Resolver({"example": Deactivated()}, CLOCK)
    result = await resolver.resolve("did:example:gone")
    assert result.deactivated
    json = result.json()
    assert json["didDocument"] is None
    assert json["didDocumentMetadata"] == {"deactivated": True}
    assert "error" not in (json["didResolutionMetadata"] or {})
    with pytest.raises(ResolutionError) as caught:
        await resolver.document(Did.parse("did:example:gone"))
    assert caught.value.deactivated


async def test_document_gives_the_document_or_raises_its_code(
    resolver: Resolver, pages: Pages
) -> None:
    pages.pages["https://example.com/.well-known/did.json"] = Page(b'{"id":"did:web:example.com"}')
    did = Did.parse("did:web:example.com")
    assert (await resolver.document(did)).id == did
    for text, code in [
        ("did:web:example.org", ErrorCode.NOT_FOUND),
        ("did:example:a", ErrorCode.METHOD_NOT_SUPPORTED),
        ("did:key:zzz", ErrorCode.INVALID_DID),
    ]:
        with pytest.raises(ResolutionError) as caught:
            await resolver.document(Did.parse(text))
        assert caught.value.code is code
        assert not caught.value.deactivated
