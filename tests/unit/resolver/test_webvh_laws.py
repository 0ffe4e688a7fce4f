"""Laws of did:webvh: whatever our own writer may write verifies, and whatever is changed does not."""

import asyncio
import copy
from dataclasses import dataclass, field

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import ResolutionError
from resolver.methods import Version
from resolver.methods.webvh.writing import (
    Written,
    approvals,
    commitment,
    first_entry,
    next_entry,
)
from tests.webvh import did_of, key, raw_of, resolved, second

LAW = settings(deadline=None, max_examples=100)  # a history costs some dozen signatures
STEPS = st.sampled_from(
    ["plain", "rotate", "commit", "uncommit", "witness", "unwitness", "move", "settle", "ttl"]
)


@dataclass
class Controller:
    """A controller that makes only legal moves, and remembers what it may do next."""

    signers: int = 1
    committed: int | None = None
    witnesses: list[int] = field(default_factory=list)
    portable: bool = True
    moves: int = 0
    log: list[Written] = field(default_factory=list)
    approvers: dict[str, list[int]] = field(default_factory=dict)

    def begin(self, state: dict, *, commit: bool, witness: bool) -> None:
        parameters: dict[str, object] = {"portable": True}
        if commit:
            self.committed = 100
            parameters["nextKeyHashes"] = [commitment(key(100)), commitment(key(8))]
        if witness:
            parameters |= self._new_witnesses(3)
        self.log.append(first_entry("example.com", key(1), second(0), parameters, state))
        self._approve([], self.witnesses)

    def step(self, kind: str, fresh: int) -> None:
        parameters: dict[str, object] = {}
        state = copy.deepcopy(self.log[-1].state)
        signer, before = self.signers, list(self.witnesses)
        if self.committed is not None:  # the committed key signs, and another one is committed to
            signer = self.signers = self.committed
            parameters["updateKeys"] = [key(signer).public.multikey]
            self.committed = None if kind == "uncommit" else fresh
            ahead = [] if self.committed is None else [commitment(key(fresh))]
            parameters["nextKeyHashes"] = ahead
        elif kind == "rotate":
            self.signers = fresh
            parameters["updateKeys"] = [key(fresh).public.multikey, key(7).public.multikey]
        elif kind == "commit":
            self.committed = fresh
            parameters["nextKeyHashes"] = [commitment(key(fresh))]
        if kind == "witness":
            parameters |= self._new_witnesses(fresh)
        elif kind == "unwitness":
            self.witnesses = []
            parameters["witness"] = {}
        elif kind == "ttl":
            parameters["ttl"] = fresh
        elif kind == "settle":
            self.portable = False
            parameters["portable"] = False
        elif kind == "move" and self.portable:
            self.moves += 1
            old = str(state["id"])
            place = f"host{self.moves}.example.com:a"
            state = {**state, "id": ":".join(old.split(":")[:3]) + f":{place}"}
            state["alsoKnownAs"] = [old]
        elif kind == "end":
            parameters["deactivated"] = True
        at = second(len(self.log))
        self.log.append(next_entry(self.log[-1], key(signer), at, parameters, state))
        self._approve(before, self.witnesses)

    def _new_witnesses(self, fresh: int) -> dict[str, object]:
        self.witnesses = [1000 + fresh, 2000 + fresh]
        listed = [{"id": f"did:key:{key(number).public.multikey}"} for number in self.witnesses]
        return {"witness": {"threshold": 2, "witnesses": listed}}

    def _approve(self, before: list[int], after: list[int]) -> None:
        needed = before or after
        if needed:
            self.approvers[self.log[-1].version_id] = needed

    @property
    def proofs(self) -> bytes:
        return approvals({v: [key(n) for n in keys] for v, keys in self.approvers.items()})


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).filter(
    lambda name: name not in {"id", "alsoKnownAs"} and "{SCID}" not in name
)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | NAMES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def histories(draw) -> Controller:
    controller = Controller()
    state = draw(st.dictionaries(NAMES.map("x-".__add__), VALUES, max_size=3))
    controller.begin(state, commit=draw(st.booleans()), witness=draw(st.booleans()))
    for at, kind in enumerate(draw(st.lists(STEPS, max_size=7))):
        controller.step(kind, 200 + at)
    if draw(st.booleans()):
        controller.step("end", 300)
    return controller


@LAW
@given(histories(), st.data())
def test_every_legal_history_verifies(controller: Controller, data) -> None:
    async def check() -> None:
        log = controller.log
        found = await resolved(log, witnesses=controller.proofs)
        assert found.metadata.version_id == log[-1].version_id
        ended = bool(log[-1].entry["parameters"].get("deactivated"))
        assert (found.document is None) == ended == found.metadata.deactivated
        if found.document is not None:
            assert found.document.id == did_of(log)
        number = data.draw(st.integers(1, len(log)))
        former = await resolved(log, Version(number=number), controller.proofs)
        assert former.metadata.version_id == log[number - 1].version_id

    asyncio.run(check())


def paths(value: object, at: tuple = ()) -> list[tuple]:
    """Where every value in a JSON value is."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for name, item in inner:
        found.append((*at, name))
        if isinstance(item, dict | list):
            found += paths(item, (*at, name))
    return found


def mutated(entry: dict, path: tuple, draw) -> dict:
    """The entry with the value at a path replaced, removed, or doubled."""
    entry = copy.deepcopy(entry)
    holder = entry
    for name in path[:-1]:
        holder = holder[name]
    old = holder[path[-1]]
    how = draw(st.sampled_from(["replace", "remove", "touch", "add"]))
    if how == "remove":
        del holder[path[-1]]
    elif how == "add" and isinstance(holder, dict):
        holder["added"] = 1
    elif how == "touch" and isinstance(old, str) and old:
        at = draw(st.integers(0, len(old) - 1))
        letter = draw(st.sampled_from([c for c in "A1z-" if c != old[at]]))
        holder[path[-1]] = old[:at] + letter + old[at + 1 :]
    else:
        holder[path[-1]] = draw(VALUES.filter(lambda new: repr(new) != repr(old)))
    return entry


@LAW
@given(histories(), st.data())
def test_every_change_of_what_is_said_is_refused(controller: Controller, data) -> None:
    log = list(controller.log)
    at = data.draw(st.integers(0, len(log) - 1))
    entry = log[at].entry
    path = data.draw(st.sampled_from(paths(entry)))
    changed = mutated(entry, path, data.draw)
    if orjson.dumps(changed, option=orjson.OPT_SORT_KEYS) == orjson.dumps(
        entry, option=orjson.OPT_SORT_KEYS
    ):
        return  # 1.0 for 1, or the like
    log[at] = Written(log[at].version_id, changed)
    with pytest.raises(ResolutionError):
        asyncio.run(resolved(log, witnesses=controller.proofs, did=did_of(controller.log, 0)))


@LAW
@given(histories(), st.data())
def test_entries_left_out_or_swapped_are_refused(controller: Controller, data) -> None:
    log = list(controller.log)
    if len(log) < 2:
        return
    at = data.draw(st.integers(0, len(log) - 2))
    if data.draw(st.booleans()):
        log[at], log[at + 1] = log[at + 1], log[at]
    else:
        del log[at]
    with pytest.raises(ResolutionError):
        asyncio.run(resolved(log, witnesses=controller.proofs, did=did_of(controller.log, 0)))


@LAW
@given(histories(), st.data())
def test_every_approval_taken_away_is_missed(controller: Controller, data) -> None:
    """Each witness signs each entry here, so only the last entries' approvals bind the rest."""
    held = dict(controller.approvers)
    if not held:
        return
    last = list(held)[-1]
    alone = set(held[last])
    if not any(alone & set(keys) for name, keys in held.items() if name != last):
        controller.approvers = {name: keys for name, keys in held.items() if name != last}
    else:
        controller.approvers = {**held, last: held[last][:1]}
    with pytest.raises(ResolutionError):
        asyncio.run(resolved(controller.log, witnesses=controller.proofs))


@LAW
@given(histories(), st.data())
def test_verified_in_parts_is_verified_at_once(controller: Controller, data) -> None:
    from tests.webvh import LOG_URL, WITNESS_URL, Pages, method_over

    async def check() -> None:
        log = controller.log
        did = did_of(log, 0)
        cut = data.draw(st.integers(1, len(log)))
        ranges = data.draw(st.booleans())
        host = Pages({LOG_URL: raw_of(log[:cut]), WITNESS_URL: controller.proofs}, ranges=ranges)
        method = method_over(host)
        part = await method.load(did, None)
        kept = method.decode(did, method.encode(part))
        assert kept == part
        host.pages[LOG_URL] = raw_of(log)
        grown = await method.load(did, kept)
        whole = await method_over(host).load(did, None)
        assert grown.log == whole.log

    asyncio.run(check())
