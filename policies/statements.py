"""Statements of authority, the acts that change their status, and the parties they speak of."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from policies.scope import Scope
from resolver.did import Did
from resolver.instant import END, Instant

PartyId = NewType("PartyId", str)
"""The id of the act that registered a party, or a framework's own id where it is the root."""
StatementId = NewType("StatementId", str)
"""The id of the act that made a statement: SHA-256 of its payload, in hex."""


class Kind(StrEnum):
    """Whether an authority grants (hierarchical) or recognises a peer."""

    AUTHORISATION = "authorisation"
    RECOGNITION = "recognition"


class Action(StrEnum):
    """What a party may be authorised to do."""

    ISSUE = "issue"
    ACCREDIT = "accredit"
    ANCHOR = "anchor"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class PassesOn:
    """What an accreditation lets its holder grant to others, within the same scope.

    Attributes:
        actions: the actions that may be granted.
        depth: how many further levels of accreditation may stand below; 0 lets the holder grant
            the actions themselves, and no accreditation.
    """

    actions: frozenset[Action]
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Recorded:
    """Where and when the journal took an act down.

    Attributes:
        position: the entry's index in the journal, from 0.
        at: the entry's own time.
    """

    position: int
    at: Instant


@dataclass(frozen=True, slots=True)
class Statement:
    """One authority's word about one entity.

    Attributes:
        id: the act that made it.
        kind: authorisation or recognition.
        authority: who says it; a framework's id where the statement makes a trust anchor.
        entity: whom it is about.
        action: what the entity may do; a recognition has `accredit`.
        scope: for which claims.
        passes_on: with `accredit` and nothing else, what may be granted to others.
        valid_from: the first instant at which it holds.
        valid_until: the first instant at which it no longer holds.
        recorded: when and where the journal took it down.
    """

    id: StatementId
    kind: Kind
    authority: PartyId
    entity: PartyId
    action: Action
    scope: Scope
    valid_from: Instant
    recorded: Recorded
    valid_until: Instant = END
    passes_on: PassesOn | None = None


class Change(StrEnum):
    """What a status act does to a statement."""

    SUSPEND = "suspend"
    WITHDRAW = "withdraw"
    SUPERSEDE = "supersede"


class IssuedEffect(StrEnum):
    """What a status act says of credentials issued before it took effect."""

    NOTHING = "nothing"
    DOUBT = "doubt"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A suspension, withdrawal or supersession of a statement, whole or in part.

    Attributes:
        id: the act.
        statement: the statement it changes.
        change: what happens.
        scope: which claims it touches; the empty scope touches all.
        effective_from: the first instant of the change; it may lie before `recorded.at`.
        effective_until: the first instant after it; `END` where it does not lapse.
        issued: what it means for credentials issued before.
        recorded: when and where the journal took it down.
        lifted: the reinstatement that ends it early, with the instant from which it does.
    """

    id: StatementId
    statement: StatementId
    change: Change
    scope: Scope
    effective_from: Instant
    recorded: Recorded
    effective_until: Instant = END
    issued: IssuedEffect = IssuedEffect.NOTHING
    lifted: "Lift | None" = None


@dataclass(frozen=True, slots=True)
class Lift:
    """A reinstatement: from when it holds, and when the journal took it down."""

    effective_from: Instant
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Retirement:
    """The end of a party: whatever it holds is withdrawn; credentials that it issued before stand.

    Attributes:
        id: the act.
        party: who has ceased to be.
        effective_from: the first instant at which it holds nothing any more.
        recorded: when and where the journal took it down.
    """

    id: StatementId
    party: PartyId
    effective_from: Instant
    recorded: Recorded

    def withdrawal(self, statement: StatementId) -> StatusChange:
        """Return what it means for one statement about the party."""
        begins, recorded = self.effective_from, self.recorded
        return StatusChange(self.id, statement, Change.WITHDRAW, Scope(), begins, recorded)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A party shut out of some claims by quorum, whatever paths exist.

    Attributes:
        id: the act.
        party: who is shut out.
        scope: of which claims; the empty scope means all.
        effective_from: the first instant of it.
        recorded: when and where the journal took it down.
        effective_until: the first instant after it; `END` where it does not lapse.
        lifted: the reinstatement that ends it early.
    """

    id: StatementId
    party: PartyId
    scope: Scope
    effective_from: Instant
    recorded: Recorded
    effective_until: Instant = END
    lifted: Lift | None = None


@dataclass(frozen=True, slots=True)
class KeyCompromise:
    """A key that others may have used since an instant.

    Attributes:
        did: whose key.
        thumbprint: RFC 7638 SHA-256 thumbprint of the public key, base64url.
        compromised_from: signatures not proved to be earlier than this fail.
    """

    id: StatementId
    did: Did
    thumbprint: str
    compromised_from: Instant
    recorded: Recorded


@dataclass(frozen=True, slots=True)
class Party:
    """A legal person.

    Attributes:
        id: the act that registered it.
        name: its legal name.
        dids: the DIDs it is known by; a DID belongs to one party at a time.
        control_group: parties under one control share it; nobody grants within it.
        keys: thumbprints of the keys it may sign acts with.
        trading_names: other names it is known by.
        domains: web domains it controls, such as `coppermark.org`.
        identifiers: identifiers of business or accreditation registers, as URIs.
        kinds: what it is, such as `government`, `scheme-owner`, `certifier`.
        jurisdiction: ISO 3166 code, or empty.
        contacts: SHA-256, in hex, of salted records of whom to reach, which can be erased.
        threshold: how many of its keys must sign what it does as an authority.
        retired: whether it has ceased to be; its DIDs are then free for others.
    """

    id: PartyId
    name: str
    dids: tuple[Did, ...]
    control_group: str
    recorded: Recorded
    keys: frozenset[str] = frozenset()
    trading_names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    jurisdiction: str = ""
    contacts: tuple[str, ...] = ()
    threshold: int = 1
    retired: bool = False
