"""Answers kept ready: whole ones for questions that come again, forms for those of another time.

Verifiers ask about the same issuers and claims with ever other times: each credential has its own.
A form is an answer whose own times are left open; `policies.spans` says for which it holds.
"""

import re
from collections import OrderedDict
from dataclasses import replace
from typing import Generic, NamedTuple, TypeVar

from policies.decision import Decision, Question
from policies.index import Index
from policies.spans import Span, span_of
from resolver.instant import Instant
from touchstone.service.answers import Knowledge, written
from touchstone.service.questions import decoded

MAX_PREPARED = 4096
"""Answers kept ready, and as many forms; each takes some 3 kB with its question."""
MAX_ASKED_ONCE = 65_536
"""Marks of questions that came once; each takes some 100 bytes."""
_AT, _FRESH = b"\x00", b"\x01"  # JSON text holds neither
_AT_IN_QUERY = re.compile(r"(?:^|&)at=([^&]*)")
_AT_IN_BODY = re.compile(rb'"at"\s*:\s*"([0-9TZtz:.+-]{1,40})"')

Key = str | bytes
_T = TypeVar("_T")


class Prepared(NamedTuple):
    """An answer kept ready for the same question, until the journal grows or it goes stale."""

    body: bytes
    etag: str
    size: int
    fresh_until: Instant


def entity_tag(knowledge: Knowledge, size: int, now: Instant) -> str:
    """Return what tells the versions of an answer apart.

    An answer follows from the question, the journal and the present. The question is the address,
    so that the other two tell its versions apart, and nothing need be hashed.
    """
    return f'"{knowledge.root[:16]}-{size:x}-{now:x}"'


class Cut(NamedTuple):
    """A request's question without the time that it asks about.

    Attributes:
        rest: all but the time's text.
        at: the time's text, decoded, or None where there is none to be seen.
    """

    rest: Key
    at: str | None


def cut_query(raw: str) -> Cut:
    """Cut the parameter `at` out of a raw query.

    Raises:
        RequestError: it is not UTF-8.
    """
    found = _AT_IN_QUERY.search(raw)
    if found is None:
        return Cut(raw, None)
    return Cut(f"{raw[: found.start()]} {raw[found.end() :]}", decoded(found[1], "at"))


def cut_body(body: bytes) -> Cut:
    """Cut the member `at` out of a JSON body."""
    found = _AT_IN_BODY.search(body)
    if found is None:
        return Cut(body, None)
    return Cut(body[: found.start(1)] + _AT + body[found.end(1) :], found[1].decode())


class Form(NamedTuple):
    """An answer with its own times left open.

    Attributes:
        body: the answer; marks stand where its times belong.
        knowledge: the journal that it was asked of.
        size: the journal size that it rests on.
        asks: whether the question names a time.
        at: for which times asked about it holds.
        now: for which present times it holds.
        valid_until: when the answer changes by itself, where the present was judged.
        staleness_ms: for how long an answer may be reused.
    """

    body: bytes
    knowledge: Knowledge
    size: int
    asks: bool
    at: Span
    now: Span
    valid_until: Instant | None
    staleness_ms: int

    def filled(self, at: Instant | None, now: Instant) -> Prepared | None:
        """Return the answer for other times, or None where it may be another one."""
        if self.asks is (at is None) or at == now:
            return None
        when = now if at is None else at
        if not (self.at.holds(when) and self.now.holds(now)):
            return None
        fresh_until = Instant(now + self.staleness_ms)
        if self.valid_until is not None:
            fresh_until = min(fresh_until, self.valid_until)
        body = self.body.replace(_AT, written(when).encode())
        body = body.replace(_FRESH, written(fresh_until).encode(), 1)
        return Prepared(body, entity_tag(self.knowledge, self.size, now), self.size, fresh_until)


class Written(NamedTuple):
    """An answer to one question, with the text that it was written as."""

    decision: Decision
    body: bytes

    def opened(self) -> bytes:
        """Return the text with marks where its own times stand."""
        # Within strings quotes are escaped: the first text can be nothing but this member.
        fresh = f'"fresh_until":"{written(self.decision.fresh_until)}"'.encode()
        body = self.body.replace(fresh, b'"fresh_until":"' + _FRESH + b'"')
        return body.replace(written(self.decision.question.at).encode(), _AT)


def a_moment_later(question: Question) -> Question:
    """Return a question as it would be asked a moment later, about a moment later."""
    return replace(question, at=Instant(question.at + 1), now=Instant(question.now + 1))


def form_of(
    first: Written, second: Written, knowledge: Knowledge, size: int, index: Index
) -> Form | None:
    """Return what two answers a moment apart have in common, as a form.

    That they must leaves out what only looks like a time of the answer, such as a claim's value.

    Args:
        first: an answer.
        second: the answer to the same question a moment later.
        knowledge: the journal that both were asked of.
        size: the journal's size.
        index: the registry's state.

    Returns:
        The form, or None where one of the times is itself a turn, or the answers differ.
    """
    question, later = first.decision.question, second.decision.question
    at = span_of(question.issuer, question.at, question.known, index)
    now = span_of(question.issuer, question.now, question.known, index)
    if at is None or now is None or not (at.holds(later.at) and now.holds(later.now)):
        return None
    body = first.opened()
    if body != second.opened():
        return None
    return Form(
        body,
        knowledge,
        size,
        question.at != question.now,
        at,
        now,
        first.decision.valid_until,
        first.decision.framework.max_staleness_ms,
    )


class Shelf(Generic[_T]):
    """What is kept under a key that came more than once; the oldest makes room."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, _T] = OrderedDict()
        self._came: set[int] = set()

    def get(self, key: Key) -> _T | None:
        """Return what is kept under a key, or None."""
        return self._kept.get(key)

    def comes_again(self, key: Key) -> bool:
        """Mark a key, and tell whether it came before: most never come again."""
        mark = hash(key)
        if mark in self._came:
            return True
        if len(self._came) >= MAX_ASKED_ONCE:
            self._came.clear()
        self._came.add(mark)
        return False

    def keep(self, key: Key, what: _T) -> None:
        """Keep something under a key."""
        if len(self._kept) >= MAX_PREPARED:
            self._kept.popitem(last=False)  # a plain dict would search for its first
        self._kept[key] = what
