"""Nudges for the workers: a hint that a task has work, sent beside the request and never in its way.

PostgreSQL decides, Redis only hints. ``nudge`` notes the task's name and returns; one daemon thread a
process sends what was noted, each name once, so there are never more hints waiting than there are tasks.
The hint carries the id of the first request that asked for it.
With Redis gone or silent only that thread waits, for the seconds the Celery application allows a
publisher; a hint that cannot be sent is dropped: the beat sweep finds the work.
"""

import logging
import os
import threading
import time

from celery import current_app

from grid_platform import log_context

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.05
"""Between two rounds of sending: under load one hint stands for the many moves of the pause."""


class _Sender(threading.Thread):
    def __init__(self) -> None:
        super().__init__(name="hints", daemon=True)
        self._noted: dict[str, str | None] = {}
        self._any = threading.Event()

    def note(self, task_name: str) -> None:
        self._noted.setdefault(task_name, log_context.request_id())
        self._any.set()

    def run(self) -> None:
        while self._any.wait():
            self._any.clear()
            while self._noted:
                self._send(*self._noted.popitem())
            time.sleep(PAUSE_SECONDS)

    @staticmethod
    def _send(name: str, request_id: str | None) -> None:
        headers = {"request_id": request_id} if request_id else {}
        try:
            current_app.send_task(name, retry=False, expires=30, ignore_result=True, headers=headers)
        except Exception as error:
            log.info("hint not sent: %s: %s", name, error)


def nudge(task_name: str) -> None:
    """Ask for the task to be run soon. Never blocks, never raises."""
    try:
        _started_sender().note(task_name)
    except RuntimeError as error:  # no thread can be started
        log.warning("hint not sent: %s: %s", task_name, error)


def _started_sender() -> _Sender:
    global _sender
    if _sender is None:
        with _lock:
            if _sender is None:
                sender = _Sender()
                sender.start()
                _sender = sender
    return _sender


def _forget() -> None:
    """A forked child has neither the thread nor the holders of its locks."""
    global _sender, _lock
    _sender, _lock = None, threading.Lock()


_sender: _Sender | None = None
_lock = threading.Lock()
os.register_at_fork(after_in_child=_forget)
