"""What each verb of the table does to the locked event; importing this package registers them all."""

from dispatch.verbs import asking, checking, correcting, desk, ending, handling, notes, system

__all__ = ["asking", "checking", "correcting", "desk", "ending", "handling", "notes", "system"]
