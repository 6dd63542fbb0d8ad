import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('notifications', '0001_initial'),
        ('notifications', '0002_endpoints_of_marketplaces'),
    ]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('recipient_id', models.UUIDField()),
                ('marketplace_id', models.UUIDField(db_index=True)),
                ('channel', models.CharField(max_length=16)),
                ('address', models.CharField(max_length=254)),
                ('locale', models.CharField(default='en', max_length=16)),
                ('time_zone', models.CharField(default='UTC', max_length=64)),
                ('quiet_from', models.TimeField(blank=True, null=True)),
                ('quiet_until', models.TimeField(blank=True, null=True)),
                ('verified_at', models.DateTimeField(blank=True, null=True)),
                ('bounced_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('recipient_id', 'channel'), name='one_contact_per_channel'), models.CheckConstraint(condition=models.Q(models.Q(('quiet_from__isnull', True), ('quiet_until__isnull', True)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False)), _connector='OR'), name='quiet_hours_have_two_ends')],
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('dead_at', models.DateTimeField(blank=True, null=True)),
                ('discarded_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.CharField(blank=True, default='', max_length=500)),
                ('clock_id', models.UUIDField(blank=True, null=True)),
                ('case_id', models.UUIDField()),
                ('event_id', models.UUIDField()),
                ('recipient_id', models.UUIDField()),
                ('marketplace_id', models.UUIDField()),
                ('channel', models.CharField(max_length=16)),
                ('template', models.CharField(max_length=64)),
                ('locale', models.CharField(max_length=16)),
                ('params', models.JSONField(default=dict)),
                ('outcome', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('captured', 'Captured'), ('unwanted', 'Unwanted'), ('capped', 'Capped'), ('failed', 'Failed')], default='waiting', max_length=16)),
                ('rendered', models.TextField(blank=True, default='')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('dead_at__isnull', True), ('done_at__isnull', True), ('clock_id__isnull', True)), fields=['due_at'], name='notifications_letter_due'), models.Index(condition=models.Q(('dead_at__isnull', True), ('done_at__isnull', True), ('clock_id__isnull', False)), fields=['clock_id', 'due_at'], name='notifications_letter_sim'), models.Index(condition=models.Q(('dead_at__isnull', False), ('discarded_at__isnull', True)), fields=['dead_at'], name='notifications_letter_dead'), models.Index(fields=['recipient_id', 'channel', 'done_at'], name='letter_daily_cap')],
                'constraints': [models.CheckConstraint(condition=models.Q(('done_at__isnull', True), ('dead_at__isnull', True), _connector='OR'), name='notifications_letter_one_end'), models.CheckConstraint(condition=models.Q(('discarded_at__isnull', True), ('dead_at__isnull', False), _connector='OR'), name='notifications_letter_discard'), models.UniqueConstraint(fields=('case_id', 'event_id', 'recipient_id', 'channel'), name='one_letter_per_event_recipient_channel')],
            },
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('provider_id', models.CharField(max_length=255, unique=True)),
                ('state', models.PositiveSmallIntegerField(choices=[(0, 'Queued'), (1, 'Sent'), (2, 'Delivered'), (3, 'Failed')], default=0)),
                ('code', models.CharField(blank=True, default='', max_length=64)),
                ('at', models.DateTimeField()),
                ('letter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='receipts', to='notifications.letter')),
            ],
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('marketplace_id', models.UUIDField(db_index=True)),
                ('url', models.URLField(max_length=500)),
                ('secret', models.CharField(max_length=100)),
                ('former_secret', models.CharField(blank=True, default='', max_length=100)),
                ('former_until', models.DateTimeField(blank=True, null=True)),
                ('types', models.JSONField(blank=True, default=list)),
                ('active', models.BooleanField(default=True)),
                ('failing_since', models.DateTimeField(blank=True, null=True)),
                ('disabled_at', models.DateTimeField(blank=True, null=True)),
                ('disabled_because', models.CharField(blank=True, default='', max_length=200)),
                ('removed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('removed_at__isnull', True), models.Q(('active', False), ('secret', '')), _connector='OR'), name='a_removed_endpoint_is_off'), models.CheckConstraint(condition=models.Q(models.Q(('active', True), ('disabled_at__isnull', True)), ('active', False), _connector='OR'), name='an_active_endpoint_is_not_disabled'), models.CheckConstraint(condition=models.Q(models.Q(('former_secret', ''), ('former_until__isnull', True)), models.Q(models.Q(('former_secret', ''), _negated=True), ('former_until__isnull', False)), _connector='OR'), name='a_former_secret_has_an_end')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('due_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('dead_at', models.DateTimeField(blank=True, null=True)),
                ('discarded_at', models.DateTimeField(blank=True, null=True)),
                ('last_error', models.CharField(blank=True, default='', max_length=500)),
                ('clock_id', models.UUIDField(blank=True, null=True)),
                ('case_id', models.UUIDField()),
                ('event_id', models.UUIDField()),
                ('sequence', models.PositiveBigIntegerField()),
                ('body', models.TextField()),
                ('status', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('answer', models.CharField(blank=True, default='', max_length=200)),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='notifications.webhookendpoint')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('dead_at__isnull', True), ('done_at__isnull', True), ('clock_id__isnull', True)), fields=['due_at'], name='notifications_delivery_due'), models.Index(condition=models.Q(('dead_at__isnull', True), ('done_at__isnull', True), ('clock_id__isnull', False)), fields=['clock_id', 'due_at'], name='notifications_delivery_sim'), models.Index(condition=models.Q(('dead_at__isnull', False), ('discarded_at__isnull', True)), fields=['dead_at'], name='notifications_delivery_dead'), models.Index(models.F('endpoint'), models.F('case_id'), models.F('sequence'), condition=models.Q(('dead_at__isnull', True), ('done_at__isnull', True)), name='delivery_order'), models.Index(condition=models.Q(('dead_at__isnull', False)), fields=['endpoint', 'event_id'], name='delivery_failures')],
                'constraints': [models.CheckConstraint(condition=models.Q(('done_at__isnull', True), ('dead_at__isnull', True), _connector='OR'), name='notifications_delivery_one_end'), models.CheckConstraint(condition=models.Q(('discarded_at__isnull', True), ('dead_at__isnull', False), _connector='OR'), name='notifications_delivery_discard'), models.UniqueConstraint(fields=('endpoint', 'event_id'), name='one_delivery_per_event_and_endpoint')],
            },
        ),
    ]
