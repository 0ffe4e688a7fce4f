"""What an act changes, in plain words: read before it is signed."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from policies.amending import changes
from policies.framework import Framework
from policies.index import Index
from policies.scope import Scope
from policies.statements import IssuedEffect, StatementId
from resolver.did import Did
from resolver.instant import DAY, Instant, format_instant
from touchstone.service.sentences import words
from trust_registry.acts import (
    Accredit,
    Act,
    AddAnchor,
    AdoptFramework,
    AmendParty,
    Appeal,
    Authorise,
    CompromiseKey,
    DecideAppeal,
    DeclareControlGroup,
    Exclude,
    Grant,
    Object,
    Recognise,
    RecoverKeys,
    RegisterParty,
    Reinstate,
    Replacement,
    RetireParty,
    RotateKeys,
    StatusAct,
    Vote,
)
from trust_registry.proposals import Proposal
from trust_registry.views import View, state_of

_AFTERWARDS = {
    IssuedEffect.NOTHING: "Credentials issued before stand.",
    IssuedEffect.DOUBT: "Credentials issued before are in doubt until they are checked again.",
    IssuedEffect.VOID: "Credentials issued before are void.",
}
_STATUS = {
    "suspend": "Suspend",
    "withdraw": "Withdraw for good",
    "remove_anchor": "Remove the trust anchor:",
}
_REPLACING = {
    "renew": "Let a statement hold for longer:",
    "narrow": "Make a statement smaller:",
    "rescope_anchor": "Give a trust anchor another scope:",
    "correct": "Correct, from its beginning, a statement:",
}
_OVER = {"expired", "withdrawn", "superseded", "common_control"}
_VOTING = {
    "approve": "Approve",
    "reject": "Vote against (or, by its proposer, end)",
    "take_back": "Take one's vote back on",
    "execute": "Carry out, if its quorum is met,",
}


class Known(Protocol):
    """What is at hand of a registry: the fold of a copy of its journal, or a snapshot."""

    @property
    def index(self) -> Index:
        """The state that decisions look at."""
        ...

    @property
    def size(self) -> int:
        """The journal's size."""
        ...

    @property
    def framework(self) -> Framework:
        """The framework in force."""
        ...

    @property
    def proposals(self) -> Mapping[str, Proposal]:
        """The acts that were proposed, as far as they are known, by their ids."""
        ...


class Words:
    """Describes acts; with a registry's state at hand it names whom and what they speak of.

    Args:
        state: what is known of the registry; None where nothing is.
    """

    def __init__(self, state: Known | None = None) -> None:
        self._state = state

    def of(self, act: Act) -> Iterator[str]:
        """Say what an act changes, who signs it and until when it counts, a line a fact."""
        yield from self.changes(act)
        yield f"Signed by {self._party(act.by)}, for {act.registry.origin} alone."
        yield f"It can be recorded and voted on until {format_instant(act.expires)}."

    def changes(self, act: Act) -> Iterator[str]:
        """Say what an act changes, a line a fact."""
        yield from self._what(act)
        for name in ("valid_from", "effective_from"):
            begins = getattr(act, name, None)
            if begins is not None:
                yield f"From {format_instant(begins)}{self._backwards(begins, act)}."
        for name in ("valid_until", "effective_until"):
            ends = getattr(act, name, None)
            if ends is not None:
                yield f"Until {format_instant(ends)}."
        issued = getattr(act, "issued_credentials", None)
        if issued is not None:
            yield _AFTERWARDS[issued]
        if (ground := getattr(act, "ground", "")) != "":
            yield f"Because: {ground}"
        for each in (*act.evidence, *getattr(act, "legal_basis", ())):
            yield f"Resting on {each.uri} (SHA-256 {each.sha256[:12]}…)"
        yield from self._decided(act)

    def _backwards(self, begins: Instant, act: Act) -> str:
        return ", before it is signed: it reaches back" if begins < act.issued else ""

    def _decided(self, act: Act) -> Iterator[str]:
        """Say who decides, where a copy of the framework in force is at hand."""
        rule = self._state.framework.rules.get(act.type) if self._state else None
        if rule is None:
            return
        least = ", ".join(f"{count} of {seat}" for seat, count in rule.minimum.items())
        text = f"Where the board decides it, {rule.share} of its votes must approve"
        text += f", with at least {least}" if least else ""
        if rule.waiting_ms:
            text += f", and {rule.waiting_ms // DAY} days pass in public"
        yield f"{text}."

    def _what(self, act: Act) -> Iterator[str]:  # noqa: C901, PLR0912, PLR0915 - one flat table
        match act:
            case AdoptFramework():
                document = act.framework
                yield f"Adopt version {document.version} of the framework {document.name}."
                yield f"It seats: {', '.join(each.name for each in document.members)}."
                if self._state:
                    yield from changes(self._state.framework, document.framework(""))
            case RegisterParty():
                yield f"Register {act.name}, known as {_list(act.dids)}."
                yield f"It may act with {_count(act.keys, 'key')}."
                if act.control_group:
                    yield f"It is under the control of {act.control_group}: one vote, no grants."
                yield from self._described(act)
            case AmendParty():
                yield f"Change what is registered about {self._party(act.party)}."
                if act.add_dids:
                    yield f"It is also known as {_list(act.add_dids)}."
                if act.remove_dids:
                    yield f"It is no longer known as {_list(act.remove_dids)}."
                    yield "What was issued under that before stays its own; no key signs under it."
                yield from self._described(act)
            case RetireParty():
                yield f"Retire {self._party(act.party)}: all that it holds is withdrawn."
            case DeclareControlGroup():
                parties = " and ".join(map(self._party, act.dids))
                yield f"Record that {parties} are under one control ({act.control_group})."
                yield "They have one vote between them, and grant each other nothing."
                yield from self._between(act)
            case RotateKeys():
                yield f"Give {self._party(act.party)} {_count(act.add, 'new key')}."
                yield f"Take {_count(act.remove, 'key')} from it."
            case RecoverKeys():
                yield f"Replace every key of {self._party(act.party)} by {_count(act.keys, 'key')}."
            case CompromiseKey():
                yield f"Record that others may have used a key of {self._party(act.did)}"
                yield f"since {format_instant(act.since)}: {act.thumbprint}."
            case Grant():
                yield from self._granted(act)
            case Replacement():
                yield f"{_REPLACING[act.type]} {self._statement(act.statement)}."
                if (scope := getattr(act, "scope", None)) is not None:
                    yield from _scope(scope, "It then covers")
            case StatusAct():
                yield f"{_STATUS[act.type]} {self._statement(act.statement)}."
                yield from _scope(act.scope, "Touched are")
            case Exclude():
                yield f"Shut out {self._party(act.entity)}, whatever others grant it."
                yield from _scope(act.scope, "From")
            case Reinstate():
                yield f"End {self._change(act.change)}."
            case Appeal():
                yield f"Appeal against {self._change(act.change)}."
            case DecideAppeal():
                done = "ends what it is against" if act.decision == "upheld" else "changes nothing"
                yield f"Decide the appeal {act.appeal[:12]}…: {act.decision}, which {done}."
            case Object():
                yield f"Object in public to {self._proposal(act.proposal)}"
            case Vote():
                yield f"{_VOTING[act.type]} {self._proposal(act.proposal)}"

    def _between(self, act: DeclareControlGroup) -> Iterator[str]:
        """Say which of their statements about each other stop to confer anything."""
        index = self._state.index if self._state else Index()
        known = self._state.size if self._state else 0
        found = (index.party_of(did, known) for did in act.dids)
        parties = {party.id for party in found if party}
        seen = View(index, known, act.issued)
        for statement in (each for party in parties for each in index.statements(by=party)):
            if statement.entity in parties and state_of(statement, seen) not in _OVER:
                yield f"This confers nothing from then on: {self._statement(statement.id)}."

    def _described(self, act: RegisterParty | AmendParty) -> Iterator[str]:
        names = ("name", "trading_names", "domains", "identifiers", "kinds", "jurisdiction")
        for name in names[isinstance(act, RegisterParty) :]:
            value = getattr(act, name)
            if value:
                shown = value if isinstance(value, str) else _list(value)
                yield f"{name.replace('_', ' ').capitalize()}: {shown}."
        if act.threshold is not None and act.threshold > 1:
            yield f"{act.threshold} of its keys must sign what it does."

    def _granted(self, act: Grant) -> Iterator[str]:
        entity = self._party(act.entity)
        match act:
            case AddAnchor():
                yield f"Make {entity} a trust anchor, which may {act.action.value} by itself."
            case Authorise():
                yield f"Authorise {entity} to {act.action.value}."
            case Accredit():
                yield f"Accredit {entity}: it may authorise others."
            case Recognise():
                yield f"Recognise {entity}, one way."
        powers = getattr(act, "passes_on", None)
        if powers is not None:
            yield f"It may pass on: {_list(powers.actions)}; levels below it: {powers.depth}."
        yield from _scope(act.scope, "It covers")
        if act.valid_until is None:
            yield "Until further notice."

    def _party(self, did: Did) -> str:
        party = self._state.index.party_of(did, self._state.size) if self._state else None
        return f"{party.name} ({did})" if party else str(did)

    def _statement(self, id_: str) -> str:
        index = self._state.index if self._state else None
        found = index.statement(StatementId(id_)) if index else None
        if index is None or found is None:
            return f"the statement {id_[:12]}…"
        entity, authority = index.party(found.entity), index.party(found.authority)
        by = authority.name if authority else "the framework"
        may = found.action.value
        return f"what {by} says of {entity.name if entity else found.entity}, that it may {may}"

    def _change(self, id_: str) -> str:
        index = self._state.index if self._state else None
        shut = index.exclusion(StatementId(id_)) if index else None
        if index is not None and shut is not None:
            party = index.party(shut.party)
            return f"the exclusion of {party.name if party else shut.party}"
        found = index.change(StatementId(id_)) if index else None
        if found is None:
            return f"the change {id_[:12]}…"
        return f"the {found.change.value} of {self._statement(found.statement)}"

    def _proposal(self, id_: str) -> str:
        found = self._state.proposals.get(id_) if self._state else None
        if found is None:
            return f"the act {id_[:12]}…: read it before you sign (`touchstone act show`)."
        return f"this act of {self._party(found.act.by)}: " + " ".join(self._what(found.act))


def _scope(scope: Scope, lead: str) -> Iterator[str]:
    if not scope.allowed:
        yield f"{lead}: every claim."
    for dimension, allowed in scope.allowed.items():
        yield f"{lead}: {dimension.value.replace('_', ' ')} {words(allowed)}."


def _list(values: object) -> str:
    return ", ".join(map(str, values)) if isinstance(values, tuple | list) else str(values)


def _count(keys: tuple[str, ...], noun: str) -> str:
    listed = f" ({', '.join(each[:12] + '…' for each in keys)})" if keys else ""
    return f"{len(keys) or 'no'} {noun}{'s' if len(keys) != 1 else ''}{listed}"
