"""Witness policies: whom to trust, and how many must agree (C2SP tlog-policy)."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from trust_registry.log.errors import InvalidKeyTextError, InvalidPolicyError
from trust_registry.log.keys import KeyKind, VerifierKey

NONE = "none"
MAX_POLICY = 1_000_000
_MAX_LINES = 2_000
_LOG_KINDS = frozenset({KeyKind.ED25519, KeyKind.ML_DSA_44})
_WITNESS_KINDS = frozenset({KeyKind.COSIGNATURE, KeyKind.ML_DSA_44})
_SPACE = re.compile(r"[ \t]+")
_LEAST_WITNESS = 2
_LEAST_GROUP = 3


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness of a policy.

    Attributes:
        key: what it cosigns with.
        url: its submission prefix, or nothing.
    """

    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Some witnesses and groups, of which so many must agree."""

    needed: int
    members: tuple[str, ...]


@dataclass(slots=True)
class Policy:
    """What makes a checkpoint believable.

    Attributes:
        logs: the logs' keys, each with its URL or nothing; any one of them suffices.
        witnesses: by their names in the policy.
        groups: by their names in the policy.
        quorum: the witness or group that must agree; `none` for nobody.
    """

    logs: dict[VerifierKey, str] = field(default_factory=dict)
    witnesses: dict[str, Witness] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = NONE

    @staticmethod
    def parse(data: bytes) -> "Policy":
        """Read a policy.

        Raises:
            InvalidPolicyError: it is none; the message names the line.
        """
        text = data[: MAX_POLICY + 1].decode("utf-8", "surrogateescape")
        lines = text.split("\n")
        if len(data) > MAX_POLICY or len(lines) > _MAX_LINES:
            raise InvalidPolicyError(f"a policy has at most {_MAX_LINES} lines")
        reader = _Reader(Policy())
        for number, line in enumerate(lines, 1):
            try:
                reader.read(line)
            except (InvalidPolicyError, InvalidKeyTextError) as error:
                raise InvalidPolicyError(f"line {number}: {error}") from None
        if not reader.decided:
            raise InvalidPolicyError("there is no quorum line")
        return reader.policy

    @staticmethod
    def of_log(*keys: VerifierKey) -> "Policy":
        """The policy that trusts a log by its keys alone."""
        return Policy(dict.fromkeys(keys, ""))

    @property
    def cosigners(self) -> Mapping[str, VerifierKey]:
        """The witnesses' keys, by their names in the policy."""
        return {name: witness.key for name, witness in self.witnesses.items()}

    def met(self, cosigners: Collection[VerifierKey]) -> bool:
        """Tell whether enough have cosigned, of those whose cosignature was verified."""
        return self.quorum == NONE or self._agrees(self.quorum, cosigners)

    def _agrees(self, name: str, cosigners: Collection[VerifierKey]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return self.witnesses[name].key in cosigners
        return sum(self._agrees(each, cosigners) for each in group.members) >= group.needed


class _Reader:
    """Reads a policy line by line; what a line names was defined on a line before it."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.decided = False
        self._listed: set[str] = set()
        self._log_keys: set[bytes] = set()
        self._witness_keys: set[bytes] = set()

    def read(self, line: str) -> None:
        if any(c < " " and c != "\t" for c in line) or "\x7f" in line:
            raise InvalidPolicyError("control characters")
        words = _SPACE.split(line.strip(" \t"))
        if words == [""] or words[0].startswith("#"):
            return
        kind, *rest = words
        reading = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }.get(kind)
        if reading is None:
            raise InvalidPolicyError("a line begins with log, witness, group or quorum")
        reading(rest)

    def _log(self, words: list[str]) -> None:
        if len(words) not in (1, 2):
            raise InvalidPolicyError("a log has a vkey and perhaps a URL")
        key = _key(words[0], _LOG_KINDS)
        _once(key.raw, self._log_keys)
        self.policy.logs[key] = words[1] if len(words) > 1 else ""

    def _witness(self, words: list[str]) -> None:
        if len(words) not in (_LEAST_WITNESS, _LEAST_WITNESS + 1):
            raise InvalidPolicyError("a witness has a name, a vkey and perhaps a URL")
        self._define(words[0])
        key = _key(words[1], _WITNESS_KINDS)
        _once(key.raw, self._witness_keys)
        self.policy.witnesses[words[0]] = Witness(key, "".join(words[2:]))

    def _group(self, words: list[str]) -> None:
        if len(words) < _LEAST_GROUP:
            raise InvalidPolicyError("a group has a name, a threshold and members")
        name, threshold, *members = words
        self._define(name)
        for member in members:
            self._known(member)
            if member in self._listed:
                raise InvalidPolicyError("a name is a member of one group only, once")
            self._listed.add(member)
        needed = {"all": len(members), "any": 1}.get(threshold)
        if needed is None:
            plain = re.fullmatch("[1-9][0-9]{0,3}", threshold, re.ASCII)
            needed = int(threshold) if plain else 0
        if not 1 <= needed <= len(members):
            raise InvalidPolicyError("a threshold is all, any, or a number of its members")
        self.policy.groups[name] = Group(needed, tuple(members))

    def _quorum(self, words: list[str]) -> None:
        if len(words) != 1 or self.decided:
            raise InvalidPolicyError("there is one quorum, of one name")
        if words[0] != NONE:
            self._known(words[0])
        self.policy.quorum, self.decided = words[0], True

    def _define(self, name: str) -> None:
        if name == NONE or name in self.policy.witnesses or name in self.policy.groups:
            raise InvalidPolicyError("the name is taken")

    def _known(self, name: str) -> None:
        if name not in self.policy.witnesses and name not in self.policy.groups:
            raise InvalidPolicyError("the name was not defined before")


def _key(text: str, kinds: frozenset[KeyKind]) -> VerifierKey:
    key = VerifierKey.parse(text)
    if key.kind not in kinds:
        raise InvalidPolicyError("a key of this kind does not sign this")
    return key


def _once(raw: bytes, seen: set[bytes]) -> None:
    if raw in seen:
        raise InvalidPolicyError("the key is there twice")
    seen.add(raw)
