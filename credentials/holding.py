"""Key binding: whether who presents an SD-JWT holds the key that it is bound to (RFC 9901 7.3)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from credentials.checks import Check, CheckId, CheckOutcome, Finding, combine
from credentials.errors import MalformedCredentialError
from credentials.jwt import Kind, header_problems, numeric_date, read_jwt, window_of
from credentials.problem_types import ProblemType
from credentials.sd_jwt import SdJwt
from credentials.sources import Limits
from resolver.errors import ResolverError, UnsupportedKeyError
from resolver.instant import SECOND, Instant, format_instant
from resolver.keys import PublicKey
from resolver.proofs.jose import Jws, verify_jws
from resolver.strict_json import Json

_KIND = Kind("a key binding (kb+jwt)", frozenset({"kb+jwt"}), typed=True)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a presentation has to have been made for; the verifier alone can say so.

    Attributes:
        challenge: the challenge, or nonce, that the verifier gave out, or None.
        domain: the verifier, as it calls itself, or None.
        presented: whether the holder has to have presented it, whatever for.
    """

    challenge: str | None = None
    domain: str | None = None
    presented: bool = False

    @property
    def anything(self) -> bool:
        """Whether a holder has to have signed."""
        return self.presented or self.challenge is not None or self.domain is not None


NOTHING = Expected()


def check_holder_binding(
    sd_jwt: SdJwt | None, expected: Expected, now: Instant, limits: Limits
) -> Check:
    """Check the holder's own signature over an SD-JWT.

    Whether one is needed follows from what the verifier expects, never from whether one is there.
    Without an expectation it can be old, or made for somebody else: then it decides nothing.
    """
    return combine(
        CheckId.HOLDER_BINDING,
        _findings(sd_jwt, expected, now, limits),
        {"now": format_instant(now)},
    )


def _findings(
    sd_jwt: SdJwt | None, expected: Expected, now: Instant, limits: Limits
) -> Iterator[Finding]:
    if sd_jwt is None:
        yield Finding(CheckOutcome.SKIPPED, "a credential in this form is bound by a presentation")
    elif sd_jwt.key_binding is None and expected.anything:
        yield Finding(CheckOutcome.FAILED, "it has to be bound to its holder's key, and is not")
    elif sd_jwt.key_binding is None:
        yield Finding(CheckOutcome.SKIPPED, "it is not bound to its holder's key; nobody asks it")
    else:
        yield from _bound(sd_jwt, sd_jwt.key_binding, expected, now, limits)


def _bound(
    sd_jwt: SdJwt, token: str, expected: Expected, now: Instant, limits: Limits
) -> Iterator[Finding]:
    try:
        jws, claims = read_jwt(token, limits)
    except MalformedCredentialError as error:
        yield Finding(CheckOutcome.FAILED, f"the key binding cannot be read: {error}")
        return
    for problem in header_problems(jws, _KIND):
        yield Finding(CheckOutcome.FAILED, problem.message, problem.pointer)
    if claims.get("sd_hash") != sd_jwt.hash:
        yield Finding(CheckOutcome.FAILED, "it binds other claims than these", "/sd_hash")
    yield _signed(jws, sd_jwt.body.get("cnf"))
    if not expected.anything:
        message = "nobody said which challenge and domain it had to be made for"
        yield Finding(CheckOutcome.SKIPPED, message)
        return
    yield from _meant(claims, expected)
    yield from _recent(claims, now, limits)
    yield Finding(CheckOutcome.PASSED, "its holder signed it for this verifier")


def _signed(jws: Jws, confirmation: Json) -> Finding:
    """Verify with the key of `cnf` (RFC 7800 section 3.2)."""
    jwk = confirmation.get("jwk") if isinstance(confirmation, dict) else None
    if not isinstance(jwk, dict):
        known = "the credential names no holder's key as a JWK in cnf"
        outcome = CheckOutcome.UNDETERMINED if confirmation else CheckOutcome.FAILED
        return Finding(outcome, known, "/cnf")
    try:
        key = PublicKey.from_jwk(jwk)
    except UnsupportedKeyError as error:
        return Finding(CheckOutcome.UNDETERMINED, f"the holder's key: {error}", "/cnf/jwk")
    except ResolverError as error:
        return Finding(CheckOutcome.FAILED, f"the holder's key: {error}", "/cnf/jwk")
    try:
        verify_jws(jws, key)
    except ResolverError as error:
        return Finding(CheckOutcome.FAILED, f"the holder's signature: {error}", "/cnf/jwk")
    return Finding(CheckOutcome.SKIPPED, "the holder's signature holds")


def _meant(claims: Mapping[str, Json], expected: Expected) -> Iterator[Finding]:
    for claim, value, type_ in (
        ("nonce", expected.challenge, ProblemType.INVALID_CHALLENGE),
        ("aud", expected.domain, ProblemType.INVALID_DOMAIN),
    ):
        if not isinstance(claims.get(claim), str):
            yield Finding(CheckOutcome.FAILED, f"{claim} is no text", f"/{claim}", type_)
        elif value is not None and claims[claim] != value:
            message = f"{claim} is not what the verifier expects"
            yield Finding(CheckOutcome.FAILED, message, f"/{claim}", type_)


def _recent(claims: Mapping[str, Json], now: Instant, limits: Limits) -> Iterator[Finding]:
    """Check that it was made just now, by whichever of the two clocks."""
    made, most_s = numeric_date(claims.get("iat")), limits.max_key_binding_age_seconds
    if made is None:
        yield Finding(CheckOutcome.FAILED, "iat is no NumericDate", "/iat")
    elif abs(now - made) > most_s * SECOND:
        message = f"made at {format_instant(made)}, more than {most_s:g} seconds from now"
        yield Finding(CheckOutcome.FAILED, message, "/iat")
    window = window_of(claims)
    for problem in window.problems:
        yield Finding(CheckOutcome.FAILED, problem.message, problem.pointer)
    if window.expires is not None and now >= window.expires:
        yield Finding(CheckOutcome.FAILED, "the key binding has expired", "/exp")
    if window.not_before is not None and now < window.not_before:
        yield Finding(CheckOutcome.FAILED, "the key binding does not hold yet", "/nbf")
