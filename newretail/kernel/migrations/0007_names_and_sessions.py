from django.db import migrations, models
from django.db.models.functions import Lower

import newretail.kernel.users

# Two logins that differ in case only stay two people: the later ones get their number behind the name.
APART = """
UPDATE kernel_user u SET username = left(u.username, 130) || '-' || u.id
WHERE EXISTS (SELECT 1 FROM kernel_user o WHERE lower(o.username) = lower(u.username) AND o.id < u.id)
"""


class Migration(migrations.Migration):

    dependencies = [("kernel", "0006_export_files")]

    operations = [
        migrations.AlterModelManagers(name="user", managers=[("objects", newretail.kernel.users.People())]),
        migrations.AddField("user", "session_no", models.PositiveIntegerField(default=0, db_default=0, editable=False)),
        migrations.RunSQL(APART, migrations.RunSQL.noop),
        migrations.AddConstraint(
            "user", models.UniqueConstraint(Lower("username"), name="user_name_once_in_any_case")
        ),
    ]
