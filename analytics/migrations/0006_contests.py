"""Contests between guides, and how they ended."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analytics", "0005_service_of_guides"),
        ("stores", "0005_integrators_of_a_store"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Contest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "metric",
                    models.CharField(
                        choices=[
                            ("sales", "sales"),
                            ("recruits", "customers added"),
                            ("reach", "contacts"),
                            ("on_time", "tasks done on time"),
                            ("average", "amount per order"),
                        ],
                        max_length=10,
                        verbose_name="what is counted",
                    ),
                ),
                (
                    "grouping",
                    models.CharField(
                        choices=[
                            ("all", "all together"),
                            ("region", "each region by itself"),
                            ("store", "each store by itself"),
                        ],
                        default="all",
                        max_length=8,
                        verbose_name="ranked",
                    ),
                ),
                ("first_day", models.DateField(verbose_name="first day")),
                ("last_day", models.DateField(verbose_name="last day")),
                (
                    "prizes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60), size=10, verbose_name="prizes"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("draft", "draft"), ("published", "published"), ("closed", "closed")],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published at")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="closed at")),
                ("entry_id", models.BigIntegerField(editable=False)),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stores.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "verbose_name": "contest",
                "verbose_name_plural": "contests",
            },
        ),
        migrations.CreateModel(
            name="ContestStanding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.CharField(blank=True, default="", max_length=60, verbose_name="place")),
                ("rank", models.PositiveIntegerField(verbose_name="rank")),
                ("score", models.BigIntegerField(verbose_name="score")),
                ("prize", models.CharField(blank=True, default="", max_length=60, verbose_name="prize")),
                ("entry_id", models.BigIntegerField(editable=False)),
                (
                    "contest",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="standings",
                        to="analytics.contest",
                        verbose_name="contest",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="stores.post",
                        verbose_name="guide",
                    ),
                ),
            ],
            options={
                "verbose_name": "standing in a contest",
                "verbose_name_plural": "standings in contests",
            },
        ),
        migrations.AddConstraint(
            model_name="contest",
            constraint=models.CheckConstraint(
                condition=models.Q(("first_day__lte", models.F("last_day"))), name="contest_days_in_order"
            ),
        ),
        migrations.AddConstraint(
            model_name="contest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", True), ("published_at__isnull", True), ("state", "draft")),
                    models.Q(("closed_at__isnull", True), ("published_at__isnull", False), ("state", "published")),
                    models.Q(("closed_at__isnull", False), ("published_at__isnull", False), ("state", "closed")),
                    _connector="OR",
                ),
                name="contest_state_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="conteststanding",
            constraint=models.UniqueConstraint(fields=("contest", "post"), name="conteststanding_once"),
        ),
    ]
