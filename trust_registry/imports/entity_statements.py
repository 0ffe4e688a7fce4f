"""Entity statements of OpenID Federation 1.0: read, and verified as a chain (section 10.2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

from resolver.instant import SECOND, Instant
from resolver.proofs.jose import Jws
from resolver.strict_json import Json
from trust_registry.imports.errors import ImportRefusedError
from trust_registry.imports.tokens import read_token, seconds, verify_token

MIN_CHAIN, MAX_CHAIN = 2, 16
"""Statements of one chain."""
MAX_KEYS = 32
"""Keys that one statement names."""
ANCHOR = "trust_anchor"
"""The word for who begins a chain."""
INTERMEDIATE = "intermediate"
"""The word for who stands between the trust anchor and the chain's subject."""
ALWAYS = "federation_entity"
"""The entity type that every entity may have."""
_TYPE = "entity-statement+jwt"
_SKEW = 300 * SECOND
_CONSTRAINTS = {"max_path_length", "naming_constraints", "allowed_entity_types"}


@dataclass(frozen=True, slots=True)
class Statement:
    """An entity statement (section 3).

    Attributes:
        where: its place in the list.
        jws: as it was signed.
        claims: what it says.
        issuer: the entity that says it.
        subject: the entity that it is about.
        ends: when it expires.
    """

    where: str
    jws: Jws
    claims: Mapping[str, Json]
    issuer: str
    subject: str
    ends: Instant

    @property
    def keys(self) -> list[Mapping[str, Json]]:
        """The keys that its subject signs with.

        Raises:
            ImportRefusedError: they are more than `MAX_KEYS`.
        """
        keys = _keys(self.claims.get("jwks"))
        if len(keys) > MAX_KEYS:
            raise ImportRefusedError(f"{self.where}/jwks", f"names more than {MAX_KEYS} keys")
        return keys


def read_chain(where: str, value: Json, now: Instant) -> list[Statement]:
    """Read the statements of a chain; nothing in them is believed yet.

    Args:
        where: its place.
        value: an array of compact JWSs, from the chain's subject up.
        now: when it is read.

    Raises:
        ImportRefusedError: too short or long, a statement that is none, or has expired.
    """
    if not isinstance(value, list) or not MIN_CHAIN <= len(value) <= MAX_CHAIN:
        raise ImportRefusedError(where, f"a chain has {MIN_CHAIN} to {MAX_CHAIN} statements")
    return [_statement(f"{where}/{number}", each, now) for number, each in enumerate(value)]


def _statement(where: str, token: Json, now: Instant) -> Statement:
    if not isinstance(token, str):
        raise ImportRefusedError(where, "is a compact JWS")
    jws, claims = read_token(where, token)
    if jws.header.get("typ") != _TYPE:
        raise ImportRefusedError(where, f"its typ is not {_TYPE}")
    if jws.kid is None:
        raise ImportRefusedError(where, "its header names no key")
    for member in ("crit", "metadata_policy_crit"):
        if member in claims:
            raise ImportRefusedError(f"{where}/{member}", "what it names is not understood")
    if seconds(where, claims, "iat") > now + _SKEW:
        raise ImportRefusedError(f"{where}/iat", "is in the future")
    ends = seconds(where, claims, "exp")
    if ends <= now:
        raise ImportRefusedError(f"{where}/exp", "it has expired")
    issuer, subject = (_entity(f"{where}/{name}", claims.get(name)) for name in ("iss", "sub"))
    return Statement(where, jws, claims, issuer, subject, ends)


def _entity(where: str, value: Json) -> str:
    """Read an entity identifier (section 1.2)."""
    try:
        parts = urlsplit(value if isinstance(value, str) else "")
        named = parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        named = False
    if not isinstance(value, str) or not named or parts.query or parts.fragment:
        raise ImportRefusedError(where, "is no https URL without query and fragment")
    return value


def verify_chain(
    chain: Sequence[Statement], anchors: Mapping[str, Sequence[Mapping[str, Json]]]
) -> None:
    """Verify a chain from its subject to its trust anchor (section 10.2).

    Args:
        chain: its statements.
        anchors: the keys (JWK) of trust anchors, by entity identifier.

    Raises:
        ImportRefusedError: a signature, a link or a constraint does not hold.
    """
    first, last = chain[0], chain[-1]
    verify_token(first.where, first.jws, first.keys)
    if first.issuer != first.subject:
        raise ImportRefusedError(first.where, "a chain begins with its subject's own statement")
    if chain[1].issuer == chain[1].subject:
        raise ImportRefusedError(chain[1].where, "is what a superior says of the subject")
    hints = first.claims.get("authority_hints")
    if not isinstance(hints, list) or chain[1].issuer not in hints:
        message = f"does not name {chain[1].issuer}"
        raise ImportRefusedError(f"{first.where}/authority_hints", message)
    for below, above in pairwise(chain):
        _join(below, above, is_last=above is last)
    entities = [first.subject, *(each.issuer for each in chain[1:] if each.issuer != each.subject)]
    if len(set(entities)) != len(entities):
        raise ImportRefusedError(last.where, "an entity stands above itself")
    anchor = anchors.get(last.issuer)
    if anchor is None:
        raise ImportRefusedError(last.where, f"the mapping has no keys of {last.issuer}")
    verify_token(last.where, last.jws, anchor)
    for position, statement in enumerate(chain[1:]):
        if statement.issuer != statement.subject:
            _constrain(statement, position, [each.subject for each in chain[: position + 2]], first)


def _join(below: Statement, above: Statement, *, is_last: bool) -> None:
    """Check that a statement vouches for the one before it."""
    if below.issuer != above.subject:
        message = f"is about {above.subject}, and the one before was made by {below.issuer}"
        raise ImportRefusedError(above.where, message)
    verify_token(below.where, below.jws, above.keys)
    if above.issuer == above.subject and not is_last:
        raise ImportRefusedError(above.where, "only the two ends speak of themselves")
    if above.issuer != above.subject and "authority_hints" in above.claims:
        message = "belongs to what an entity says of itself"
        raise ImportRefusedError(f"{above.where}/authority_hints", message)


def _constrain(statement: Statement, below: int, subjects: Sequence[str], leaf: Statement) -> None:
    """Check what a superior demands of all below it (section 6.2).

    Args:
        statement: its statement.
        below: intermediates between it and the chain's subject.
        subjects: every entity below it.
        leaf: the statement of the chain's subject about itself.
    """
    where = f"{statement.where}/constraints"
    constraints = constraints_of(statement)
    most = constraints.get("max_path_length", below)
    if not isinstance(most, int) or isinstance(most, bool) or most < below:
        message = f"{below} intermediates are below {statement.issuer}"
        raise ImportRefusedError(f"{where}/max_path_length", message)
    naming = constraints.get("naming_constraints", {})
    if not isinstance(naming, dict) or not naming.keys() <= {"permitted", "excluded"}:
        raise ImportRefusedError(f"{where}/naming_constraints", "is not understood")
    permitted, excluded = (
        _texts(f"{where}/naming_constraints", naming, n) for n in ("permitted", "excluded")
    )
    for subject in subjects:
        host = urlsplit(subject).hostname or ""
        outside = "permitted" in naming and not any(_within(host, each) for each in permitted)
        if outside or any(_within(host, each) for each in excluded):
            message = f"{host} is not to be below {statement.issuer}"
            raise ImportRefusedError(f"{where}/naming_constraints", message)
    if "allowed_entity_types" in constraints:
        allowed = {*_texts(where, constraints, "allowed_entity_types"), ALWAYS}
        for each in sorted(set(metadata_of(leaf)) - allowed):
            message = f"{each} is not to be below {statement.issuer}"
            raise ImportRefusedError(f"{where}/allowed_entity_types", message)


def constraints_of(statement: Statement) -> Mapping[str, Json]:
    """Return the constraints of a statement.

    Raises:
        ImportRefusedError: one of them is not understood.
    """
    value = statement.claims.get("constraints", {})
    if not isinstance(value, dict) or not value.keys() <= _CONSTRAINTS:
        raise ImportRefusedError(f"{statement.where}/constraints", "is not understood")
    return value


def _within(host: str, constraint: str) -> bool:
    """Tell whether a host is in a constraint (RFC 5280 4.2.1.10); a leading dot means below it."""
    wanted = constraint.lower()
    return host.endswith(wanted) if wanted.startswith(".") else host == wanted


def metadata_of(statement: Statement) -> Mapping[str, Json]:
    """Return the metadata of a statement, by entity type.

    Raises:
        ImportRefusedError: it is no object, or a type is called as a place in a chain is.
    """
    value = statement.claims.get("metadata", {})
    if not isinstance(value, dict):
        raise ImportRefusedError(f"{statement.where}/metadata", "is an object")
    for word in (ANCHOR, INTERMEDIATE):
        # Else an entity would name itself what only its place in a chain makes it.
        if word in value:
            raise ImportRefusedError(f"{statement.where}/metadata/{word}", "is no entity type")
    return value


def _keys(value: Json) -> list[Mapping[str, Json]]:
    keys = value.get("keys") if isinstance(value, dict) else None
    return [each for each in keys if isinstance(each, dict)] if isinstance(keys, list) else []


def _texts(where: str, members: Mapping[str, Json], name: str) -> list[str]:
    value = members.get(name, [])
    texts = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    if texts != value:
        raise ImportRefusedError(f"{where}/{name}", "is a list of strings")
    return texts
