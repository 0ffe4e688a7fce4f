"""`touchstone link prove`: a role proved, to be shown links that are not for everybody."""

import asyncio
from pathlib import Path

import click

from link_resolver.roles import MAX_ROLES, sign_proof
from resolver.clock import SystemClock
from resolver.did import DidUrl
from resolver.errors import InvalidDidUrlError
from touchstone.cli.asking import ask_server
from touchstone.cli.keys import read_key
from touchstone.cli.link_publishing import key_option, kid_option, server_option, server_or_here
from touchstone.cli.printing import give_up, json_option, show, show_json


@click.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  curl -H \"Authorization: Bearer $(touchstone link prove 'untp:accessRole#Customs' \\\n"
        '    --key my.jwk --kid did:web:customs.example#1)" https://id.example/01/09506000134352\n'
    )
)
@click.argument("roles", metavar="ROLE...", nargs=-1, required=True)
@key_option
@kid_option
@server_option
@json_option
def prove(
    *, roles: tuple[str, ...], key: Path, kid: str, server: str | None, as_json: bool
) -> None:
    """Sign a proof that you hold each ROLE, for one service and five minutes."""
    if len(set(roles)) != len(roles) or len(roles) > MAX_ROLES:
        give_up(f"name each role once, and {MAX_ROLES} at most")
    try:
        caller = DidUrl.parse(kid).did
    except InvalidDidUrlError as error:
        give_up(f"--kid: {error}")
    private = read_key(key)
    identity = asyncio.run(ask_server(server_or_here(server), "/v1/registry", method="GET"))
    origin = str(identity.document.get("origin"))
    now = SystemClock().now()
    token = sign_proof(roles, caller=caller, kid=kid, key=private, resolver=origin, now=now)
    if as_json:
        show_json({"token": token, "resolver": origin, "roles": [*roles]})
    else:
        show(token)
