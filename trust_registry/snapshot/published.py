"""What a repository says of a snapshot, signed with its hash: TUF's `custom`."""

from collections.abc import Collection
from typing import Annotated, Self

from pydantic import StringConstraints, ValidationError

from resolver.instant import Instant, format_instant
from resolver.strict_json import Json
from trust_registry.fields import Closed, InstantMember
from trust_registry.log.checkpoints import Checkpoint
from trust_registry.log.errors import LogError
from trust_registry.log.keys import VerifierKey, open_checkpoint
from trust_registry.log.notes import Note
from trust_registry.snapshot.errors import UntrustedSnapshotError
from trust_registry.snapshot.head import Head

TARGET = "registry/snapshot"
"""The path of a repository's one target."""
_MAX_NOTE = 16_384
"""Characters of a signed checkpoint with its cosignatures."""


class Published(Closed):
    """What is said of a snapshot.

    Attributes:
        checkpoint: the log's signed checkpoint of the journal that the snapshot follows from.
        made_at: when the snapshot was made.
    """

    checkpoint: Annotated[str, StringConstraints(max_length=_MAX_NOTE)]
    made_at: InstantMember

    @classmethod
    def read(cls, custom: Json) -> Self:
        """Read what was said.

        Raises:
            UntrustedSnapshotError: it is not what is said of snapshots.
        """
        try:
            return cls.model_validate(custom)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise UntrustedSnapshotError("refused", f"custom.{where}: {first['msg']}") from None

    def check(self, head: Head, keys: Collection[VerifierKey] = ()) -> None:
        """Check that a snapshot is the state of the very journal that the checkpoint is of.

        Args:
            head: what names the state.
            keys: whose signature the checkpoint needs; none where the repository is trusted for it.

        Raises:
            UntrustedSnapshotError: it is another's, or signed by none of these keys.
        """
        try:
            note = Note.parse(self.checkpoint.encode())
            signed = open_checkpoint(note, keys) if keys else Checkpoint.parse(note.text)
        except LogError as error:
            raise UntrustedSnapshotError("refused", f"its checkpoint: {error}") from None
        if (signed.size, signed.root.hex()) != (head.size, head.root):
            text = f"it follows from {head.size} entries, its checkpoint is of {signed.size}"
            raise UntrustedSnapshotError("refused", text)


def custom(checkpoint: bytes, made_at: Instant) -> dict[str, str]:
    """Write what is said of a snapshot."""
    return {"checkpoint": checkpoint.decode(), "made_at": format_instant(made_at)}
