"""Trust chains of OpenID Federation 1.0: a chain that verifies becomes a grant a link."""

from collections.abc import Sequence

from resolver.did import Did
from resolver.instant import Instant
from trust_registry.imports.drafts import Drafting, Drafts
from trust_registry.imports.entity_statements import (
    ALWAYS,
    ANCHOR,
    INTERMEDIATE,
    Statement,
    constraints_of,
    metadata_of,
    read_chain,
    verify_chain,
)
from trust_registry.imports.errors import ImportRefusedError
from trust_registry.imports.sources import Source, json_of

MAX_CHAINS = 1000


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
        statements = read_chain(where, each, source.now)
        verify_chain(statements, source.meanings.keys)
        _draft(drafting, source, statements, seen)
    return drafting.done()


def _draft(
    drafting: Drafting,
    source: Source,
    chain: Sequence[Statement],
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
            words = [each for each in metadata_of(chain[0]) if each != ALWAYS]
            if not any("allowed_entity_types" in constraints_of(each) for each in links):
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
    drafting: Drafting, source: Source, where: str, entity: str, chain: Sequence[Statement]
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


def _name(statement: Statement) -> str:
    """Return what a statement calls its subject (section 5.2.2)."""
    for kind, metadata in sorted(
        metadata_of(statement).items(), key=lambda each: each[0] != ALWAYS
    ):
        name = metadata.get("organization_name") if kind and isinstance(metadata, dict) else None
        if isinstance(name, str):
            return name
    return ""
