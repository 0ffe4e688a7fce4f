import json
from hashlib import sha256
from pathlib import Path

import pytest

from resolver.did import Did
from resolver.encodings import from_base64url
from resolver.instant import DAY, format_instant, parse_instant
from resolver.proofs.jose import sign_jws
from resolver.signing import PrivateKey
from tests.unit.trust_registry.imports.test_lists import NOW, acts, drafts
from trust_registry.acts import AddAnchor, Authorise, RegisterParty
from trust_registry.imports import ImportRefusedError

ANY = {"rest": "any"}


def key(name: str) -> PrivateKey:
    return PrivateKey.from_seed(sha256(name.encode()).digest())


def jwk(name: str) -> dict[str, object]:
    return {**key(name).public.jwk(), "kid": name}


def token(name: str, claims: object, typ: str, kid: str | None = None) -> str:
    signed = sign_jws(json.dumps(claims).encode(), {"typ": typ, "kid": kid or name}, key(name))
    parts = signed.flattened()
    return f"{parts['protected']}.{parts['payload']}.{parts['signature']}"


ISSUANCE = "http://uri.etsi.org/19602/SvcType/WRPAC/Issuance"
ETSI = {
    "identifiers": {"https://www.raidiam.com/": "did:web:raidiam.example"},
    "grants": {ISSUANCE: {"type": "authorise", "scope": ANY}},
}


def test_a_real_list_of_trusted_entities(vectors: Path) -> None:
    data = (vectors / "trust/etsi-lote/webuild/wrpac-providers-lote.json").read_bytes()
    found = drafts("trusted-entities", data, ETSI)
    party, grant = acts(found)
    assert (party.name, party.trading_names) == ("Raidiam Services Ltd", ("NTRGB-10742851",))
    assert isinstance(grant, Authorise)
    assert grant.entity == Did.parse("did:web:raidiam.example")
    texts = " ".join(each.text for each in found.remarks)
    for words in (
        "Revocation' means",
        "Certificates",
        "signature was not verified",
        "not followed",
    ):
        assert words in texts
    with pytest.raises(ImportRefusedError, match="expired"):
        drafts("trusted-entities", data, ETSI, now=parse_instant("2026-11-06T00:00:00Z"))


def listed(**service: object) -> dict[str, object]:
    texts = [{"lang": "en", "value": "A"}]
    return {
        "LoTE": {
            "ListAndSchemeInformation": {
                "LoTEVersionIdentifier": 1,
                "LoTESequenceNumber": 1,
                "SchemeOperatorName": texts,
                "ListIssueDateTime": format_instant(NOW),
                "NextUpdate": format_instant(NOW + DAY),
            },
            "TrustedEntitiesList": [
                {
                    "TrustedEntityInformation": {
                        "TEName": texts,
                        "TEAddress": {},
                        "TEInformationURI": [],
                    },
                    "TrustedEntityServices": [
                        {
                            "ServiceInformation": {
                                "ServiceName": texts,
                                "ServiceDigitalIdentity": {"OtherIds": ["did:web:a.example"]},
                                "ServiceTypeIdentifier": ISSUANCE,
                                **service,
                            }
                        }
                    ],
                }
            ],
        }
    }


@pytest.mark.parametrize(
    ("statuses", "granted"),
    [({}, False), ({"urn:s": "ended"}, False), ({"urn:s": "active"}, True)],
)
def test_a_status_counts_as_the_mapping_says(statuses: dict[str, str], granted: bool) -> None:
    since = "2026-02-01T00:00:00Z"
    data = json.dumps(listed(ServiceStatus="urn:s", StatusStartingTime=since)).encode()
    found = acts(drafts("trusted-entities", data, {**ETSI, "statuses": statuses}))
    assert [type(each) for each in found] == [RegisterParty, *([Authorise] * granted)]
    assert not granted or found[1].valid_from == parse_instant(since)


def test_a_list_with_what_is_not_understood_is_refused() -> None:
    with pytest.raises(ImportRefusedError) as caught:
        drafts("trusted-entities", json.dumps(listed(Withdrawn=True)).encode())
    assert caught.value.where.endswith("/ServiceInformation/Withdrawn")


@pytest.mark.parametrize(("keys", "unverified"), [({}, True), ({"A": [jwk("operator")]}, False)])
def test_a_list_inside_its_signature(keys: object, unverified: bool) -> None:
    data = token("operator", listed(), "jose").encode() + b"\n"
    found = drafts("trusted-entities", data, {**ETSI, "keys": keys})
    assert len(found.acts) == 2
    assert any("was not verified" in each.text for each in found.remarks) is unverified
    other = token("other", listed(), "jose", "operator").encode()
    if keys:
        for bad in (other, json.dumps(listed()).encode()):
            with pytest.raises(ImportRefusedError, match="not signed"):
                drafts("trusted-entities", bad, {**ETSI, "keys": keys})


SCHEMA = "https://api.example/schemas/z1"
TAO, TI = "did:ebsi:zTao", "did:ebsi:zTi"
EBSI = {
    "names": {TI: "The issuer"},
    "grants": {
        f"TI {SCHEMA}": {"type": "authorise", "scope": {"credential_type": ["Permit"], **ANY}},
        f"TI {SCHEMA} FIN": {
            "type": "authorise",
            "scope": {"credential_type": ["Permit"], "country": ["FI"], **ANY},
        },
    },
    "keys": {TAO: [jwk("tao")]},
}


def accreditation(signer: str = "tao", *, old: bool = False, **changed: object) -> str:
    subject = {
        "id": TI,
        "reservedAttributeId": "0x1",
        "accreditedFor": [{"schemaId": SCHEMA, "types": ["VerifiableCredential", "Permit"]}],
    }
    credential = {
        "@context": ["https://www.w3.org/2018/credentials/v1"],
        "type": ["VerifiableCredential", "VerifiableAccreditationToAttest"],
        "issuer": TAO,
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": subject,
        **changed,
    }
    return token(signer, {"iss": TAO, "vc": credential} if old else credential, "JWT", "tao")


def unsigned() -> object:
    encoded = accreditation().split(".")[1]
    return json.loads(from_base64url(encoded))


def issuer(body: object, role: object = "TI", tao: str = TAO) -> bytes:
    digest = sha256(str(body).encode()).hexdigest()
    attribute = {"hash": digest, "body": body, "issuerType": role, "tao": tao, "rootTao": TAO}
    return json.dumps({"did": TI, "attributes": [attribute]}).encode()


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("role", ["TI", 3])
def test_an_accreditation_of_ebsi(old: bool, role: object) -> None:
    found = drafts("ebsi", issuer(accreditation(old=old), role), EBSI)
    party, grant = acts(found)
    assert party.name == "The issuer"
    assert found.acts[1].by == Did.parse(TAO)
    assert grant.valid_until == parse_instant("2027-01-01T00:00:00Z")
    assert not any("verified" in each.text.lower() for each in found.remarks)


def test_what_cannot_be_verified_is_marked() -> None:
    found = drafts("ebsi", issuer(accreditation("other")), {**EBSI, "keys": {}})
    assert any("Not verified" in each.text for each in found.remarks)
    assert len(found.acts) == 2


def test_an_unsigned_body_is_marked_where_no_key_is_expected() -> None:
    found = drafts("ebsi", issuer(unsigned()), {**EBSI, "keys": {}})
    assert any("not signed" in each.text for each in found.remarks)
    assert len(found.acts) == 2


def test_a_limit_to_a_jurisdiction_is_never_lost() -> None:
    limited = [{"schemaId": SCHEMA, "limitJurisdiction": "FIN"}]
    body = accreditation(credentialSubject={"id": TI, "accreditedFor": limited})
    _, grant = acts(drafts("ebsi", issuer(body), EBSI))
    assert "FI" in str(grant.scope)
    limited[0]["limitJurisdiction"] = "SWE"
    body = accreditation(credentialSubject={"id": TI, "accreditedFor": limited})
    assert len(drafts("ebsi", issuer(body), EBSI).acts) == 1


def test_a_limit_to_types_is_never_lost() -> None:
    wide = {**EBSI, "grants": {f"TI {SCHEMA}": {"type": "authorise", "scope": ANY}}}
    found = drafts("ebsi", issuer(accreditation()), wide)
    assert len(found.acts) == 1
    assert any("limited to the types" in each.text for each in found.remarks)


def test_each_of_several_jurisdictions_is_a_word_of_its_own() -> None:
    limited = [{"schemaId": SCHEMA, "limitJurisdiction": ["FIN", "SWE"]}]
    body = accreditation(credentialSubject={"id": TI, "accreditedFor": limited})
    found = drafts("ebsi", issuer(body), EBSI)
    _, grant = acts(found)
    assert "FI" in str(grant.scope)
    assert any(f"'TI {SCHEMA} SWE'" in each.text for each in found.remarks)
    for none in ([], ["a b"], [1], 1):
        limited[0]["limitJurisdiction"] = none
        body = accreditation(credentialSubject={"id": TI, "accreditedFor": limited})
        with pytest.raises(ImportRefusedError) as refused:
            drafts("ebsi", issuer(body), EBSI)
        assert "limitJurisdiction" in refused.value.where


def test_a_root_is_accredited_without_a_schema() -> None:
    kind = ["VerifiableCredential", "VerifiableAuthorisationForTrustChain"]
    body = accreditation(type=kind, credentialSubject={"id": TI, "reservedAttributeId": "1"})
    anchor = FEDERATION["grants"]["trust_anchor"]
    known = {**EBSI, "grants": {"RootTAO": anchor}}
    _, grant = acts(drafts("ebsi", issuer(body, "RootTAO"), known))
    assert isinstance(grant, AddAnchor)
    found = drafts("ebsi", issuer(body, "RootTAO"), EBSI)
    assert len(found.acts) == 1
    assert any("'RootTAO'" in each.text for each in found.remarks)


def test_nobody_accredits_itself() -> None:
    own_keys = {**EBSI, "keys": {TI: [jwk("tao")]}}
    found = drafts("ebsi", issuer(accreditation(issuer=TI), tao=TI), own_keys)
    assert len(found.acts) == 1
    assert any("accredits itself" in each.text for each in found.remarks)


@pytest.mark.parametrize(
    ("role", "until", "why"),
    [
        ("Revoked", "2027-01-01T00:00:00Z", "is revoked"),
        (4, "2027-01-01T00:00:00Z", "is revoked"),
        ("Undefined", "2027-01-01T00:00:00Z", "reserved"),
        (0, "2027-01-01T00:00:00Z", "reserved"),
        ("TI", "2026-02-01T00:00:00Z", "It ended"),
    ],
)
def test_what_has_ended_or_not_begun_grants_nothing(role: object, until: str, why: str) -> None:
    found = drafts("ebsi", issuer(accreditation(validUntil=until), role), EBSI)
    assert len(found.acts) == 1
    assert any(why in each.text for each in found.remarks)


def test_a_place_that_was_reserved_may_be_empty() -> None:
    found = drafts("ebsi", issuer("", "Undefined"), EBSI)
    assert len(found.acts) == 1


@pytest.mark.parametrize(
    "data",
    [
        issuer(accreditation("other")),
        issuer(accreditation(), tao="did:ebsi:zOther"),
        issuer(accreditation(credentialSubject={"id": TAO, "accreditedFor": []})),
        issuer(accreditation(credentialSubject={"id": TI, "accreditedFor": "all"})),
        issuer(accreditation(credentialSubject=None)),
        issuer(accreditation(issuer="me")),
        issuer(accreditation(validUntil="soon")),
        issuer(accreditation(old=True, issuer=TI)),
        issuer(accreditation(), "Boss"),
        issuer(accreditation(), "TAO"),
        issuer(unsigned()),
        issuer(accreditation(type="VerifiableAccreditationToAttest")),
        issuer(accreditation(credentialSubject={"id": TI, "accreditedFor": [{"schemaId": "a b"}]})),
        issuer(accreditation(), 5),
        issuer("a.b.c"),
        issuer(1),
        b"[{}]",
        b'{"items": {}}',
        b"1",
    ],
)
def test_what_is_no_accreditation_is_refused(data: bytes) -> None:
    with pytest.raises(ImportRefusedError):
        drafts("ebsi", data, EBSI)


LEAF, MIDDLE, ANCHOR = "https://leaf.example", "https://mid.example", "https://anchor.example"
TYPE = "openid_credential_issuer"
SECONDS = NOW // 1000
FEDERATION = {
    "identifiers": {
        LEAF: "did:web:leaf.example",
        MIDDLE: "did:web:mid.example",
        ANCHOR: "did:web:anchor.example",
    },
    "names": {"did:web:mid.example": "Mid"},
    "keys": {ANCHOR: [jwk(ANCHOR)]},
    "grants": {
        "trust_anchor": {
            "type": "add_anchor",
            "action": "accredit",
            "scope": ANY,
            "passes_on": {"actions": ["issue", "accredit"], "depth": 1},
        },
        "intermediate": {
            "type": "accredit",
            "scope": ANY,
            "passes_on": {"actions": ["issue"], "depth": 0},
        },
        TYPE: {"type": "authorise", "scope": ANY},
    },
}


def statement(iss: str, sub: str, signer: str | None = None, /, **changed: object) -> str:
    claims = {
        "iss": iss,
        "sub": sub,
        "iat": SECONDS - 60,
        "exp": SECONDS + 3600,
        "jwks": {"keys": [jwk(sub)]},
        **changed,
    }
    return token(
        signer or iss, {k: v for k, v in claims.items() if v is not None}, "entity-statement+jwt"
    )


METADATA = {TYPE: {}, "federation_entity": {"organization_name": "Leaf Ltd"}}


def own(**changed: object) -> str:
    given = {"authority_hints": [MIDDLE], "metadata": METADATA, **changed}
    return statement(LEAF, LEAF, **given)


def chain(*, leaf: str = "", middle: str = "", top: str = "", end: str = "") -> list[str]:
    return [
        leaf or own(),
        middle or statement(MIDDLE, LEAF),
        top or statement(ANCHOR, MIDDLE, exp=SECONDS + 1800),
        end
        or statement(ANCHOR, ANCHOR, metadata={"federation_entity": {"organization_name": "TA"}}),
    ]


def test_a_chain_that_verifies_becomes_a_grant_a_link() -> None:
    found = drafts("openid-federation", json.dumps(chain()).encode(), FEDERATION)
    drafted = acts(found)
    assert [each.type for each in drafted] == [
        *["register_party"] * 3,
        "add_anchor",
        "accredit",
        "authorise",
    ]
    assert [each.name for each in drafted[:3]] == ["TA", "Mid", "Leaf Ltd"]
    assert isinstance(drafted[3], AddAnchor)
    ends = [each.valid_until // 1000 - SECONDS for each in drafted[3:]]
    assert ends == [1800, 1800, 1800]
    by = [each.by and each.by.text for each in found.acts[3:]]
    assert by == [None, "did:web:anchor.example", "did:web:mid.example"]


def test_a_chain_may_leave_out_what_its_anchor_says_of_itself() -> None:
    named = {**FEDERATION, "names": {**FEDERATION["names"], "did:web:anchor.example": "TA"}}
    data = json.dumps({"trust_chain": chain()[:3]}).encode()
    assert len(drafts("openid-federation", data, named).acts) == 6


def test_a_link_of_many_chains_is_drafted_once() -> None:
    data = json.dumps([chain(), chain()]).encode()
    assert len(drafts("openid-federation", data, FEDERATION).acts) == 6


def test_an_entity_without_a_did_grants_nothing_below_it() -> None:
    dids = {name: did for name, did in FEDERATION["identifiers"].items() if name != MIDDLE}
    found = drafts(
        "openid-federation", json.dumps(chain()).encode(), {**FEDERATION, "identifiers": dids}
    )
    assert [each.type for each in acts(found)] == ["register_party", "add_anchor"]


def constrained(**constraints: object) -> str:
    return statement(ANCHOR, MIDDLE, constraints=constraints)


@pytest.mark.parametrize(
    "constraints",
    [
        {"max_path_length": 1},
        {"naming_constraints": {"permitted": [".example"]}},
        {"naming_constraints": {"excluded": ["other.example"]}},
        {"allowed_entity_types": [TYPE]},
    ],
)
def test_constraints_that_are_met(constraints: dict[str, object]) -> None:
    data = json.dumps(chain(top=constrained(**constraints))).encode()
    found = drafts("openid-federation", data, FEDERATION)
    assert len(found.acts) == 6
    own_word = any("it says itself" in each.text for each in found.remarks)
    assert own_word is ("allowed_entity_types" not in constraints)


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (chain(leaf=statement(LEAF, LEAF, MIDDLE, authority_hints=[MIDDLE])), "/0"),
        (chain(leaf=own(jwks={"keys": []})), "/0"),
        (chain(leaf=own(jwks={"keys": [jwk("x")]})), "/0"),
        (chain(leaf=own(jwks={"keys": [{**jwk(LEAF), "use": "enc"}]})), "/0"),
        (chain(leaf=own(authority_hints=[ANCHOR])), "/0/authority_hints"),
        (chain(leaf=own(authority_hints=None)), "/0/authority_hints"),
        (chain(leaf=own(exp=SECONDS)), "/0/exp"),
        (chain(leaf=own(exp="later")), "/0/exp"),
        (chain(leaf=own(iat=SECONDS + 3600)), "/0/iat"),
        (chain(leaf=own(iat=True)), "/0/iat"),
        (chain(leaf=own(crit=["jti"])), "/0/crit"),
        (chain(leaf=own(metadata=[])), "/0/metadata"),
        (chain(leaf=own(metadata={"trust_anchor": {}})), "/0/metadata/trust_anchor"),
        (chain(leaf=own(metadata={"intermediate": {}})), "/0/metadata/intermediate"),
        (chain(leaf=own(jwks={"keys": [jwk(LEAF)] * 33})), "/0/jwks"),
        (chain(leaf=own(sub="http://leaf.example")), "/0/sub"),
        (chain(leaf=token(LEAF, {}, "JWT")), "/0"),
        (chain(middle=statement(MIDDLE, LEAF, "x")), "/1"),
        (chain(middle=statement(MIDDLE, LEAF, jwks={"keys": [jwk("x")]})), "/0"),
        (chain(middle=statement(MIDDLE, MIDDLE)), "/1"),
        (chain(middle=statement(MIDDLE, LEAF, exp=SECONDS - 1)), "/1/exp"),
        (chain(middle=statement(MIDDLE, LEAF, authority_hints=[ANCHOR])), "/1/authority_hints"),
        (chain(top=statement(ANCHOR, LEAF)), "/2"),
        (chain(top=statement(ANCHOR, MIDDLE, "x")), "/2"),
        (chain(end=statement(ANCHOR, ANCHOR, "x")), "/3"),
        (chain(top=statement(LEAF, MIDDLE), end=statement(LEAF, LEAF)), "/3"),
        (chain(top=constrained(max_path_length=0)), "/2/constraints/max_path_length"),
        (chain(top=constrained(max_path_length=-1)), "/2/constraints/max_path_length"),
        (chain(top=constrained(max_path_length="9")), "/2/constraints/max_path_length"),
        (chain(top=constrained(new=1)), "/2/constraints"),
        (
            chain(top=constrained(naming_constraints={"permitted": ["mid.example"]})),
            "/2/constraints/naming_constraints",
        ),
        (
            chain(top=constrained(naming_constraints={"excluded": [".example"]})),
            "/2/constraints/naming_constraints",
        ),
        (
            chain(top=constrained(allowed_entity_types=["openid_provider"])),
            "/2/constraints/allowed_entity_types",
        ),
        (
            [*chain()[:3], statement(MIDDLE, ANCHOR), statement(ANCHOR, MIDDLE)],
            "/4",
        ),
        (chain()[:1], ""),
        ([own()] * 20, ""),
        ([own(), own()], "/1"),
        ([], ""),
        ([1, 2], "/0"),
        (
            chain(top=constrained(naming_constraints={"excluded": [1]})),
            "/2/constraints/naming_constraints/excluded",
        ),
        ([[own(), 1]], "/0/1"),
    ],
)
def test_a_chain_that_does_not_verify_is_refused(broken: object, where: str) -> None:
    with pytest.raises(ImportRefusedError) as caught:
        drafts("openid-federation", json.dumps(broken).encode(), FEDERATION)
    assert caught.value.where == where


def test_nobody_is_an_anchor_unless_the_mapping_says_so() -> None:
    with pytest.raises(ImportRefusedError, match="no keys"):
        drafts("openid-federation", json.dumps(chain()).encode(), {**FEDERATION, "keys": {}})
    swapped = {**FEDERATION, "keys": {ANCHOR: [jwk("x")]}}
    with pytest.raises(ImportRefusedError, match="not signed"):
        drafts("openid-federation", json.dumps(chain()).encode(), swapped)
