"""Which link suits a request best, and why (GS1-Conformant Resolver 2.6, UNTP IDR-07 to 10)."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from link_resolver.links import Link
from link_resolver.preferences import MISS, NEUTRAL, Languages, MediaTypes

_READS = frozenset({"GET", "HEAD"})


class Wanted(NamedTuple):
    """What a request says about the link it wants.

    Attributes:
        link_type: canonical; None for the default.
        languages: from `language`, or else from `Accept-Language`.
        media_types: from `Accept`.
        contexts: from `context`, in the order they came.
    """

    link_type: str | None = None
    languages: Languages = Languages()
    media_types: MediaTypes = MediaTypes()
    contexts: tuple[str, ...] = ()


class Fit(NamedTuple):
    """How a link suits a request. Fits compare: the smaller is the better one.

    Whether it suits at all comes before how well; and a context is asked for on purpose, while a
    client can use a wrong media type less than a wrong language.

    Attributes:
        unauthorised: its publisher's authority has ended.
        aside: it is an older version, or not for reading.
        other_type: it is of a type that means the same, not of the very type.
        wrong_context: a context was asked for, and it is for others.
        wrong_media_type: it is of a media type that is not taken.
        wrong_language: it is only in languages that are not read.
        context: the rank by context.
        language: the rank by language.
        media_type: the rank by media type.
    """

    unauthorised: bool
    aside: bool
    other_type: bool
    wrong_context: bool
    wrong_media_type: bool
    wrong_language: bool
    context: int
    language: int
    media_type: int

    @property
    def wrong(self) -> bool:
        """Whether anything speaks against the link."""
        return any(self[:6])


class Ranked(NamedTuple):
    """A link with how it fits."""

    link: Link
    fit: Fit


def fit(link: Link, wanted: Wanted) -> Fit:
    """Judge one link."""
    context = _context_rank(link.context, wanted.contexts)
    language = wanted.languages.rank(link.hreflang)
    media_type = wanted.media_types.rank(link.media_type)
    return Fit(
        not link.authorised,
        "predecessor-version" in link.rel or bool(link.method and link.method[0] not in _READS),
        wanted.link_type is not None and link.link_type != wanted.link_type,
        context >= MISS,
        media_type >= MISS,
        language >= MISS,
        context,
        language,
        media_type,
    )


def _context_rank(contexts: tuple[str, ...], wanted: tuple[str, ...]) -> int:
    if not contexts:
        return NEUTRAL if wanted else 0
    if not wanted:
        return 1
    own = {each.casefold() for each in contexts}
    return next((n for n, each in enumerate(wanted) if each.casefold() in own), MISS)


def is_asked_for(link: Link, wanted: Wanted) -> bool:
    """Tell whether something in a request speaks for a link, and nothing against it."""
    if fit(link, wanted).wrong:
        return False
    return (
        (bool(link.context) and bool(wanted.contexts))
        or (bool(wanted.languages.wanted) and wanted.languages.rank(link.hreflang) < NEUTRAL)
        or (link.media_type is not None and wanted.media_types.names(link.media_type))
    )


def rank(links: Sequence[Link], wanted: Wanted) -> tuple[Ranked, ...]:
    """Order links by how they suit, the best first; equal ones stay as they came."""
    if not links:
        return ()
    return tuple(
        sorted((Ranked(each, fit(each, wanted)) for each in links), key=lambda each: each.fit)
    )


def best(ranked: Sequence[Ranked]) -> tuple[Link, ...]:
    """Return the link that suits best, or all that suit best alike and lead to different places.

    Among equals the publisher's default decides.
    """
    if len(ranked) == 1:
        return (ranked[0].link,)
    equal = [each.link for each in ranked if each.fit == ranked[0].fit]
    preferred = [each for each in equal if each.default and each.authorised]
    if len(preferred) == 1 or len({each.href for each in equal}) == 1:
        return tuple((preferred or equal)[:1])
    return tuple(equal)


class Defaults(NamedTuple):
    """The defaults of one path.

    Attributes:
        one: what GS1 types `defaultLink`; None where the path has no default.
        varying: what GS1 types `defaultLinkMulti`.
    """

    one: Link | None = None
    varying: tuple[Link, ...] = ()


def defaults(links: Iterable[Link]) -> Defaults:
    """Tell the default of a path from those that vary.

    A single default is the default, whatever it says of itself. Of several, it is the one that
    varies by nothing; where all vary, the one that was there first, for there has to be one.
    """
    marked = [each for each in links if each.default and each.authorised]
    if len(marked) <= 1:
        return Defaults(marked[0] if marked else None)
    plain = next((each for each in marked if not each.varies), None)
    varying = tuple(each for each in marked if each.varies)
    return Defaults(plain or marked[0], varying)
