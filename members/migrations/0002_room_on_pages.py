"""Leave room on the portrait's pages: the night's updates then stay on theirs (HOT), and no index grows."""

from django.db import migrations


class Migration(migrations.Migration):
    """Set the fill factor of the portrait."""

    dependencies = [("members", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE members_portrait SET (fillfactor = 75)",
            "ALTER TABLE members_portrait RESET (fillfactor)",
        )
    ]
