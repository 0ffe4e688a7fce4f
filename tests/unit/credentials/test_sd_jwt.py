"""Selective disclosure: only what was signed is read, and nothing is read twice."""

from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.checks import CheckId, CheckOutcome
from credentials.credential import DataModel
from credentials.envelope import Form, open_envelope
from credentials.errors import MalformedCredentialError
from credentials.sd_jwt import open_sd_jwt
from credentials.sources import DEFAULT_LIMITS, Limits
from credentials.verify import Outcome
from resolver.strict_json import Json
from tests.unit.credentials.issuing import NOW, V2, Issuer, Shelf, credential
from tests.unit.credentials.selective import (
    TYPE,
    Disclosure,
    bound,
    claims,
    element,
    member,
    sd_jwt,
)
from tests.unit.credentials.test_status_tokens import URL as LIST_URL
from tests.unit.credentials.test_status_tokens import claims as list_claims

DID = "did:web:ministry.example"
PASSED, FAILED = CheckOutcome.PASSED, CheckOutcome.FAILED


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def issuer(shelf: Shelf) -> Issuer:
    return Issuer.on(shelf, DID)


def opened(issuer: Issuer, body: dict[str, Json], *disclosed: Disclosure | str) -> Json:
    return open_sd_jwt(sd_jwt(issuer, body, *disclosed), DEFAULT_LIMITS).body


async def test_plain_claims_are_a_credential(shelf: Shelf, issuer: Issuer) -> None:
    secret, other = member("secret", 1), member("other", 2, "more salt")
    body = claims(issuer, _sd=[secret.digest(), other.digest()], _sd_alg="sha-256")
    report = await shelf.check(sd_jwt(issuer, body, secret))
    assert report.verified, report.checks
    assert report.form is Form.SD_JWT_VC
    read = report.credential
    assert read is not None
    assert (read.model, read.types, read.issuer) == (DataModel.SD_JWT_VC, (TYPE,), DID)
    assert read.body["secret"] == 1
    assert not {"other", "_sd", "_sd_alg"} & read.body.keys()
    skipped = {check.id for check in report.checks if check.outcome is CheckOutcome.SKIPPED}
    assert skipped == {
        CheckId.CONTEXT,
        CheckId.HOLDER_BINDING,
        CheckId.STATUS,
        CheckId.RESOURCES,
        CheckId.SCHEMA,
        CheckId.UNTP,
    }


async def test_a_credential_of_the_data_model_travels_so_too(shelf: Shelf, issuer: Issuer) -> None:
    name = member("name", "Mine A")
    body = credential(DID, credentialSubject={"id": "did:example:mine", "_sd": [name.digest()]})
    token = sd_jwt(issuer, body, name, typ="vc+sd-jwt", cty="vc")
    enveloped = {
        "@context": [V2],
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+sd-jwt,{token}",
    }
    for raw, form in ((token, Form.SD_JWT), (enveloped, Form.ENVELOPED)):
        report = await shelf.check(raw)
        assert report.verified, report.checks
        assert report.form is form
        assert report.credential is not None
        assert report.credential.body["credentialSubject"] == {
            "id": "did:example:mine",
            "name": "Mine A",
        }
        assert not report.check(CheckId.ENVELOPE).warnings


def test_disclosures_inside_disclosures_and_arrays(issuer: Issuer) -> None:
    inner = member("street", "Main")
    address = member("address", {"_sd": [inner.digest()], "country": "CL"})
    first, second = element("copper"), element({"name": "cobalt"}, "pepper")
    body = claims(
        issuer,
        _sd=[address.digest()],
        metals=["iron", {"...": first.digest()}, {"...": second.digest()}, {"...": "decoy"}],
    )
    found = opened(issuer, body, inner, address, second)
    assert isinstance(found, dict)
    assert found["address"] == {"street": "Main", "country": "CL"}
    assert found["metals"] == ["iron", {"name": "cobalt"}]
    half = opened(issuer, body, address)
    assert isinstance(half, dict)
    assert half["address"] == {"country": "CL"}


@pytest.mark.parametrize("name", ["sha-384", "sha-512"])
def test_each_hash_function_that_is_sound(issuer: Issuer, name: str) -> None:
    secret = member("secret", 1)
    body = claims(issuer, _sd=[secret.digest(name.replace("-", ""))], _sd_alg=name)
    found = opened(issuer, body, secret)
    assert isinstance(found, dict)
    assert found["secret"] == 1


SECRET = member("secret", 1)
DIGEST = SECRET.digest()
NESTED = member("outer", {"_sd": [DIGEST]})


@pytest.mark.parametrize(
    ("members", "disclosed", "words"),
    [
        ({"_sd": [DIGEST, DIGEST]}, [SECRET], "two places"),
        ({"_sd": [DIGEST], "x": {"_sd": [DIGEST]}}, [SECRET], "two places"),
        ({"_sd": ["decoy"], "x": [{"...": "decoy"}]}, [], "two places"),
        ({"_sd": [DIGEST, NESTED.digest()]}, [SECRET, NESTED], "two places"),
        ({"_sd": [DIGEST]}, [SECRET, SECRET], "there twice"),
        ({}, [SECRET], "belongs to no digest"),
        ({"_sd": [NESTED.digest()]}, [SECRET], "belongs to no digest"),
        ({"_sd": [DIGEST], "secret": 0}, [SECRET], "there already"),
        ({"_sd": [DIGEST, member("secret", 2).digest()]}, [SECRET, member("secret", 2)], "there already"),
        ({"_sd": [member("_sd", []).digest()]}, [member("_sd", [])], "may not be disclosed"),
        ({"_sd": [member("...", 1).digest()]}, [member("...", 1)], "may not be disclosed"),
        ({"_sd": [member(7, 1).digest()]}, [member(7, 1)], "may not be disclosed"),
        ({"_sd": [element(1).digest()]}, [element(1)], "as a member"),
        ({"x": [{"...": DIGEST}]}, [SECRET], "as an element"),
        ({"x": [{"...": DIGEST, "y": 1}]}, [SECRET], "stand alone"),
        ({"x": [{"...": 7}]}, [], "stand alone"),
        ({"x": {"...": DIGEST}}, [SECRET], "not in an array"),
        ({"_sd": DIGEST}, [], "no array of digests"),
        ({"_sd": [7]}, [], "no array of digests"),
        ({"_sd": {}}, [], "no array of digests"),
        ({"_sd_alg": "sha-1"}, [], "_sd_alg"),
        ({"_sd_alg": "md5"}, [], "_sd_alg"),
        ({"_sd_alg": None, "x": 1}, ["not base64url!"], "base64url"),
        ({"_sd": [DIGEST]}, [SECRET.text + "="], "base64url"),
        ({}, ["e30"], "no array"),
        ({}, [Disclosure(["salt"])], "no array"),
        ({}, [Disclosure(["a", "b", "c", "d"])], "no array"),
        ({}, [Disclosure([1, "b", "c"])], "no array"),
        ({}, [""], "no|JSON"),
    ],
)  # fmt: skip
def test_what_was_not_signed_so_is_refused(
    issuer: Issuer, members: dict[str, Json], disclosed: list[Disclosure | str], words: str
) -> None:
    with pytest.raises(MalformedCredentialError, match=words):
        opened(issuer, claims(issuer, **members), *disclosed)


def test_a_disclosure_is_bounded_in_number_and_depth(issuer: Issuer) -> None:
    many = [member(f"m{n}", n) for n in range(5)]
    text = sd_jwt(issuer, claims(issuer, _sd=[each.digest() for each in many]), *many)
    with pytest.raises(MalformedCredentialError, match="5 disclosures, at most 4"):
        open_sd_jwt(text, Limits(max_disclosures=4))
    value: Json = 1
    layers = []
    for level in range(20):
        layers.append(member("deeper", value, str(level)))
        value = {"_sd": [layers[-1].digest()]}
    text = sd_jwt(issuer, claims(issuer, x=value), *layers)
    with pytest.raises(MalformedCredentialError, match="deeper than 10"):
        open_sd_jwt(text, Limits(max_depth=10))


def test_very_many_values_and_digests_are_not_looked_at(issuer: Issuer) -> None:
    many = [member(f"m{n}", [[]] * 1000, str(n)) for n in range(30)]
    for body, disclosed in (
        (claims(issuer, x=[[]] * 30_000), []),
        (claims(issuer, _sd=[str(n) for n in range(30_000)]), []),
        (claims(issuer, _sd=[each.digest() for each in many]), many),
    ):
        with pytest.raises(MalformedCredentialError, match="more than 20000 values"):
            opened(issuer, body, *disclosed)


@pytest.mark.parametrize("name", ["iss", "nbf", "exp", "cnf", "vct", "aka_vcts", "status"])
async def test_what_controls_validity_cannot_be_withheld(
    shelf: Shelf, issuer: Issuer, name: str
) -> None:
    whole = claims(issuer, exp=NOW // 1000 + 60, aka_vcts=["urn:a:b"], status={"x": 1})
    hidden = member(name, whole.pop(name))
    report = await shelf.check(sd_jwt(issuer, whole | {"_sd": [hidden.digest()]}, hidden))
    assert report.outcome is Outcome.FAILED
    assert not report.verified


async def test_what_a_holder_may_withhold_of_the_data_model_is_told(
    shelf: Shelf, issuer: Issuer
) -> None:
    until = member("validUntil", "2027-01-01T00:00:00Z")
    body = credential(DID, _sd=[until.digest()])
    shown = await shelf.check(sd_jwt(issuer, body, until, typ="vc+sd-jwt"))
    assert shown.verified
    assert "/validUntil" in shown.check(CheckId.ENVELOPE).warnings[0]
    hidden = await shelf.check(sd_jwt(issuer, body, typ="vc+sd-jwt"))
    assert hidden.outcome is Outcome.UNDETERMINED
    assert "1 members" in hidden.check(CheckId.ENVELOPE).message


@pytest.mark.parametrize(
    ("members", "header", "check"),
    [
        ({"vct": None}, {}, CheckId.ENVELOPE),
        ({"vct": 7}, {}, CheckId.TYPE),
        ({"vct": ""}, {}, CheckId.TYPE),
        ({"aka_vcts": "urn:a:b"}, {}, CheckId.TYPE),
        ({"aka_vcts": [7]}, {}, CheckId.TYPE),
        ({"iss": None}, {}, CheckId.ISSUER),
        ({"iss": "https://ministry.example"}, {}, CheckId.ISSUER),
        ({"exp": NOW // 1000}, {}, CheckId.VALIDITY),
        ({"nbf": NOW // 1000 + 1}, {}, CheckId.VALIDITY),
        ({"exp": "later"}, {}, CheckId.VALIDITY),
        ({"@context": [V2]}, {}, CheckId.ENVELOPE),
        ({}, {"typ": None}, CheckId.ENVELOPE),
        ({}, {"typ": "JWT"}, CheckId.ENVELOPE),
        ({}, {"typ": "vc+jwt"}, CheckId.ENVELOPE),
        ({}, {"typ": "kb+jwt"}, CheckId.ENVELOPE),
        ({}, {"kid": "did:web:other.example#key-1"}, CheckId.KEY_BINDING),
        ({}, {"kid": None}, CheckId.KEY_BINDING),
    ],
)
async def test_claims_that_are_no_credential(
    shelf: Shelf, issuer: Issuer, members: dict[str, Json], header: dict[str, Json], check: CheckId
) -> None:
    report = await shelf.check(sd_jwt(issuer, claims(issuer, **members), **header))
    assert report.outcome is Outcome.FAILED
    assert report.check(check).outcome is FAILED


@pytest.mark.parametrize(("index", "outcome"), [(2, PASSED), (0, FAILED)])
async def test_its_status_is_that_of_a_token(
    shelf: Shelf, issuer: Issuer, index: int, outcome: CheckOutcome
) -> None:
    listed = issuer.jwt(list_claims(), typ="statuslist+jwt", cty=None)
    shelf.lists[LIST_URL] = listed.encode()
    status: Json = {"status_list": {"idx": index, "uri": LIST_URL}}
    report = await shelf.check(sd_jwt(issuer, claims(issuer, status=status)))
    assert report.check(CheckId.STATUS).outcome is outcome
    assert report.verified is (outcome is PASSED)


async def test_a_forged_one_fails(shelf: Shelf, issuer: Issuer) -> None:
    secret = member("secret", 1)
    good = sd_jwt(issuer, claims(issuer, _sd=[secret.digest()]), secret)
    other = sd_jwt(issuer, claims(issuer, _sd=[secret.digest()], name="Mine B"), secret)
    forged = [*good.split(".")[:2], other.split(".")[2]]
    assert (await shelf.check(".".join(forged))).check(CheckId.PROOF).outcome is FAILED
    lied = good.replace(secret.text, member("secret", 2).text)
    assert (await shelf.check(lied)).outcome is Outcome.FAILED


@pytest.mark.parametrize("media_type", ["application/vc+jwt", "application/vp+sd-jwt"])
def test_the_media_type_has_to_agree(issuer: Issuer, media_type: str) -> None:
    with pytest.raises(MalformedCredentialError):
        open_envelope(f"data:{media_type},{sd_jwt(issuer, claims(issuer))}")
    text = sd_jwt(issuer, credential(DID), typ="vc+sd-jwt")
    with pytest.raises(MalformedCredentialError, match="the content is vc\\+sd-jwt"):
        open_envelope(f"data:application/dc+sd-jwt,{text}")


@pytest.fixture(scope="module")
def published(vectors: Path) -> str:
    return (vectors / "vc" / "jose" / "credential-sdjwt-selective.txt").read_text()


def test_the_published_input_opens(published: str) -> None:
    read = open_envelope(published)
    assert read.form is Form.SD_JWT
    assert read.problems == ()
    assert read.credential.types == ("VerifiableCredential", "IdentityCredential")
    subject = read.body["credentialSubject"]
    assert isinstance(subject, dict)
    assert (subject["firstName"], subject["lastName"]) == ("Jane", "Doe")
    assert "_sd" not in subject


SHELF = Shelf()
ISSUER = Issuer.on(SHELF, DID)
NAME, METAL = member("name", "Mine A"), element("copper", "pepper")
WHOLE = bound(
    sd_jwt(
        ISSUER,
        claims(ISSUER, name=None, _sd=[NAME.digest()], metals=[{"...": METAL.digest()}]),
        NAME,
        METAL,
    )
)


@pytest.mark.parametrize("start", range(5))
async def test_no_character_can_be_another(start: int) -> None:
    assert (await SHELF.check(WHOLE)).verified
    for at in range(start, len(WHOLE), 5):
        for other in {"A", "B", "~", "."} - {WHOLE[at]}:
            report = await SHELF.check(WHOLE[:at] + other + WHOLE[at + 1 :])
            assert not report.verified, (at, other)


NAMES = st.sampled_from(
    ["_sd", "...", "_sd_alg", "iss", "vct", "cnf", "status", "nbf", "@context", "a"]
)
DIGESTS = st.sampled_from([DIGEST, NESTED.digest(), NAME.digest(), METAL.digest(), "decoy"])
VALUES = st.recursive(
    DIGESTS | st.none() | st.integers(0, 9) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(NAMES, VALUES, max_size=4),
    st.lists(st.sampled_from([SECRET, NESTED, NAME, METAL]), max_size=3),
)
async def test_whatever_is_signed_and_disclosed_a_report_comes_back(
    members: dict[str, Json], disclosed: list[Disclosure]
) -> None:
    for body in (members, claims(ISSUER) | members):
        report = await SHELF.check(sd_jwt(ISSUER, body, *disclosed))
        assert [check.id for check in report.checks] == list(CheckId)
        if report.verified:
            assert report.credential is not None
            assert '"_sd"' not in orjson.dumps(report.credential.body).decode()


async def test_whatever_is_withheld_of_the_data_model_is_told(shelf: Shelf, issuer: Issuer) -> None:
    limit, first = member("onlyIn", "CL"), element("copper")
    subject: Json = {
        "id": "did:example:mine",
        "_sd": [limit.digest()],
        "metals": [{"...": first.digest()}, "iron"],
    }
    body = credential(DID, credentialSubject=subject)
    for shown, parts in (((limit, first), 0), ((limit,), 1), ((), 2)):
        report = await shelf.check(sd_jwt(issuer, body, *shown, typ="vc+sd-jwt"))
        assert report.verified
        warnings = report.check(CheckId.ENVELOPE).warnings
        assert [each.split()[0] for each in warnings] == ([str(parts)] if parts else [])
