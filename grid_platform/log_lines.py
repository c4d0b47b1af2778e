"""Log lines without personal data: one line of text for a reader, one object of JSON in service.

What a database's error quotes of the refused row or statement is left out. A JSON line holds the fields named
here and no other, so nothing that hangs on a record, a request or a form above all, comes along by accident:
``time`` (UTC), ``level``, ``logger``, ``message``, ``error`` with its traceback, and of ``log_context`` and of
the call's ``extra`` those of FIELDS. No names, no numbers of people, no addresses of pages with what was
searched for.
"""

import json
import logging
import re
from datetime import UTC, datetime

from grid_platform import log_context

QUOTED = re.compile(
    r"^(?:DETAIL|CONTEXT|QUERY|STATEMENT|LINE \d+):.*?(?=^Traceback |^The above |^During |\Z)", re.M | re.S
)
"""PostgreSQL's lines behind an error's first; they hold the values of the row, over many lines when a value does."""

FIELDS = ("request_id", "task", "task_id", "user", "event", "method", "route", "status", "milliseconds")


class Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return QUOTED.sub("", super().format(record)).rstrip()


class JsonLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": QUOTED.sub("", record.getMessage()).rstrip(),
        }
        facts = log_context.facts() | record.__dict__
        entry |= {name: facts[name] for name in FIELDS if facts.get(name) is not None}
        if record.exc_info:
            entry["error"] = QUOTED.sub("", self.formatException(record.exc_info)).rstrip()
        return json.dumps(entry, ensure_ascii=False, default=str)
