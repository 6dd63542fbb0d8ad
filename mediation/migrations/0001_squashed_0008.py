import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('mediation', '0001_initial'),
        ('mediation', '0002_planned_scan'),
        ('mediation', '0003_files'),
        ('mediation', '0004_second_factor'),
        ('mediation', '0005_shifts'),
        ('mediation', '0006_oversight'),
        ('mediation', '0007_shift_plans'),
        ('mediation', '0008_calibration'),
    ]

    initial = True

    dependencies = [
        ('auth', '__first__'),
        ('cases', '0001_squashed_0017'),
        ('otp_totp', '0003_add_timestamps'),
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
        migrations.CreateModel(
            name='BlindReview',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('drawn_at', models.DateTimeField()),
                ('drawn_by', models.CharField(max_length=100)),
                ('ruled_by', models.CharField(max_length=100)),
                ('excluded', models.JSONField(default=list)),
                ('reviewer', models.CharField(blank=True, max_length=100)),
                ('taken_at', models.DateTimeField(null=True)),
                ('remedy', models.CharField(blank=True, max_length=20)),
                ('amount', models.BigIntegerField(null=True)),
                ('fault', models.JSONField(default=dict)),
                ('reasons', models.TextField(blank=True)),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('case', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case')),
                ('marketplace', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.marketplace')),
                ('ruling', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.ruling')),
                ('calibration', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='mediation.calibration')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('reviewed_at', None)), fields=['drawn_at'], name='blind_review_open'), models.Index(condition=models.Q(('reviewed_at__isnull', False)), fields=['marketplace', 'reviewed_at'], name='blind_review_reviewed')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('reviewer', ''), ('taken_at__isnull', True)), models.Q(models.Q(('reviewer', ''), _negated=True), ('taken_at__isnull', False)), _connector='OR'), name='blind_review_taken'), models.CheckConstraint(condition=models.Q(models.Q(('amount__isnull', True), ('remedy', ''), ('reviewed_at__isnull', True)), models.Q(('amount__gte', 0), ('reviewed_at__gte', models.F('taken_at')), models.Q(('remedy', ''), _negated=True)), _connector='OR'), name='blind_review_done'), models.CheckConstraint(condition=models.Q(('reviewer', models.F('ruled_by')), _negated=True), name='blind_review_by_another'), models.CheckConstraint(condition=models.Q(('calibration', None), models.Q(('reviewer', ''), _negated=True), _connector='OR'), name='blind_review_calibrates'), models.UniqueConstraint(condition=models.Q(('calibration', None)), fields=('ruling',), name='blind_review_once'), models.UniqueConstraint(condition=models.Q(('calibration__isnull', False)), fields=('calibration', 'reviewer'), name='calibration_once')],
            },
        ),
        migrations.CreateModel(
            name='Deed',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('person', models.CharField(max_length=100)),
                ('role', models.CharField(max_length=12)),
                ('act', models.CharField(max_length=30)),
                ('details', models.JSONField(default=dict)),
                ('marketplace', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.marketplace')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('person', ''), _negated=True), models.Q(('act', ''), _negated=True)), name='deed_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='Effect',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('dead_at', models.DateTimeField(blank=True, null=True)),
                ('discarded_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.CharField(blank=True, default='', max_length=500)),
                ('clock_id', models.UUIDField(blank=True, null=True)),
                ('event_id', models.UUIDField()),
                ('kind', models.CharField(max_length=20)),
                ('case', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='effects', to='cases.case')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('dead_at__isnull', True), ('done_at__isnull', True), ('clock_id__isnull', True)), fields=['due_at'], name='mediation_effect_due'), models.Index(condition=models.Q(('dead_at__isnull', True), ('done_at__isnull', True), ('clock_id__isnull', False)), fields=['clock_id', 'due_at'], name='mediation_effect_sim'), models.Index(condition=models.Q(('dead_at__isnull', False), ('discarded_at__isnull', True)), fields=['dead_at'], name='mediation_effect_dead')],
                'constraints': [models.CheckConstraint(condition=models.Q(('done_at__isnull', True), ('dead_at__isnull', True), _connector='OR'), name='mediation_effect_one_end'), models.CheckConstraint(condition=models.Q(('discarded_at__isnull', True), ('dead_at__isnull', False), _connector='OR'), name='mediation_effect_discard'), models.UniqueConstraint(fields=('event_id', 'kind'), name='effect_once')],
            },
        ),
        migrations.CreateModel(
            name='GatewayAccount',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('gateway', models.CharField(max_length=30)),
                ('secret', models.CharField(blank=True, max_length=100)),
                ('former_secret', models.CharField(blank=True, max_length=100)),
                ('former_until', models.DateTimeField(blank=True, null=True)),
                ('options', models.JSONField(blank=True, default=dict)),
                ('marketplace', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='gateway_account', to='cases.marketplace')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
                ('gap_since', models.DateTimeField(null=True)),
                ('gap_until', models.DateTimeField(null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='heartbeat_named'), models.CheckConstraint(condition=models.Q(models.Q(('gap_since__isnull', True), ('gap_until__isnull', True)), ('gap_since__lt', models.F('gap_until')), _connector='OR'), name='heartbeat_gap')],
            },
        ),
        migrations.CreateModel(
            name='Mediator',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('role', models.CharField(choices=[('mediator', 'mediator'), ('senior', 'senior mediator'), ('supervisor', 'supervisor'), ('auditor', 'auditor'), ('ops', 'operations')], max_length=12)),
                ('languages', models.JSONField(blank=True, default=list)),
                ('skills', models.JSONField(blank=True, default=list)),
                ('everywhere', models.BooleanField(default=False)),
                ('capacity', models.PositiveSmallIntegerField(default=5)),
                ('on_shift', models.BooleanField(default=True)),
                ('plan_due_at', models.DateTimeField(editable=False, null=True)),
                ('marketplaces', models.ManyToManyField(blank=True, related_name='+', to='cases.marketplace')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='mediator', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Payout',
            fields=[
                ('refund', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='payout', serialize=False, to='cases.refund')),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, max_length=10)),
                ('code', models.CharField(blank=True, max_length=50)),
                ('reference', models.CharField(blank=True, max_length=100)),
            ],
        ),
        migrations.CreateModel(
            name='PlannedScan',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('clock_id', models.UUIDField()),
                ('code', models.CharField(max_length=30)),
                ('due_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(null=True)),
                ('parcel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='planned_scans', to='cases.parcel')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('done_at', None)), fields=['clock_id', 'due_at'], name='planned_scan_due')],
            },
        ),
        migrations.CreateModel(
            name='SandboxRefund',
            fields=[
                ('key', models.UUIDField(primary_key=True, serialize=False)),
                ('clock_id', models.UUIDField(null=True)),
                ('order_ref', models.CharField(max_length=100)),
                ('amount', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('script', models.JSONField(default=list)),
                ('asked', models.IntegerField(default=0)),
                ('paid', models.IntegerField(default=0)),
                ('state', models.CharField(default='unheard', max_length=10)),
                ('code', models.CharField(blank=True, max_length=50)),
                ('answers_at', models.DateTimeField(null=True)),
                ('first_asked_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('paid__in', [0, 1])), name='sandbox_pays_once'), models.CheckConstraint(condition=models.Q(models.Q(('paid', 1), ('state', 'succeeded')), models.Q(('paid', 0), models.Q(('state', 'succeeded'), _negated=True)), _connector='OR'), name='sandbox_paid_what_it_says')],
            },
        ),
        migrations.CreateModel(
            name='SecondFactor',
            fields=[
            ],
            options={
                'verbose_name': 'second factor',
                'verbose_name_plural': 'second factors',
                'proxy': True,
            },
            bases=('otp_totp.totpdevice',),
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
        migrations.CreateModel(
            name='StoredAnswer',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('caller', models.CharField(max_length=300)),
                ('route', models.CharField(max_length=200)),
                ('key', models.CharField(max_length=200)),
                ('fingerprint', models.CharField(max_length=64)),
                ('status', models.SmallIntegerField()),
                ('body', models.JSONField()),
                ('stored_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['stored_at'], name='answer_age')],
                'constraints': [models.UniqueConstraint(fields=('caller', 'route', 'key'), name='answer_once')],
            },
        ),
        migrations.CreateModel(
            name='Thumbnail',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('dead_at', models.DateTimeField(blank=True, null=True)),
                ('discarded_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.CharField(blank=True, default='', max_length=500)),
                ('clock_id', models.UUIDField(blank=True, null=True)),
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='thumbnail', to='cases.file')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('dead_at__isnull', True), ('done_at__isnull', True), ('clock_id__isnull', True)), fields=['due_at'], name='mediation_thumbnail_due'), models.Index(condition=models.Q(('dead_at__isnull', True), ('done_at__isnull', True), ('clock_id__isnull', False)), fields=['clock_id', 'due_at'], name='mediation_thumbnail_sim'), models.Index(condition=models.Q(('dead_at__isnull', False), ('discarded_at__isnull', True)), fields=['dead_at'], name='mediation_thumbnail_dead')],
                'constraints': [models.CheckConstraint(condition=models.Q(('done_at__isnull', True), ('dead_at__isnull', True), _connector='OR'), name='mediation_thumbnail_one_end'), models.CheckConstraint(condition=models.Q(('discarded_at__isnull', True), ('dead_at__isnull', False), _connector='OR'), name='mediation_thumbnail_discard')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deed',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='aa95f2672ad7f1d7d1939bb41f3034e3ddbcf5a6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_46610', table='mediation_deed', when='BEFORE')),
        ),
    ]
