"""Which version of the product this is: `pyproject.toml` says it, once for everybody."""

import tomllib
from pathlib import Path
from typing import Final


def _stated() -> str:
    project = Path(__file__).resolve().parent.parent / "pyproject.toml"
    return str(tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"])


VERSION: Final = _stated()
