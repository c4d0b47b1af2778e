"""Every problem has its reason and its advice, in words that take its parameters."""

import re

from grid_platform.translations import PROJECT
from imports.problems import WORDS


def test_every_code_that_is_raised_has_words_and_no_words_are_left_over():
    sources = [
        *PROJECT.glob("imports/kinds/*.py"),
        *PROJECT.glob("grid_platform/sheets/*.py"),
        PROJECT / "imports/difference.py",
    ]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.name != "problems.py")
    raised = set(re.findall(r'(?:Problem|BadCellError)\(\s*"(\w+)"', code))
    raised |= set(re.findall(r'"(unknown_\w+)"', code))
    assert raised == set(WORDS)
