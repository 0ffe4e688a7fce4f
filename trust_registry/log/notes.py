"""Signed notes: a text, and lines that sign it (C2SP signed-note)."""

from dataclasses import dataclass
from typing import Self

from trust_registry.log.errors import InvalidNoteError
from trust_registry.log.lines import from_base64, to_base64

MAX_NOTE = 512_000
"""Bytes: a hundred post-quantum signatures, and room to spare."""
MAX_SIGNATURES = 100
ID_BYTES = 4

_DASH = "\N{EM DASH} "
_FIRST_PRINTABLE = 0x20


def is_key_name(name: str) -> bool:
    """Tell whether a key may have this name."""
    return bool(name) and "+" not in name and not any(c.isspace() for c in name)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """A signature line.

    Attributes:
        name: the key's name.
        key_id: four bytes that tell the keys of one name apart.
        value: what the key made of the text; its form is the key's.
    """

    name: str
    key_id: bytes
    value: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read a line, without its newline.

        Raises:
            InvalidNoteError: it is no signature line.
        """
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        data = from_base64(encoded)
        if not line.startswith(_DASH) or not space or not is_key_name(name):
            raise InvalidNoteError("a signature line is a dash, a name and a signature")
        if data is None or len(data) <= ID_BYTES:
            raise InvalidNoteError("a signature is the base64 of a key's id and more")
        return cls(name, data[:ID_BYTES], data[ID_BYTES:])

    def __str__(self) -> str:
        """The line, with its newline."""
        return f"{_DASH}{self.name} {to_base64(self.key_id + self.value)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note; nothing in it is to be believed before a trusted key's signature is verified.

    Attributes:
        text: what is signed, with its last newline.
        signatures: by whom, known or not.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a note.

        Raises:
            InvalidNoteError: it is none, or larger than is read.
        """
        if len(data) > MAX_NOTE:
            raise InvalidNoteError(f"a note has at most {MAX_NOTE} bytes here")
        try:
            whole = data.decode()
        except UnicodeDecodeError:
            raise InvalidNoteError("a note is UTF-8") from None
        if any(ord(c) < _FIRST_PRINTABLE and c != "\n" for c in whole):
            raise InvalidNoteError("a note has no control characters but newlines")
        text, blank, lines = whole.rpartition("\n\n")
        if not blank or not lines.endswith("\n"):
            raise InvalidNoteError("a note is a text, an empty line, and signature lines")
        return cls(text + "\n", parse_signatures(lines))

    def with_signatures(self, more: tuple[NoteSignature, ...]) -> "Note":
        """Return the note with more signatures."""
        return Note(self.text, (*self.signatures, *more))

    def __str__(self) -> str:
        """The note as it travels."""
        return self.text + "\n" + "".join(map(str, self.signatures))


def parse_signatures(lines: str) -> tuple[NoteSignature, ...]:
    """Read signature lines, each with its newline.

    Raises:
        InvalidNoteError: one is none, or there are none, or too many.
    """
    split = lines.split("\n")
    if split.pop() or not 0 < len(split) <= MAX_SIGNATURES:
        raise InvalidNoteError(f"there are 1 to {MAX_SIGNATURES} signature lines")
    return tuple(map(NoteSignature.parse, split))
