"""Nudges for the workers: a hint that a task has work, sent beside the request and never in its way.

PostgreSQL decides, Redis only hints. ``nudge`` puts the task's name in a bounded queue and returns at
once; a daemon thread sends it with short timeouts. A nudge that cannot be sent is dropped: the beat
sweep finds the work.
"""

import logging
import os
import queue
import threading

from celery import current_app

log = logging.getLogger(__name__)

_waiting: queue.Queue[str] = queue.Queue(maxsize=1000)
_lock = threading.Lock()
_sender_pid = 0


def nudge(task_name: str) -> None:
    """Ask for the task to be run soon. Never blocks, never raises."""
    _start_sender()
    try:
        _waiting.put_nowait(task_name)
    except queue.Full:
        log.info("hint dropped: %s", task_name)


def _start_sender() -> None:
    """One thread a process; a forked child starts its own."""
    global _sender_pid
    if _sender_pid == os.getpid():
        return
    with _lock:
        if _sender_pid != os.getpid():
            threading.Thread(target=_send_forever, name="hints", daemon=True).start()
            _sender_pid = os.getpid()


def _send_forever() -> None:
    while True:
        names = {_waiting.get()}
        while not _waiting.empty():
            names.add(_waiting.get_nowait())
        for name in names:
            try:
                current_app.send_task(name, retry=False, expires=30, ignore_result=True)
            except Exception as error:
                log.info("hint not sent: %s: %s", name, error)
