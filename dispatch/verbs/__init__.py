"""What each verb of the table does to the locked event; importing this package registers them all."""

from dispatch.verbs import checking, desk, handling, notes, system

__all__ = ["checking", "desk", "handling", "notes", "system"]
