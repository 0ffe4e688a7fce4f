"""Linking: the demo's links, signed by their publishers and published as anyone would."""

from link_resolver.errors import LinkError
from link_resolver.records import sign_record, write_record
from touchstone.demo.data import DemoData
from touchstone.demo.errors import DemoStoppedError
from touchstone.demo.keys import demo_key
from touchstone.service.links import Links


async def publish(links: Links, data: DemoData, origin: str) -> None:
    """Publish every link of the data, a record each.

    Args:
        links: the link resolver.
        data: the demo's data.
        origin: the resolver's name.

    Raises:
        DemoStoppedError: one was refused; the message says which and why.
    """
    for each in data.links:
        did = data.parties[each.by].did
        payload = write_record(
            [each.link], by=did, resolver=origin, issued=links.answering.clock.now()
        )
        try:
            await links.publishing.publish(
                {**sign_record(payload, f"{did}#key-1", demo_key(each.by))}
            )
        except LinkError as error:
            raise DemoStoppedError(f"links.yaml: {each.link.get('href')}: {error}") from error
