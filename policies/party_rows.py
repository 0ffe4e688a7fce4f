"""Parties as columns of numbers: a row for each time that one was registered, in journal order."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count, islice
from operator import lt

from policies.columns import (
    NONE,
    Column,
    are_instants,
    below,
    demand,
    lengthen,
    nested,
    rises,
    same_length,
)
from policies.errors import CorruptStateError
from policies.lines import PartyLine, Row, dids_of, read_row, row_of, unzipped
from policies.recent import Recent
from policies.statements import (
    Party,
    PartyId,
    Recorded,
)
from policies.texts import Blobs, Texts
from policies.written import packed, unpacked
from resolver.did import Did
from resolver.errors import InvalidDidError
from resolver.instant import BEGINNING, Instant

_MOST = 4096
"""Parties, and identifiers, kept as objects at a time."""
_VERSION = ("party", "group", "position", "recorded_at")
_LATEST = ("latest", "latest_with_did")
_RENEWED = ("renewed", "renewed_from")
_REPEATED = ("repeated", "repeated_did", "repeated_from")


class PartyRows:
    """Parties and frameworks by number, with each version of a party.

    Attributes:
        ids: the ids of parties and frameworks, and the names of control groups.
        dids: their DIDs.
    """

    def __init__(self) -> None:
        self.ids = Texts()
        self.dids = Texts()
        self.details = Blobs()
        self.party, self.group = array("I"), array("I")
        self.position, self.recorded_at = array("I"), array("q")
        self.latest, self.latest_with_did = array("I"), array("I")
        # Few parties are registered twice: what came before is a row for those alone.
        self.renewed, self.renewed_from = array("I"), array("I")
        self.repeated, self.repeated_did, self.repeated_from = array("I"), array("I"), array("I")
        # Few are ever under others' control; a party may be amended without end.
        self._groupings: dict[int, list[int]] = {}
        self._numbers = Recent[PartyId, int](_MOST)
        self._read_ids = Recent[int, PartyId](_MOST)
        self._read = Recent[int, Party](_MOST)

    def extend(self, rows: Sequence[Row[PartyLine]], numbers: Mapping[PartyId, int]) -> None:
        """Add versions of parties.

        Args:
            rows: them, in journal order.
            numbers: of the parties and control groups that they mention; see `numbers`.
        """
        (lines, positions, times), first = unzipped(rows), len(self.party)
        parties = [numbers[line.id] for line in lines]
        groups = [PartyId(line.control_group) for line in lines]
        known = iter(self.dids.numbers([did.encode() for line in lines for did in line.dids]))
        dids = [[*islice(known, len(line.dids))] for line in lines]
        self.party.extend(parties)
        self.group.extend([numbers[group] + 1 if group else NONE for group in groups])
        self.position.extend(positions)
        self.recorded_at.extend(times)
        self.details.extend([*map(row_of, dids, [line.details for line in lines])])
        lengthen(self.latest, max(parties))
        lengthen(self.latest_with_did, len(self.dids) - 1)
        for version, number, own in zip(count(first), parties, dids, strict=False):
            self._link(version, number, own)

    def _link(self, version: int, number: int, dids: list[int]) -> None:
        """Link a version to what came before of its party, and of its DIDs."""
        before = self.latest[number]
        if before != NONE:
            self.renewed.append(version)
            self.renewed_from.append(before - 1)
            dids += dids_of(self.details[before - 1])
        self.latest[number] = version + 1
        self._note_group(version)
        for did in dict.fromkeys(dids):
            if self.latest_with_did[did] != NONE:
                self.repeated.append(version)
                self.repeated_did.append(did)
                self.repeated_from.append(self.latest_with_did[did] - 1)
            self.latest_with_did[did] = version + 1

    def number(self, id_: PartyId) -> int:
        """Return the number of a party or framework, which has one from now on."""
        number = self._numbers.get(id_)
        if number is None:
            number = self.ids.number(packed(id_))
            self._numbers.keep(id_, number)
        return number

    def numbers(self, ids: Iterable[PartyId]) -> dict[PartyId, int]:
        """Return the numbers of parties and frameworks, which have one from now on."""
        return {id_: self.number(id_) for id_ in dict.fromkeys(ids)}

    def find(self, id_: PartyId) -> int | None:
        """Return the number of a party or framework, or None where nothing speaks of it."""
        number = self._numbers.get(id_)
        if number is None and (number := self.ids.find(packed(id_))) is not None:
            self._numbers.keep(id_, number)
        return number

    def id(self, number: int) -> PartyId:
        """Return the id of a party or framework."""
        found = self._read_ids.get(number)
        if found is None:
            found = PartyId(unpacked(self.ids[number]))
            self._read_ids.keep(number, found)
        return found

    def versions(self, number: int) -> Iterator[int]:
        """Yield the versions of a party, the latest first."""
        link = self.latest[number] if number < len(self.latest) else NONE
        while link != NONE:
            yield link - 1
            row = self._renewal(link - 1)
            link = NONE if row is None else self.renewed_from[row] + 1

    def _renewal(self, version: int) -> int | None:
        """Return the row that says which version came before; the first of a party has none."""
        row = bisect_left(self.renewed, version)
        return row if row < len(self.renewed) and self.renewed[row] == version else None

    def has(self, version: int, did: Did) -> bool:
        """Tell whether a version that `with_did` yields has the DID, and does not take it."""
        if self._renewal(version) is None:
            return True
        return self.dids.find(did.text.encode()) in dids_of(self.details[version])

    def with_did(self, did: Did) -> Iterator[int]:
        """Yield the versions that have a DID, or take it from their party, the latest first."""
        number = self.dids.find(did.text.encode())
        if number is None or number >= len(self.latest_with_did):
            return
        link = self.latest_with_did[number]
        while link != NONE:
            yield link - 1
            first = bisect_left(self.repeated, link - 1)
            rows = range(first, bisect_right(self.repeated, link - 1, first))
            older = (self.repeated_from[row] for row in rows if self.repeated_did[row] == number)
            link = next(older, NONE - 1) + 1

    def grouping(self, number: int, position: int) -> tuple[int, tuple[Recorded, ...]]:
        """Return a party's control group as of a journal position, and its `regroupings` since."""
        if number not in self._groupings:
            return number, ()
        group = self.group_at(number, position, position + 1, BEGINNING)
        return group, self.regroupings(number, position)

    def group_at(self, number: int, since: int, known: int, at: Instant) -> int:
        """Return the number of the control group that a party was in, as declared by an instant.

        Args:
            number: the party.
            since: the journal position whose word holds where the instant lies before it.
            known: the journal size whose knowledge counts.
            at: the instant.
        """
        for version in reversed(self._groupings.get(number, ())):
            position = self.position[version]
            if position <= since or (position < known and self.recorded_at[version] <= at):
                return self._group(version)
        return number

    def regroupings(self, number: int, since: int) -> tuple[Recorded, ...]:
        """Return where a party was put into another control group after a journal position."""
        return tuple(
            Recorded(self.position[version], Instant(self.recorded_at[version]))
            for version in reversed(self._groupings.get(number, ()))
            if self.position[version] > since and self._renewal(version) is not None
        )

    def _note_group(self, version: int) -> None:
        """Note a version by which a party, which at first is its own, comes into another group."""
        number, group = self.party[version], self._group(version)
        noted = self._groupings.get(number)
        if group != (self._group(noted[-1]) if noted else number):
            self._groupings.setdefault(number, []).append(version)

    def _group(self, version: int) -> int:
        group = self.group[version]
        return group - 1 if group != NONE else self.party[version]

    def columns(self) -> dict[str, Column]:
        """Return the rows' columns, by name, to be written or filled."""
        texts = {"ids": self.ids, "dids": self.dids, "details": self.details}
        found = {name: getattr(self, name) for name in (*_VERSION, *_LATEST, *_RENEWED, *_REPEATED)}
        for name, each in texts.items():
            found |= nested(name, each.columns())
        return found

    def check(self, size: int) -> None:
        """Check columns that were filled from outside.

        Args:
            size: the journal's size.

        Raises:
            CorruptStateError: they do not fit together.
        """
        for texts in (self.ids, self.dids, self.details):
            texts.check()
        for names, length in ((_VERSION, len(self.details)), (_RENEWED, None), (_REPEATED, None)):
            columns = [getattr(self, name) for name in names]
            demand(same_length(*columns), "columns of different lengths")
            demand(length in {None, len(columns[0])}, "columns of different lengths")
        demand(below(self.party, len(self.ids)), "versions of unknown parties")
        demand(below(self.group, len(self.ids) + 1), "unknown control groups")
        demand(below(self.position, size), "parties from beyond the journal")
        demand(are_instants(self.recorded_at), "times outside the years 0001 to 9999")
        demand(below(self.latest, len(self.details) + 1), "links to no party")
        demand(below(self.latest_with_did, len(self.details) + 1), "links to no party")
        demand(below(self.renewed, len(self.details)), "links from no party")
        demand(below(self.repeated, len(self.details)), "links from no party")
        demand(rises(self.renewed) and rises(self.repeated), "links out of order")
        demand(
            all(map(lt, self.renewed_from, self.renewed))
            and all(map(lt, self.repeated_from, self.repeated)),
            "links that lead forward",
        )
        for version, (party, group) in enumerate(zip(self.party, self.group, strict=True)):
            if NONE != group != party + 1 or party in self._groupings:
                self._note_group(version)

    def version(self, version: int) -> Party:
        """Return a party as it was registered; those asked for of late are at hand.

        Raises:
            CorruptStateError: the row is none of a party.
        """
        found = self._read.get(version)
        if found is None:
            found = self._party(version)
            self._read.keep(version, found)
        return found

    def _party(self, version: int) -> Party:
        """Read a party from its row.

        Raises:
            CorruptStateError: the row is none of a party.
        """
        dids, details = read_row(self.details[version])
        group = self.group[version]
        try:
            return Party(
                id=self.id(self.party[version]),
                dids=tuple(Did.parse(self.dids[did].decode()) for did in dids),
                control_group=unpacked(self.ids[group - 1]) if group else "",
                recorded=Recorded(self.position[version], Instant(self.recorded_at[version])),
                **details,
            )
        except (IndexError, TypeError, ValueError, InvalidDidError) as error:
            raise CorruptStateError(f"a party's row: {error}") from None
