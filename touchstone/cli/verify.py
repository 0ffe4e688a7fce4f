"""`touchstone verify`: who presents what, for whom, and does every credential in it verify?"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
import orjson

from touchstone.cli.asking import read_text
from touchstone.cli.configuring import settings
from touchstone.cli.printing import Exit, give_up, json_option, show, show_json
from touchstone.cli.tree import presentation_tree
from touchstone.service.errors import SettingsError

if TYPE_CHECKING:
    from credentials.presenting import PresentationReport
    from touchstone.service.settings import Settings

_EXITS: Mapping[str, Exit] = {
    "verified": Exit.YES,
    "failed": Exit.NO,
    "undetermined": Exit.UNDETERMINED,
}


@click.command(
    epilog=(
        "\b\n"
        "Exit code: 0 verified, 1 not verified, 3 undetermined, 4 no answer.\n"
        "\n"
        "\b\n"
        "Example:\n"
        "  touchstone verify shown.json --challenge 5c9a2c1e --domain https://verifier.example\n"
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--challenge", metavar="TEXT", help="The challenge, or nonce, given to the holder.")
@click.option("--domain", metavar="TEXT", help="Whom it was to be made for: you.")
@json_option
def verify(*, file: Path, challenge: str | None, domain: str | None, as_json: bool) -> None:
    """Verify the presentation in FILE (or -), and every credential in it.

    It is a JWT, JSON with a proof inside, an enveloped presentation, or an SD-JWT with its key
    binding. Whether its issuers were authorised, `touchstone check --credential` tells.
    """
    from touchstone.service.credential_answers import presentation_answer

    try:
        report = asyncio.run(_verified(read_text(file), challenge, domain, settings()))
    except SettingsError as error:
        give_up(str(error))
    answer = orjson.loads(presentation_answer(report))
    if as_json:
        show_json(answer)
    else:
        show(presentation_tree(answer))
    raise SystemExit(int(_EXITS[report.outcome.value]))


async def _verified(
    text: str, challenge: str | None, domain: str | None, loaded: "Settings"
) -> "PresentationReport":
    from credentials.holding import Expected
    from credentials.presenting import verify_presentation
    from credentials.status.query import StatusQuery
    from resolver.clock import SystemClock
    from resolver.fetch import Fetcher
    from resolver.resolution import native_resolver
    from touchstone.service.checking import open_checking

    clock = SystemClock()
    async with (
        Fetcher(loaded.fetch_policy) as fetcher,
        open_checking(loaded, fetcher) as checks,
    ):
        verifier = checks.verifier(
            native_resolver(fetcher, clock, logs=loaded.did_logs),
            StatusQuery(checks.lists),
            clock.now(),
        )
        return await verify_presentation(text, verifier, Expected(challenge, domain))
