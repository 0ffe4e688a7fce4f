"""The rules of publication: what becomes of each link of a record. Pure."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from link_resolver.cache import rivals
from link_resolver.links import Link
from link_resolver.registration import Draft
from resolver.instant import Instant

MAX_PATH_LINKS = 500
"""Links on one path, deleted ones included; the largest linkset that we know has some fifty."""


class Status(StrEnum):
    """What became of one link."""

    CREATED = "created"
    CHANGED = "changed"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Line(NamedTuple):
    """What became of one link of a record.

    Attributes:
        number: which, from 0.
        status: what became of it.
        link: its id; empty where it could not be read.
        version: its version now; 0 where it has none.
        rule: the rule that it breaks, where it is refused.
        detail: what exactly is wrong.
        field: the member at fault.
    """

    number: int
    status: Status
    link: str = ""
    version: int = 0
    rule: str = ""
    detail: str = ""
    field: str = ""


class Refused(NamedTuple):
    """Why a link is not registered."""

    rule: str
    detail: str
    field: str = ""


class Publication(NamedTuple):
    """What is known of a record while its links are judged.

    Attributes:
        publisher: the DID that signed.
        issued: when it was signed.
        recorded_at: when it is taken.
        record: its id.
        key: the public key that signed it, as a multikey.
        own: the DIDs whose links it may change, beside its own: those of the same party.
        signed: when the records were signed that made the links which it changes.
    """

    publisher: str
    issued: Instant
    recorded_at: Instant
    record: str
    key: str
    own: frozenset[str]
    signed: Mapping[str, Instant]


def judge(
    publication: Publication,
    drafts: Mapping[int, Draft],
    refused: Mapping[int, Refused],
    links: Mapping[str, Sequence[Link]],
) -> tuple[list[Line], list[Link]]:
    """Judge the links of a record one after the other, as if each that is good were registered.

    Args:
        publication: the record.
        drafts: the links that could be read, by their number.
        refused: those that are refused already, by their number.
        links: the newest version of every link on the paths touched, deleted ones included, each
            with its publisher's standing.

    Returns:
        What became of each, in order, and the versions that are new.
    """
    lines = {number: Line(number, Status.REFUSED, "", 0, *why) for number, why in refused.items()}
    shelves = {path: {each.id: each for each in several} for path, several in links.items()}
    made: dict[str, Link] = {}
    # A default is given up before it is taken, in whatever order the links are written.
    for number in sorted(drafts, key=lambda each: drafts[each].link.default):
        draft = drafts[number]
        shelf = shelves.setdefault(draft.link.path, {})
        outcome = _judge(publication, draft, shelf, made)
        if isinstance(outcome, Refused):
            lines[number] = Line(number, Status.REFUSED, draft.link.id, 0, *outcome)
            continue
        status, link = outcome
        lines[number] = Line(number, status, link.id, link.version)
        if status is not Status.UNCHANGED:
            shelf[link.id] = made[link.id] = link
    return [lines[number] for number in sorted(lines)], list(made.values())


def _judge(
    publication: Publication, draft: Draft, shelf: Mapping[str, Link], made: Mapping[str, Link]
) -> Refused | tuple[Status, Link]:
    new, old = draft.link, shelf.get(draft.link.id)
    if new.id in made:
        return Refused("repeated", "another link of this record is the same one")
    wrong = _may_not_add(draft, shelf) if old is None else _may_not_change(publication, old, new)
    if wrong is not None:
        return wrong
    version = _version(publication, new, old)
    if old is not None and _same(old, version):
        return Status.UNCHANGED, old
    rival = next((each for each in shelf.values() if rivals(version, each)), None)
    if rival is not None:
        return Refused("second-default", f"link {rival.id} is the default already", "default")
    if version.deleted:
        return Status.DELETED, version
    return Status.CREATED if old is None else Status.CHANGED, version


def _may_not_add(draft: Draft, shelf: Mapping[str, Link]) -> Refused | None:
    if draft.named:
        return Refused("unknown-link", "no link on this anchor has this id", "id")
    if len(shelf) >= MAX_PATH_LINKS:
        return Refused("too-many-links", f"an anchor has at most {MAX_PATH_LINKS} links")
    return None


def _may_not_change(publication: Publication, old: Link, new: Link) -> Refused | None:
    if old.publisher not in publication.own and old.authorised and not old.deleted:
        detail = "another publisher, who still has the authority, published this link"
        return Refused("another-publisher", detail, "id")
    if not new.deleted and new.link_type != old.link_type:
        return Refused("link-type", "a link keeps its type; publish another link", "linkType")
    signed = publication.signed.get(old.record)
    if signed is not None and publication.issued < signed:
        return Refused("superseded", "a record signed later has changed this link before")
    return None


def _version(publication: Publication, new: Link, old: Link | None) -> Link:
    predecessor = None
    if old is not None and new.deleted:
        new = old._replace(deleted=True, default=False)
    elif old is not None and not old.deleted:
        predecessor = old.predecessor if new.href == old.href else old.href
    return new._replace(
        version=1 if old is None else old.version + 1,
        publisher=publication.publisher,
        recorded_at=publication.recorded_at,
        record=publication.record,
        key=publication.key,
        authorised=True,
        predecessor=predecessor,
    )


def _same(old: Link, new: Link) -> bool:
    """Tell whether a version says what the one before it says, by the same publisher."""
    if old.deleted and new.deleted:
        return True
    like_old = new._replace(
        version=old.version, recorded_at=old.recorded_at, record=old.record, key=old.key
    )
    return like_old == old
