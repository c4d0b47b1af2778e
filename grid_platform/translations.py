"""The Chinese catalogue: collects the English strings of the sources and tells what lacks a translation.

Python is read by Babel; templates through Django's own ``templatize``, so that placeholders and trimming are
what they are at run time. The browser's modules have no strings of their own: their words come in with the
page. Line numbers are left out of the catalogue, so that a moved line changes nothing.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir, extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parent.parent
CATALOGUE = PROJECT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
NOT_SHOWN = {"bench", "docs", "migrations", "node_modules", "static", "static_collected", "tests", "var"}
KEYWORDS: dict[str, Any] = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)\w|(?<!%)%[sd]|\{\w+\}")
"""Python's two kinds, and the braces that the browser's modules fill in."""


def extract_template(file: IO[bytes], keywords: Any, comment_tags: Any, options: Any) -> Iterator[tuple]:
    """Babel's reader for Django templates. Indentation goes, for what is left is read as Python."""
    python = templatize(file.read().decode())
    lines = "\n".join(line.strip() for line in python.splitlines())
    return extract_python(BytesIO(lines.encode()), keywords, comment_tags, options)


METHODS: list[tuple[str, Any]] = [("**.py", extract_python), ("**.html", extract_template)]


def collect(folder: Path = PROJECT) -> Catalog:
    """Every string of the sources under ``folder``, untranslated. Raises MixedPluralError."""
    found = Catalog()
    for name, _line, message, comments, context in extract_from_dir(
        folder, METHODS, keywords=KEYWORDS, directory_filter=_is_shown
    ):
        known = found.get(_forms(message)[0], context)
        if known and len(_forms(known.id)) != len(_forms(message)):
            raise MixedPluralError(_forms(message)[0], name)
        found.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    return found


def _is_shown(folder: Any) -> bool:
    name = Path(folder).name
    return name not in NOT_SHOWN and not name.startswith((".", "_"))


def read(path: Path = CATALOGUE) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def update(path: Path = CATALOGUE) -> Catalog:
    """Bring the catalogue's strings to those of the sources; translations are kept, old strings dropped."""
    catalogue = read(path)
    catalogue.update(collect(), no_fuzzy_matching=True, update_creation_date=False)
    with path.open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, ignore_obsolete=True, include_lineno=False)
    return catalogue


def faults(catalogue: Catalog) -> list[str]:
    """What is missing, fuzzy, empty, left over, or has other placeholders than its English; a line for each."""
    wanted = {_key(message): message for message in collect() if message.id}
    present = {_key(message): message for message in catalogue if message.id}
    found = [f"missing: {key}" for key in wanted.keys() - present.keys()]
    found += [f"left over: {key}" for key in present.keys() - wanted.keys()]
    for key, message in present.items():
        if message.fuzzy or not all(_forms(message.string)):
            found.append(f"not translated: {key}")
        elif any(
            _placeholders(form) != _placeholders(_forms(message.id)[-1]) for form in _forms(message.string)
        ):
            found.append(f"other placeholders: {key}")
    return sorted(found)


def _key(message: Message) -> str:
    return " · ".join([*([message.context] if message.context else []), *_forms(message.id)])


def _forms(text: Any) -> list[str]:
    """The singular and the plural of what has both."""
    return list(text) if isinstance(text, (list, tuple)) else [text or ""]


def _placeholders(text: str) -> set[str]:
    return set(_PLACEHOLDER.findall(text))


class MixedPluralError(ValueError):
    """A string stands with a plural here and without one there: gettext would give both one translation."""

    def __init__(self, text: str, file: str):
        super().__init__(f"{text!r} in {file} stands elsewhere with or without a plural; word it otherwise")
