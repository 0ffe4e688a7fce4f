"""The rules are pure: no network, no clock, no files, whatever is imported with them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import policies

FOLDER = Path(policies.__file__).parent
ROOT = FOLDER.parent
MODULES = sorted(FOLDER.glob("*.py"))
FORBIDDEN_MODULES = {"aiohttp", "ssl", "socket", "asyncio", "sqlite3", "pydantic"}
FORBIDDEN_IMPORTS = FORBIDDEN_MODULES | {
    "time",
    "datetime",
    "os",
    "io",
    "pathlib",
    "random",
    "secrets",
}
FORBIDDEN_CALLS = {"open", "input", "print", "exec", "eval", "__import__", "now", "utcnow", "today"}


def test_importing_the_rules_loads_no_network_code() -> None:
    """Every module of the rules, in an interpreter that has loaded nothing else."""
    names = [f"policies.{module.stem}" for module in MODULES if module.stem != "__init__"]
    program = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        f"print(*sorted({FORBIDDEN_MODULES!r} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.stem)
def test_a_module_of_the_rules_reads_no_clock_and_no_file(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text())):
        match node:
            case ast.Import(names=names):
                assert not {name.name.split(".")[0] for name in names} & FORBIDDEN_IMPORTS
            case ast.ImportFrom(module=str(name)):
                assert name.split(".")[0] not in FORBIDDEN_IMPORTS
                if name.split(".")[0] == "resolver":
                    assert name in {"resolver.did", "resolver.errors", "resolver.instant"}
            case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called)):
                assert called not in FORBIDDEN_CALLS, f"line {node.lineno} calls {called}"
