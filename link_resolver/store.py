"""What the resolver needs of the place where links are kept."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from link_resolver.links import Link, Written
from resolver.instant import Instant


class LinkStore(Protocol):
    """Links by path: bounded point reads, so quick that they run on the event loop."""

    @property
    def generation(self) -> int:
        """A number that differs whenever `links` might answer differently than before.

        Answers are kept as long as it stays the same: a change of links, and of the authority of
        a publisher, must show here. Reading it costs next to nothing.
        """
        ...

    def links(
        self, paths: Sequence[str], at: Instant | None = None
    ) -> Mapping[str, tuple[Link, ...]]:
        """Give the newest version of every link on these paths, in a stable order.

        Links for a role, and links not yet or no longer active, are among them; deleted ones are
        not. A path without links may be absent from the answer.

        Args:
            paths: canonical paths, and templates of them; some twenty at most.
            at: the instant by which the versions were recorded; None for now.
        """
        ...

    def alone(self, path: str) -> Written | tuple[Link, ...]:
        """Give what `links` has on one path for now, with one read as well.

        A single link whose publisher's authority stands may come as it is written.
        """
        ...

    def history(self, link_id: str) -> tuple[Link, ...]:
        """Give every version of one link, oldest first; none for an id not known."""
        ...
