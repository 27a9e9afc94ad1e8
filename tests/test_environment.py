"""The three lists of versions agree, and the package keeps its shape."""

import ast
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from coursekit import doctor

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "coursekit"


def locked():
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def in_conda():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    pinned = next(part["pip"] for part in listed if isinstance(part, dict))
    return dict(line.split("==") for line in pinned if not line.startswith("--"))


def in_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = project["dependencies"] + project["optional-dependencies"]["test"]
    return {one.name: one for one in map(Requirement, listed)}


def test_the_lock_satisfies_pyproject():
    for name, requirement in in_pyproject().items():
        assert requirement.specifier.contains(locked()[name]), str(requirement)


def test_every_locked_version_runs_on_the_oldest_python_promised():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    oldest = project["requires-python"].removeprefix(">=") + ".0"
    for name in locked():
        needed = importlib.metadata.metadata(name).get("Requires-Python") or ""
        assert SpecifierSet(needed).contains(oldest), f"{name} needs Python {needed}"


def test_conda_has_the_locked_versions_of_every_direct_dependency():
    assert in_conda().keys() == in_pyproject().keys()
    assert in_conda() == {name: locked()[name] for name in in_conda()}


def test_every_package_that_is_imported_is_declared():
    homes = importlib.metadata.packages_distributions()
    declared = {name.lower() for name in in_pyproject()}
    for name in sorted(imported_packages() - {"coursekit"} - set(sys.stdlib_module_names)):
        assert {home.lower().replace("_", "-") for home in homes[name]} & declared, name


def imported_packages():
    found = set()
    for module in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                found.add(node.module.split(".")[0])
    return found


def test_torch_is_pinned_exactly_and_torchvision_is_absent():
    assert locked()["torch"] == "2.13.0"
    assert str(in_pyproject()["torch"].specifier) == "==2.13.0"
    for file in ("requirements.lock", "environment.yml", "pyproject.toml"):
        assert "torchvision" not in (ROOT / file).read_text()


def test_this_environment_is_the_locked_one():
    from lock import installed

    versions = dict(line.split("==") for line in installed())
    different = {k: (v, versions.get(k)) for k, v in locked().items() if versions.get(k) != v}
    assert not different, "locked and installed differ: run `make lock` or `make clean lab`"


def test_pre_commit_uses_the_locked_ruff():
    assert f"rev: v{locked()['ruff']} " in (ROOT / ".pre-commit-config.yaml").read_text()


# --- imports point one way ----------------------------------------------------------------------

LAYERS = [
    {"cli"},
    {"building", "grading", "checking", "doctor"},
    {"diagnosis", "records", "reports", "networks", "predictions", "inspection", "widgets"},
    {"exercises"},
    {"training", "models"},
    {"layers", "data", "plots"},
    {"shapes", "drawings", "answers", "probes", "files", "problem", "sources"},
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}


def concept(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_concepts(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("coursekit.")}
    return found & RANK.keys()


MODULES = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_one_way(module):
    own = concept(module)
    assert own in RANK, f"{own} has no place in the order of imports"
    upward = {name for name in imported_concepts(module) - {own} if RANK[name] < RANK[own]}
    assert not upward, f"{own} imports {', '.join(upward)}, which stands above it"
    assert not imported_concepts(module) & {"cli"} - {own}


@pytest.mark.parametrize(
    "name", ["coursekit", "coursekit.layers", "coursekit.exercises", "coursekit.checking"]
)
def test_light_imports_bring_in_neither_torch_nor_matplotlib(name):
    code = f"import sys, {name}; print({{'torch', 'matplotlib'}} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# --- style as numbers ---------------------------------------------------------------------------


def functions_of(module: Path):
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def body_lines(function: ast.FunctionDef) -> int:
    """Lines of code: the docstring and the signature do not count."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_files_and_functions_fit_in_a_glance():
    files = sorted(len(path.read_text().splitlines()) for path in PACKAGE.rglob("*.py"))
    lengths = sorted(body_lines(f) for module in MODULES for f in functions_of(module))
    assert files[len(files) // 2] <= 150
    assert lengths[len(lengths) // 2] <= 10
    assert lengths[int(0.9 * len(lengths))] <= 30


def test_public_functions_are_documented_and_typed():
    bare = []
    for module in MODULES:
        for node in ast.parse(module.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                first = (ast.get_docstring(node) or "").split("\n\n")[0]
                untyped = [a.arg for a in node.args.args if a.annotation is None]
                if not first or untyped or node.returns is None:
                    bare.append(f"{module.name}:{node.name}")
    assert not bare


def test_no_module_is_a_drawer():
    names = {path.stem for path in PACKAGE.rglob("*.py")}
    assert not names & {"utils", "core", "common", "helpers", "base", "misc"}


# --- doctor -------------------------------------------------------------------------------------


def test_the_doctor_finds_this_machine_ready():
    checkup = doctor.examine()
    assert repr(checkup) == "This machine is ready for the course."
    assert re.search(r"<th[^>]*>torch</th>", checkup._repr_html_())


def test_the_doctor_says_what_a_missing_package_costs(monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package"))
    checkup = doctor.examine()
    assert not checkup.ready
    assert repr(checkup) == "no-such-package: not installed. Run `make lab` once more."


def test_the_doctor_says_what_a_missing_sandbox_costs(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    found = {one.name: one for one in doctor.examine().findings}
    assert not found["sandbox"].present and "seals nothing off" in found["sandbox"].cost
    assert not found["browser"].present and not found["node"].present
    assert doctor.examine().ready


def test_no_two_test_files_have_one_name():
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))  # pytest collects only one of them
