"""Answers kept ready: whole ones for questions that come again, forms for those nearly the same.

Verifiers ask about the same issuers and claims with ever other times and products: each credential
has its own. A form is an answer that leaves these open; `policies.spans` says for which it holds.
"""

import re
from collections import OrderedDict
from dataclasses import replace
from typing import Generic, NamedTuple, TypeVar

import orjson

from policies.claims import Claim, ClaimValue, Dimension, Source
from policies.decision import Decision, Question
from policies.index import Index
from policies.spans import Span, constrained, span_of
from resolver.instant import Instant, format_instant
from touchstone.service.answers import Knowledge
from touchstone.service.questions import Asked
from touchstone.service.values import decoded

MAX_PREPARED = 4096
"""Answers kept ready, and as many forms; each takes some 3 kB with its question."""
MAX_ASKED_ONCE = 65_536
"""Marks of questions that came once; each takes some 100 bytes."""
_AT, _FRESH, _PRODUCT = b"\x00", b"\x01", b"\x02"  # JSON text holds none of them
_AT_IN_BODY = re.compile(rb'"at"\s*:\s*"([^"\\\x00-\x1f]{1,40})"')
_PRODUCT_IN_BODY = re.compile(rb'"product"\s*:\s*"([^"\\\x00-\x1f]{1,2048})"')
_ANOTHER = "urn:another"

Key = str | bytes
FormKey = Key | tuple[Key, str]
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
    """A request's question without what is often another one.

    Attributes:
        rest: all but the time's and the product's text.
        at: the time's text, decoded, or None where there is none to be seen.
        product: the product's, likewise.
    """

    rest: Key
    at: str | None
    product: str | None


def cut_query(raw: str) -> Cut:
    """Cut the first parameters `at` and `product` out of a raw query.

    Raises:
        RequestError: one of them is not UTF-8.
    """
    rest, at = _taken(f"&{raw}", "&at=")
    rest, product = _taken(rest, "&product=")
    return Cut(
        rest,
        None if at is None else decoded(at, "at"),
        None if product is None else decoded(product, "product"),
    )


def _taken(query: str, start: str) -> tuple[str, str | None]:
    head, found, rest = query.partition(start)
    if not found:
        return query, None
    text, ampersand, tail = rest.partition("&")
    return f"{head}{start} {ampersand}{tail}", text  # no query holds a space


def cut_body(body: bytes) -> Cut:
    """Cut the first members `at` and `product` out of a JSON body."""
    at, product = _AT_IN_BODY.search(body), _PRODUCT_IN_BODY.search(body)
    rest = body
    for found, mark in ((at, _AT), (product, _PRODUCT)):
        if found is not None:
            rest = rest.replace(found[0], mark, 1)
    try:
        return Cut(
            rest,
            None if at is None else at[1].decode(),
            None if product is None else product[1].decode(),
        )
    except UnicodeDecodeError:  # its route says so
        return Cut(body, None, None)


class Form(NamedTuple):
    """An answer with its own times, and mostly the product asked about, left open.

    Attributes:
        body: the answer; marks stand where these belong.
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

    def filled(self, at: Instant | None, product: str | None, now: Instant) -> Prepared | None:
        """Return the answer for other times and another product, or None where it may differ."""
        if self.asks is (at is None) or at == now:
            return None
        when = now if at is None else at
        if not (self.at.holds(when) and self.now.holds(now)):
            return None
        fresh_until = Instant(now + self.staleness_ms)
        if self.valid_until is not None:
            fresh_until = min(fresh_until, self.valid_until)
        body = self.body.replace(_AT, format_instant(when).encode())
        body = body.replace(_FRESH, format_instant(fresh_until).encode(), 1)
        if product is not None:
            body = body.replace(_PRODUCT, orjson.dumps(product), 1)
        return Prepared(body, entity_tag(self.knowledge, self.size, now), self.size, fresh_until)


class Written(NamedTuple):
    """An answer to one question, with the text that it was written as."""

    decision: Decision
    asked: Asked
    body: bytes

    def opened(self, product_too: bool) -> bytes:
        """Return the text with marks where its own times, and the product, stand."""
        # Within strings quotes are escaped: these texts can be nothing but members.
        fresh = f'"fresh_until":"{format_instant(self.decision.fresh_until)}"'.encode()
        body = self.body.replace(fresh, b'"fresh_until":"' + _FRESH + b'"')
        if product_too:
            product = self.decision.question.claim.values[Dimension.PRODUCT].value
            body = body.replace(b'"product":' + orjson.dumps(product), b'"product":' + _PRODUCT)
        return body.replace(format_instant(self.decision.question.at).encode(), _AT)


def leaves_product_open(asked: Asked, known: int, index: Index) -> bool:
    """Tell whether a question names a product on which its answer cannot depend."""
    return (
        Dimension.PRODUCT in asked.stated
        and asked.stated[Dimension.PRODUCT][0].source is Source.ISSUER
        and Dimension.PRODUCT not in constrained(asked.issuer, known, index)
    )


def a_moment_later(question: Question, asked: Asked, product_too: bool) -> tuple[Question, Asked]:
    """Return a question as it would be asked a moment later, about a moment later."""
    claim = question.claim
    if product_too:
        another = ClaimValue(_ANOTHER)
        claim = Claim({**claim.values, Dimension.PRODUCT: another})
        asked = asked._replace(stated={**asked.stated, Dimension.PRODUCT: (another,)})
    at, now = Instant(question.at + 1), Instant(question.now + 1)
    return replace(question, claim=claim, at=at, now=now), asked


def form_of(
    first: Written,
    second: Written,
    knowledge: Knowledge,
    size: int,
    index: Index,
    product_too: bool,
) -> Form | None:
    """Return what two answers a moment apart have in common, as a form.

    That they must leaves out what only looks like a time of the answer, such as a claim's value.

    Args:
        first: an answer.
        second: the answer to the same question a moment later.
        knowledge: the journal that both were asked of.
        size: the journal's size.
        index: the registry's state.
        product_too: whether they were asked about two products, and the form leaves them open.

    Returns:
        The form, or None where one of the times is itself a turn, or the answers differ.
    """
    question, later = first.decision.question, second.decision.question
    at = span_of(question.issuer, question.at, question.known, index)
    now = span_of(question.issuer, question.now, question.known, index)
    if at is None or now is None or not (at.holds(later.at) and now.holds(later.now)):
        return None
    body = first.opened(product_too)
    if body != second.opened(product_too):
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
        self._kept: OrderedDict[FormKey, _T] = OrderedDict()
        self._came: set[int] = set()

    def get(self, key: FormKey) -> _T | None:
        """Return what is kept under a key, or None."""
        return self._kept.get(key)

    def comes_again(self, key: FormKey) -> bool:
        """Mark a key, and tell whether it came before: most never come again."""
        mark = hash(key)
        if mark in self._came:
            return True
        if len(self._came) >= MAX_ASKED_ONCE:
            self._came.clear()
        self._came.add(mark)
        return False

    def keep(self, key: FormKey, what: _T) -> None:
        """Keep something under a key."""
        if len(self._kept) >= MAX_PREPARED:
            self._kept.popitem(last=False)  # a plain dict would search for its first
        self._kept[key] = what
