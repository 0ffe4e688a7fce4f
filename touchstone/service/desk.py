"""The desk: takes questions about one registry, and has answers ready. The hot path."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from policies.authorise import decide
from policies.claims import Claim
from policies.decision import Basis, Decision, Question
from policies.framework import Framework
from policies.index import Index
from policies.statements import PartyId
from resolver.did import Did
from resolver.instant import END, Instant
from touchstone.service.answers import Answers, Knowledge
from touchstone.service.errors import RequestError
from touchstone.service.kept import (
    Cut,
    Form,
    FormKey,
    Key,
    Prepared,
    Shelf,
    Written,
    a_moment_later,
    entity_tag,
    form_of,
    leaves_product_open,
)
from touchstone.service.questions import (
    Asked,
    asked_product,
    asked_time,
)
from touchstone.service.telemetry import Telemetry

_AT_ONCE = 16
"""Decisions made before other requests get their turn."""


class KnownJournal(Protocol):
    """What a decision needs of the journal."""

    @property
    def size(self) -> int:
        """How many entries there are."""
        ...

    def root_at(self, size: int) -> bytes | None:
        """Return the Merkle root over the first entries, or None where there are not so many."""
        ...

    def size_at(self, instant: Instant) -> int:
        """Return how many entries were recorded by an instant."""
        ...


class Registry(Protocol):
    """What a decision needs of the registry."""

    @property
    def index(self) -> Index:
        """The state, folded from the journal."""
        ...

    @property
    def journal(self) -> KnownJournal:
        """The journal itself."""
        ...


class Frame(NamedTuple):
    """What all decisions of one request have in common.

    Attributes:
        now: the present.
        known: the journal size whose knowledge is asked for.
        authorities: the accepted parties and frameworks, or None for the registry's own.
        knowledge: the same journal, as it is written in answers.
    """

    now: Instant
    known: int
    authorities: frozenset[PartyId] | None
    knowledge: Knowledge


class Desk:
    """Takes questions about one registry and answers them.

    Args:
        registry: whose state is asked.
        telemetry: where decisions are counted.
    """

    def __init__(self, registry: Registry, telemetry: Telemetry) -> None:
        self._index = registry.index
        self._journal = registry.journal
        self._telemetry = telemetry
        self._prepared = Shelf[Prepared]()
        self._forms = Shelf[Form]()
        self._latest = Knowledge(0, "")
        self.answers = Answers(registry.index)

    @property
    def index(self) -> Index:
        """The state that is asked."""
        return self._index

    def prepared(self, key: Key, now: Instant) -> Prepared | None:
        """Return the answer kept for a question, where it still holds."""
        kept = self._prepared.get(key)
        if kept is None or kept.size != self._journal.size or kept.fresh_until <= now:
            return None
        self._telemetry.prepared_answers += 1
        return kept

    def filled(self, key: Key, cut: Cut, now: Instant) -> Prepared | None:
        """Return the answer to a question that was asked before about another time or product.

        Raises:
            RequestError: its time or product cannot be read.
        """
        rest, at, product = cut
        size = self._journal.size
        form = self._forms.get(rest)
        if product is not None and (form is None or form.size != size):
            form = self._forms.get((rest, product))
        if form is None or form.size != size:
            return None
        filled = form.filled(
            None if at is None else asked_time(at),
            None if product is None else asked_product(product),
            now,
        )
        if filled is not None:
            self._telemetry.prepared_answers += 1
            self._keep(key, filled)
        return filled

    async def answer(
        self, asked: Asked, key: Key | None, cut: Cut | None, now: Instant
    ) -> Prepared:
        """Answer a question; what comes again is kept.

        Args:
            asked: the question.
            key: the request it came in, under which its answer is kept; None keeps nothing.
            cut: the same without time and product, under which the answer's form is kept.
            now: the present.

        Raises:
            RequestError: the registry cannot be asked this.
        """
        frame = self.frame(asked.known_at, asked.authorities, now)
        size = self._journal.size
        if len(asked.claims) == 1:
            decision = self._decide(question_for(asked, frame, asked.claims[0]))
            body = self.answers.one(decision, asked, frame.knowledge)
            fresh_until = decision.fresh_until
            if cut is not None:
                self._keep_form(cut, Written(decision, asked, body), frame)
        else:
            questions = [question_for(asked, frame, claim) for claim in asked.claims]
            decisions = sorted(await self.decide_in_order(questions), key=lambda d: d.outcome)
            body = self.answers.many(decisions, asked, frame.knowledge)
            fresh_until = min(each.fresh_until for each in decisions)
        prepared = Prepared(body, entity_tag(frame.knowledge, size, now), size, fresh_until)
        if key is not None:
            self._keep(key, prepared)
        return prepared

    def _keep_form(self, cut: Cut, first: Written, frame: Frame) -> None:
        key: FormKey = cut.rest
        is_open = cut.product is not None and leaves_product_open(
            first.asked, frame.known, self._index
        )
        if cut.product is not None and not is_open:
            key = (cut.rest, cut.product)
        if first.decision.question.at == END or not self._forms.comes_again(key):
            return  # no time follows the last one that can be written
        question, asked = a_moment_later(first.decision.question, first.asked, is_open)
        decision = decide(question, self._index)
        second = Written(decision, asked, self.answers.one(decision, asked, frame.knowledge))
        form = form_of(first, second, frame.knowledge, self._journal.size, self._index, is_open)
        if form is not None:
            self._forms.keep(key, form)

    def _keep(self, key: Key, prepared: Prepared) -> None:
        if self._prepared.comes_again(key):
            self._prepared.keep(key, prepared)

    def frame(
        self, known_at: Instant | None, accepted: tuple[str, ...] | None, now: Instant
    ) -> Frame:
        """Settle what all decisions of a request have in common.

        Raises:
            RequestError: the journal is empty, `known_at` lies in the future or before the
                registry began, or an authority is neither a DID nor a framework known here.
        """
        journal = self._journal
        known = journal.size
        if not known:
            raise RequestError("not-ready", "the journal is empty")
        if known_at is not None:
            if known_at > now:
                raise RequestError("unknowable-time", "lies in the future", field="known_at")
            known = journal.size_at(known_at)
            if not known:
                text = "lies before the registry's first entry"
                raise RequestError("unknowable-time", text, field="known_at")
        authorities = None if accepted is None else self._authorities(accepted, known)
        return Frame(now, known, authorities, self._knowledge(known))

    def framework(self, known: int) -> Framework:
        """Return the framework in force, as known at a journal size of at least 1."""
        return self._index.framework_at(known)

    def _knowledge(self, size: int) -> Knowledge:
        """Return the journal at a size; the latest one asked for is kept."""
        if size != self._latest.size:
            root = self._journal.root_at(size)
            if root is None:
                raise RequestError("not-ready", "the journal is still being taken up")
            self._latest = Knowledge(size, root.hex())
        return self._latest

    def _authorities(self, accepted: tuple[str, ...], known: int) -> frozenset[PartyId]:
        index = self._index
        frameworks = {framework.id for framework in index.frameworks()}
        found = set()
        for text in accepted:
            if text.startswith("did:"):
                party = index.party_of(Did.parse(text), known)
                found.add(party.id if party else PartyId(text))
            elif text in frameworks:
                found.add(PartyId(text))
            else:
                detail = f"{text!r} is neither a DID nor the id of a framework of this registry"
                raise RequestError("invalid-value", detail, field="authorities")
        return frozenset(found)

    def _decide(self, question: Question) -> Decision:
        decision = decide(question, self._index)
        self._telemetry.decided(decision)
        return decision

    async def decide_in_order(self, questions: Sequence[Question]) -> list[Decision]:
        """Decide several questions; other requests get their turn in between."""
        decisions = []
        for number, question in enumerate(questions, 1):
            decisions.append(self._decide(question))
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        return decisions


def question_for(asked: Asked, frame: Frame, claim: Claim) -> Question:
    """Return the question about one of the single claims that were asked about."""
    at = asked.at
    return Question(
        asked.issuer,
        claim,
        frame.now if at is None else at,
        frame.now,
        frame.known,
        asked.action,
        Basis.NOW if at is None else Basis.ASKED,
        asked.key,
        frame.authorities,
    )
