"""Leave room in the pages of what changes at every step, so that its indexes need no update."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE cases_case SET (fillfactor = 50)",
            "ALTER TABLE cases_case RESET (fillfactor)",
        ),
    ]
