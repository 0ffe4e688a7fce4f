"""Trust chains of OpenID Federation 1.0: every signature, time, link and constraint is checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

from resolver.did import Did
from resolver.instant import SECOND, Instant
from resolver.proofs.jose import Jws
from resolver.strict_json import Json
from trust_registry.imports.drafts import Drafting, Drafts
from trust_registry.imports.errors import ImportRefusedError
from trust_registry.imports.sources import Source, json_of
from trust_registry.imports.tokens import read_token, seconds, verify_token

MIN_CHAIN, MAX_CHAIN = 2, 16
"""Statements of one chain."""
MAX_CHAINS = 1000
MAX_KEYS = 32
"""Keys that one statement names."""
ANCHOR = "trust_anchor"
"""The word for who begins a chain."""
INTERMEDIATE = "intermediate"
"""The word for who stands between the trust anchor and the chain's subject."""
_ALWAYS = "federation_entity"
_TYPE = "entity-statement+jwt"
_SKEW = 300 * SECOND
_CONSTRAINTS = {"max_path_length", "naming_constraints", "allowed_entity_types"}


@dataclass(frozen=True, slots=True)
class _Statement:
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


def read_trust_chains(source: Source) -> Drafts:
    """Draft the entities of one chain or several, and what the mapping says of each link.

    The words are `trust_anchor`, `intermediate`, and the entity types of each chain's subject. The
    trust anchor's keys, and the DID of each entity, come from the mapping alone.

    Raises:
        ImportRefusedError: a chain does not verify (section 10.2); the error names the statement.
    """
    value = json_of(source)
    chain = value.get("trust_chain") if isinstance(value, dict) else value
    chains = [chain] if isinstance(chain, list) and chain and isinstance(chain[0], str) else chain
    if not isinstance(chains, list) or not chains or len(chains) > MAX_CHAINS:
        message = f"is an array of statements, or of at most {MAX_CHAINS} such arrays"
        raise ImportRefusedError("", message)
    drafting = Drafting(source)
    seen: set[tuple[str, str, str]] = set()
    for number, each in enumerate(chains):
        where = "" if chains is not chain else f"/{number}"
        statements = _statements(where, each, source.now)
        _verify(statements, source)
        _draft(drafting, source, statements, seen)
    return drafting.done()


def _statements(where: str, value: Json, now: Instant) -> list[_Statement]:
    if not isinstance(value, list) or not MIN_CHAIN <= len(value) <= MAX_CHAIN:
        raise ImportRefusedError(where, f"a chain has {MIN_CHAIN} to {MAX_CHAIN} statements")
    return [_statement(f"{where}/{number}", each, now) for number, each in enumerate(value)]


def _statement(where: str, token: Json, now: Instant) -> _Statement:
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
    return _Statement(where, jws, claims, issuer, subject, ends)


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


def _verify(chain: Sequence[_Statement], source: Source) -> None:
    """Verify a chain from its subject to its trust anchor (section 10.2)."""
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
    anchor = source.meanings.keys.get(last.issuer)
    if anchor is None:
        raise ImportRefusedError(last.where, f"the mapping has no keys of {last.issuer}")
    verify_token(last.where, last.jws, anchor)
    for position, statement in enumerate(chain[1:]):
        if statement.issuer != statement.subject:
            _constrain(statement, position, [each.subject for each in chain[: position + 2]], first)


def _join(below: _Statement, above: _Statement, *, is_last: bool) -> None:
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


def _constrain(
    statement: _Statement, below: int, subjects: Sequence[str], leaf: _Statement
) -> None:
    """Check what a superior demands of all below it (section 6.2).

    Args:
        statement: its statement.
        below: intermediates between it and the chain's subject.
        subjects: every entity below it.
        leaf: the statement of the chain's subject about itself.
    """
    where = f"{statement.where}/constraints"
    constraints = _constraints(statement)
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
        allowed = {*_texts(where, constraints, "allowed_entity_types"), _ALWAYS}
        for each in sorted(set(_metadata(leaf)) - allowed):
            message = f"{each} is not to be below {statement.issuer}"
            raise ImportRefusedError(f"{where}/allowed_entity_types", message)


def _constraints(statement: _Statement) -> Mapping[str, Json]:
    value = statement.claims.get("constraints", {})
    if not isinstance(value, dict) or not value.keys() <= _CONSTRAINTS:
        raise ImportRefusedError(f"{statement.where}/constraints", "is not understood")
    return value


def _within(host: str, constraint: str) -> bool:
    """Tell whether a host is in a constraint (RFC 5280 4.2.1.10); a leading dot means below it."""
    wanted = constraint.lower()
    return host.endswith(wanted) if wanted.startswith(".") else host == wanted


def _draft(
    drafting: Drafting,
    source: Source,
    chain: Sequence[_Statement],
    seen: set[tuple[str, str, str]],
) -> None:
    """Draft a chain from its trust anchor down, as far as the mapping gives DIDs."""
    if any("metadata_policy" in each.claims for each in chain):
        drafting.remark(chain[0].where, "Metadata and policies on it are not carried over.")
    if "trust_marks" in chain[0].claims:
        drafting.remark(chain[0].where, "Trust marks were not verified, and are not carried over.")
    links = [each for each in reversed(chain) if each.issuer != each.subject]
    by = _party(drafting, source, links[0].where, links[0].issuer, chain)
    if by is None:
        return
    ends = min(chain[-1].ends, links[0].ends)
    _grant(drafting, links[0].where, ANCHOR, by, None, ends, seen)
    for link in links:
        did = _party(drafting, source, link.where, link.subject, chain)
        if did is None:
            return
        words, ends = [INTERMEDIATE], min(ends, link.ends)
        if link.subject == chain[0].subject:
            ends = min(ends, chain[0].ends)
            words = [each for each in _metadata(chain[0]) if each != _ALWAYS]
            if not any("allowed_entity_types" in _constraints(each) for each in links):
                drafting.remark(
                    chain[0].where,
                    "What kinds of entity it is, it says itself: no superior limits that.",
                )
        for word in words:
            _grant(drafting, link.where, word, did, by, ends, seen)
        by = did


def _grant(
    drafting: Drafting,
    where: str,
    word: str,
    did: Did,
    by: Did | None,
    ends: Instant,
    seen: set[tuple[str, str, str]],
) -> None:
    """Draft a link once, though many chains go through it."""
    link = (word, str(did), str(by))
    if link not in seen:
        seen.add(link)
        drafting.grant(where, word, did, by=by, valid_until=ends)


def _party(
    drafting: Drafting, source: Source, where: str, entity: str, chain: Sequence[_Statement]
) -> Did | None:
    did = drafting.did(where, entity)
    if did is None:
        return None
    # What a superior says of an entity overrides what the entity says of itself (section 6.1.4.2).
    about = sorted(
        (each for each in chain if each.subject == entity), key=lambda s: s.issuer == entity
    )
    names = [source.meanings.names.get(str(did)), *map(_name, about)]
    name = next((each for each in names if each), None)
    if name:
        drafting.party(where, did, name, identifiers=[entity])
    elif did not in source.registered:
        drafting.remark(where, f"Nothing says what {entity} is called: it is not registered.")
    return did


def _name(statement: _Statement) -> str:
    """Return what a statement calls its subject (section 5.2.2)."""
    for kind, metadata in sorted(_metadata(statement).items(), key=lambda each: each[0] != _ALWAYS):
        name = metadata.get("organization_name") if kind and isinstance(metadata, dict) else None
        if isinstance(name, str):
            return name
    return ""


def _metadata(statement: _Statement) -> Mapping[str, Json]:
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
