from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0009_open_by_due"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["tenant", "latitude", "longitude"], name="event_point"),
        ),
    ]
