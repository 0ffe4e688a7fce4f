"""Running the demo: bring it up, ask it two questions, stay up until told to stop."""

import asyncio
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from touchstone.demo.asking import ask
from touchstone.demo.data import read_demo
from touchstone.demo.errors import DemoStoppedError
from touchstone.demo.report import print_json, print_text
from touchstone.demo.serving import served


def run(listen: str, *, json_output: bool = False, folder: Path | None = None) -> None:
    """Run the demo until SIGINT or SIGTERM.

    Args:
        listen: address and port to serve on.
        json_output: whether to print one JSON object instead of trees.
        folder: where to keep the journal and the credentials; a temporary one where not given.

    Raises:
        DemoStoppedError: the port is in use, or the ecosystem could not be brought up.
        DemoDataError: the demo's data is not here, or not what it should be.
    """
    asyncio.run(_run(listen, json_output, folder))


async def _run(listen: str, json_output: bool, folder: Path | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    data = await asyncio.to_thread(read_demo)
    with _kept(folder) as place:
        async with served(data, place, listen) as (eco, origin):
            answers = await ask(origin, data)
            report = print_json if json_output else print_text
            report(eco, origin, place, answers)
            await stop.wait()


@contextmanager
def _kept(folder: Path | None) -> Iterator[Path]:
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="touchstone-demo-") as made:
            yield Path(made)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DemoStoppedError(f"{folder} cannot be made: {error.strerror}") from error
    yield folder
