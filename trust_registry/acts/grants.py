"""Acts that make statements of authority, and those that put one in another's place."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from policies.statements import Action, IssuedEffect, PassesOn
from trust_registry.acts.parties import LegalBasis
from trust_registry.acts.signed import SignedAct
from trust_registry.fields import (
    Closed,
    DidMember,
    Digest,
    InstantMember,
    Plain,
    ScopeMember,
    Unique,
)


class PowersMember(Closed):
    """What an accreditation passes on: actions, and levels of accreditation below it."""

    actions: Annotated[tuple[Action, ...], Field(min_length=1), Unique]
    depth: Annotated[int, Field(ge=0, le=16)]

    def passes_on(self) -> PassesOn:
        """Return the powers."""
        return PassesOn(frozenset(self.actions), self.depth)


class Grant(SignedAct):
    """What every statement of authority says.

    Attributes:
        entity: whom it is about.
        scope: for which claims; every dimension is stated.
        valid_from: the first instant at which it holds; when it is recorded, where not said.
        valid_until: the first instant at which it no longer holds.
    """

    entity: DidMember
    scope: ScopeMember
    valid_from: InstantMember | None = None
    valid_until: InstantMember | None = None

    @model_validator(mode="after")
    def _holds_once(self) -> Self:
        if self.valid_until is not None and self.valid_until <= (self.valid_from or self.issued):
            raise ValueError("valid_until is not after valid_from")
        return self


class AddAnchor(Grant):
    """Make a party a trust anchor: the framework itself authorises it.

    Attributes:
        action: what it may do.
        passes_on: what it may grant, where it accredits.
        legal_basis: what gives it its authority; demanded where it applies by itself.
    """

    type: Literal["add_anchor"]
    action: Action
    passes_on: PowersMember | None = None
    legal_basis: LegalBasis = ()

    @model_validator(mode="after")
    def _powers(self) -> Self:
        if (self.action is Action.ACCREDIT) is (self.passes_on is None):
            raise ValueError("passes_on belongs to the action accredit, and to no other")
        return self


class Authorise(Grant):
    """Authorise a party to do something itself."""

    type: Literal["authorise"]
    action: Literal[Action.ISSUE, Action.ANCHOR, Action.LINK] = Action.ISSUE


class Accredit(Grant):
    """Authorise a party to authorise others."""

    type: Literal["accredit"]
    passes_on: PowersMember


class Recognise(Grant):
    """Recognise a peer authority, one way and not transitively."""

    type: Literal["recognise"]


class Replacement(SignedAct):
    """What every act says that puts a new statement in the place of one.

    Attributes:
        statement: the one that is replaced.
        ground: why.
    """

    statement: Digest
    ground: Plain


class Renew(Replacement):
    """Let a statement hold for longer: a new one, alike, takes over where it ends.

    Attributes:
        valid_until: the first instant at which the new one no longer holds; without end if absent.
    """

    type: Literal["renew"]
    valid_until: InstantMember | None = None


class Narrow(Replacement):
    """Make a statement's scope smaller.

    Attributes:
        scope: what remains of it; it lies wholly within the old one.
        effective_from: from when; when it is recorded, where not said.
        issued_credentials: what it means for credentials issued before.
    """

    type: Literal["narrow"]
    scope: ScopeMember
    effective_from: InstantMember | None = None
    issued_credentials: IssuedEffect


class RescopeAnchor(Replacement):
    """Give a trust anchor another scope, wider or not.

    Attributes:
        scope: the new one.
        effective_from: from when; when it is recorded, where not said.
        issued_credentials: what it means for credentials issued before.
    """

    type: Literal["rescope_anchor"]
    scope: ScopeMember
    effective_from: InstantMember | None = None
    issued_credentials: IssuedEffect


class Correct(Replacement):
    """Correct what a statement said wrongly from its beginning; what is not written stays.

    It reaches back, and needs evidence and the board.
    """

    type: Literal["correct"]
    scope: ScopeMember | None = None
    valid_from: InstantMember | None = None
    valid_until: InstantMember | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.scope is None and self.valid_from is None and self.valid_until is None:
            raise ValueError("nothing is corrected")
        return self
