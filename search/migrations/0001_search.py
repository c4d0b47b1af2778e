"""The documents and the numbers."""

import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

STATISTICS = "ALTER TABLE search_searchdocument ALTER COLUMN words SET STATISTICS 500"
"""The planner must know how common each of some thousand words is: common ones are sought among the newest events."""


class Migration(migrations.Migration):
    initial = True

    dependencies = [("events", "0007_held_events_index")]

    operations = [
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="search_document",
                        serialize=False,
                        to="events.event",
                    ),
                ),
                ("tenant", models.CharField(db_collation="C", max_length=6)),
                ("words", django.contrib.postgres.search.SearchVectorField()),
                ("stale", models.BooleanField(default=True, help_text="To be made anew.")),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fastupdate=False, fields=["words"], name="search_words"
                    ),
                    models.Index(condition=models.Q(("stale", True)), fields=["event"], name="search_stale"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchNumber",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant", models.CharField(db_collation="C", max_length=6)),
                ("digest", models.CharField(db_collation="C", max_length=64)),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="events.event"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "digest", "event"), name="search_number_once")
                ],
            },
        ),
        migrations.RunSQL(STATISTICS, migrations.RunSQL.noop),
    ]
