"""A log as it may show itself to a monitor."""

from collections.abc import Callable
from dataclasses import dataclass, field

from resolver.instant import Instant
from tests.unit.trust_registry.board import ORIGIN, START
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.keys import KeyKind, SigningKey
from trust_registry.log.notes import Note
from trust_registry.log.publisher import log_origin
from trust_registry.log.tiles import TileName, bundle
from trust_registry.log.tree import HashTree
from trust_registry.merkle import leaf_hash

KEY = SigningKey.from_seed(log_origin(ORIGIN), KeyKind.ED25519, b"k" * 32)
OTHER = SigningKey.from_seed(log_origin(ORIGIN), KeyKind.ED25519, b"o" * 32)
WITNESS = SigningKey.from_seed("witness.test/w1", KeyKind.COSIGNATURE, b"w" * 32)
POLICY = f"log {KEY.public}\nwitness w1 {WITNESS.public}\nquorum w1\n"
Meddle = Callable[[str, bytes], bytes | None]


@dataclass
class Shown:
    """A log as it may show itself: any entries, signed by any key, and anything done to its files."""

    entries: list[bytes]
    key: SigningKey = KEY
    meddle: Meddle | None = None
    cosigned_at: Instant | None = None
    asked: list[str] = field(default_factory=list)

    async def get(self, path: str, most: int) -> bytes | None:
        self.asked.append(path)
        data = self._file(path)
        if self.meddle is not None and data is not None:
            data = self.meddle(path, data)
        return data

    def _file(self, path: str) -> bytes | None:
        tree = HashTree()
        for entry in self.entries:
            tree.append(leaf_hash(entry))
        if path == "checkpoint":
            text = str(Checkpoint(log_origin(ORIGIN), tree.size, tree.root(tree.size)))
            signatures = [self.key.sign(text, START)]
            if self.cosigned_at is not None:
                signatures.append(WITNESS.sign(text, self.cosigned_at))
            return str(Note(text, tuple(signatures))).encode()
        kind, _, name = path.removeprefix("tile/").partition("/")
        which = TileName.parse(name)
        if which.end > tree.size:
            return None
        if kind == "entries":
            return bundle(self.entries[which.start : which.end])
        return tree.nodes(0, which.start, which.width)
