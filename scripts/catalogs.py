"""One catalog per language from its parts: compiled for the product, and checked to be complete.

A language's folder holds one part (`*.po`) for each room of the house, so that a change of one page touches one
short file. A text stands in one part only, unless both parts say the same.
"""

import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
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


def parts_of(folder: Path) -> list[tuple[Path, Catalog]]:
    """The parts of one language, in the order of their names."""
    found = []
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            found.append((path, read_po(file)))
    return found


def key_of(message: Message) -> tuple[str, str]:
    """What tells a text from every other: its context and its (singular) wording."""
    text = message.id if isinstance(message.id, str) else message.id[0]
    return message.context or "", text


def merged(folder: Path) -> tuple[Catalog, list[str]]:
    """Every part in one catalog, with one line for each text that two parts translate differently."""
    whole, faults = Catalog(locale=folder.parent.name), []
    known: dict[tuple[str, str], object] = {}
    for path, part in parts_of(folder):
        for message in part:
            if not message.id:
                continue
            key = key_of(message)
            if key in known and known[key] != message.string:
                faults.append(f"{path.name}: translated otherwise in another part: {key[1]!r}")
            known.setdefault(key, message.string)
            whole.add(message.id, message.string, flags=message.flags, context=message.context)
    return whole, faults


def missing_in(catalog: Catalog, texts: set[str]) -> list[str]:
    """One line for each text that this catalog does not carry, or carries unfinished."""
    known = {key_of(message)[1]: message for message in catalog if message.id}
    faults = [f"missing: {text!r}" for text in sorted(texts - known.keys())]
    for text in sorted(texts & known.keys()):
        message = known[text]
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        if message.fuzzy or not all(strings):
            faults.append(f"{'fuzzy' if message.fuzzy else 'untranslated'}: {text!r}")
    return faults


def compile_folder(folder: Path) -> int:
    """Write the folder's `messages.mo`."""
    catalog, _faults = merged(folder)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    return 0


def check() -> int:
    """Read every language; 1 when any is incomplete."""
    texts, code = texts_of(APP), 0
    for folder in sorted(APP.glob("translations/*/LC_MESSAGES")):
        catalog, faults = merged(folder)
        for fault in faults + missing_in(catalog, texts):
            print(f"{folder.relative_to(APP.parent)}: {fault}")
            code = 1
    print(f"{len(texts)} texts are complete in every catalog." if not code else "Catalogs are incomplete.")
    return code


if __name__ == "__main__":
    sys.exit(compile_folder(Path(sys.argv[2])) if sys.argv[1] == "compile" else check())
