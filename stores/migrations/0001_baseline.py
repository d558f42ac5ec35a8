import django.contrib.postgres.fields
import django.db.models.deletion
import newretail.db.operations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('stores', '0001_initial'), ('stores', '0002_targets'), ('stores', '0003_business_months'), ('stores', '0004_weekly_reviews'), ('stores', '0005_integrators_of_a_store')]

    initial = True

    dependencies = [
        ('kernel', '0001_baseline'),
    ]

    operations = [
        newretail.db.operations.CreateTogether(
            operations=[
                migrations.CreateModel(
                    name='Channel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                        ('name', models.CharField(max_length=60, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'channel',
                        'verbose_name_plural': 'channels',
                        'indexes': [],
                        'constraints': [],
                    },
                ),
                migrations.CreateModel(
                    name='Scene',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                        ('name', models.CharField(max_length=60, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'scene',
                        'verbose_name_plural': 'scenes',
                        'indexes': [],
                        'constraints': [],
                    },
                ),
                migrations.CreateModel(
                    name='Category',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, unique=True, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'category',
                        'verbose_name_plural': 'categories',
                        'ordering': ['name'],
                        'indexes': [],
                        'constraints': [],
                    },
                ),
                migrations.CreateModel(
                    name='Region',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=60, unique=True, verbose_name='name')),
                    ],
                    options={
                        'verbose_name': 'region',
                        'verbose_name_plural': 'regions',
                        'ordering': ['name'],
                        'indexes': [],
                        'constraints': [],
                    },
                ),
                migrations.CreateModel(
                    name='TargetPlan',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('month', models.DateField(verbose_name='month')),
                        ('metric', models.CharField(choices=[('sales', 'sales'), ('recruits', 'recruits'), ('reach', 'reach'), ('repeat_rate', 'repeat rate')], max_length=12, verbose_name='metric')),
                        ('version', models.PositiveIntegerField(verbose_name='version')),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='reason')),
                        ('planned_at', models.DateTimeField(verbose_name='planned at')),
                        ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('entry_id', models.BigIntegerField(default=0, editable=False)),
                    ],
                    options={
                        'verbose_name': 'target plan',
                        'verbose_name_plural': 'target plans',
                        'constraints': [models.UniqueConstraint(fields=('month', 'metric', 'version'), name='targetplan_version_once'), models.CheckConstraint(condition=models.Q(('month__day__lte', 28), ('version__gte', 1)), name='targetplan_of_a_month')],
                        'indexes': [],
                    },
                ),
                migrations.CreateModel(
                    name='Product',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sku', models.CharField(max_length=60, unique=True, verbose_name='SKU')),
                        ('name', models.CharField(max_length=200, verbose_name='name')),
                        ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='stores.category', verbose_name='category')),
                        ('price_cents', models.BigIntegerField(default=0, verbose_name='price')),
                        ('entry_id', models.BigIntegerField(default=0, editable=False)),
                    ],
                    options={
                        'verbose_name': 'product',
                        'verbose_name_plural': 'products',
                        'constraints': [models.CheckConstraint(condition=models.Q(('price_cents__gte', 0)), name='product_price_not_negative')],
                        'indexes': [],
                    },
                ),
                migrations.CreateModel(
                    name='Store',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='stores.region', verbose_name='region')),
                        ('city', models.CharField(blank=True, max_length=60, verbose_name='city')),
                        ('latitude', models.FloatField(blank=True, null=True, verbose_name='latitude')),
                        ('longitude', models.FloatField(blank=True, null=True, verbose_name='longitude')),
                        ('opened_on', models.DateField(blank=True, null=True, verbose_name='opened on')),
                        ('kind', models.CharField(default='store', max_length=20, verbose_name='kind')),
                        ('entry_id', models.BigIntegerField(default=0, editable=False)),
                    ],
                    options={
                        'verbose_name': 'store',
                        'verbose_name_plural': 'stores',
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__range', (-90, 90)), ('longitude__range', (-180, 180))), _connector='OR'), name='store_position_on_earth')],
                        'indexes': [],
                    },
                ),
                migrations.CreateModel(
                    name='Post',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to=settings.AUTH_USER_MODEL, verbose_name='user')),
                        ('role', models.CharField(choices=[('hq', 'HQ operator'), ('supervisor', 'supervisor'), ('manager', 'store manager'), ('guide', 'guide'), ('auditor', 'auditor'), ('integrator', 'integrator')], max_length=12, verbose_name='role')),
                        ('store', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='stores.store', verbose_name='store')),
                        ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='stores.region', verbose_name='region')),
                        ('since', models.DateField(blank=True, null=True, verbose_name='since')),
                        ('until', models.DateField(blank=True, null=True, verbose_name='until')),
                        ('entry_id', models.BigIntegerField(default=0, editable=False)),
                    ],
                    options={
                        'verbose_name': 'post',
                        'verbose_name_plural': 'posts',
                        'constraints': [models.UniqueConstraint(fields=('user', 'role', 'store', 'region'), name='post_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('region__isnull', True), ('role__in', ['manager', 'guide']), ('store__isnull', False)), models.Q(('region__isnull', False), ('role', 'supervisor'), ('store__isnull', True)), models.Q(('region__isnull', True), ('role', 'integrator')), models.Q(('region__isnull', True), ('role__in', ['hq', 'auditor']), ('store__isnull', True)), _connector='OR'), name='post_has_its_place')],
                        'indexes': [],
                    },
                ),
                migrations.CreateModel(
                    name='WeeklyReview',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('store', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='stores.store', verbose_name='store')),
                        ('monday', models.DateField(verbose_name='week from')),
                        ('side', models.CharField(choices=[('comment', "manager's comment"), ('answer', "HQ's answer")], max_length=8, verbose_name='side')),
                        ('words', models.TextField(max_length=2000, verbose_name='words')),
                        ('said_at', models.DateTimeField(verbose_name='said at')),
                        ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('entry_id', models.BigIntegerField(default=0, editable=False)),
                    ],
                    options={
                        'verbose_name': 'weekly review',
                        'verbose_name_plural': 'weekly reviews',
                        'indexes': [models.Index(fields=['store', 'monday', 'side', '-id'], name='weeklyreview_newest')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('monday__iso_week_day', 1)), name='weeklyreview_from_monday'), models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='weeklyreview_says_something')],
                    },
                ),
                migrations.CreateModel(
                    name='DayWeight',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('metric', models.CharField(choices=[('sales', 'sales'), ('recruits', 'recruits'), ('reach', 'reach'), ('repeat_rate', 'repeat rate')], max_length=12, verbose_name='metric')),
                        ('store', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='stores.store', verbose_name='store')),
                        ('kind', models.CharField(max_length=50, verbose_name='kind of day')),
                        ('weight_bp', models.PositiveIntegerField(verbose_name='weight')),
                        ('source', models.CharField(choices=[('learned', 'learned from history'), ('set', 'set by hand')], max_length=8, verbose_name='source')),
                        ('seen', models.PositiveIntegerField(default=0, verbose_name='seen')),
                        ('set_at', models.DateTimeField(verbose_name='set at')),
                        ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='by')),
                        ('entry_id', models.BigIntegerField(default=0, editable=False)),
                    ],
                    options={
                        'verbose_name': 'day weight',
                        'verbose_name_plural': 'day weights',
                        'constraints': [models.UniqueConstraint(fields=('metric', 'store', 'kind', 'source'), name='dayweight_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('weight_bp__lte', 1000000)), name='dayweight_in_bounds')],
                        'indexes': [],
                    },
                ),
                migrations.CreateModel(
                    name='Target',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('plan', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='targets', to='stores.targetplan', verbose_name='target plan')),
                        ('kind', models.CharField(choices=[('brand', 'brand'), ('online', 'no store (online)'), ('region', 'region'), ('store', 'store'), ('guide', 'guide')], max_length=6, verbose_name='place')),
                        ('region', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='stores.region', verbose_name='region')),
                        ('store', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='stores.store', verbose_name='store')),
                        ('post', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to='stores.post', verbose_name='post')),
                        ('amount', models.BigIntegerField(verbose_name='amount')),
                        ('days', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name='days')),
                        ('implied', models.BooleanField(default=False, verbose_name='summed up')),
                        ('differs', models.BooleanField(default=False, verbose_name='differs knowingly')),
                    ],
                    options={
                        'verbose_name': 'target',
                        'verbose_name_plural': 'targets',
                        'constraints': [models.UniqueConstraint(fields=('plan', 'kind', 'store', 'post', 'region'), name='target_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['brand', 'online']), ('post__isnull', True), ('region__isnull', True), ('store__isnull', True)), models.Q(('kind', 'region'), ('post__isnull', True), ('region__isnull', False), ('store__isnull', True)), models.Q(('kind', 'store'), ('post__isnull', True), ('store__isnull', False)), models.Q(('kind', 'guide'), ('post__isnull', False), ('region__isnull', True), ('store__isnull', False)), _connector='OR'), name='target_has_its_place'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='target_not_negative'), models.CheckConstraint(condition=models.Q(('differs', True), ('implied', True), _negated=True), name='target_implied_is_the_sum')],
                        'indexes': [],
                    },
                ),
            ],
        ),
    ]
