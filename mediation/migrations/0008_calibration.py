import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0016_advances'),
        ('mediation', '0007_shift_plans'),
    ]

    operations = [
        migrations.CreateModel(
            name='Calibration',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('picked_at', models.DateTimeField()),
                ('picked_by', models.CharField(max_length=100)),
                ('excluded', models.JSONField(default=list)),
                ('remedy', models.CharField(max_length=20)),
                ('amount', models.BigIntegerField()),
                ('fault', models.JSONField()),
                ('reasons', models.TextField()),
                ('closed_at', models.DateTimeField(null=True)),
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('marketplace', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.marketplace')),
                ('ruling', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.ruling')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0), models.Q(('remedy', ''), _negated=True), models.Q(('picked_by', ''), _negated=True)), name='calibration_expects')],
            },
        ),
        migrations.AlterField(
            model_name='blindreview',
            name='ruling',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.ruling'),
        ),
        migrations.AddField(
            model_name='blindreview',
            name='calibration',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='mediation.calibration'),
        ),
        migrations.AddConstraint(
            model_name='blindreview',
            constraint=models.CheckConstraint(condition=models.Q(('calibration', None), models.Q(('reviewer', ''), _negated=True), _connector='OR'), name='blind_review_calibrates'),
        ),
        migrations.AddConstraint(
            model_name='blindreview',
            constraint=models.UniqueConstraint(condition=models.Q(('calibration', None)), fields=('ruling',), name='blind_review_once'),
        ),
        migrations.AddConstraint(
            model_name='blindreview',
            constraint=models.UniqueConstraint(condition=models.Q(('calibration__isnull', False)), fields=('calibration', 'reviewer'), name='calibration_once'),
        ),
    ]
