"""`touchstone act`: write the acts that alone change trust, and send them."""

import click

from touchstone.cli.commands import Commands, Listed

_COMMANDS = {
    "new": Listed(
        "act_writing.new", "Write an act out in the bytes that are signed, from the YAML in FILE."
    ),
    "found": Listed(
        "act_writing.found",
        "Write the act that begins a registry with the framework in FILE; a member signs it.",
    ),
    "approve": Listed(
        "act_writing.approve",
        "Write a vote on PROPOSAL, the id of a pending act; sign and submit it like any other act.",
    ),
    "object": Listed(
        "act_writing.object_",
        "Write an objection to PROPOSAL, the id of a pending act; any registered party may object.",
    ),
    "sign": Listed(
        "act_sending.sign",
        "Sign the act in FILE: as `new` or `approve` wrote it, or as others signed it already.",
    ),
    "submit": Listed("act_sending.submit", "Submit the signed act in FILE."),
    "show": Listed(
        "act_sending.show",
        "Say in words what ACT changes: a file, signed or not, or the id of an act in the journal.",
    ),
    "check": Listed(
        "act_keeping.check",
        "Check that the registry kept its word on an act, as the receipt in FILE gives it.",
    ),
}


@click.group(
    cls=Commands,
    listed=_COMMANDS,
    epilog=(
        "\b\n"
        "Example, from a YAML file to the journal:\n"
        "  touchstone act new grant.yaml --by did:web:irma.example --out act.json\n"
        "  touchstone act sign act.json --key my.jwk --kid did:web:irma.example#1 --out jws.json\n"
        "  touchstone act submit jws.json\n"
    ),
)
def act() -> None:
    """Write, sign, approve and submit acts of governance."""
