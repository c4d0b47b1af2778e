"""The words that the reports of a district have taught."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0003_old_events_are_stale"),
    ]

    operations = [
        migrations.CreateModel(
            name="ItemWord",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tenant", models.CharField(db_collation="C", max_length=6)),
                ("item_code", models.CharField(db_collation="C", max_length=10)),
                ("word", models.CharField(db_collation="C", max_length=12)),
                (
                    "weight",
                    models.FloatField(help_text="0 to 1: how much it speaks for this item and for no other."),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "item_code", "word"), name="item_word_once")
                ],
            },
        ),
    ]
