"""Shares are found by the line that made them, openings of their links by the time."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guides', '0018_covers_of_leaves'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='linkopen',
            index=models.Index(fields=['at', 'share'], name='linkopen_at'),
        ),
        migrations.AddIndex(
            model_name='share',
            index=models.Index(fields=['entry_id'], name='share_entry'),
        ),
    ]
