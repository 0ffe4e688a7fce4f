"""Signed reads: a request that is itself the proof of the roles that its query names (RFC 9421).

What is overheard of one is worth the same answer again, for minutes, and no other: the signature
covers method and target, and is for this use alone.
"""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from link_resolver.errors import RoleNotProvedError
from link_resolver.signers import DocumentSource
from resolver.did import Did
from resolver.document import Relationship
from resolver.errors import MessageSignatureError, ResolverError
from resolver.instant import SECOND, Instant
from resolver.keys import PublicKey
from resolver.proofs.http_signatures.fields import Coverage, Signature, signatures_of
from resolver.proofs.http_signatures.messages import Component, Headers, Request
from resolver.proofs.http_signatures.signers import key_of, method_of
from resolver.proofs.http_signatures.signing import Demands, sign, verify
from resolver.signing import PrivateKey

TAG = "link-role"
"""The `tag` of a signature that proves roles; one for another use proves none (RFC 9421 7.2.8)."""
PARAMETER = "accessRole"
LIFETIME_MS = 120 * SECOND
"""The longest that a request may be under way, and its signer's clock behind."""
MAX_PARAMETERS = 100
"""Of a query."""

_COVERED = (Component("@method"), Component("@target-uri"))
_DEMANDS = Demands(frozenset(_COVERED), lifetime_ms=LIFETIME_MS)


class SignedRead(NamedTuple):
    """Who signed a request, and with which key."""

    caller: Did
    key: PublicKey


def roles_named(target_uri: str) -> list[str]:
    """Return the roles that a request's query names; that alone proves nothing.

    Raises:
        RoleNotProvedError: the query has too many parameters to be read.
    """
    try:
        query = urlsplit(target_uri).query
        named = parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        raise RoleNotProvedError("the query cannot be read") from None
    return [value for name, value in named if name == PARAMETER]


async def read_signed(
    request: Request, known: Callable[[Did], bool], documents: DocumentSource, now: Instant
) -> SignedRead | None:
    """Find out who signed a request to prove roles; None where nobody did.

    Args:
        request: as it came.
        known: tells whether a DID is known at all; for strangers, nothing is fetched.
        documents: where callers' DID documents come from.
        now: the present.

    Raises:
        RoleNotProvedError: somebody did, and it does not hold.
    """
    try:
        signature = _signature_of(request)
        if signature is None:
            return None
        method = method_of(signature)
        if not known(method.did):  # before anything is fetched for it
            raise RoleNotProvedError(f"nobody here has the DID {method.did}")
        key = await key_of(method, Relationship.AUTHENTICATION, documents, now)
        verify(request, signature, key, _DEMANDS, now)
    except ResolverError as error:
        raise RoleNotProvedError(str(error)) from None
    return SignedRead(method.did, key.public)


def _signature_of(request: Request) -> Signature | None:
    """Return the signature that is to prove roles."""
    meant = [
        each
        for each in signatures_of(request.headers)
        if each.coverage.parameters.get("tag") == TAG
    ]
    if len(meant) > 1:
        raise MessageSignatureError(f"more than one signature has the tag {TAG}")
    return meant[0] if meant else None


def sign_read(
    target_uri: str, *, kid: str, key: PrivateKey, now: Instant, method: str = "GET"
) -> Headers:
    """Sign a request, as a proof of the roles that its query names.

    Args:
        target_uri: the whole address that is asked, with its query.
        kid: the verification method in the caller's DID document, as a DID URL.
        key: its private key.
        now: the present.
        method: GET or HEAD.

    Returns:
        The fields to send.

    Raises:
        MessageSignatureError: the address is no absolute http or https URI.
    """
    coverage = Coverage(_COVERED, {"created": now // SECOND, "keyid": kid, "tag": TAG})
    return sign(Request(method, target_uri), "role", coverage, key).headers()
