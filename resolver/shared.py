"""The second level of the cache: what processes share, which may vanish at any time."""

from typing import Protocol

from resolver.did import Did


class Shared(Protocol):
    """Keeps bytes for all processes; nothing it does raises, and nothing it lacks is missed.

    What it gives was put there by one who has the secret, but perhaps long ago.
    """

    async def read(self, did: Did) -> tuple[bytes | None, bytes | None]:
        """Give what is kept of a DID: its state, and its last failure."""
        ...

    async def keep_state(self, did: Did, raw: bytes, seconds: float) -> None:
        """Keep a state for some seconds."""
        ...

    async def keep_failure(self, did: Did, raw: bytes, seconds: float) -> None:
        """Keep a failure for some seconds, beside the state and never instead of it."""
        ...

    async def drop(self, did: Did) -> None:
        """Keep nothing more of a DID."""
        ...

    async def lease(self, did: Did, seconds: float) -> str | None:
        """Take the right to load a DID; None where another process has it.

        Returns:
            What `release` takes; also where there is nobody to ask.
        """
        ...

    async def release(self, did: Did, token: str) -> None:
        """Give the right back."""
        ...

    async def tell(self, message: bytes) -> bool:
        """Tell the other processes something, and this one as well; whether that was possible."""
        ...


class Alone:
    """No second level: this process shares nothing."""

    async def read(self, did: Did) -> tuple[bytes | None, bytes | None]:
        """Nothing is kept."""
        del did
        return None, None

    async def keep_state(self, did: Did, raw: bytes, seconds: float) -> None:
        """Keep nothing."""

    async def keep_failure(self, did: Did, raw: bytes, seconds: float) -> None:
        """Keep nothing."""

    async def drop(self, did: Did) -> None:
        """Nothing was kept."""

    async def lease(self, did: Did, seconds: float) -> str | None:
        """Nobody else loads."""
        del did, seconds
        return ""

    async def release(self, did: Did, token: str) -> None:
        """Nobody waits."""

    async def tell(self, message: bytes) -> bool:
        """Nobody listens, so that all are told."""
        del message
        return True
