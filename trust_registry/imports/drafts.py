"""Drafts: acts for review, in an order in which they can be submitted, and what was left out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from resolver.did import Did
from resolver.errors import InvalidDidError, InvalidInstantError
from resolver.instant import Instant, format_instant, parse_instant
from resolver.strict_json import Json
from trust_registry.errors import ActRefusedError
from trust_registry.imports.errors import ImportRefusedError
from trust_registry.imports.sources import MAX_ROWS, Source
from trust_registry.writing import write_act

_ANYBODY = "did:web:signer.invalid"


@dataclass(frozen=True, slots=True)
class Remark:
    """What was not carried over, and why.

    Attributes:
        where: the place in the source; empty for the whole.
        text: in plain words.
    """

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """An act that nobody has signed.

    Attributes:
        where: the place in the source that it comes from.
        members: `type`, what is particular to it, and `evidence`.
        by: who grants it by the source; None where the source does not say.
    """

    where: str
    members: Mapping[str, Json]
    by: Did | None = None


@dataclass(frozen=True, slots=True)
class Drafts:
    """What was made of a source.

    Attributes:
        acts: in an order in which they can be submitted.
        remarks: what was not carried over.
    """

    acts: tuple[Draft, ...]
    remarks: tuple[Remark, ...]


def draft_payload(draft: Draft, now: Instant) -> bytes:
    """Write a draft out as if it were signed now; only its preview is of use.

    Args:
        draft: it.
        now: when.

    Raises:
        ImportRefusedError: the act would be refused for its form.
    """
    try:
        return write_act(
            draft.members,
            by=draft.by or _ANYBODY,
            origin="review",
            genesis=None,
            base=None,
            issued=now,
            nonce="0" * 16,
        )
    except ActRefusedError as error:
        raise ImportRefusedError(draft.where, f"{error.member}: {error}") from None


class Drafting:
    """Collects the acts that a source gives; each is checked as soon as it is drafted.

    Args:
        source: the source.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._parties: dict[Did, Draft] = {}
        self._known: dict[Did, tuple[str, str]] = {}
        self._grants: list[Draft] = []
        self._places: dict[str, str] = {}
        self._remarks: list[Remark] = []

    def remark(self, where: str, text: str) -> None:
        """Note what is not carried over, and why."""
        self._remarks.append(Remark(where, text))

    def did(self, where: str, identifier: str) -> Did | None:
        """Return whose DID an identifier is by the mapping; None, with a remark, where it is not.

        An identifier that is a DID is one; nothing is derived from any other.

        Raises:
            ImportRefusedError: it begins like a DID and is none.
        """
        found = self.dids(where, [identifier])
        if not found:
            self.remark(where, f"{identifier!r} is no DID, and the mapping gives it none.")
        return found[0] if found else None

    def dids(self, where: str, identifiers: Iterable[str]) -> list[Did]:
        """Return the DIDs that some identifiers are, or have by the mapping, each once.

        Raises:
            ImportRefusedError: one begins like a DID and is none.
        """
        mapped = self._source.meanings.identifiers
        try:
            found = (
                mapped.get(each) or (Did.parse(each) if each.startswith("did:") else None)
                for each in identifiers
            )
            return [*dict.fromkeys(each for each in found if each is not None)]
        except InvalidDidError as error:
            raise ImportRefusedError(where, str(error)) from None

    def party(self, where: str, did: Did, name: str, **members: Json) -> None:
        """Draft the registration of a party, once; again is fine where it is called the same.

        Raises:
            ImportRefusedError: it was called otherwise before, or no act can hold what it is.
        """
        before = self._known.get(did)
        if before is not None:
            if before[1] != name:
                message = f"{did} is called {name!r} here, and {before[1]!r} at {before[0]}"
                raise ImportRefusedError(where, message)
            return
        self._known[did] = (where, name)
        if did in self._source.registered:
            self.remark(where, f"{did} is registered already, and is not registered again.")
            return
        said = {key: value for key, value in members.items() if value}
        written: dict[str, Json] = {"type": "register_party", "name": name, "dids": [str(did)]}
        self._parties[did] = self._checked(where, {**written, **said}, None)

    def grant(
        self,
        where: str,
        word: str,
        did: Did,
        *,
        by: Did | None = None,
        valid_from: Instant | None = None,
        valid_until: Instant | None = None,
    ) -> None:
        """Draft what a word of the source stands for by the mapping; a remark where it is silent.

        Args:
            where: the place in the source.
            word: the word.
            did: whom it is said of.
            by: who says so by the source.
            valid_from: since when, by the source.
            valid_until: until when, by the source; an earlier end in the mapping wins.

        Raises:
            ImportRefusedError: it was said before, or it is no act.
        """
        meaning = self._source.meanings.grants.get(word)
        if meaning is None:
            self.remark(where, f"The mapping does not say what {word!r} means: nothing is granted.")
            return
        members: dict[str, Json] = {**meaning, "entity": str(did)}
        if valid_from is not None:
            members["valid_from"] = format_instant(valid_from)
        if valid_until is not None:
            members["valid_until"] = _earlier(word, members.get("valid_until"), valid_until)
        self.act(where, members, by)

    def act(self, where: str, members: Mapping[str, Json], by: Did | None = None) -> None:
        """Draft a grant whose members are known.

        Raises:
            ImportRefusedError: it was said before, or it is no act.
        """
        draft = self._checked(where, members, by)
        same = repr((sorted(draft.members.items()), by))
        before = self._places.setdefault(same, where)
        if before != where:
            raise ImportRefusedError(where, f"says again what {before} says")
        self._grants.append(draft)

    def _checked(self, where: str, members: Mapping[str, Json], by: Did | None) -> Draft:
        if len(self._parties) + len(self._grants) >= MAX_ROWS:
            raise ImportRefusedError(where, f"a list gives at most {MAX_ROWS} acts")
        draft = Draft(where, {**members, "evidence": self._source.evidence}, by)
        draft_payload(draft, self._source.now)
        return draft

    def done(self) -> Drafts:
        """Return what was collected: parties first, since grants name them."""
        order: Sequence[Draft] = (*self._parties.values(), *self._grants)
        return Drafts(tuple(order), tuple(self._remarks))


def _earlier(word: str, said: Json, end: Instant) -> str:
    """Return the earlier of the end that the mapping gives, if it does, and the source's own."""
    if said is None:
        return format_instant(end)
    try:
        return format_instant(min(parse_instant(str(said)), end))
    except InvalidInstantError as error:
        raise ImportRefusedError(f"/grants/{word}/valid_until", str(error)) from None
