"""A guide's day holds what she shared and how often her links were opened; days of shares are counted anew."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0006_contests'),
        ('guides', '0019_shares_by_line_and_openings_by_time'),
    ]

    operations = [
        migrations.AddField(
            model_name='guideday',
            name='opens',
            field=models.PositiveIntegerField(default=0, verbose_name='openings of her links this day'),
        ),
        migrations.AddField(
            model_name='guideday',
            name='shares',
            field=models.PositiveIntegerField(default=0, verbose_name='materials shared'),
        ),
        # The day before and the day after too, whatever the brand's zone; the first night finds the openings' days.
        migrations.RunSQL(
            """INSERT INTO analytics_staleday (day) SELECT DISTINCT at::date + n FROM guides_share,
  generate_series(-1, 1) n ON CONFLICT DO NOTHING""",
            migrations.RunSQL.noop,
        ),
    ]
