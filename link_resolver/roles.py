"""Roles: how a caller proves that it may know of links that are not for everybody (UNTP).

A proof is a signed token (RFC 7519) in `Authorization: Bearer` (RFC 6750): by a key that the
caller's DID document lists for authentication, for this resolver alone, and good for minutes, so
that whoever gets hold of one can do little with it. Or it is the request itself, signed: see
`link_resolver.signed_reads`. Which party holds which role, the host says.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from link_resolver.errors import RoleNotProvedError, SignatureRefusedError
from link_resolver.publishers import Permission
from link_resolver.signed_reads import read_signed, roles_named
from link_resolver.signers import DocumentSource, find_signer, method_of
from resolver.clock import Clock
from resolver.did import Did
from resolver.document import Relationship
from resolver.errors import InvalidDidError, InvalidJsonError
from resolver.instant import END, SECOND, Instant
from resolver.jcs import canonicalise
from resolver.keys import PublicKey
from resolver.proofs.http_signatures.messages import Request
from resolver.proofs.jose import InvalidJwsError, Jws, parse_compact, sign_compact
from resolver.signing import PrivateKey
from resolver.strict_json import Json, parse_json

TOKEN_TYPE = "link-role+jwt"  # noqa: S105 - a media type
"""The `typ` of a proof's protected header."""
LIFETIME_MS = 300 * SECOND
"""The longest that a proof may be good for: what is overheard is soon worth nothing."""
SKEW_MS = 60 * SECOND
"""How far ahead a caller's clock may be."""
MAX_TOKEN = 4096
"""Characters."""
MAX_ROLES = 20
MAX_ROLE = 300
"""Characters, as of a link's `accessRole`."""
MAX_REMEMBERED = 1024
"""Proofs that were verified and still hold."""

_MEMBERS = frozenset({"iss", "aud", "iat", "exp", "roles"})
_BEARER = re.compile(r"Bearer +([!-~]+)", re.IGNORECASE)
_NONE = frozenset[str]()


class RoleHolders(Protocol):
    """Knows who holds which role."""

    @property
    def version(self) -> int:
        """A number that differs whenever an answer may differ, other than by time passing."""
        ...

    def knows(self, publisher: Did) -> bool:
        """Tell whether a DID is known at all; for strangers, nothing is fetched."""
        ...

    def holds(self, caller: Did, role: str, at: Instant, key: str) -> Permission:
        """Say whether a caller holds a role.

        Args:
            caller: who.
            role: as links name it in `accessRole`.
            at: when.
            key: the RFC 7638 thumbprint of the key that signed.
        """
        ...


class _Claims(NamedTuple):
    caller: Did
    resolver: str
    issued: Instant
    expires: Instant
    roles: frozenset[str]


class _Proved(NamedTuple):
    """Roles that were proved, until when, and at which version of the holders."""

    roles: frozenset[str]
    until: Instant
    version: int


class ProvedRoles:
    """Finds out which roles a request's credentials prove; see `http.Roles`.

    Args:
        holders: who holds which role.
        documents: where callers' DID documents come from.
        clock: what tells the present.
        origin: the resolver's name; proofs for another one are refused.
    """

    def __init__(
        self, holders: RoleHolders, documents: DocumentSource, clock: Clock, origin: str
    ) -> None:
        self._holders = holders
        self._documents = documents
        self._clock = clock
        self._origin = origin
        self._proved: dict[str, _Proved] = {}

    async def of(self, request: Request) -> frozenset[str]:
        """Return the roles that a request proves; none where it has no proof.

        Raises:
            RoleNotProvedError: there is a proof, and it does not hold.
        """
        given = (value for name, value in request.headers if name.lower() == "authorization")
        bearer, now = _BEARER.fullmatch(next(given, "")), self._clock.now()
        if bearer is None:
            return await self._signed(request, now)
        token = bearer[1]
        proved = self._proved.get(token)
        if proved is not None and proved.version == self._holders.version and now < proved.until:
            return proved.roles
        proved = await self._prove(token, now)
        if len(self._proved) >= MAX_REMEMBERED:
            self._proved.clear()
        self._proved[token] = proved
        return proved.roles

    async def _signed(self, request: Request, now: Instant) -> frozenset[str]:
        """Return the roles that a request names and its own signature proves."""
        signs = any(name.lower() == "signature-input" for name, _ in request.headers)
        named = roles_named(request.target_uri) if signs else ()
        if not named:  # then nobody signed, or not about roles
            return _NONE
        signed = await read_signed(request, self._holders.knows, self._documents, now)
        if signed is None:
            return _NONE
        roles = _roles([*named])
        self._held(signed.caller, roles, signed.key, now)
        return roles

    async def _prove(self, token: str, now: Instant) -> _Proved:
        version = self._holders.version
        try:
            jws = parse_compact(token, max_bytes=MAX_TOKEN)
            method = method_of(jws, TOKEN_TYPE)
            claims = _claims(jws)
            if claims.caller != method.did:
                raise RoleNotProvedError("kid is not a key of whom iss names")
            self._check(claims, now)
            signer = await find_signer(
                jws, method, Relationship.AUTHENTICATION, self._documents, now
            )
        except (InvalidJwsError, SignatureRefusedError) as error:
            raise RoleNotProvedError(str(error)) from None
        held = self._held(claims.caller, claims.roles, signer.key, now)
        return _Proved(claims.roles, min(claims.expires, held), version)

    def _held(self, caller: Did, roles: frozenset[str], key: PublicKey, now: Instant) -> Instant:
        """Return until when a caller holds roles."""
        until = END
        for role in sorted(roles):
            held = self._holders.holds(caller, role, now, key.thumbprint)
            if not held.granted:
                reason = f" ({held.reason})" if held.reason else ""
                raise RoleNotProvedError(f"{caller} does not hold the role {role}{reason}")
            until = min(until, held.until)
        return until

    def _check(self, claims: _Claims, now: Instant) -> None:
        if claims.resolver != self._origin:
            raise RoleNotProvedError(f"aud is another resolver; this is {self._origin}")
        if claims.issued > now + SKEW_MS:
            raise RoleNotProvedError("iat lies in the future")
        if not claims.issued < claims.expires <= claims.issued + LIFETIME_MS:
            raise RoleNotProvedError(f"exp lies at most {LIFETIME_MS // SECOND} seconds after iat")
        if claims.expires <= now:
            raise RoleNotProvedError("it has expired")
        if not self._holders.knows(claims.caller):  # before anything is fetched for it
            raise RoleNotProvedError(f"nobody here has the DID {claims.caller}")


def _claims(jws: Jws) -> _Claims:
    try:
        value = parse_json(jws.payload, max_bytes=MAX_TOKEN, max_depth=2)
    except InvalidJsonError as error:
        raise RoleNotProvedError(str(error)) from None
    if not isinstance(value, dict) or value.keys() != _MEMBERS:
        raise RoleNotProvedError(f"a proof has exactly {', '.join(sorted(_MEMBERS))}")
    issuer, audience = value["iss"], value["aud"]
    if not isinstance(issuer, str) or not isinstance(audience, str):
        raise RoleNotProvedError("iss and aud are strings")
    try:
        caller = Did.parse(issuer)
    except InvalidDidError as error:
        raise RoleNotProvedError(f"iss: {error}") from None
    return _Claims(
        caller, audience, _instant(value["iat"]), _instant(value["exp"]), _roles(value["roles"])
    )


def _instant(value: Json) -> Instant:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < END // SECOND:
        raise RoleNotProvedError("iat and exp are whole seconds since 1970 (RFC 7519 2)")
    return Instant(value * SECOND)


def _roles(value: Json) -> frozenset[str]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_ROLES:
        raise RoleNotProvedError(f"roles is a list of 1 to {MAX_ROLES}")
    roles = frozenset(each for each in value if isinstance(each, str) and 0 < len(each) <= MAX_ROLE)
    if len(roles) != len(value):
        raise RoleNotProvedError(f"each role is a string, there once, of {MAX_ROLE} characters")
    return roles


def sign_proof(
    roles: Sequence[str],
    *,
    caller: Did,
    kid: str,
    key: PrivateKey,
    resolver: str,
    now: Instant,
    lifetime_ms: int = LIFETIME_MS,
) -> str:
    """Sign a proof of roles, as it goes behind `Authorization: Bearer`.

    Args:
        roles: which, as links name them.
        caller: who holds them.
        kid: the verification method in the caller's DID document, as a DID URL.
        key: its private key.
        resolver: the origin of the resolver that it is for.
        now: the present.
        lifetime_ms: how long it is to be good for, in milliseconds.
    """
    issued = now // SECOND
    payload = canonicalise(
        {
            "iss": caller.text,
            "aud": resolver,
            "iat": issued,
            "exp": issued + lifetime_ms // SECOND,
            "roles": [*roles],
        }
    )
    return sign_compact(payload, {"kid": kid, "typ": TOKEN_TYPE}, key)
