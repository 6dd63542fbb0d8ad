import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('mediation', '0006_oversight'),
    ]

    operations = [
        migrations.AddField(
            model_name='mediator',
            name='plan_due_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('weekday', models.PositiveSmallIntegerField()),
                ('starts', models.TimeField()),
                ('ends', models.TimeField()),
                ('time_zone', models.CharField(max_length=40)),
                ('valid_from', models.DateField(null=True)),
                ('valid_until', models.DateField(null=True)),
                ('mediator', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shifts', to='mediation.mediator')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('weekday__lte', 6), models.Q(('time_zone', ''), _negated=True)), name='shift_weekday'), models.CheckConstraint(condition=models.Q(('valid_from', None), ('valid_until', None), ('valid_from__lte', models.F('valid_until')), _connector='OR'), name='shift_days'), models.UniqueConstraint(fields=('mediator', 'weekday', 'starts', 'ends', 'time_zone', 'valid_from', 'valid_until'), name='shift_once', nulls_distinct=False)],
            },
        ),
    ]
