"""Acts against statements and parties, those that end them, and appeals."""

from typing import Literal, Self

from pydantic import Field, model_validator

from policies.scope import Scope
from policies.statements import IssuedEffect
from trust_registry.acts.signed import SignedAct
from trust_registry.fields import DidMember, Digest, InstantMember, Plain, ScopeMember


class StatusAct(SignedAct):
    """What every act against a statement says.

    Attributes:
        statement: the statement it touches.
        scope: which claims it touches; all, where not said.
        effective_from: the first instant of the change; when it is recorded, where not said.
        issued_credentials: what it means for credentials issued before.
        ground: why, in one sentence, without personal data.
    """

    statement: Digest
    scope: ScopeMember = Field(default_factory=Scope)
    effective_from: InstantMember | None = None
    issued_credentials: IssuedEffect
    ground: Plain


class Suspend(StatusAct):
    """Suspend a statement, whole or in part."""

    type: Literal["suspend"]
    effective_until: InstantMember | None = None

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        begins = self.effective_from or self.issued
        if self.effective_until is not None and self.effective_until <= begins:
            raise ValueError("effective_until is not after effective_from")
        return self


class Withdraw(StatusAct):
    """Withdraw a statement, whole or in part, for good."""

    type: Literal["withdraw"]


class RemoveAnchor(StatusAct):
    """Withdraw the framework's own statement about a trust anchor, whole or in part, for good."""

    type: Literal["remove_anchor"]


class Reinstate(SignedAct):
    """End a suspension or an exclusion, or take a withdrawal back.

    Attributes:
        change: the act that is ended.
        effective_from: from when; when it is recorded, where not said.
        ground: why.
    """

    type: Literal["reinstate"]
    change: Digest
    effective_from: InstantMember | None = None
    ground: Plain


class Exclude(SignedAct):
    """Shut a party out of some claims, whatever paths exist."""

    type: Literal["exclude"]
    entity: DidMember
    scope: ScopeMember = Field(default_factory=Scope)
    effective_from: InstantMember | None = None
    effective_until: InstantMember | None = None
    ground: Plain


class Appeal(SignedAct):
    """Ask the board to judge a change of status anew; by whom it is about.

    Attributes:
        change: the act that is appealed against.
        ground: why it is wrong.
    """

    type: Literal["appeal"]
    change: Digest
    ground: Plain


class DecideAppeal(SignedAct):
    """Decide an appeal; upheld, it ends the change as a reinstatement does.

    Attributes:
        appeal: the act that asked.
        decision: whether the appeal was right.
        effective_from: from when the change is ended; when it is recorded, where not said.
        ground: why.
    """

    type: Literal["decide_appeal"]
    appeal: Digest
    decision: Literal["upheld", "dismissed"]
    effective_from: InstantMember | None = None
    ground: Plain
