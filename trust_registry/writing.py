"""The writing side: acts written out, signed, and fit to be submitted or carried to a signer."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Protocol

from resolver.did import Did
from resolver.instant import DAY, Instant, format_instant
from resolver.jcs import canonicalise
from resolver.proofs.jose import sign_flattened
from resolver.signing import PrivateKey
from resolver.strict_json import Json
from trust_registry.acts import ACT_TYPE, act_id, parse_act
from trust_registry.documents import state_every_dimension
from trust_registry.journal import Journal
from trust_registry.opening import open_act

LIFETIME_MS = 30 * DAY
"""Milliseconds for which an act can be recorded and voted on, where nothing else is said."""

__all__ = [
    "Target",
    "act_id",
    "cosign_act",
    "found",
    "sign_act",
    "state_every_dimension",
    "vote_on",
    "write_act",
    "write_for",
]


class Target(Protocol):
    """What an act must know of the registry it is for; a `Registry` is one."""

    @property
    def origin(self) -> str:
        """Its name."""
        ...

    @property
    def genesis(self) -> str:
        """SHA-256 of its first entry, in hex."""
        ...

    @property
    def journal(self) -> Journal:
        """Its journal."""
        ...


def write_act(
    members: Mapping[str, Json],
    *,
    by: Did | str,
    origin: str,
    genesis: str | None,
    base: tuple[int, str] | None,
    issued: Instant,
    expires: Instant | None = None,
    nonce: str | None = None,
) -> bytes:
    """Write an act out in the bytes that are signed.

    Args:
        members: `type` and what is particular to it, and `evidence`; in `scope`, `rest: any` states
            every dimension that is not written.
        by: who will sign it.
        origin: the registry's name.
        genesis: SHA-256 of its first entry, in hex; None for that entry itself.
        base: the journal's size and its root, in hex; None for the first entry.
        issued: now.
        expires: until when it can be recorded and voted on; 30 days on, where not said.
        nonce: never used before by the signer; random, where not said.

    Raises:
        ActRefusedError: the act would be refused for its form.
    """
    registry: dict[str, Json] = {"origin": origin}
    if genesis:
        registry["genesis"] = genesis
    payload: dict[str, Json] = {
        "registry": registry,
        "by": str(by),
        "issued": format_instant(issued),
        "expires": format_instant(Instant(issued + LIFETIME_MS) if expires is None else expires),
        "nonce": nonce or secrets.token_urlsafe(18),
    }
    if base is not None:
        payload["base"] = {"size": base[0], "root": base[1]}
    payload.update(members)
    scope = payload.get("scope")
    if isinstance(scope, dict):
        payload["scope"] = state_every_dimension(scope)
    data = canonicalise(payload)
    parse_act(data)
    return data


def write_for(
    registry: Target, members: Mapping[str, Json], *, by: Did | str, issued: Instant
) -> bytes:
    """Write an act out for a registry at hand, on its present state; see `write_act`."""
    journal = registry.journal
    base = (journal.size, journal.root.hex()) if journal.size else None
    return write_act(
        members,
        by=by,
        origin=registry.origin,
        genesis=registry.genesis or None,
        base=base,
        issued=issued,
    )


def vote_on(proposal: str, framework: str, vote: str = "approve") -> dict[str, Json]:
    """Return the members of a vote.

    Args:
        proposal: the id of the act voted on.
        framework: the digest of the framework in force.
        vote: `approve`, `reject`, `take_back` or `execute`.
    """
    return {"type": vote, "proposal": proposal, "framework": framework}


def found(
    framework: Mapping[str, Json],
    *,
    by: Did | str,
    origin: str,
    issued: Instant,
    evidence: Sequence[Mapping[str, Json]] = (),
) -> bytes:
    """Write the act that begins a journal: its framework, to be signed by a member it seats.

    Args:
        framework: its document.
        by: who will sign it.
        origin: the registry's name.
        issued: now.
        evidence: what it rests on, such as the last checkpoint of the registry that it succeeds.

    Raises:
        ActRefusedError: the framework is not what it should be.
    """
    members: dict[str, Json] = {"type": "adopt_framework", "framework": dict(framework)}
    if evidence:
        members["evidence"] = [dict(each) for each in evidence]
    return write_act(members, by=by, origin=origin, genesis=None, base=None, issued=issued)


def sign_act(payload: bytes, kid: str, key: PrivateKey) -> dict[str, str]:
    """Sign an act.

    Args:
        payload: as `write_act` wrote it.
        kid: the verification method in the signer's DID document, as a DID URL.
        key: its private key.

    Returns:
        The flattened JWS, to be submitted.
    """
    return sign_flattened(payload, {"kid": kid, "typ": ACT_TYPE}, key)


def cosign_act(signed: Mapping[str, Json], kid: str, key: PrivateKey) -> dict[str, Json]:
    """Add a signature to an act that somebody else has signed; see `sign_act`.

    Args:
        signed: the act as it was signed so far.
        kid: the verification method in the cosigner's DID document, as a DID URL.
        key: its private key.

    Returns:
        The general JWS (RFC 7515 7.2.1).

    Raises:
        ActRefusedError: what was signed is no act.
    """
    payload = open_act({**signed}).payload
    more = sign_act(payload, kid, key)
    before = signed["signatures"] if "signatures" in signed else [_part(signed)]
    signatures = [*before, _part(more)] if isinstance(before, list) else [_part(more)]
    return {"payload": more["payload"], "signatures": signatures}


def _part(flattened: Mapping[str, Json]) -> Json:
    return {name: flattened[name] for name in ("protected", "signature")}
