"""Signatures of HTTP messages: what is refused, and why, whoever sends it."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import MessageSignatureError, UnsupportedKeyError
from resolver.instant import SECOND, Instant
from resolver.keys import Curve
from resolver.proofs.http_signatures.digests import content_digest
from resolver.proofs.http_signatures.fields import (
    MAX_COMPONENTS,
    MAX_FIELD,
    MAX_MEMBERS,
    MAX_SEPARATORS,
    Coverage,
    coverages,
    signatures_of,
)
from resolver.proofs.http_signatures.messages import Component, Headers, Request, Response, value_of
from resolver.proofs.http_signatures.signing import Demands, DocumentKey, sign, verify
from resolver.signing import PrivateKey

KEY = PrivateKey.from_seed(bytes(32))
NOW = Instant(1_800_000_000 * SECOND)
CREATED = NOW // SECOND
BODY, ASKED = b'{"outcome":"authorised"}', b'{"issuer":"did:web:a.example"}'
ASSERTED: Headers = (("Content-Type", "application/json"), ("Content-Digest", content_digest(BODY)))
REQUEST = Request(
    "POST",
    "https://registry.example/v1/decisions?x=1",
    (("Content-Digest", content_digest(ASKED)),),
    ASKED,
)
RESPONSE = Response(200, ASSERTED, BODY, REQUEST)
COVERED = (
    Component("@status"),
    Component("content-digest"),
    Component("content-type"),
    Component("@method", of_request=True),
    Component("@target-uri", of_request=True),
    Component("content-digest", of_request=True),
)
DEMANDS = Demands(frozenset(COVERED), nonce="n-1")
STATED = {"created": CREATED, "keyid": "did:web:registry.example#1", "nonce": "n-1"}


def signed(
    response: Response = RESPONSE,
    covered: tuple[Component, ...] = COVERED,
    key: PrivateKey = KEY,
    **stated: object,
) -> Response:
    parameters = {name: value for name, value in {**STATED, **stated}.items() if value is not None}
    signature = sign(response, "sig", Coverage(covered, parameters), key)
    return replace(response, headers=(*response.headers, *signature.headers()))


def check(
    response: Response, demands: Demands = DEMANDS, key: PrivateKey = KEY, now: Instant = NOW
) -> None:
    (signature,) = signatures_of(response.headers)
    verify(response, signature, DocumentKey(key.public), demands, now)


@pytest.mark.parametrize("curve", [Curve.ED25519, Curve.P256, Curve.P384])
def test_what_is_signed_verifies(curve: Curve) -> None:
    key = PrivateKey.generate(curve)
    check(signed(key=key), key=key)
    check(signed(key=key, alg=DocumentKey(key.public).algorithm), key=key)
    check(signed(key=key, expires=CREATED + 1, tag="registry"), key=key)


@pytest.mark.parametrize(
    "other",
    [
        replace(RESPONSE, status=404),
        replace(RESPONSE, body=b'{"outcome":"not_authorised"}'),
        replace(RESPONSE, request=replace(REQUEST, method="PUT")),
        replace(RESPONSE, request=replace(REQUEST, body=b'{"issuer":"did:web:b.example"}')),
        replace(
            RESPONSE,
            request=replace(
                REQUEST,
                body=b"{}",
                headers=(("Content-Digest", content_digest(b"{}")),),
            ),
        ),
        *(
            replace(RESPONSE, request=replace(REQUEST, target_uri=uri))
            for uri in (
                "http://registry.example/v1/decisions?x=1",
                "https://registry.example:444/v1/decisions?x=1",
                "https://registry.example/v1/decisions?x=2",
                "https://registry.example/v1/decisions",
            )
        ),
    ],
)
def test_another_message_does_not_verify(other: Response) -> None:
    headers = signed().headers
    with pytest.raises(MessageSignatureError, match=r"match|the content is another"):
        check(replace(other, headers=headers))


def test_a_replaced_body_does_not_verify_with_its_own_digest() -> None:
    body = b'{"outcome":"not_authorised"}'
    headers = [
        (name, content_digest(body) if name == "Content-Digest" else value)
        for name, value in signed().headers
    ]
    with pytest.raises(MessageSignatureError, match="does not match"):
        check(replace(RESPONSE, body=body, headers=tuple(headers)))


def test_another_key_does_not_verify() -> None:
    with pytest.raises(MessageSignatureError, match="does not match"):
        check(signed(), key=PrivateKey.generate())


@pytest.mark.parametrize("left_out", COVERED)
def test_what_is_not_covered_is_missed(left_out: Component) -> None:
    covered = tuple(each for each in COVERED if each != left_out)
    with pytest.raises(MessageSignatureError, match="does not cover"):
        check(signed(covered=covered))


@pytest.mark.parametrize("left_out", COVERED)
def test_a_component_cannot_be_stripped(left_out: Component) -> None:
    response = signed()
    headers = tuple(
        (name, value.replace(f"{left_out} ", "").replace(f" {left_out})", ")"))
        for name, value in response.headers
    )
    assert headers != response.headers
    with pytest.raises(MessageSignatureError, match="does not match"):
        check(replace(response, headers=headers), Demands())


@pytest.mark.parametrize(
    ("stated", "now", "words"),
    [
        ({}, NOW + 301 * SECOND, "too long ago"),
        ({}, NOW - 61 * SECOND, "in the future"),
        ({"expires": CREATED + 5}, NOW + 5 * SECOND, "expired"),
        ({"expires": CREATED - 1}, NOW - 10 * SECOND, "expired"),
        ({"created": None}, NOW, "when it was created"),
        ({"created": True}, NOW, "created is not understood"),
        ({"created": "today"}, NOW, "created is not understood"),
        ({"keyid": 7}, NOW, "keyid is not understood"),
        ({"tag": True}, NOW, "tag is not understood"),
        ({"purpose": "x"}, NOW, "purpose is not understood"),
        ({"nonce": "n-2"}, NOW, "another nonce"),
        ({"nonce": None}, NOW, "another nonce"),
        ({"alg": "hmac-sha256"}, NOW, "ed25519 alone"),
        ({"alg": "ecdsa-p256-sha256"}, NOW, "ed25519 alone"),
        ({"alg": "none"}, NOW, "ed25519 alone"),
    ],
)
def test_what_a_signature_says_of_itself_must_hold(
    stated: dict[str, object], now: Instant, words: str
) -> None:
    with pytest.raises(MessageSignatureError, match=words):
        check(signed(**stated), now=now)


def test_at_the_limits_of_time_it_holds() -> None:
    check(signed(), now=Instant(NOW + 300 * SECOND))
    check(signed(), now=Instant(NOW - 60 * SECOND))
    check(signed(expires=CREATED + 5), now=Instant(NOW + 5 * SECOND - 1))


def test_what_is_written_of_itself_cannot_be_changed() -> None:
    response = signed()
    for old, new in ((str(CREATED), str(CREATED + 1)), ("#1", "#2"), ("sig=(", "sig=( ")):
        headers = tuple((name, value.replace(old, new)) for name, value in response.headers)
        assert headers != response.headers
        changed = replace(response, headers=headers)
        if new == "sig=( ":  # another spelling of the same
            check(changed)
            continue
        with pytest.raises(MessageSignatureError, match="does not match"):
            check(changed)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([("Signature-Input", 'a=("@status")')], "name other signatures"),
        ([("Signature", "a=:AA==:")], "name other signatures"),
        ([("Signature-Input", "a=()"), ("Signature", "b=:AA==:")], "name other signatures"),
        ([("Signature-Input", "a=()"), ("Signature", "a=AA")], "no byte sequence"),
        ([("Signature-Input", "a=()"), ("Signature", "a=:AA==:;x")], "no byte sequence"),
        ([("Signature-Input", "a=(), a=()"), ("Signature", "a=:AA==:")], "a is there twice"),
        (
            [("Signature-Input", "a=()"), ("signature-input", "a=()"), ("Signature", "a=:AA==:")],
            "a is there twice",
        ),
        (
            [("Signature-Input", "a=()"), ("Signature", "a=:AA==:"), ("Signature", "a=:AB==:")],
            "a is there twice",
        ),
        ([("Signature-Input", "a=();keyid=x;keyid=y")], "keyid is there twice"),
        ([("Signature-Input", 'a="@status"')], "no inner list"),
        ([("Signature-Input", "a=(status)")], "a component is a string"),
        ([("Signature-Input", 'a=("x";sf)')], "a component is a string"),
        ([("Signature-Input", 'a=("x";bs)')], "a component is a string"),
        ([("Signature-Input", 'a=("x";key="y")')], "a component is a string"),
        ([("Signature-Input", 'a=("x";tr)')], "a component is a string"),
        ([("Signature-Input", 'a=("x";req=?0)')], "a component is a string"),
        ([("Signature-Input", 'a=("x";req "x";req)')], "covers something twice"),
        ([("Signature-Input", "a=();keyid=token")], "a string, an integer, or alone"),
        ([("Signature-Input", "a=();created=1.5")], "a string, an integer, or alone"),
        ([("Signature-Input", "a=();created=@99999999999999")], "Signature-Input"),
        ([("Signature-Input", 'a=("x"')], "Signature-Input"),
        ([("Signature-Input", "")], ""),
        ([("Signature-Input", 'a=("x"\r\n "y")')], "folded"),
        ([("Signature-Input", 'a=("ü")')], "folded, or not of printable ASCII"),
    ],
)
def test_malformed_fields_are_refused(fields: list[tuple[str, str]], words: str) -> None:
    if fields == [("Signature-Input", "")]:
        assert signatures_of(tuple(fields)) == ()
        return
    with pytest.raises(MessageSignatureError, match=words):
        signatures_of(tuple(fields))


def test_there_are_limits() -> None:
    names = " ".join(f'"x{each}"' for each in range(MAX_COMPONENTS))
    assert len(coverages([f"a=({names})"], "F")["a"].components) == MAX_COMPONENTS
    with pytest.raises(MessageSignatureError, match="components"):
        coverages([f'a=({names} "y")'], "F")
    labels = [f"a{each}=()" for each in range(MAX_MEMBERS)]
    assert len(coverages(labels, "F")) == MAX_MEMBERS
    with pytest.raises(MessageSignatureError, match="members"):
        coverages([*labels, "b=()"], "F")
    assert coverages(["a=();tag=" + '"' + "x" * (MAX_FIELD - 11) + '"'], "F")
    with pytest.raises(MessageSignatureError, match="longer"):
        coverages(["a=();tag=" + '"' + "x" * (MAX_FIELD - 10) + '"'], "F")
    for part, written in ((" ", "a=({})"), (" ", 'a=();tag="{}"'), (";", 'a=();tag="{}"')):
        assert coverages([written.format(part * (MAX_SEPARATORS - 1))], "F")
        with pytest.raises(MessageSignatureError, match="spaces, commas, semicolons"):
            coverages([written.format(part * (MAX_SEPARATORS + 1))], "F")


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ((("X", " a "), ("x", "\tb")), "a, b"),
        ((("x", ""),), ""),
        ((("X", "a\r\n b"),), None),
        ((("X", "a\nb"),), None),
        ((("X", "a\r\n"),), None),
        ((("X", "ä"),), None),
        ((("Y", "a"),), None),
    ],
)
def test_a_field_is_all_its_lines_and_never_folded(headers: Headers, value: str | None) -> None:
    request = replace(REQUEST, headers=headers)
    if value is not None:
        assert value_of(request, Component("x")) == value
        return
    with pytest.raises(MessageSignatureError):
        value_of(request, Component("x"))


@pytest.mark.parametrize(
    ("uri", "values"),
    [
        ("https://A.example", ("a.example", "/", "?", "https")),
        ("https://a.example:443/?", ("a.example", "/", "?", "https")),
        ("http://a.example:443/b%2Fc;d?e=@/?", ("a.example:443", "/b%2Fc;d", "?e=@/?", "http")),
        ("http://[::1]:80/", ("[::1]", "/", "?", "http")),
        ("https://a.example?q", ("a.example", "/", "?q", "https")),
        ("https://user@a.example/", None),
        ("https://a.example/#f", None),
        ("https://a.example/ b", None),
        ("https://a.example/\n", None),
        ("ftp://a.example/", None),
        ("//a.example/", None),
        ("/b", None),
        ("https:///b", None),
        ("https://[::1/", None),
    ],
)
def test_the_parts_of_a_target(uri: str, values: tuple[str, ...] | None) -> None:
    request = replace(REQUEST, target_uri=uri)
    names = ("@authority", "@path", "@query", "@scheme")
    if values is not None:
        assert tuple(value_of(request, Component(name)) for name in names) == values
        return
    for name in names:
        with pytest.raises(MessageSignatureError, match="target"):
            value_of(request, Component(name))


@pytest.mark.parametrize(
    "name", ["@status", "@query-param", "@request-target", "@signature-params", "@", "signature",
             "signature-input", "X", "x y", "", 'x"', "x\n"]
)  # fmt: skip
def test_what_cannot_be_covered_of_a_request(name: str) -> None:
    request = replace(REQUEST, headers=((name, "a"),))
    with pytest.raises(MessageSignatureError):
        value_of(request, Component(name))


def test_only_a_response_answers_a_request() -> None:
    with pytest.raises(MessageSignatureError, match="answers no other"):
        value_of(REQUEST, Component("@method", of_request=True))
    for name in ("@method", "@target-uri", "@path"):
        with pytest.raises(MessageSignatureError, match="no such component"):
            value_of(RESPONSE, Component(name))


@pytest.mark.parametrize(
    ("digest", "good"),
    [
        (content_digest(BODY), True),
        (f"{content_digest(BODY)}, md5=:AAAA:", True),
        (f"{content_digest(BODY)}, sha-512=:AAAA:", False),
        (content_digest(b""), False),
        ("md5=:AAAA:", False),
        ("sha-256=AAAA", False),
        ("sha-256", False),
        (f"{content_digest(b'')}, {content_digest(BODY)}", False),
    ],
)
def test_a_covered_digest_is_that_of_the_content(digest: str, good: bool) -> None:
    response = signed(replace(RESPONSE, headers=(("Content-Digest", digest), ASSERTED[0])))
    if good:
        check(response)
        return
    with pytest.raises(MessageSignatureError, match="Content-Digest"):
        check(response)


def test_keys_without_a_name_in_the_rfc_sign_no_messages() -> None:
    with pytest.raises(UnsupportedKeyError):
        check(signed(), key=PrivateKey.generate(Curve.SECP256K1))


@given(st.text(alphabet='abz09 ()"\\;=,:@?%*.-_AZ\t', max_size=60) | st.text(max_size=20))
def test_no_text_breaks_the_reader(text: str) -> None:
    for name in ("Signature-Input", "Signature", "Content-Digest"):
        headers = ((name, text),)
        with suppress(MessageSignatureError):
            signatures_of(headers)
    try:
        read = coverages([text], "F")
    except MessageSignatureError:
        return
    for coverage in read.values():
        assert coverages([f"a={coverage.text}"], "F")["a"].text == coverage.text
