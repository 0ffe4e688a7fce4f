import orjson
import pytest

from credentials.envelope import open_envelope
from credentials.errors import MalformedCredentialError
from credentials.sources import Limits
from resolver.strict_json import Json
from tests.unit.credentials.issuing import V1, V2, Issuer, Shelf, credential, envelope

DID = "did:web:ministry.example"
ISSUER = Issuer.on(Shelf(), DID)
TOKEN = ISSUER.jwt(credential(DID))
BODY = credential(DID)
OLD = ISSUER.jwt({"vc": credential(DID, **{"@context": [V1]})}, typ="JWT", cty=None)


def enveloped(address: Json) -> dict[str, Json]:
    return {"@context": [V2], "type": ["EnvelopedVerifiableCredential"], "id": address}


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (None, "neither a JSON object"),
        (7, "neither a JSON object"),
        ([], "neither a JSON object"),
        ({}, "no credential"),
        ({"hello": "world"}, "no credential"),
        ("", "JWT"),
        ("hello", "JWT"),
        (b"\xff\xfe", "UTF-8"),
        ('{"type": "VerifiableCredential",', "JSON"),
        ('{"@context": [], "issuer": "did:a:b", "issuer": "did:a:c"}', "twice"),
        ('{"@context": ' + "[" * 70 + "]" * 70 + "}", "deep"),
        ("{" + " " * 2_000_000 + "}", "longer"),
        (enveloped(None), "data: URI"),
        (enveloped("https://example.com/vc"), "data: URI"),
        (enveloped("data:application/vc+jwt"), "data: URI"),
        (enveloped(f"data:application/vc+jwt;base64,{TOKEN}"), "base64"),
        (enveloped(f"data:application/vc+sd-jwt,{TOKEN}"), "ends in ~"),
        (enveloped(f"data:application/vp+jwt,{TOKEN}"), "vp\\+jwt"),
        (enveloped(f"data:application/vc+jwt,{OLD}"), "content is vc-jwt"),
        (enveloped(f"data:application/vc+jwt,{TOKEN}~"), "JWT"),
        (enveloped(f"data:,{TOKEN}"), "text/plain"),
        (enveloped("data:application/vc+jwt," + "a" * 2_000_000), "longer"),
        (envelope(ISSUER.jwt(envelope(TOKEN))), "inside an envelope"),
        (ISSUER.jwt(envelope(TOKEN)), "inside an envelope"),
        ({"type": "VerifiablePresentation", "@context": [V2]}, "presentation"),
        (ISSUER.jwt({"type": ["VerifiablePresentation"]}), "presentation"),
        (ISSUER.jwt({"iss": DID, "vc": BODY}), "version 1.1"),
        (ISSUER.jwt(BODY | {"vc": BODY}), "version 1.1"),
        (ISSUER.jwt({"iss": DID, "vp": {}}), "a presentation"),
        ({"verifiableCredential": [envelope(TOKEN)]}, "one credential"),
        ({"verifiableCredential": {"verifiableCredential": BODY}}, "one credential"),
        (TOKEN + ".x", "JWT"),
        (TOKEN.rsplit(".", 1)[0], "JWT"),
    ],
)
def test_what_is_no_credential_is_refused_with_the_reason(raw: Json | bytes, words: str) -> None:
    with pytest.raises(MalformedCredentialError, match=words):
        open_envelope(raw)


def test_a_payload_that_is_no_object_is_refused() -> None:
    for payload in (b"[]", b'"x"', b"not json", b'{"a": 1, "a": 2}'):
        token = _signed(payload)
        with pytest.raises(MalformedCredentialError):
            open_envelope(token)


def _signed(payload: bytes) -> str:
    from resolver.proofs.jose import sign_compact

    return sign_compact(payload, {"alg": "Ed25519", "kid": ISSUER.kid}, ISSUER.key)


def test_the_pointer_leads_to_the_part_that_is_wrong() -> None:
    with pytest.raises(MalformedCredentialError) as caught:
        open_envelope(ISSUER.jwt({"vc": BODY}))
    assert caught.value.pointer == "/vc"


def test_limits_hold_for_every_form() -> None:
    limits = Limits(max_bytes=100)
    for raw in (TOKEN, envelope(TOKEN), orjson.dumps(BODY)):
        with pytest.raises(MalformedCredentialError, match="100"):
            open_envelope(raw, limits)


@pytest.mark.parametrize(
    ("header", "pointer"),
    [
        ({"typ": "at+jwt"}, "(header)/typ"),
        ({"typ": "vp+jwt"}, "(header)/typ"),
        ({"typ": "trust-act+jws"}, "(header)/typ"),
        ({"typ": 7}, "(header)/typ"),
        ({"cty": "vp"}, "(header)/cty"),
    ],
)
def test_a_token_of_another_kind_is_no_credential(header: dict[str, Json], pointer: str) -> None:
    problems = open_envelope(ISSUER.jwt(BODY, **header)).problems
    assert [(p.check, p.pointer) for p in problems] == [("envelope", pointer)]


def test_the_enveloping_object_needs_the_context_that_explains_it() -> None:
    problems = open_envelope(envelope(TOKEN) | {"@context": ["https://example.com"]}).problems
    assert [(p.check, p.pointer) for p in problems] == [("envelope", "/@context")]


def test_the_signature_has_a_window_of_its_own() -> None:
    opened = open_envelope(ISSUER.jwt(BODY | {"nbf": 1, "exp": 2.5, "iat": "2010-01-01T19:23:24Z"}))
    assert (opened.not_before, opened.expires, opened.problems) == (1000, 2500, ())
    for value in (True, "1", None, 1e300, -1e300):
        problems = open_envelope(ISSUER.jwt(BODY | {"exp": value})).problems
        assert [(p.check, p.pointer) for p in problems] == [("validity", "/exp")]
