"""The demo publishes its state, and the printed commands bring it here and ask it."""

import asyncio
import json
import shlex

import pytest
from click.testing import CliRunner

from tests.demo.conftest import Service
from touchstone.cli import main
from touchstone.demo.asking import ask
from touchstone.demo.report import next_steps

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_printed_commands_sync_and_answer_offline(service: Service) -> None:
    answers = await ask(service.origin, service.eco.data)
    steps = await asyncio.to_thread(next_steps, answers, service.origin, service.folder)
    sync, check = (shlex.split(step)[1:] for step in steps[-2:])
    synced = await asyncio.to_thread(CliRunner().invoke, main, [*sync, "--json"])
    assert synced.exit_code == 0, synced.output
    assert json.loads(synced.stdout)["size"] == service.eco.registry.journal.size
    checked = await asyncio.to_thread(CliRunner().invoke, main, [*check, "--json"])
    assert checked.exit_code == 0, checked.output
    offline = json.loads(checked.stdout)
    aged = offline["offline"]
    assert aged["stale"] is (aged["age_seconds"] >= 300)  # it was published when the run began
    for member in ("outcome", "reason", "chain", "framework", "journal"):
        assert offline[member] == answers[0].answer[member]
