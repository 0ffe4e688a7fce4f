"""The setting of the example tests: who is who in a small minerals ecosystem, and its journal."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

from policies.authorise import decide
from policies.claims import Claim, ClaimValue, Dimension
from policies.decision import Basis, Decision, Question, SigningKey
from policies.framework import Framework, Reservation, Rule
from policies.index import Index
from policies.scope import Allowed, Scope, Vocabulary
from policies.statements import (
    Action,
    Change,
    Exclusion,
    IssuedEffect,
    KeyCompromise,
    Kind,
    Lift,
    Party,
    PartyId,
    PassesOn,
    Recorded,
    Statement,
    StatementId,
    StatusChange,
)
from resolver.did import Did
from resolver.instant import END, Instant, parse_instant

ROOT = PartyId("https://minerals.example/framework")
IRMA_LEVELS = ("IRMA Transparency", "IRMA 50", "IRMA 75", "IRMA 100")
VOCABULARY = Vocabulary(
    commodities={"copper-concentrate": "copper"}, achievements={"irma": IRMA_LEVELS}
)
TODAY = "2026-03-01"
Written = dict[str, list[str] | dict[str, list[str]]]
PERMITS: dict[str, tuple[Written, str]] = {
    "permits-bc": ({"activity": ["permit"], "country": ["CA-BC"]}, "ministry")
}
"""A reserved scope: permits in the province are the ministry's alone."""


def day(text: str) -> Instant:
    """The first instant of a day, written 2026-03-01."""
    return parse_instant(f"{text}T00:00:00Z")


def until(text: str | None) -> Instant:
    return END if text is None else day(text)


def scope(written: Written | None) -> Scope:
    """A scope from the dimensions it constrains; those left out are any."""
    allowed = {}
    for name, values in (written or {}).items():
        all_but = isinstance(values, dict)
        some = values["except"] if isinstance(values, dict) else values
        allowed[Dimension(name)] = Allowed(frozenset(some), all_but)
    return Scope(allowed)


def claim(stated: dict[str, str]) -> Claim:
    return Claim({Dimension(name): ClaimValue(value) for name, value in stated.items()})


def did_of(name: str) -> Did:
    return Did.parse(f"did:web:{name}.example")


class Journal:
    """A registry told act by act; acts are recorded on 2020-01-01 unless they say otherwise."""

    def __init__(
        self, *, reserved: dict[str, tuple[Written, str]] | None = None, **options: object
    ) -> None:
        self.index = Index()
        self.size = 0
        self.groups: dict[str, str] = {}
        self.adopt(reserved=reserved, **options)

    def _recorded(self, on: str) -> Recorded:
        self.size += 1
        return Recorded(self.size - 1, day(on))

    def adopt(
        self,
        *,
        reserved: dict[str, tuple[Written, str]] | None = None,
        on: str = "2020-01-01",
        **options: object,
    ) -> None:
        """Adopt a framework; `reserved` gives each reserved scope and the name of its anchor."""
        values = {
            "vocabulary": VOCABULARY,
            "reserved": tuple(
                Reservation(name, scope(written), frozenset({did_of(anchor)}))
                for name, (written, anchor) in (reserved or {}).items()
            ),
            **options,
        }
        version = len(self.index.frameworks()) + 1
        self.index.add_framework(
            Framework(
                id=ROOT,
                version=version,
                name="Minerals framework",
                digest=f"{version:064x}",
                members=(),
                rules={"exclude": Rule(Fraction(2, 3))},
                recorded=self._recorded(on),
                **values,
            )
        )

    def party(self, *names: str, group: str = "", on: str = "2020-01-01") -> None:
        """Register parties, each known by a DID of its name."""
        for name in names:
            self.index.add_party(
                Party(PartyId(name), name.title(), (did_of(name),), group, self._recorded(on))
            )

    def amend(self, name: str, on: str, **changed: Any) -> None:
        """Register a party anew, changed."""
        party = self.index.party(PartyId(name))
        assert party is not None
        self.index.add_party(replace(party, recorded=self._recorded(on), **changed))

    def group(self, name: str, *parties: str, on: str) -> None:
        """Declare that parties are under one control."""
        for party in parties:
            self.amend(party, on, control_group=name)

    def _known(self, *names: str) -> None:
        for name in names:
            if name != ROOT and self.index.party(PartyId(name)) is None:
                self.party(name)

    def authorise(
        self,
        authority: str,
        entity: str,
        within: Written | None = None,
        *,
        action: Action = Action.ISSUE,
        passes_on: PassesOn | None = None,
        kind: Kind = Kind.AUTHORISATION,
        since: str = "2020-01-01",
        until_day: str | None = None,
        on: str = "2020-01-01",
    ) -> Statement:
        """An authority lets an entity do something, within a scope."""
        self._known(authority, entity)
        statement = Statement(
            id=StatementId(f"act-{self.size}"),
            kind=kind,
            authority=PartyId(authority),
            entity=PartyId(entity),
            action=action,
            scope=scope(within),
            valid_from=day(since),
            recorded=self._recorded(on),
            valid_until=until(until_day),
            passes_on=passes_on,
        )
        self.index.add_statement(statement)
        return statement

    def accredit(
        self,
        authority: str,
        entity: str,
        within: Written | None = None,
        *,
        depth: int = 0,
        actions: tuple[Action, ...] = (Action.ISSUE,),
        **when: str,
    ) -> Statement:
        """An authority lets an entity authorise others."""
        passes_on = PassesOn(frozenset(actions), depth)
        return self.authorise(
            authority, entity, within, action=Action.ACCREDIT, passes_on=passes_on, **when
        )

    def recognise(
        self, authority: str, peer: str, within: Written | None = None, **when: str
    ) -> Statement:
        """An authority recognises a peer."""
        return self.authorise(
            authority, peer, within, action=Action.ACCREDIT, kind=Kind.RECOGNITION, **when
        )

    def change(
        self,
        statement: Statement,
        change: Change,
        since: str,
        within: Written | None = None,
        *,
        until_day: str | None = None,
        issued: IssuedEffect = IssuedEffect.NOTHING,
        on: str | None = None,
    ) -> StatementId:
        """Suspend, withdraw or supersede; recorded on the day it takes effect, unless said."""
        act = StatementId(f"act-{self.size}")
        self.index.add_change(
            StatusChange(
                id=act,
                statement=statement.id,
                change=change,
                scope=scope(within),
                effective_from=day(since),
                recorded=self._recorded(on or since),
                effective_until=until(until_day),
                issued=issued,
            )
        )
        return act

    def suspend(
        self, statement: Statement, since: str, within: Written | None = None, **how: Any
    ) -> StatementId:
        return self.change(statement, Change.SUSPEND, since, within, **how)

    def withdraw(
        self, statement: Statement, since: str, within: Written | None = None, **how: Any
    ) -> StatementId:
        return self.change(statement, Change.WITHDRAW, since, within, **how)

    def supersede(
        self, statement: Statement, since: str, within: Written | None = None, **how: Any
    ) -> StatementId:
        return self.change(statement, Change.SUPERSEDE, since, within, **how)

    def reinstate(self, change: StatementId, since: str) -> None:
        self.index.lift_change(change, Lift(day(since), self._recorded(since)))

    def exclude(
        self,
        party: str,
        since: str,
        within: Written | None = None,
        *,
        until_day: str | None = None,
    ) -> None:
        self._known(party)
        act = StatementId(f"act-{self.size}")
        taken = self._recorded(since)
        self.index.add_exclusion(
            Exclusion(act, PartyId(party), scope(within), day(since), taken, until(until_day))
        )

    def compromise(self, party: str, thumbprint: str, since: str) -> None:
        act = StatementId(f"act-{self.size}")
        taken = self._recorded(since)
        self.index.add_compromise(KeyCompromise(act, did_of(party), thumbprint, day(since), taken))

    def ask(
        self,
        issuer: str,
        at: str = TODAY,
        *,
        now: str = TODAY,
        known: int | None = None,
        basis: Basis = Basis.ASKED,
        action: Action = Action.ISSUE,
        key: str | None = None,
        authorities: set[str] | None = None,
        **stated: str,
    ) -> Decision:
        """Is this issuer authorised for this claim?"""
        question = Question(
            issuer=did_of(issuer),
            claim=claim(stated),
            at=day(at),
            now=day(now),
            known=self.size if known is None else known,
            action=action,
            basis=basis,
            key=None if key is None else SigningKey(did_of(issuer), key),
            authorities=None if authorities is None else frozenset(map(PartyId, authorities)),
        )
        return decide(question, self.index)


def irma_and_its_auditor(
    within: Written | None = None, *, anchor: Written | None = None, **options: object
) -> tuple[Journal, Statement, Statement]:
    """IRMA, a trust anchor, has approved the audit firm Boreal.

    Returns:
        The journal, IRMA's statement, and Boreal's.
    """
    journal = Journal(**options)
    irma = journal.accredit(ROOT, "irma", anchor)
    boreal = journal.authorise("irma", "boreal", within)
    return journal, irma, boreal
