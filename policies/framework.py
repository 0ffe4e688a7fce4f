"""The governance framework: who decides, how, and under which rules a decision is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from policies.scope import Scope, Vocabulary
from policies.statements import PartyId, Recorded
from resolver.did import Did


class ValidityModel(StrEnum):
    """When the links of a chain must hold.

    `shell`: all of them at the time asked about. `chain`: the last one at that time, and each
    other one when the next was made.
    """

    SHELL = "shell"
    CHAIN = "chain"


@dataclass(frozen=True, slots=True)
class Member:
    """A seated member of the board.

    Attributes:
        did: what it signs with.
        name: who it is.
        seat: the class of voters it belongs to.
        control_group: members under one control have one vote between them.
        keys: pinned thumbprints (RFC 7638, SHA-256, base64url); no other key votes.
        emergency: the claims on which it may suspend by itself, for a while; all where empty.
    """

    did: Did
    name: str
    seat: str
    control_group: str
    keys: frozenset[str]
    emergency: Scope = field(default_factory=Scope)


@dataclass(frozen=True, slots=True)
class Rule:
    """The quorum for one kind of act.

    Attributes:
        share: the share of seated members that must approve, rounded up.
        minimum: for each class of voters, how many of it must approve: a number, or a share of the
            class, rounded up and at least one.
        waiting_ms: milliseconds between proposal and execution.
        objected_ms: the same, where somebody objects; it never makes the time shorter.
    """

    share: Fraction
    minimum: Mapping[str, int | Fraction] = field(default_factory=dict)
    waiting_ms: int = 0
    objected_ms: int = 0


@dataclass(frozen=True, slots=True)
class Reservation:
    """A scope in which only chains through the named anchors count."""

    id: str
    scope: Scope
    anchors: frozenset[Did]


@dataclass(frozen=True, slots=True)
class Framework:
    """One version of a governance framework.

    Attributes:
        id: its URI; also the authority of every trust anchor's statement.
        version: counts from 1.
        digest: SHA-256 of its JCS bytes, in hex; verifiers pin it.
        members: the seated members, with the keys that are pinned now: rotations since its adoption
            are in them, and not in the digest.
        rules: the quorum for each kind of act, by the act's name.
        vocabulary: which values are broader than which.
        reserved: scopes reserved to named anchors.
        model: which validity model holds.
        max_staleness_ms: the longest an answer may be reused.
        max_chain: the most links a chain may have.
        emergency_ms: how long one member's suspension holds unless ratified.
        accept_asserted_after_expiry: whether an issuer's own word for the time of issuance
            suffices where its authority ended by plain expiry.
        accept_upstream_documents: whether a decision may rest on a DID document that is the word
            of another resolver, not verified by the one who decides.
        require_schemas: whether a credential fails that does not fit its published schema; else
            that is a warning.
        operator: who runs the registry; neither it nor anybody under its control has a vote.
        applications: how many acts of those who have no seat may wait for the board at once.
        act_lifetime_ms: milliseconds between an act's issue and its expiry, at most; None where it
            says nothing of that.
        appeal_ms: milliseconds within which a change of status may be appealed.
        limits: how many acts of a kind one party may have recorded in a day, by the act's name, and
            how many `statements` about one party an authority may have at once, where it is not the
            usual number.
        recorded: when and where the journal took this version down.
    """

    id: PartyId
    version: int
    name: str
    digest: str
    members: tuple[Member, ...]
    rules: Mapping[str, Rule]
    recorded: Recorded
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    reserved: tuple[Reservation, ...] = ()
    model: ValidityModel = ValidityModel.SHELL
    max_staleness_ms: int = 300_000
    max_chain: int = 6
    emergency_ms: int = 72 * 3_600_000
    accept_asserted_after_expiry: bool = False
    accept_upstream_documents: bool = False
    require_schemas: bool = False
    operator: Did | None = None
    applications: int = 0
    appeal_ms: int = 90 * 86_400_000
    limits: Mapping[str, int] = field(default_factory=dict)
    act_lifetime_ms: int | None = None
