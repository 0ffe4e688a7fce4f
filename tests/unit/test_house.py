"""What the house promises about itself."""

import re
import subprocess
import tomllib
from itertools import chain
from pathlib import Path

import pytest
from click import Context, Group

from touchstone.cli import main
from touchstone.service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def name_of(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match
    return match[0].lower()


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    shown = subprocess.run(
        ["make", "--no-print-directory", "help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert targets == {line.split()[0] for line in shown.splitlines()}


def test_every_dependency_is_justified_in_one_line() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    justified = {
        name.strip().lower()
        for row in re.findall(r"^\| ([^|]+) \| ", page, re.MULTILINE)
        for name in row.split(",")
    }
    groups = PROJECT["dependency-groups"]
    wanted = [*PROJECT["project"]["dependencies"], *groups["test"], *groups["lint"]]
    names = {name_of(each) for each in wanted if not each.startswith("types-")}
    assert names <= justified, f"missing: {sorted(names - justified)}"


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_names_versions_and_hashes_and_no_addresses(lock: str) -> None:
    lines = (ROOT / lock).read_text().splitlines()
    pinned = [line for line in lines if re.match(r"[a-z0-9]", line)]
    assert pinned
    assert all(re.match(r"[a-z0-9._-]+==[^ ]+ ", line) for line in pinned)
    assert not [line for line in lines if "://" in line]
    assert sum("--hash=sha256:" in line for line in lines) >= len(pinned)


def test_what_runs_is_locked() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    for requirement in PROJECT["project"]["dependencies"]:
        assert re.search(rf"^{re.escape(name_of(requirement))}==", lock, re.MULTILINE)


class TestDockerfile:
    """Read with our own eyes, for machines without hadolint."""

    @pytest.fixture
    def instructions(self) -> list[tuple[str, str]]:
        text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
        return [(head, rest) for head, _, rest in (line.partition(" ") for line in lines)]

    def test_it_builds_in_one_stage_and_runs_in_another(
        self, instructions: list[tuple[str, str]]
    ) -> None:
        stages = [rest for head, rest in instructions if head == "FROM"]
        assert len(stages) == 2
        assert all(re.search(r":\d", stage) for stage in stages), "base images carry a version"

    def test_it_does_not_run_as_root(self, instructions: list[tuple[str, str]]) -> None:
        users = [rest for head, rest in instructions if head == "USER"]
        assert users
        assert not users[-1].startswith(("root", "0"))

    def test_it_says_when_it_is_ready(self, instructions: list[tuple[str, str]]) -> None:
        assert [rest for head, rest in instructions if head == "HEALTHCHECK" and "/ready" in rest]

    def test_it_installs_by_hash(self, instructions: list[tuple[str, str]]) -> None:
        installs = [rest for head, rest in instructions if head == "RUN" and "pip install" in rest]
        assert any("--require-hashes" in install for install in installs)
        assert all("--no-deps" in each or "--require-hashes" in each for each in installs)

    def test_it_copies_every_package_and_nothing_else(
        self, instructions: list[tuple[str, str]]
    ) -> None:
        copied = {rest.split()[0] for head, rest in instructions if head == "COPY"}
        packages = {
            pattern.rstrip("*")
            for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
        }
        assert packages <= copied
        assert "tests" not in copied


def test_only_the_clock_reads_the_time() -> None:
    reading = re.compile(r"\b(time\.time|time_ns|datetime\.now|utcnow|date\.today|now\(UTC\))\b")
    packages = ["resolver", "credentials", "policies", "trust_registry", "link_resolver"]
    modules = [file for name in packages for file in (ROOT / name).rglob("*.py")]
    assert len(modules) > 50
    found = {str(f.relative_to(ROOT)) for f in modules if reading.search(f.read_text())}
    assert found == {"resolver/clock.py"}


def test_no_document_links_to_a_page_that_is_not_there() -> None:
    pages = [ROOT.glob("*.md"), (ROOT / "docs").rglob("*.md"), (ROOT / "deploy").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in chain.from_iterable(pages)
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "how-to" / "run.md").read_text()
    names = {f"TOUCHSTONE_{name.upper()}" for name in Settings.model_fields}
    assert not {name for name in names if f"`{name}`" not in page}


def test_every_command_in_the_walks_exists() -> None:
    walks = "".join(file.read_text() for file in (ROOT / "docs" / "tutorials").glob("*.md"))
    used = set(re.findall(r"touchstone ([a-z]+)(?: ([a-z]+))?", walks))
    context = Context(main)
    for command, sub in used:
        found = main.get_command(context, command)
        assert found is not None, f"touchstone {command}"
        if isinstance(found, Group) and sub:
            assert found.get_command(context, sub), f"touchstone {command} {sub}"
