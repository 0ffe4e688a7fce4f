"""JWTs around credentials and presentations: opened, with what their header and claims say."""

from collections.abc import Mapping
from dataclasses import dataclass

from credentials.checks import CheckId
from credentials.credential import Problem
from credentials.errors import MalformedCredentialError
from credentials.sources import Limits
from credentials.values import refuse_overfull
from resolver.errors import ResolverError
from resolver.instant import BEGINNING, END, SECOND, Instant
from resolver.proofs.jose import Jws, parse_compact
from resolver.strict_json import Json, parse_json


@dataclass(frozen=True, slots=True)
class Kind:
    """What a JWT's header may call its content.

    Attributes:
        name: what it is called in messages.
        types: the values of `typ` that are of its kind, in lower case, without `application/`.
        contents: those of `cty`.
        typed: whether `typ` must be there.
    """

    name: str
    types: frozenset[str]
    contents: frozenset[str] = frozenset()
    typed: bool = False


# VC-JOSE-COSE 3.1: typ SHOULD be vc+jwt or vp+jwt, cty SHOULD be vc or vp. RFC 7515 4.1.9 lets both
# be written with "application/". What is of another kind (at+jwt, trust-act+jws) is refused, so
# that a token signed for another purpose never passes as a credential (RFC 8725 section 3.11).
# "JWT" and the names of earlier drafts are still written by UNTP issuers.
CREDENTIAL = Kind(
    "a credential (vc+jwt)",
    frozenset({"vc+jwt", "jwt", "vc+ld+jwt", "vc-ld+jwt", "vc+ld+json+jwt"}),
    frozenset({"vc", "vc+ld+json"}),
)
PRESENTATION = Kind(
    "a presentation (vp+jwt)",
    frozenset({"vp+jwt", "jwt", "vp+ld+jwt", "vp-ld+jwt", "vp+ld+json+jwt"}),
    frozenset({"vp", "vp+ld+json"}),
)
OLD_CREDENTIAL = Kind("a credential of version 1.1 (JWT)", frozenset({"jwt"}))
OLD_PRESENTATION = Kind("a presentation of version 1.1 (JWT)", frozenset({"jwt"}))
SELECTIVE_CREDENTIAL = Kind(
    "a credential (vc+sd-jwt)",
    frozenset({"vc+sd-jwt", "vc+ld+json+sd-jwt", "vc-ld+sd-jwt"}),
    frozenset({"vc", "vc+ld+json"}),
)
# The last draft's name first; until November 2024 drafts said vc+sd-jwt.
SELECTIVE_CLAIMS = Kind(
    "an SD-JWT VC (dc+sd-jwt)", frozenset({"dc+sd-jwt", "vc+sd-jwt"}), typed=True
)


def read_json(data: str | bytes, limits: Limits, pointer: str = "") -> Json:
    """Parse JSON within the limits.

    Raises:
        MalformedCredentialError: it is none that has one meaning, or exceeds a limit.
    """
    try:
        return parse_json(data, max_bytes=limits.max_bytes, max_depth=limits.max_depth)
    except ResolverError as error:
        raise MalformedCredentialError(f"not acceptable JSON: {error}", pointer) from None


def read_jwt(token: str, limits: Limits) -> tuple[Jws, dict[str, Json]]:
    """Open a compact JWT whose payload is an object (RFC 7519 section 7.2).

    Raises:
        MalformedCredentialError: it is none, or exceeds a limit.
    """
    try:
        jws = parse_compact(token, max_bytes=limits.max_bytes)
    except ResolverError as error:
        raise MalformedCredentialError(f"not an acceptable compact JWT: {error}") from None
    body = read_json(jws.payload, limits)
    if not isinstance(body, dict):
        raise MalformedCredentialError("the JWT's payload is no JSON object")
    refuse_overfull(body)
    return jws, body


def header_problems(jws: Jws, kind: Kind) -> tuple[Problem, ...]:
    """Return what in a header says that the content is of another kind."""
    problems = []
    for member, known in (("typ", kind.types), ("cty", kind.contents)):
        value = jws.header.get(member)
        if value is None and not (member == "typ" and kind.typed):
            continue
        name = value.lower().removeprefix("application/") if isinstance(value, str) else ""
        if name not in known:
            message = f"{member} is not that of {kind.name}"
            problems.append(Problem(CheckId.ENVELOPE, f"(header)/{member}", message))
    return tuple(problems)


@dataclass(frozen=True, slots=True)
class Window:
    """When a signature holds, by its own claims.

    Attributes:
        not_before: its `nbf`, or None.
        expires: its `exp`, or None.
        problems: what of them could not be read.
    """

    not_before: Instant | None = None
    expires: Instant | None = None
    problems: tuple[Problem, ...] = ()


def window_of(body: Mapping[str, Json]) -> Window:
    """Read the claims on the signature's own time (VC-JOSE-COSE 3.1.3).

    `iat` decides nothing and is not read: the official test inputs write it as a date.
    """
    times = {member: numeric_date(body.get(member)) for member in ("nbf", "exp")}
    problems = (
        Problem(CheckId.VALIDITY, f"/{member}", "not a NumericDate")
        for member, instant in times.items()
        if member in body and instant is None
    )
    return Window(times["nbf"], times["exp"], tuple(problems))


def numeric_date(value: Json) -> Instant | None:
    """Read seconds since 1970 (RFC 7519 section 2); None where there are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not BEGINNING <= value * SECOND <= END:
        return None
    return Instant(int(value * SECOND))
