"""`touchstone verify`: presentations in each form, by keys that their DIDs spell out."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from resolver.clock import SystemClock
from resolver.instant import SECOND
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from tests.unit.credentials.holders import CHALLENGE, DOMAIN, Holder, enveloped, presentation
from tests.unit.credentials.issuing import credential, status_entry
from tests.unit.credentials.selective import bound, claims, sd_jwt
from touchstone.cli import main


def by_key(seed: int) -> Holder:
    key = PrivateKey.from_seed(bytes([seed]) * 32)
    return Holder(f"did:key:{key.public.multikey}", key, key.public.multikey)


ISSUER, HOLDER = by_key(1), by_key(3)
BODY = presentation(ISSUER.embedded(credential(ISSUER.did)), holder=HOLDER.did)
TEXT = sd_jwt(ISSUER, claims(ISSUER))
EXPECTED = ("--challenge", CHALLENGE, "--domain", DOMAIN)


def just_bound() -> str:
    return bound(TEXT, iat=SystemClock().now() // SECOND)


def run(given: Json, *arguments: str) -> Result:
    """Verify what comes on standard input."""
    text = given if isinstance(given, str) else json.dumps(given)
    result = CliRunner().invoke(main, ["verify", "-", *arguments], input=text)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.parametrize(
    ("given", "form"),
    [
        (HOLDER.vp_jwt(BODY), "vp+jwt"),
        (HOLDER.proved(BODY), "embedded"),
        (enveloped(HOLDER.vp_jwt(BODY)), "enveloped"),
        (f"data:application/vp+jwt,{HOLDER.vp_jwt(BODY)}\n", "enveloped"),
    ],
)
def test_a_presentation_in_each_form_verifies(given: Json, form: str) -> None:
    answer = run(given, *EXPECTED, "--json")
    assert answer.exit_code == 0, answer.output
    document = json.loads(answer.stdout)
    assert document["outcome"] == "verified"
    assert document["form"] == form
    assert document["holder"] == HOLDER.did
    (inside,) = document["credentials"]
    assert (inside["outcome"], inside["issuer"]) == ("verified", ISSUER.did)


def test_an_sd_jwt_with_its_key_binding_is_a_presentation() -> None:
    answer = run(just_bound(), *EXPECTED, "--json")
    assert answer.exit_code == 0, answer.output
    document = json.loads(answer.stdout)
    assert document["form"] == "sd-jwt+kb"
    (inside,) = document["credentials"]
    outcomes = {each["id"]: each["outcome"] for each in inside["checks"]}
    assert outcomes["holder_binding"] == "passed"
    assert run(TEXT, *EXPECTED).exit_code == 1
    assert run(just_bound(), "--challenge", "another").exit_code == 1


@pytest.mark.parametrize("given", [HOLDER.vp_jwt(BODY), HOLDER.proved(BODY)])
def test_one_made_for_another_challenge_or_verifier_fails(given: Json) -> None:
    for other in (("--challenge", "another"), ("--domain", "https://other.example")):
        assert run(given, *other).exit_code == 1
    assert run(given).exit_code == 0  # it may be replayed: nobody said what to expect


def test_what_cannot_be_read_leaves_it_undetermined() -> None:
    body = credential(ISSUER.did, credentialStatus=status_entry())
    answer = run(HOLDER.vp_jwt(presentation(ISSUER.embedded(body), holder=HOLDER.did)), *EXPECTED)
    assert answer.exit_code == 3
    assert "? undetermined  status" in answer.stdout


def test_people_read_a_tree() -> None:
    shown = run(HOLDER.vp_jwt(BODY), *EXPECTED).stdout
    assert shown.startswith("✓ verified\n")
    for line in (
        f"presented by: {HOLDER.did}",
        "✓ passed  challenge  made for the expected challenge",
        "✓ verified  a credential",
        f"issued by: {ISSUER.did}",
    ):
        assert line in shown


def test_what_is_no_presentation_fails_and_what_is_not_there_has_no_answer(tmp_path: Path) -> None:
    failed = run(ISSUER.embedded(credential(ISSUER.did)))
    assert failed.exit_code == 1
    assert "no VerifiablePresentation" in failed.stdout
    absent = CliRunner().invoke(main, ["verify", str(tmp_path / "none.json")])
    assert absent.exit_code == 4


def test_settings_that_cannot_be_used_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_SCHEMAS", str(tmp_path / "none"))
    answer = run(HOLDER.vp_jwt(BODY))
    assert answer.exit_code == 4
    assert "TOUCHSTONE_SCHEMAS" in answer.stderr
