"""The buyers of a store stand by day: few rows are written for a day, however many bought."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Days counted before are counted anew."""

    dependencies = [("analytics", "0003_boards"), ("stores", "0001_initial")]

    operations = [
        migrations.DeleteModel(name="StaleBuyer"),
        migrations.DeleteModel(name="StoreMember"),
        migrations.CreateModel(
            name="DayBuyers",
            fields=[
                ("pk", models.CompositePrimaryKey("day", "store_id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField(verbose_name="day")),
                ("members", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None, verbose_name="members")),
                ("store", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to="stores.store", verbose_name="store")),
            ],
            options={
                "verbose_name": "buyers of a store day",
                "verbose_name_plural": "buyers of store days",
                "indexes": [models.Index(fields=["store", "day"], name="daybuyers_store_day")],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO analytics_staleday (day) SELECT DISTINCT day FROM analytics_storeday ON CONFLICT DO NOTHING",
            migrations.RunSQL.noop,
        ),
    ]
