"""From an identifier and what is known of it to an answer. Pure: the links and the time are given.

GS1-Conformant Resolver 2.5.9, 2.6, 2.8 and 2.12; UNTP Identity Resolver, its workflow.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import chain
from typing import NamedTuple, TypeAlias

from link_resolver import matching, templates
from link_resolver.identifier import Identifier
from link_resolver.link_types import IDENTITY_RESOLVER, same_as, short
from link_resolver.links import Link
from link_resolver.matching import Ranked, Wanted
from resolver.instant import END, Instant


class Profile(StrEnum):
    """Whose rules hold where GS1 and UNTP contradict each other."""

    GS1 = "gs1"
    UNTP = "untp"


class Handover(NamedTuple):
    """A secondary resolver: who is asked about keys that are not known here.

    Attributes:
        scheme: an identifier scheme.
        prefix: how the key begins; for GS1, a company prefix.
        root: the other resolver, such as `https://id.example`.
    """

    scheme: str
    prefix: str
    root: str


class Level(NamedTuple):
    """The links that a caller may see on one level of an identifier.

    Attributes:
        path: the level's own canonical path, its anchor below a resolver's root.
        links: at least one; all active.
    """

    path: str
    links: tuple[Link, ...]


class Redirect(NamedTuple):
    """One link suits.

    Attributes:
        link: the one.
        location: its target, with the query passed on.
    """

    link: Link
    location: str


class Candidates(NamedTuple):
    """Several links suit alike, and nothing decides among them."""

    links: tuple[Link, ...]


class Linkset(NamedTuple):
    """All links were asked for."""


class NotFound(NamedTuple):
    """Nothing is known, or no link of the type that was asked for."""


class HandedOver(NamedTuple):
    """Another resolver is responsible for the prefix of this key."""

    location: str


Answer: TypeAlias = Redirect | Candidates | Linkset | NotFound | HandedOver


class Resolution(NamedTuple):
    """An answer, and how it came about.

    Attributes:
        answer: what to do.
        why: one sentence for people.
        levels: what is known, the most specific level first; levels without links are left out.
        ranked: the links that were compared, the best first; none where there was no choice.
        until: the first instant at which the answer may change by itself.
    """

    answer: Answer
    why: str
    levels: tuple[Level, ...] = ()
    ranked: tuple[Ranked, ...] = ()
    until: Instant = END


def paths(identifier: Identifier) -> tuple[str, ...]:
    """Return every path whose links matter for an identifier, for one read of the store."""
    return tuple(chain.from_iterable(templates.paths(level) for level in identifier.levels()))


def resolve(
    identifier: Identifier,
    wanted: Wanted,
    links: Mapping[str, Sequence[Link]],
    now: Instant,
    *,
    listing: bool = False,
    roles: frozenset[str] = frozenset(),
    profile: Profile = Profile.GS1,
    handovers: Sequence[Handover] = (),
) -> Resolution:
    """Answer a request.

    Args:
        identifier: what it is about, with the query that came along.
        wanted: what kind of link.
        links: what the store has on the identifier's `paths`.
        now: the instant at which links must be active.
        listing: whether all links are asked for, rather than one of them.
        roles: the roles that the caller has proved; links for others do not exist for it.
        profile: whose rules hold.
        handovers: secondary resolvers.
    """
    levels, until = _known(identifier, links, now, roles)
    if not levels:
        chosen = _unknown(identifier, handovers)
    elif listing:
        chosen = _Chosen(Linkset(), "all links were asked for")
    elif wanted.link_type is not None:
        chosen = _of_type(levels, wanted, identifier.query, profile)
    else:
        chosen = _default(levels, wanted, identifier.query)
    answer, why, ranked = chosen
    return Resolution(answer, why, levels, ranked, until)


class _Chosen(NamedTuple):
    """An answer without what it is an answer to."""

    answer: Answer
    why: str
    ranked: tuple[Ranked, ...] = ()


def _known(
    identifier: Identifier,
    links: Mapping[str, Sequence[Link]],
    now: Instant,
    roles: frozenset[str],
) -> tuple[tuple[Level, ...], Instant]:
    """Return what may be seen, and until when; a link for a role never comes any further."""
    levels, until = [], END
    for level in identifier.levels():
        own = ""
        for path in templates.paths(level):
            own = own or path
            seen = []
            for link in links.get(path, ()):
                if link.access_role and roles.isdisjoint(link.access_role):
                    continue
                if now < link.active_from:
                    until = min(until, link.active_from)
                elif now < link.active_until:
                    until = min(until, link.active_until)
                    seen.append(link)
            if not seen:
                continue
            if path is not own:
                seen = [templates.fill(link, level) for link in seen]
            levels.append(Level(own, tuple(seen)))
    return tuple(levels), until


def _unknown(identifier: Identifier, handovers: Sequence[Handover]) -> _Chosen:
    if handovers:
        holder = identifier.holder
        begins = holder.prefixes[-1] if holder.prefixes else holder.value
        matches = [
            each
            for each in handovers
            if each.scheme == holder.scheme and begins.startswith(each.prefix)
        ]
        if matches:
            longest = max(matches, key=lambda each: len(each.prefix))
            location = pass_on(identifier.uri(longest.root), identifier.query)
            why = (
                f"nothing is known here; keys with {longest.prefix} are handled by another resolver"
            )
            return _Chosen(HandedOver(location), why)
    return _Chosen(NotFound(), "nothing is known about this identifier or any level of it")


def _of_type(levels: tuple[Level, ...], wanted: Wanted, query: str, profile: Profile) -> _Chosen:
    """Look for the type on one level after the other, without sending the caller there."""
    link_type = wanted.link_type or ""
    sought = same_as(link_type)
    for level in levels:
        of_type = [each for each in level.links if each.link_type in sought]
        if of_type:
            why = f"{short(link_type)} was asked for, and {level.path} has it"
            return _choose(matching.rank(of_type, wanted), query, why)
    if profile is Profile.GS1:
        return _Chosen(NotFound(), f"no level has a link of the type {short(link_type)}")
    external = _external(levels, wanted, query)
    if external is not None:
        return external
    instead = _default(levels, wanted._replace(link_type=None), query)
    return instead._replace(why=f"no level has {short(link_type)}; UNTP then wants the default")


def _default(levels: tuple[Level, ...], wanted: Wanted, query: str) -> _Chosen:
    for level in levels:
        one, varying = matching.defaults(level.links)
        asked_for = [each for each in varying if matching.is_asked_for(each, wanted)]
        if asked_for:
            ranked = matching.rank(asked_for, wanted)
            first = matching.best(ranked)
            if len(first) == 1:
                why = f"of the defaults of {level.path} it is the one that the request asks for"
                return _redirect(first[0], query, why, ranked)
        if one is not None:
            ranked = matching.rank(varying, wanted)
            return _redirect(one, query, f"it is the default of {level.path}", ranked)
    return _without_default(levels, wanted, query)


def _without_default(levels: tuple[Level, ...], wanted: Wanted, query: str) -> _Chosen:
    external = _external(levels, wanted, query)
    if external is not None:
        return external
    candidates = [each for level in levels for each in level.links]
    if len(candidates) == 1 and candidates[0].authorised:
        return _redirect(candidates[0], query, "it is the only link there is", ())
    ranked = matching.rank(candidates, wanted)
    why = "no level has a default, and the request names no type"
    return _Chosen(Candidates(tuple(each.link for each in ranked)), why, ranked=ranked)


def _external(levels: tuple[Level, ...], wanted: Wanted, query: str) -> _Chosen | None:
    """Ask the secondary resolver that a publisher has named (UNTP IDR-11)."""
    for level in levels:
        named = [e for e in level.links if e.link_type == IDENTITY_RESOLVER and e.authorised]
        if named:
            why = f"{level.path} names another resolver, and nothing here suits"
            return _choose(matching.rank(named, wanted), query, why)
    return None


def _choose(ranked: tuple[Ranked, ...], query: str, why: str) -> _Chosen:
    best = matching.best(ranked)
    if len(best) == 1:
        return _redirect(best[0], query, why, ranked)
    why = f"{why}; {len(best)} links suit alike, and nothing in the request decides"
    return _Chosen(Candidates(best), why, ranked=ranked)


def _redirect(link: Link, query: str, why: str, ranked: Iterable[Ranked]) -> _Chosen:
    location = link.href if link.fwqs is False else pass_on(link.href, query)
    return _Chosen(Redirect(link, location), why, ranked=tuple(ranked))


def pass_on(target: str, query: str) -> str:
    """Append a query to a target as it came, before the fragment (GS1-Conformant Resolver 2.12)."""
    if not query:
        return target
    target, mark, fragment = target.partition("#")
    joint = "&" if "?" in target else "?"
    if target.endswith(("?", "&")):
        joint = ""
    return f"{target}{joint}{query}{mark}{fragment}"
