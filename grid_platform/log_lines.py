"""Log lines without personal data: what a database's error quotes of the refused row or statement is left out."""

import logging
import re

QUOTED = re.compile(
    r"^(?:DETAIL|CONTEXT|QUERY|STATEMENT|LINE \d+):.*?(?=^Traceback |^The above |^During |\Z)", re.M | re.S
)
"""PostgreSQL's lines behind an error's first; they hold the values of the row, over many lines when a value does."""


class Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return QUOTED.sub("", super().format(record)).rstrip()
