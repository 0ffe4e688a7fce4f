"""`touchstone link prove` and `sign`: a role proved, to be shown what is not for everybody."""

import asyncio
from pathlib import Path

import click

from link_resolver.errors import RoleNotProvedError
from link_resolver.roles import MAX_ROLES, sign_proof
from link_resolver.signed_reads import LIFETIME_MS, PARAMETER, roles_named, sign_read
from resolver.clock import SystemClock
from resolver.did import DidUrl
from resolver.errors import InvalidDidUrlError, MessageSignatureError
from resolver.instant import SECOND
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
    caller, private = _method(kid).did, read_key(key)
    identity = asyncio.run(ask_server(server_or_here(server), "/v1/registry", method="GET"))
    origin = str(identity.document.get("origin"))
    now = SystemClock().now()
    token = sign_proof(roles, caller=caller, kid=kid, key=private, resolver=origin, now=now)
    if as_json:
        show_json({"token": token, "resolver": origin, "roles": [*roles]})
    else:
        show(token)


@click.command(
    epilog=(
        "\b\n"
        "Example:\n"
        "  URL='https://id.example/01/09506000134352?accessRole=untp:accessRole%23Customs'\n"
        '  touchstone link sign "$URL" --key my.jwk --kid did:web:customs.example#1 |\n'
        '    curl -H @- "$URL"\n'
    ),
    help=(
        "Sign a GET of URL, as a proof of the roles that its query names, "
        f"for that address and {LIFETIME_MS // SECOND} seconds."
    ),
)
@click.argument("url")
@key_option
@kid_option
@json_option
def sign(*, url: str, key: Path, kid: str, as_json: bool) -> None:
    """Sign a GET of URL."""
    method, private = _method(kid), read_key(key)
    try:
        named = roles_named(url)
        fields = sign_read(url, kid=str(method), key=private, now=SystemClock().now())
    except (RoleNotProvedError, MessageSignatureError) as error:
        give_up(f"{url}: {error}")
    if not named:
        give_up(f"{url}: it names no role; add {PARAMETER}= to its query")
    if as_json:
        show_json(dict(fields))
    else:
        show("\n".join(f"{name}: {value}" for name, value in fields))


def _method(kid: str) -> DidUrl:
    try:
        return DidUrl.parse(kid)
    except InvalidDidUrlError as error:
        give_up(f"--kid: {error}")
