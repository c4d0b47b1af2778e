from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0010_near_a_point"),
    ]

    operations = [
        migrations.AlterField(
            model_name="evidence",
            name="kind",
            field=models.CharField(
                choices=[
                    ("before_photo", "photo before"),
                    ("after_photo", "photo after"),
                    ("document", "document"),
                    ("signature", "signature"),
                    ("voice", "voice message"),
                    ("video", "video"),
                ],
                max_length=12,
            ),
        ),
    ]
