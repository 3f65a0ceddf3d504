"""The rules of the house, read off the sources; each check is provoked once so that it cannot rot."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from config import DEFAULTS

ROOT = Path(__file__).resolve().parents[2]
OURS = ("app", "workers", "storage", "config.py", "wsgi.py")
LINES = 300
LONGER: dict[str, str] = {
    "config.py": "every setting of the product is on this one page",
    "app/migrations/versions/0001_the_main_job.py": "generated once from the models, then read as SQL",
}
"""A file over the limit → the reason why it may be."""


def sources(*names: str, suffix: str = ".py") -> list[Path]:
    found: list[Path] = []
    for name in names or OURS:
        path = ROOT / name
        found += sorted(path.rglob(f"*{suffix}")) if path.is_dir() else [path] if path.exists() else []
    return found


def reads_environment(source: str) -> bool:
    """Whether code touches the environment itself, other than to hand it whole to the settings."""
    tree = ast.parse(source.replace("from_environment(os.environ)", "from_environment()"))
    touched = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            touched |= {alias.name for alias in node.names}
    return bool(touched & {"environ", "environb", "getenv", "putenv"})


def commits(source: str) -> bool:
    """Whether code calls something's `commit`."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        for node in ast.walk(ast.parse(source))
    )


def imported(source: str) -> set[str]:
    """The first names of what code imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def inline_parts(template: str) -> list[str]:
    """Scripts, styles and event attributes that a strict Content-Security-Policy would refuse."""
    bare = re.sub(r"{#.*?#}", "", template, flags=re.DOTALL)
    scripts = [tag for tag in re.findall(r"<script\b[^>]*>", bare, re.IGNORECASE) if "src=" not in tag]
    return [*scripts, *re.findall(r"<style\b|\sstyle\s*=|\son[a-z]+\s*=|javascript:", bare, re.IGNORECASE)]


def undocumented(page: str) -> list[str]:
    """Settings that the page does not name with their true default."""
    rows = {
        match[1]: match[2] for match in re.finditer(r"^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\|", page, re.MULTILINE)
    }
    return [name for name, default in DEFAULTS.items() if rows.get(name, "-") != (default or None)] + [
        name for name in rows if name not in DEFAULTS
    ]


def test_only_the_settings_read_the_environment():
    guilty = [
        path for path in sources() if path.name != "config.py" and reads_environment(path.read_text("utf-8"))
    ]
    assert guilty == []


@pytest.mark.parametrize(
    "code",
    ["import os\nos.environ['A']", "from os import getenv", "import os\ndef f():\n    return os.getenv('A')"],
)
def test_a_stray_look_at_the_environment_would_be_seen(code):
    assert reads_environment(code)
    assert not reads_environment("import os\nrequest.environ['A']\nSettings.from_environment(os.environ)")


def test_only_the_database_commits():
    guilty = [path for path in sources() if commits(path.read_text("utf-8"))]
    assert guilty == [ROOT / "app/core/db.py"]


def test_a_stray_commit_would_be_seen():
    assert commits("def f(session):\n    session.commit()")
    assert not commits("# session.commit()\ncommit = 1")


def test_settings_need_the_standard_library_only():
    assert imported((ROOT / "config.py").read_text("utf-8")) <= sys.stdlib_module_names
    assert not imported("import flask") <= sys.stdlib_module_names


def test_files_stay_short_enough_to_read():
    long = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in sources()
        if len(path.read_text("utf-8").splitlines()) > LINES
    }
    assert {name: lines for name, lines in long.items() if name not in LONGER} == {}
    assert set(LONGER) <= long.keys(), "an allowance that is not used any more"


def test_every_setting_is_documented_with_its_true_default():
    page = (ROOT / "docs/settings.md").read_text("utf-8")
    assert undocumented(page) == []


@pytest.mark.parametrize(
    ("old", "new"), [("| `PORT` ", "| `P` "), ("`8000`", "`80`"), ("| `DATA` | `./var`", "| `DATA` | ")]
)
def test_a_page_that_differs_would_be_seen(old, new):
    assert undocumented((ROOT / "docs/settings.md").read_text("utf-8").replace(old, new))


def test_templates_hold_no_inline_script_or_style():
    guilty = {
        str(path.relative_to(ROOT)): inline_parts(path.read_text("utf-8"))
        for path in sources("app", suffix=".html")
        if inline_parts(path.read_text("utf-8"))
    }
    assert guilty == {}


@pytest.mark.parametrize(
    "template",
    ["<script>x</script>", "<style>a{}</style>", '<p style="x">', '<a onclick="x">', '<a href="javascript:x">'],
)
def test_inline_script_or_style_would_be_seen(template):
    assert inline_parts(template)
    assert not inline_parts('<script type="module" src="/x.js"></script><p data-on="1">')


def contracts() -> list[dict[str, object]]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)["tool"]["importlinter"]["contracts"]


@pytest.fixture(scope="module")
def provoked(tmp_path_factory) -> str:
    """What import-linter says of a copy of the house with one wrong import for each contract."""
    house = tmp_path_factory.mktemp("house")
    for name in ("app", "storage", "workers"):
        shutil.copytree(ROOT / name, house / name, ignore=lambda _, names: [n for n in names if n == "static"])
    shutil.copy(ROOT / "pyproject.toml", house)
    wrong = {
        "app/core/__init__.py": "import app.hazards, flask",
        "storage/__init__.py": "import config",
        "workers/__init__.py": "import app.web",
        "app/competition/__init__.py": "import workers",
        "app/web/__init__.py": "import PIL",
        "app/units/routing.py": "import sqlalchemy",
    }
    for name, code in wrong.items():
        with (house / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{code}\n")
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"]
    return subprocess.run(command, cwd=house, capture_output=True, text=True, check=False).stdout


def test_every_import_rule_breaks_when_provoked(provoked):
    said = re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m", "", provoked))
    for contract in contracts():
        assert f"{contract['name']} BROKEN" in said


def test_workers_can_be_loaded_without_an_edge():
    code = "import sys, workers; print([m for m in sys.modules if m.startswith(('app.web', 'app.api', 'flask'))])"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == "[]"
