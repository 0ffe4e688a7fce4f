"""Every credential of the demo gets the answer that its data expects, over HTTP."""

from pathlib import Path

import orjson
import pytest

from tests.demo.conftest import Service
from touchstone.demo.data import CredentialData, DemoData
from touchstone.demo.issuing import issue
from touchstone.demo.serving import write_credentials


@pytest.mark.asyncio(loop_scope="session")
async def test_every_credential_is_answered_as_expected(service: Service) -> None:
    wrong = []
    for credential in service.eco.data.credentials:
        answer = await service.verify(issue(credential, service.eco.data))
        wrong += [f"{credential.id}: {each}" for each in _differences(credential, answer)]
    assert not wrong, "\n".join(wrong)


def _differences(credential: CredentialData, answer: dict) -> list[str]:
    expect = credential.expect
    found = []
    failed = [each for each in answer["checks"] if each["outcome"] not in {"passed", "skipped"}]
    if failed:
        found.append(f"checks: {failed}")
    if answer["outcome"] != expect.outcome:
        found.append(f"outcome {answer['outcome']}, {answer['reason']}: {answer['message']}")
    reasons = {claim["decision"]["reason"] for claim in answer["claims"]}
    if reasons != {expect.reason}:
        found.append(f"reasons {sorted(reasons)}")
    for claim in answer["claims"]:
        decision = claim["decision"]
        gaps = tuple(sorted({gap["dimension"] for gap in decision["missing"]}))
        if expect.gaps and gaps != expect.gaps:
            found.append(f"missing {gaps}, claimed {decision['claim']}")
        later = any(step["recorded_later"] for step in decision["chain"])
        if later is not expect.recorded_later:
            found.append(f"recorded later: {later}")
    return found


def test_the_files_written_for_readers_are_those_credentials(
    data: DemoData, tmp_path: Path
) -> None:
    write_credentials(data, tmp_path / "credentials")
    for credential in data.credentials:
        body = (tmp_path / "credentials" / f"{credential.id}.json").read_bytes()
        assert orjson.loads(body) == {"credential": issue(credential, data)}
