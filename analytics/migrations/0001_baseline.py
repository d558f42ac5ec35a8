import django.contrib.postgres.fields
import django.db.models.deletion
import newretail.db.operations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('analytics', '0001_initial'), ('analytics', '0002_initial'), ('analytics', '0003_boards'), ('analytics', '0004_buyers_by_day'), ('analytics', '0005_service_of_guides'), ('analytics', '0006_contests')]

    initial = True

    dependencies = [
        ('kernel', '0001_baseline'),
        ('stores', '0001_baseline'),
    ]

    operations = [
        newretail.db.operations.CreateTogether(
            operations=[
                migrations.CreateModel(
                    name='Contest',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                        ('name', models.CharField(max_length=60, verbose_name='name')),
                        ('metric', models.CharField(choices=[('sales', 'sales'), ('recruits', 'customers added'), ('reach', 'contacts'), ('on_time', 'tasks done on time'), ('average', 'amount per order')], max_length=10, verbose_name='what is counted')),
                        ('grouping', models.CharField(choices=[('all', 'all together'), ('region', 'each region by itself'), ('store', 'each store by itself')], default='all', max_length=8, verbose_name='ranked')),
                        ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stores.region', verbose_name='region')),
                        ('first_day', models.DateField(verbose_name='first day')),
                        ('last_day', models.DateField(verbose_name='last day')),
                        ('prizes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=10, verbose_name='prizes')),
                        ('state', models.CharField(choices=[('draft', 'draft'), ('published', 'published'), ('closed', 'closed')], default='draft', max_length=10, verbose_name='state')),
                        ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='published at')),
                        ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                        ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('entry_id', models.BigIntegerField(editable=False)),
                    ],
                    options={
                        'verbose_name': 'contest',
                        'verbose_name_plural': 'contests',
                        'constraints': [models.CheckConstraint(condition=models.Q(('first_day__lte', models.F('last_day'))), name='contest_days_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('published_at__isnull', True), ('state', 'draft')), models.Q(('closed_at__isnull', True), ('published_at__isnull', False), ('state', 'published')), models.Q(('closed_at__isnull', False), ('published_at__isnull', False), ('state', 'closed')), _connector='OR'), name='contest_state_whole')],
                        'indexes': [],
                    },
                ),
                migrations.CreateModel(
                    name='StoreDay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField(verbose_name='day')),
                        ('orders', models.PositiveIntegerField(default=0, verbose_name='orders')),
                        ('member_orders', models.PositiveIntegerField(default=0, verbose_name='orders of members')),
                        ('buyers', models.PositiveIntegerField(default=0, verbose_name='buying members')),
                        ('sales_cents', models.BigIntegerField(default=0, verbose_name='sales')),
                        ('refunded_cents', models.BigIntegerField(default=0, verbose_name='refunded')),
                        ('recruits', models.PositiveIntegerField(default=0, verbose_name='recruits')),
                        ('units', models.PositiveIntegerField(default=0, verbose_name='units')),
                        ('lined_orders', models.PositiveIntegerField(default=0, verbose_name='orders with lines')),
                        ('store', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='stores.store', verbose_name='store')),
                        ('known_cents', models.BigIntegerField(default=0, verbose_name='net sales to members')),
                    ],
                    options={
                        'verbose_name': 'store day',
                        'verbose_name_plural': 'store days',
                        'indexes': [models.Index(fields=['store', 'day'], name='storeday_store_day')],
                        'constraints': [models.UniqueConstraint(fields=('day', 'store'), name='storeday_once', nulls_distinct=False)],
                    },
                ),
                migrations.CreateModel(
                    name='GuideDay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField(verbose_name='day')),
                        ('orders', models.PositiveIntegerField(default=0, verbose_name='orders')),
                        ('member_orders', models.PositiveIntegerField(default=0, verbose_name='orders of members')),
                        ('buyers', models.PositiveIntegerField(default=0, verbose_name='buying members')),
                        ('sales_cents', models.BigIntegerField(default=0, verbose_name='sales')),
                        ('refunded_cents', models.BigIntegerField(default=0, verbose_name='refunded')),
                        ('recruits', models.PositiveIntegerField(default=0, verbose_name='recruits')),
                        ('units', models.PositiveIntegerField(default=0, verbose_name='units')),
                        ('lined_orders', models.PositiveIntegerField(default=0, verbose_name='orders with lines')),
                        ('post', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='stores.post', verbose_name='post')),
                        ('added', models.PositiveIntegerField(default=0, verbose_name='customers added')),
                        ('tasks_due', models.PositiveIntegerField(default=0, verbose_name='tasks due')),
                        ('tasks_done', models.PositiveIntegerField(default=0, verbose_name='of them done')),
                        ('tasks_on_time', models.PositiveIntegerField(default=0, verbose_name='of them done on time')),
                        ('touches', models.PositiveIntegerField(default=0, verbose_name='customers contacted by tasks done this day')),
                    ],
                    options={
                        'verbose_name': 'guide day',
                        'verbose_name_plural': 'guide days',
                        'indexes': [models.Index(fields=['day'], name='guideday_day')],
                        'constraints': [models.UniqueConstraint(fields=('post', 'day'), name='guideday_once'), models.CheckConstraint(condition=models.Q(('tasks_done__lte', models.F('tasks_due')), ('tasks_on_time__lte', models.F('tasks_done'))), name='guideday_done_of_those_due')],
                    },
                ),
                migrations.CreateModel(
                    name='DayBuyers',
                    fields=[
                        ('pk', models.CompositePrimaryKey('day', 'store_id', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to='stores.store', verbose_name='store')),
                        ('day', models.DateField(verbose_name='day')),
                        ('members', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None, verbose_name='members')),
                    ],
                    options={
                        'verbose_name': 'buyers of a store day',
                        'verbose_name_plural': 'buyers of store days',
                        'indexes': [models.Index(fields=['store', 'day'], name='daybuyers_store_day')],
                        'constraints': [],
                    },
                ),
                migrations.CreateModel(
                    name='StaleDay',
                    fields=[
                        ('day', models.DateField(primary_key=True, serialize=False)),
                    ],
                    options={
                        'indexes': [],
                        'constraints': [],
                    },
                ),
                migrations.CreateModel(
                    name='StaleMember',
                    fields=[
                        ('member_id', models.BigIntegerField(primary_key=True, serialize=False)),
                    ],
                    options={
                        'indexes': [],
                        'constraints': [],
                    },
                ),
                migrations.CreateModel(
                    name='PortraitCell',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('r', models.PositiveSmallIntegerField(null=True)),
                        ('f', models.PositiveSmallIntegerField(null=True)),
                        ('m', models.PositiveSmallIntegerField(null=True)),
                        ('stage', models.CharField(blank=True, max_length=10)),
                        ('relationship', models.CharField(max_length=10)),
                        ('is_super', models.BooleanField()),
                        ('frequency_band', models.PositiveSmallIntegerField()),
                        ('aov_band', models.PositiveSmallIntegerField()),
                        ('members', models.PositiveIntegerField()),
                        ('frequency', models.BigIntegerField()),
                        ('monetary_cents', models.BigIntegerField()),
                    ],
                    options={
                        'indexes': [],
                        'constraints': [],
                    },
                ),
                migrations.CreateModel(
                    name='CoreRetention',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('as_of', models.DateField(verbose_name='as of')),
                        ('days', models.PositiveSmallIntegerField(verbose_name='days')),
                        ('core', models.PositiveIntegerField(verbose_name='core customers')),
                        ('kept', models.PositiveIntegerField(verbose_name='kept')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('as_of', 'days'), name='coreretention_once')],
                        'indexes': [],
                    },
                ),
                migrations.CreateModel(
                    name='StoreStanding',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('store', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to='stores.store', verbose_name='store')),
                        ('stage', models.CharField(blank=True, max_length=10, verbose_name='stage')),
                        ('relationship', models.CharField(max_length=10, verbose_name='relationship')),
                        ('members', models.PositiveIntegerField(verbose_name='members')),
                        ('supers', models.PositiveIntegerField(verbose_name='super customers')),
                        ('lapsing', models.PositiveIntegerField(verbose_name='about to lapse')),
                    ],
                    options={
                        'verbose_name': 'standing of a store',
                        'verbose_name_plural': 'standings of stores',
                        'constraints': [models.UniqueConstraint(fields=('store', 'stage', 'relationship'), name='storestanding_once', nulls_distinct=False)],
                        'indexes': [],
                    },
                ),
                migrations.CreateModel(
                    name='StoreMove',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('store', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='stores.store', verbose_name='store')),
                        ('day', models.DateField(verbose_name='day')),
                        ('from_stage', models.CharField(blank=True, max_length=10, verbose_name='from')),
                        ('to_stage', models.CharField(max_length=10, verbose_name='to')),
                        ('members', models.PositiveIntegerField(verbose_name='members')),
                    ],
                    options={
                        'verbose_name': 'stage moves of a store',
                        'verbose_name_plural': 'stage moves of stores',
                        'indexes': [models.Index(fields=['day'], name='storemove_day')],
                        'constraints': [models.UniqueConstraint(fields=('store', 'day', 'from_stage', 'to_stage'), name='storemove_once', nulls_distinct=False)],
                    },
                ),
                migrations.CreateModel(
                    name='StoreRepeat',
                    fields=[
                        ('store', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to='stores.store', verbose_name='store')),
                        ('as_of', models.DateField(verbose_name='as of')),
                        ('buyers', models.PositiveIntegerField(verbose_name='buying members')),
                        ('repeaters', models.PositiveIntegerField(verbose_name='repeat buyers')),
                    ],
                    options={
                        'verbose_name': 'repeat rate of a store',
                        'verbose_name_plural': 'repeat rates of stores',
                        'constraints': [models.CheckConstraint(condition=models.Q(('repeaters__lte', models.F('buyers'))), name='storerepeat_among_buyers')],
                        'indexes': [],
                    },
                ),
                migrations.CreateModel(
                    name='ContestStanding',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('contest', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='standings', to='analytics.contest', verbose_name='contest')),
                        ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stores.post', verbose_name='guide')),
                        ('place', models.CharField(blank=True, default='', max_length=60, verbose_name='place')),
                        ('rank', models.PositiveIntegerField(verbose_name='rank')),
                        ('score', models.BigIntegerField(verbose_name='score')),
                        ('prize', models.CharField(blank=True, default='', max_length=60, verbose_name='prize')),
                        ('entry_id', models.BigIntegerField(editable=False)),
                    ],
                    options={
                        'verbose_name': 'standing in a contest',
                        'verbose_name_plural': 'standings in contests',
                        'constraints': [models.UniqueConstraint(fields=('contest', 'post'), name='conteststanding_once')],
                        'indexes': [],
                    },
                ),
            ],
        ),
    ]
