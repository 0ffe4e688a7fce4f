from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest

from resolver.clock import FixedClock
from resolver.dereference import Dereferenced, dereference
from resolver.did import Did
from resolver.document import parse_document
from resolver.errors import ErrorCode, ResolutionError
from resolver.hosting import Uncached
from resolver.instant import parse_instant
from resolver.methods import LATEST, DocumentMetadata, Provenance, Resolved, Version
from resolver.methods.key import KeyMethod
from resolver.methods.web import WebMethod
from resolver.options import DereferencingOptions, ResolutionOptions
from resolver.resolution import Resolver
from resolver.services import MAX_HOPS
from resolver.strict_json import Json

from .conftest import Page, Pages

A, B = "did:web:a.example", "did:web:b.example"
KEY = "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
URLS = "text/uri-list"


def service(name: str, endpoint: Json, kind: Json = "Linked") -> dict[str, Json]:
    return {"id": f"#{name}", "type": kind, "serviceEndpoint": endpoint}


DOCUMENT: dict[str, Json] = {
    "@context": ["https://www.w3.org/ns/did/v1.1"],
    "id": A,
    "verificationMethod": [
        {"id": "#key-1", "type": "Multikey", "controller": A, "publicKeyMultibase": KEY}
    ],
    "assertionMethod": ["#key-1"],
    "authentication": [
        {"id": f"{A}#key-2", "type": "Multikey", "controller": A, "publicKeyMultibase": KEY}
    ],
    "service": [
        service("files", "https://a.example/dids"),
        service(
            "many",
            ["https://a.example/1", {"uri": "x"}, "no uri", "https://a.example/2"],
            ["Some", "Other"],
        ),
        service("map", {"uri": "https://a.example"}),
        service("hop", f"{B}?service=files&relativeRef=/sub"),
        service("hop-fragment", f"{B}?service=files#part"),
        service("circle", f"{B}?service=circle"),
        service("self", f"{A}?service=self"),
        service("bare", B),
        service("lost", "did:web:absent.example?service=files"),
        service("fork", [f"{B}?service=files&relativeRef=/{n}" for n in range(9)]),
        service("split", "https://a.example/\r\nX: y"),
        service("fragment", "https://a.example/page#here"),
        *(service(f"step-{n}", f"{A}?service=step-{n + 1}") for n in range(9)),
        service("step-9", "https://a.example/end"),
    ],
    "linkedResource": [{"id": "#logo", "href": "https://a.example/logo"}],
}
OTHER = {
    "id": B,
    "service": [
        service("files", "https://b.example/f/"),
        service("circle", f"{A}?service=circle"),
    ],
}


@dataclass
class Versions:
    """A method with two versions, of which the second ended the DID."""

    versioned: bool = True
    asked: list[tuple[Version, bool]] = field(default_factory=list)

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        self.asked.append((version, fresh))
        provenance = Provenance(source="https://log.example", fetched=NOW)
        if version == LATEST:
            return Resolved(None, DocumentMetadata(deactivated=True, version_id="2"), provenance)
        if version.id != "1":
            raise ResolutionError(ErrorCode.NOT_FOUND, "no such version")
        document = parse_document({"id": did.text, "service": [service("files", PLACE)]}, did)
        metadata = DocumentMetadata(
            deactivated=True, version_id="1", next_version_id="2", created=NOW
        )
        return Resolved(document, metadata, provenance)


@dataclass
class Log:
    """did:webvh as far as dereferencing sees it."""

    versioned: bool = True

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False
    ) -> Resolved:
        services: list[Json] = [
            service("files", PLACE),
            service("whois", "https://w.example/whois.vp"),
        ]
        return Resolved(parse_document({"id": did.text, "service": services}, did))


PLACE = "https://w.example/dids/w"
NOW = parse_instant("2026-03-01T12:00:00.250Z")


@pytest.fixture
def resolver(pages: Pages) -> Resolver:
    pages.pages["https://a.example/.well-known/did.json"] = Page(orjson.dumps(DOCUMENT))
    pages.pages["https://b.example/.well-known/did.json"] = Page(orjson.dumps(OTHER))
    return Resolver(
        {
            "key": KeyMethod(),
            "web": Uncached(WebMethod(pages)),
            "old": Versions(),
            "webvh": Log(),
        },
        FixedClock(NOW),
    )


async def get(
    resolver: Resolver, text: str, accept: str | None = None, **options: Json
) -> Dereferenced:
    return await dereference(resolver, text, DereferencingOptions.parse(options.items(), accept))


def error_of(result: Dereferenced) -> ErrorCode:
    json: Any = result.json()
    assert json["content"] is None
    assert json["contentStream"] is None
    assert json["contentMetadata"] == {}
    assert json["dereferencingMetadata"].keys() == {"error"}
    assert result.error is not None
    assert str(json["dereferencingMetadata"]["error"]["type"]).endswith(f"#{result.error.code}")
    return result.error.code


async def test_a_did_alone_gives_its_document(resolver: Resolver) -> None:
    result = await get(resolver, A)
    assert result.content == DOCUMENT
    assert result.content_type == "application/did"
    assert result.metadata()["source"] == "https://a.example/.well-known/did.json"


@pytest.mark.parametrize(
    ("fragment", "member"),
    [("key-1", "verificationMethod"), ("key-2", "authentication"), ("logo", "linkedResource")],
)
async def test_a_fragment_gives_what_has_the_id(
    resolver: Resolver, fragment: str, member: str
) -> None:
    result: Any = (await get(resolver, f"{A}#{fragment}")).content
    [item] = DOCUMENT[member]
    assert result == {"@context": DOCUMENT["@context"], **item}


async def test_a_fragment_of_a_service_gives_the_service(resolver: Resolver) -> None:
    result: Any = (await get(resolver, f"{A}#files")).content
    assert result["serviceEndpoint"] == "https://a.example/dids"
    assert (await get(resolver, f"{A}#files")).content_metadata() == {}


async def test_relative_urls_are_expanded_on_request(resolver: Resolver) -> None:
    result: Any = (await get(resolver, A, expandRelativeUrls=True)).content
    assert result["verificationMethod"][0]["id"] == f"{A}#key-1"
    assert result["assertionMethod"] == [f"{A}#key-1"]
    assert result["authentication"][0]["id"] == f"{A}#key-2"
    assert result["service"][0]["id"] == f"{A}#files"
    assert result["linkedResource"][0]["id"] == f"{A}#logo"
    found: Any = (await get(resolver, f"{A}#key-1", expandRelativeUrls="true")).content
    assert found["id"] == f"{A}#key-1"
    again: Any = (await get(resolver, A)).content
    assert again["assertionMethod"] == ["#key-1"]


@pytest.mark.parametrize("value", ["files", "%23files", f"{A}%23files"])
async def test_a_service_is_selected_by_its_id(resolver: Resolver, value: str) -> None:
    result = await get(resolver, f"{A}?service={value}")
    assert result.content == {**DOCUMENT, "service": [service("files", "https://a.example/dids")]}
    urls = await get(resolver, f"{A}?service={value}", URLS)
    assert (urls.content, urls.content_type) == (["https://a.example/dids"], URLS)


@pytest.mark.parametrize(
    ("query", "urls"),
    [
        ("service=files&relativeRef=%2Fa%3Fb=1", ["https://a.example/dids/a?b=1"]),
        ("serviceType=Other", ["https://a.example/1", "https://a.example/2"]),
        (
            "serviceType=Other&service=many&relativeRef=x",
            ["https://a.example/1/x", "https://a.example/2/x"],
        ),
        ("service=hop", ["https://b.example/f/sub"]),
        ("service=hop&relativeRef=more", ["https://b.example/f/sub/more"]),
        ("service=hop-fragment", ["https://b.example/f/#part"]),
        ("service=bare", [B]),
        ("service=files#part", ["https://a.example/dids#part"]),
        (f"service=step-{10 - MAX_HOPS}", ["https://a.example/end"]),
    ],
)
async def test_services_lead_to_urls(resolver: Resolver, query: str, urls: list[str]) -> None:
    result = await get(resolver, f"{A}?{query}", URLS)
    assert result.error is None
    assert result.content == urls


@pytest.mark.parametrize(
    ("rest", "accept", "code"),
    [
        ("?service=none", None, ErrorCode.NOT_FOUND),
        ("?serviceType=Linked&service=many", None, ErrorCode.NOT_FOUND),
        ("?service=map", URLS, ErrorCode.NOT_FOUND),
        ("?service=split", URLS, ErrorCode.NOT_FOUND),
        ("?service=circle", URLS, ErrorCode.NOT_FOUND),
        ("?service=self", URLS, ErrorCode.NOT_FOUND),
        ("?service=fork", URLS, ErrorCode.NOT_FOUND),
        ("?service=lost", URLS, ErrorCode.NOT_FOUND),
        (f"?service=step-{8 - MAX_HOPS}", URLS, ErrorCode.NOT_FOUND),
        ("?service=bare&relativeRef=x", URLS, ErrorCode.INVALID_DID_URL),
        ("?service=files&relativeRef=../x", URLS, ErrorCode.INVALID_DID_URL),
        ("?service=fragment#part", URLS, ErrorCode.INVALID_DID_URL),
        ("?relativeRef=x", None, ErrorCode.INVALID_DID_URL),
        ("?service=files&service=many", None, ErrorCode.INVALID_DID_URL),
        ("?hl=zQm", None, ErrorCode.NOT_FOUND),
        ("/path", None, ErrorCode.NOT_FOUND),
        ("#none", None, ErrorCode.NOT_FOUND),
        ("", URLS, ErrorCode.REPRESENTATION_NOT_SUPPORTED),
        ("#files", URLS, ErrorCode.REPRESENTATION_NOT_SUPPORTED),
        ("#files", "text/html", ErrorCode.REPRESENTATION_NOT_SUPPORTED),
        ("?versionId=1", None, ErrorCode.FEATURE_NOT_SUPPORTED),
        ("?noCache=perhaps", None, ErrorCode.INVALID_OPTIONS),
        ("# ", None, ErrorCode.INVALID_DID_URL),
    ],
)
async def test_what_leads_nowhere_says_why(
    resolver: Resolver, rest: str, accept: str | None, code: ErrorCode
) -> None:
    assert error_of(await get(resolver, A + rest, accept)) is code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", ErrorCode.INVALID_DID_URL),
        ("not-a-did", ErrorCode.INVALID_DID_URL),
        ("did:example", ErrorCode.INVALID_DID_URL),
        ("did:example:a#b", ErrorCode.METHOD_NOT_SUPPORTED),
        ("did:key:zzz#b", ErrorCode.INVALID_DID),
        ("did:web:absent.example#b", ErrorCode.NOT_FOUND),
    ],
)
async def test_what_does_not_resolve_is_not_dereferenced(
    resolver: Resolver, text: str, code: ErrorCode
) -> None:
    assert error_of(await get(resolver, text)) is code


@pytest.mark.parametrize(
    ("rest", "relationship", "code"),
    [
        ("#key-1", "assertionMethod", None),
        ("#key-2", "authentication", None),
        ("#key-1", "authentication", ErrorCode.INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD),
        ("#key-2", "keyAgreement", ErrorCode.INVALID_RELATIONSHIP_FOR_VERIFICATION_METHOD),
        ("#files", "authentication", ErrorCode.INVALID_VERIFICATION_METHOD),
        ("#logo", "authentication", ErrorCode.INVALID_VERIFICATION_METHOD),
        ("#none", "authentication", ErrorCode.INVALID_VERIFICATION_METHOD),
        ("", "authentication", ErrorCode.INVALID_VERIFICATION_METHOD),
        ("?service=files", "authentication", ErrorCode.INVALID_VERIFICATION_METHOD),
        ("#key-1", "service", ErrorCode.INVALID_OPTIONS),
        ("#key-1", "", ErrorCode.INVALID_OPTIONS),
        ("#key-1", None, ErrorCode.INVALID_OPTIONS),
        ("#key-1", ["assertionMethod"], ErrorCode.INVALID_OPTIONS),
    ],
)
async def test_a_verification_method_must_be_authorised(
    resolver: Resolver, rest: str, relationship: Json, code: ErrorCode | None
) -> None:
    result = await get(resolver, A + rest, verificationRelationship=relationship)
    if code is None:
        assert result.error is None
    else:
        assert error_of(result) is code


async def test_errors_of_verification_methods_have_their_own_address(resolver: Resolver) -> None:
    result = await get(resolver, A, verificationRelationship="authentication")
    error: Any = result.metadata()["error"]
    assert error["type"] == "https://w3id.org/security#INVALID_VERIFICATION_METHOD"


async def test_a_deactivated_did_has_no_content(resolver: Resolver) -> None:
    for rest in ("", "#files", "?service=files"):
        result = await get(resolver, f"did:old:a{rest}")
        assert result.deactivated
        assert result.content is None
        assert result.content_metadata() == {"deactivated": True, "versionId": "2"}


async def test_versions_of_a_deactivated_did_are_still_there(resolver: Resolver) -> None:
    result = await get(resolver, "did:old:a?versionId=1")
    assert result.content_metadata() == {
        "deactivated": True,
        "versionId": "1",
        "nextVersionId": "2",
        "created": "2026-03-01T12:00:00Z",
    }
    part = await get(resolver, "did:old:a?versionId=1&service=files#files")
    assert part.content == service("files", PLACE)
    assert part.content_metadata() == {"deactivated": True}
    assert error_of(await get(resolver, "did:old:a?versionId=3")) is ErrorCode.NOT_FOUND


@pytest.mark.parametrize(
    ("query", "options", "code"),
    [
        ("?versionId=1&versionTime=2026-03-01T00:00:00Z", {}, ErrorCode.INVALID_OPTIONS),
        ("?versionId=1", {"versionId": "1"}, ErrorCode.INVALID_OPTIONS),
        ("?versionId=1", {"versionNumber": 1}, ErrorCode.INVALID_OPTIONS),
        ("?versionTime=yesterday", {}, ErrorCode.INVALID_OPTIONS),
        ("?versionTime=2026-03-01T00:00:00", {}, ErrorCode.INVALID_OPTIONS),
        ("?versionNumber=0", {}, ErrorCode.INVALID_OPTIONS),
        ("?versionNumber=%D9%A1", {}, ErrorCode.INVALID_OPTIONS),
        ("?versionId=", {}, ErrorCode.INVALID_OPTIONS),
        ("", {"versionNumber": True}, ErrorCode.INVALID_OPTIONS),
        ("", {"versionId": 1}, ErrorCode.INVALID_OPTIONS),
        ("", {"verification": "application/did"}, ErrorCode.FEATURE_NOT_SUPPORTED),
    ],
)
async def test_contradictory_versions_are_refused(
    resolver: Resolver, query: str, options: dict[str, Json], code: ErrorCode
) -> None:
    assert error_of(await get(resolver, f"did:old:a{query}", **options)) is code


async def test_options_reach_the_method(resolver: Resolver) -> None:
    method = Versions()
    resolver = Resolver({"old": method}, FixedClock(NOW))
    time = parse_instant("2026-03-01T00:00:00Z")
    for given, asked in [
        ({}, (LATEST, False)),
        ({"noCache": "true"}, (LATEST, True)),
        ({"versionTime": "2026-03-01T01:00:00+01:00"}, (Version(time=time), False)),
        ({"versionNumber": "7", "noCache": True}, (Version(number=7), True)),
        ({"versionId": "1"}, (Version(id="1"), False)),
    ]:
        await resolver.resolve("did:old:a", ResolutionOptions.parse(given.items()))
        assert method.asked[-1] == asked


SCID = "Q" * 46


@dataclass
class Nowhere(Log):
    """A method that must be told where its documents lie."""

    located: bool = True
    told: list[str | None] = field(default_factory=list)

    async def resolve(
        self, did: Did, version: Version = LATEST, *, fresh: bool = False, src: str | None = None
    ) -> Resolved:
        self.told.append(src)
        return await super().resolve(did, version, fresh=fresh)


async def test_where_a_document_lies_may_be_told_beside_the_did(resolver: Resolver) -> None:
    method = Nowhere()
    nowhere = Resolver({"scid": method}, FixedClock(NOW))
    result = await get(nowhere, f"did:scid:vh:1:{SCID}?src=w.example/dids#files")
    assert result.content is not None
    assert method.told == ["w.example/dids"]
    result = await get(nowhere, f"did:scid:vh:1:{SCID}/a?src=w.example")
    assert result.content == [f"{PLACE}/a"]
    assert error_of(await get(nowhere, "did:scid:vh:1:a?src=")) is ErrorCode.INVALID_OPTIONS
    assert error_of(await get(resolver, f"{A}?src=w.example")) is ErrorCode.FEATURE_NOT_SUPPORTED


@pytest.mark.parametrize(
    ("rest", "url"),
    [
        ("/whois", "https://w.example/whois.vp"),
        ("/a/b.json", f"{PLACE}/a/b.json"),
        ("/a%20b", f"{PLACE}/a%20b"),
        ("/a#part", f"{PLACE}/a#part"),
        ("/a?versionNumber=1", f"{PLACE}/a"),
    ],
)
async def test_a_path_of_a_webvh_leads_below_its_files(
    resolver: Resolver, rest: str, url: str
) -> None:
    result = await get(resolver, f"did:webvh:{SCID}:w.example{rest}")
    assert (result.content, result.content_type) == ([url], URLS)


async def test_a_path_never_leaves_the_files(resolver: Resolver) -> None:
    for rest in ("/../x", "/%2e%2e/x", "//evil.example", "/a%5c.."):
        result = await get(resolver, f"did:webvh:{SCID}:w.example{rest}")
        assert error_of(result) is ErrorCode.INVALID_DID_URL
    document = await get(resolver, f"did:webvh:{SCID}:w.example/a", "application/did")
    content: Any = document.content
    assert [each["id"] for each in content["service"]] == ["#files"]
