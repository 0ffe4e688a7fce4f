"""Key binding: an SD-JWT counts as presented only by whoever holds its key, here and now."""

import pytest

from credentials.checks import Check, CheckId, CheckOutcome
from credentials.holding import NOTHING, Expected
from credentials.problem_types import ProblemType
from credentials.verify import verify
from resolver.keys import Curve
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from tests.unit.credentials.issuing import NOW, Issuer, Shelf
from tests.unit.credentials.selective import CHALLENGE, DOMAIN, HOLDER, bound, claims, sd_jwt

DID = "did:web:ministry.example"
SHELF = Shelf()
ISSUER = Issuer.on(SHELF, DID)
TEXT = sd_jwt(ISSUER, claims(ISSUER))
ASKED = Expected(CHALLENGE, DOMAIN)
SECONDS = NOW // 1000


async def binding(text: str, expected: Expected = ASKED) -> Check:
    report = await verify(text, SHELF.verifier(), expected=expected)
    found = report.check(CheckId.HOLDER_BINDING)
    assert report.verified is (found.outcome in {CheckOutcome.PASSED, CheckOutcome.SKIPPED})
    return found


async def test_the_holder_of_the_key_is_known() -> None:
    assert (await binding(bound(TEXT))).outcome is CheckOutcome.PASSED


async def test_whether_it_is_needed_is_for_the_verifier_to_say() -> None:
    assert (await binding(TEXT)).outcome is CheckOutcome.FAILED
    assert (await binding(TEXT, NOTHING)).outcome is CheckOutcome.SKIPPED
    old = bound(TEXT, iat=SECONDS - 9999, aud="https://other.example")
    assert (await binding(old, NOTHING)).outcome is CheckOutcome.SKIPPED


@pytest.mark.parametrize(
    ("expected", "type_"),
    [
        (Expected("other", DOMAIN), ProblemType.INVALID_CHALLENGE),
        (Expected(CHALLENGE, "https://other.example"), ProblemType.INVALID_DOMAIN),
        (Expected("other"), ProblemType.INVALID_CHALLENGE),
    ],
)
async def test_made_for_somebody_else(expected: Expected, type_: ProblemType) -> None:
    found = await binding(bound(TEXT), expected)
    assert found.outcome is CheckOutcome.FAILED
    assert [each.type for each in found.problems] == [type_]


@pytest.mark.parametrize(
    "members",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"typ": "dc+sd-jwt"},
        {"iat": None},
        {"iat": "now"},
        {"iat": SECONDS - 301},
        {"iat": SECONDS + 301},
        {"nonce": None},
        {"nonce": [CHALLENGE]},
        {"aud": None},
        {"aud": [DOMAIN]},
        {"sd_hash": None},
        {"sd_hash": "AAAA"},
        {"exp": SECONDS},
        {"exp": "x"},
        {"nbf": SECONDS + 1},
    ],
    ids=str,
)
async def test_each_part_counts(members: dict[str, Json]) -> None:
    assert (await binding(bound(TEXT, **members))).outcome is CheckOutcome.FAILED


@pytest.mark.parametrize("members", [{"typ": "JWT"}, {"sd_hash": "AAAA"}], ids=str)
async def test_a_wrong_one_is_refused_even_where_none_is_needed(members: dict[str, Json]) -> None:
    assert (await binding(bound(TEXT, **members), NOTHING)).outcome is CheckOutcome.FAILED


async def test_another_key_or_no_key() -> None:
    stranger = PrivateKey.from_seed(bytes([8]) * 32)
    assert (await binding(bound(TEXT, stranger))).outcome is CheckOutcome.FAILED
    assert (
        await binding(bound(TEXT, PrivateKey.generate(Curve.P256)))
    ).outcome is CheckOutcome.FAILED
    for cnf, outcome in (
        (None, CheckOutcome.FAILED),
        ({"kid": "did:web:holder.example#key-1"}, CheckOutcome.UNDETERMINED),
        ({"jwk": {"kty": "OKP", "crv": "Ed448", "x": "AA"}}, CheckOutcome.UNDETERMINED),
        ({"jwk": {"kty": "OKP", "crv": "Ed25519"}}, CheckOutcome.FAILED),
        ({"jwk": 7}, CheckOutcome.UNDETERMINED),
    ):
        text = sd_jwt(ISSUER, claims(ISSUER, cnf=cnf))
        assert (await binding(bound(text))).outcome is outcome, cnf


async def test_a_binding_does_not_move_to_other_claims() -> None:
    other = sd_jwt(ISSUER, claims(ISSUER, name="Mine B"))
    moved = other + bound(TEXT).removeprefix(TEXT)
    assert (await binding(moved)).outcome is CheckOutcome.FAILED
    for nonsense in ("x", "a.b.c", "e30.e30.e30", HOLDER.public.thumbprint):
        assert (await binding(TEXT + nonsense)).outcome is CheckOutcome.FAILED
