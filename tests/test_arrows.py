"""Dependencies point one way, and the core has no database, no network and no clock of its own."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = {
    "flows": 0,
    "understanding": 1,
    "policies": 2,
    "drafts": 3,
    "incidents": 3,
    "access": 4,
    "drills": 4,
    "register": 4,
    "outbox": 4,
    "workshop": 4,
    "accounts": 5,
    "conversation": 6,
    "insights": 6,
    "integrity": 6,
    "leads": 7,
    "exports": 7,
    "review": 8,
    "actions": 7,
    "slack": 8,
    "privacy": 9,
    "console": 10,
}
CORE = ["flows", "understanding", "policies", "drafts"]
BESIDE = {"settings", "bot"}
"""Settings are read by everybody but the core; the gateway to the bot stands between channels and record."""
IMPURE = {"sqlalchemy", "alembic", "httpx", "requests", "socket", "fastapi", "slack_sdk", "slack_bolt", "rasa_sdk"}
CLOCKS = {"now", "today", "utcnow", "time", "monotonic", "time_ns"}


def modules(package: str):
    folder = ROOT / package if package == "actions" else ROOT / "amends" / package
    return sorted(folder.rglob("*.py"))


def imports(file: Path):
    """The full names that a file imports, also inside functions and for types only."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}:{node.lineno}: write the whole name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def package_of(name: str):
    parts = name.split(".")
    if parts[0] == "amends":
        return parts[1] if len(parts) > 1 else None
    return parts[0]


def without_cli(package: str):
    return [file for file in modules(package) if file.stem != "cli" and not file.stem.startswith("cli_")]


PACKAGES = [package for package in LAYERS if modules(package)]


def test_the_packages_are_where_this_test_looks():
    assert {"flows", "policies", "understanding", "incidents", "conversation"} <= set(PACKAGES)
    assert {"console", "actions"} <= set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_lies_below_it(package):
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in without_cli(package)
        for name in imports(file)
        if (other := package_of(name)) in LAYERS and other != package and LAYERS[other] >= LAYERS[package]
    ]
    assert not wrong


@pytest.mark.parametrize("package", PACKAGES)
def test_no_package_imports_the_command_line_or_the_running_of_processes(package):
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in without_cli(package)
        for name in imports(file)
        if name.startswith(("amends.cli", "amends.ops"))
    ]
    assert not wrong


@pytest.mark.parametrize("package", CORE)
def test_the_core_knows_no_database_no_network_and_no_settings(package):
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in without_cli(package)
        for name in imports(file)
        if name.split(".")[0] in IMPURE or package_of(name) in BESIDE
    ]
    assert not wrong


@pytest.mark.parametrize("package", CORE)
def test_the_core_does_not_look_at_the_clock(package):
    wrong = [
        f"{file.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for file in without_cli(package)
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and ast.unparse(node.func.value) in {"datetime", "datetime.datetime", "date", "datetime.date", "time"}
    ]
    assert not wrong


def test_what_rasa_loads_keeps_to_its_own_environment():
    allowed = {"amends.rasa", "amends.understanding.encoder"}
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in [*modules("rasa"), ROOT / "amends" / "understanding" / "encoder.py"]
        for name in imports(file)
        if name.startswith(("amends", "actions")) and not any(name.startswith(ok) for ok in allowed)
    ]
    assert not wrong
