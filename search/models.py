"""What is searched: the words of each event, and its phones and identity numbers under a key; and what the reports of
a district have taught about the words of its items (``search.learning``).

Both are derived from the event, its steps' texts and its reporter's contact and may be thrown away
(``rebuild_search --all``). Triggers empty them in the transaction that erases or changes what they were made from,
and mark the document stale; the sweep makes it anew (``search.indexing``).
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from events.models import Event


class SearchDocument(models.Model):
    """Only words everybody may read who sees the event: numbers of persons are left out, names of reporters too."""

    event = models.OneToOneField(Event, models.CASCADE, primary_key=True, related_name="search_document")
    tenant = models.CharField(max_length=6, db_collation="C")
    words = SearchVectorField()
    stale = models.BooleanField(default=True, help_text="To be made anew.")

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="search_words", fastupdate=False),
            models.Index(fields=["event"], name="search_stale", condition=Q(stale=True)),
        ]


class SearchNumber(models.Model):
    """A phone or identity number of an event as ``search.numbers.digest``."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    event = models.ForeignKey(Event, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, db_collation="C")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "digest", "event"], name="search_number_once")
        ]


class ItemWord(models.Model):
    """A word that several people of the district use for an item; made anew every night, of no single report."""

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=6, db_collation="C")
    item_code = models.CharField(max_length=10, db_collation="C")
    word = models.CharField(max_length=12, db_collation="C")
    weight = models.FloatField(help_text="0 to 1: how much it speaks for this item and for no other.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "item_code", "word"], name="item_word_once")]
