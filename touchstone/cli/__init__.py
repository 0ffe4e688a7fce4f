"""The command line: one module a group of commands, which is loaded when it is called."""

import click

from touchstone.cli.commands import Commands, Listed

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_COMMANDS = {
    "act": Listed("act.act", "Write, sign, approve and submit acts of governance."),
    "bench": Listed(
        "bench.bench",
        "Measure SUBJECT (default: decisions) beside a bare aiohttp server in the same run.",
    ),
    "check": Listed(
        "check.check", "Ask whether ISSUER is authorised for a claim, or check a whole credential."
    ),
    "demo": Listed(
        "demo.demo", "Bring up an illustrative ecosystem, ask it two questions, and stay up."
    ),
    "export": Listed("exporting.export", "Write what stands in a registry as a list in FORMAT."),
    "framework": Listed(
        "framework.framework", "Look at governance frameworks before anybody signs one."
    ),
    "import": Listed(
        "importing.import_",
        "Draft acts from the list in FILE: one YAML file an act, and a review.md in plain words.",
    ),
    "journal": Listed("journal.journal", "Look at the journal."),
    "keys": Listed("keys.keys", "Make keys."),
    "link": Listed("link.link", "From a barcode to what is published about it."),
    "monitor": Listed(
        "monitor.monitor",
        "Follow the log of the registry at URL: keep a copy, replay each act, print what changed.",
    ),
    "resolve": Listed("resolve.resolve", "Resolve DID to its document."),
    "serve": Listed("serve.serve", "Serve until stopped."),
    "snapshot": Listed(
        "snapshot.snapshot", "Publish the registry's whole state, and keep it at hand."
    ),
    "verify": Listed(
        "verify.verify", "Verify the presentation in FILE (or -), and every credential in it."
    ),
    "witness": Listed(
        "witness.witness", "Cosign checkpoints until stopped, over the C2SP tlog-witness protocol."
    ),
}


@click.group(cls=Commands, listed=_COMMANDS, context_settings=_CONTEXT)
@click.version_option(package_name="touchstone-registry", prog_name="touchstone")
def main() -> None:
    """Is this issuer authorised for this claim?

    Each command takes --json for machines, and has an example in its help.
    """
