"""Fails when a text of the product is missing from a catalog, untranslated or marked fuzzy."""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

APP = Path(__file__).resolve().parent.parent / "app"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}


def texts_of(folder: Path) -> set[str]:
    """Every text the sources ask a translation for."""
    found = extract_from_dir(folder, method_map=METHODS, keywords=KEYWORDS)
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found}


def faults_of(catalog: Catalog, texts: set[str]) -> list[str]:
    """One line for each text this catalog does not carry."""
    known = {message.id if isinstance(message.id, str) else message.id[0]: message for message in catalog}
    faults = [f"missing: {text!r}" for text in sorted(texts - known.keys())]
    for text in sorted(texts & known.keys()):
        message = known[text]
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        if message.fuzzy or not all(strings):
            faults.append(f"{'fuzzy' if message.fuzzy else 'untranslated'}: {text!r}")
    return faults


def main() -> int:
    """Read every catalog; 1 when any is incomplete."""
    texts = texts_of(APP)
    code = 0
    for path in sorted(APP.glob("translations/*/LC_MESSAGES/*.po")):
        with path.open("rb") as file:
            faults = faults_of(read_po(file), texts)
        for fault in faults:
            print(f"{path.relative_to(APP.parent)}: {fault}")
        code = code or int(bool(faults))
    print(f"{len(texts)} texts are complete in every catalog." if not code else "Catalogs are incomplete.")
    return code


if __name__ == "__main__":
    sys.exit(main())
