"""Questions and decisions: what is asked, and everything that is answered."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import NamedTuple, Protocol

from policies.claims import Claim
from policies.framework import Framework, ValidityModel
from policies.scope import Gap
from policies.statements import Action, PartyId, Statement, StatementId
from resolver.did import Did
from resolver.instant import Instant


class Outcome(IntEnum):
    """The three outcomes, in the order in which the laws compare them."""

    NOT_AUTHORISED = 0
    UNDETERMINED = 1
    AUTHORISED = 2

    @property
    def code(self) -> str:
        """The outcome as written in answers: `authorised`, `not_authorised`, `undetermined`."""
        return self.name.lower()


class Reason(StrEnum):
    """Stable codes: why an answer is what it is."""

    AUTHORISED = "AUTHORISED"
    UNKNOWN_ISSUER = "UNKNOWN_ISSUER"
    NO_STATEMENT = "NO_STATEMENT"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    SUSPENDED = "SUSPENDED"
    WITHDRAWN = "WITHDRAWN"
    SUPERSEDED = "SUPERSEDED"
    AUTHORITY_WITHOUT_CHAIN = "AUTHORITY_WITHOUT_CHAIN"
    AUTHORITY_OUT_OF_SCOPE = "AUTHORITY_OUT_OF_SCOPE"
    AUTHORITY_NOT_YET_VALID = "AUTHORITY_NOT_YET_VALID"
    AUTHORITY_EXPIRED = "AUTHORITY_EXPIRED"
    AUTHORITY_SUSPENDED = "AUTHORITY_SUSPENDED"
    AUTHORITY_WITHDRAWN = "AUTHORITY_WITHDRAWN"
    AUTHORITY_SUPERSEDED = "AUTHORITY_SUPERSEDED"
    AUTHORITY_NOT_ACCEPTED = "AUTHORITY_NOT_ACCEPTED"
    ACTION_NOT_PASSED_ON = "ACTION_NOT_PASSED_ON"
    DEPTH_EXCEEDED = "DEPTH_EXCEEDED"
    CHAIN_TOO_LONG = "CHAIN_TOO_LONG"
    CYCLE = "CYCLE"
    SELF_GRANT = "SELF_GRANT"
    COMMON_CONTROL = "COMMON_CONTROL"
    RESERVED_SCOPE = "RESERVED_SCOPE"
    EXCLUDED = "EXCLUDED"
    KEY_COMPROMISED = "KEY_COMPROMISED"
    CREDENTIAL_VOIDED = "CREDENTIAL_VOIDED"
    RECHECK_REQUIRED = "RECHECK_REQUIRED"
    CLAIM_SILENT = "CLAIM_SILENT"
    ISSUANCE_TIME_UNPROVED = "ISSUANCE_TIME_UNPROVED"
    SOURCE_UNAVAILABLE = "SOURCE_UNAVAILABLE"


class Basis(StrEnum):
    """On what the time asked about rests.

    `asked`: the question names it, no credential is involved. `asserted`: the issuer's own word
    (`validFrom`). `proved`: a log, a timestamp, an anchored digest. `now`: nothing was said.
    """

    ASKED = "asked"
    ASSERTED = "asserted"
    PROVED = "proved"
    NOW = "now"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that signed: whose it is, and its RFC 7638 SHA-256 thumbprint, base64url."""

    did: Did
    thumbprint: str


@dataclass(frozen=True, slots=True)
class Question:
    """Is this issuer authorised for this claim?

    Attributes:
        issuer: who makes the claim.
        claim: one single-valued claim.
        at: the effective time asked about.
        now: the present, given by the caller.
        known: the journal size whose knowledge is asked for; entries from there on do not exist.
        action: what the issuer does.
        basis: on what `at` rests.
        key: the key that signed, where a credential is asked about.
        authorities: the anchors or frameworks that this verifier accepts; None for all of the
            registry's own. Never empty.
    """

    issuer: Did
    claim: Claim
    at: Instant
    now: Instant
    known: int
    action: Action = Action.ISSUE
    basis: Basis = Basis.ASKED
    key: SigningKey | None = None
    authorities: frozenset[PartyId] | None = None


class Step(NamedTuple):
    """One link of a chain, nearest to the issuer first.

    Attributes:
        statement: the link.
        at: the instant at which it had to hold.
        outcome: whether it carries the claim.
        reason: why; AUTHORISED where it does.
        gaps: on which dimensions its scope does not cover the claim.
        recorded_later: whether it was recorded after the instant at which it had to hold.
    """

    statement: Statement
    at: Instant
    outcome: Outcome
    reason: Reason
    gaps: tuple[Gap, ...] = ()
    recorded_later: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader of a decision should know, whatever the outcome.

    Attributes:
        code: `ADVERSE_ACT`: another authority's act stands against the issuer.
        text: one plain sentence.
        act: the act it speaks of.
    """

    code: str
    text: str
    act: StatementId


class Way(Protocol):
    """A way from an issuer upwards, that an answer rests on or that came nearest."""

    def steps(self, at: Instant, model: ValidityModel) -> tuple[Step, ...]:
        """Return its links with what was found, for an instant asked about."""
        ...


class Decision(NamedTuple):
    """The answer.

    Attributes:
        question: what was asked.
        outcome: authorised, not authorised, or undetermined.
        reason: why, as a stable code.
        framework: the framework version that was in force for what was known.
        way: what it rests on, or what came nearest; written out as `chain` or `nearest_miss`.
        fresh_until: until when the answer may be reused.
        gaps: on a no or an undetermined answer, what exactly was missing.
        reservation: the id of the reserved scope that the claim meets, or None.
        models: the outcome under each validity model.
        valid_until: the next instant at which the answer changes by itself, or None.
        warnings: adverse acts by others, look-alikes and the like.
    """

    question: Question
    outcome: Outcome
    reason: Reason
    framework: Framework
    way: Way | None
    fresh_until: Instant
    gaps: tuple[Gap, ...] = ()
    reservation: str | None = None
    models: tuple[tuple[ValidityModel, Outcome], ...] = ()
    valid_until: Instant | None = None
    warnings: tuple[Notice, ...] = ()

    @property
    def chain(self) -> tuple[Step, ...]:
        """On a yes, or an undetermined answer with a path, the links from issuer to anchor."""
        return () if self.outcome is Outcome.NOT_AUTHORISED else self._steps()

    @property
    def nearest_miss(self) -> tuple[Step, ...]:
        """On a no, the links of the path that came nearest; the last one is missing."""
        return self._steps() if self.outcome is Outcome.NOT_AUTHORISED else ()

    def _steps(self) -> tuple[Step, ...]:
        way = self.way
        return () if way is None else way.steps(self.question.at, self.framework.model)

    def __eq__(self, other: object) -> bool:
        """Tell whether two answers say the same, whichever index they came from."""
        return isinstance(other, Decision) and self._said() == other._said()

    def __ne__(self, other: object) -> bool:  # a tuple has its own
        return not self == other

    def __hash__(self) -> int:
        return hash((self.question.issuer, self.outcome, self.reason))

    def _said(self) -> tuple[object, ...]:
        written = self._replace(way=None)
        return (*written, self._steps())
