"""A guide's day holds how she served: customers added, tasks, touches; days of bonds and tasks are counted anew."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('analytics', '0004_buyers_by_day'),
        ('guides', '0001_tasks_and_bonds'),
        ('stores', '0005_integrators_of_a_store'),
    ]

    operations = [
        migrations.AddField(
            model_name='guideday',
            name='added',
            field=models.PositiveIntegerField(default=0, verbose_name='customers added'),
        ),
        migrations.AddField(
            model_name='guideday',
            name='tasks_done',
            field=models.PositiveIntegerField(default=0, verbose_name='of them done'),
        ),
        migrations.AddField(
            model_name='guideday',
            name='tasks_due',
            field=models.PositiveIntegerField(default=0, verbose_name='tasks due'),
        ),
        migrations.AddField(
            model_name='guideday',
            name='tasks_on_time',
            field=models.PositiveIntegerField(default=0, verbose_name='of them done on time'),
        ),
        migrations.AddField(
            model_name='guideday',
            name='touches',
            field=models.PositiveIntegerField(default=0, verbose_name='customers contacted by tasks done this day'),
        ),
        migrations.AddConstraint(
            model_name='guideday',
            constraint=models.CheckConstraint(condition=models.Q(('tasks_done__lte', models.F('tasks_due')), ('tasks_on_time__lte', models.F('tasks_done'))), name='guideday_done_of_those_due'),
        ),
        # The day before and the day after too, whatever the brand's zone.
        migrations.RunSQL(
            """INSERT INTO analytics_staleday (day) SELECT DISTINCT at::date + n FROM (
  SELECT began_at AS at FROM guides_bond UNION ALL SELECT due_at FROM guides_task
  UNION ALL SELECT ended_at FROM guides_task) served, generate_series(-1, 1) n
WHERE at IS NOT NULL ON CONFLICT DO NOTHING""",
            migrations.RunSQL.noop,
        ),
    ]
