import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guides', '0019_shares_by_line_and_openings_by_time'),
        ('members', '0001_baseline'),
        ('stores', '0001_baseline'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CommissionAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('provisional_cents', models.BigIntegerField(default=0, verbose_name='provisional')),
                ('vested_cents', models.BigIntegerField(default=0, verbose_name='vested')),
                ('payable_cents', models.BigIntegerField(default=0, verbose_name='to be paid')),
                ('paid_cents', models.BigIntegerField(default=0, verbose_name='paid')),
                ('debt_cents', models.BigIntegerField(default=0, verbose_name='debt')),
                ('vested_until', models.DateField(null=True)),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='commission_account', to=settings.AUTH_USER_MODEL, verbose_name='guide')),
            ],
            options={
                'verbose_name': 'commission account',
                'verbose_name_plural': 'commission accounts',
            },
        ),
        migrations.CreateModel(
            name='CommissionMonth',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(unique=True, verbose_name='month')),
                ('state', models.CharField(choices=[('open', 'open'), ('computed', 'computed'), ('closed', 'closed'), ('exported', 'exported'), ('paid', 'paid')], default='open', max_length=8, verbose_name='state')),
                ('computed_at', models.DateTimeField(null=True, verbose_name='computed at')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='closed at')),
                ('exported_at', models.DateTimeField(null=True, verbose_name='exported at')),
                ('paid_at', models.DateTimeField(null=True, verbose_name='paid at')),
                ('entry_id', models.BigIntegerField(default=0, editable=False)),
            ],
            options={
                'verbose_name': 'commission month',
                'verbose_name_plural': 'commission months',
                'constraints': [models.CheckConstraint(condition=models.Q(('month__day', 1)), name='commissionmonth_first_day'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('state__in', ['open', 'computed'])), models.Q(('closed_at__isnull', False), ('state__in', ['closed', 'exported', 'paid'])), _connector='OR'), name='commissionmonth_closed')],
            },
        ),
        migrations.CreateModel(
            name='CommissionStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('earned_cents', models.BigIntegerField(verbose_name='earned in the month')),
                ('recovered_cents', models.BigIntegerField(default=0, verbose_name='debt recovered')),
                ('owed_cents', models.BigIntegerField(default=0, verbose_name='carried as debt')),
                ('gross_cents', models.BigIntegerField(verbose_name='gross pay')),
                ('debt_cents', models.BigIntegerField(default=0, verbose_name='debt after it')),
                ('lines', models.PositiveIntegerField(default=0, verbose_name='lines')),
                ('reviewed_at', models.DateTimeField(null=True, verbose_name='reviewed at')),
                ('entry_id', models.BigIntegerField(editable=False)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='guides.commissionaccount', verbose_name='commission account')),
                ('month', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='guides.commissionmonth', verbose_name='month')),
                ('reviewed_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='reviewed by')),
            ],
            options={
                'verbose_name': 'commission statement',
                'verbose_name_plural': 'commission statements',
            },
        ),
        migrations.CreateModel(
            name='CreditDispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ref', models.UUIDField(unique=True, verbose_name='number of the action')),
                ('order_no', models.CharField(max_length=64, verbose_name='order no.')),
                ('month', models.DateField(verbose_name='month')),
                ('words', models.CharField(max_length=400, verbose_name='what she says')),
                ('photo', models.BinaryField(null=True)),
                ('raised_at', models.DateTimeField(verbose_name='raised at')),
                ('state', models.CharField(choices=[('open', 'waits for a decision'), ('granted', 'granted'), ('declined', 'declined')], default='open', max_length=8, verbose_name='state')),
                ('decision', models.CharField(blank=True, default='', max_length=200, verbose_name='reason of the decision')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided at')),
                ('entry_id', models.BigIntegerField(editable=False)),
                ('end_entry_id', models.BigIntegerField(editable=False, null=True)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='decided by')),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='members.order', verbose_name='order')),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='stores.post', verbose_name='guide')),
            ],
            options={
                'verbose_name': 'dispute about a credit',
                'verbose_name_plural': 'disputes about credits',
            },
        ),
        migrations.CreateModel(
            name='GuideAssessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(verbose_name='month')),
                ('sales_cents', models.BigIntegerField(verbose_name='sales')),
                ('before', models.PositiveSmallIntegerField(verbose_name='level before')),
                ('reached', models.PositiveSmallIntegerField(verbose_name='level reached')),
                ('after', models.PositiveSmallIntegerField(verbose_name='level after')),
                ('outcome', models.CharField(choices=[('kept', 'kept'), ('promoted', 'promoted'), ('grace', 'month of grace'), ('demoted', 'demoted')], max_length=8, verbose_name='outcome')),
                ('kpis', models.JSONField(default=list, verbose_name='KPIs')),
                ('assessed_at', models.DateTimeField(verbose_name='assessed at')),
                ('entry_id', models.BigIntegerField(editable=False)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='guide')),
            ],
            options={
                'verbose_name': 'assessment of a guide',
                'verbose_name_plural': 'assessments of guides',
            },
        ),
        migrations.CreateModel(
            name='GuideLevelMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.PositiveSmallIntegerField(verbose_name='level')),
                ('from_at', models.DateTimeField(verbose_name='from')),
                ('reason', models.CharField(blank=True, default='', max_length=200, verbose_name='reason')),
                ('entry_id', models.BigIntegerField(editable=False)),
                ('assessment', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='move', to='guides.guideassessment', verbose_name='assessment of a guide')),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='guide')),
            ],
            options={
                'verbose_name': 'level of a guide',
                'verbose_name_plural': 'levels of guides',
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('levels', 'level table'), ('credits', 'credit rules'), ('commission', 'commission scheme')], max_length=10, verbose_name='kind')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('terms', models.JSONField(verbose_name='terms')),
                ('note', models.CharField(blank=True, default='', max_length=200, verbose_name='note')),
                ('kept_at', models.DateTimeField(verbose_name='kept at')),
                ('entry_id', models.BigIntegerField(editable=False)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'policy',
                'verbose_name_plural': 'policies',
            },
        ),
        migrations.AddField(
            model_name='guideassessment',
            name='policy',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='guides.policy', verbose_name='level table'),
        ),
        migrations.CreateModel(
            name='Credit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('seller', 'sold it'), ('bonded', 'serves the customer'), ('sharer', 'shared the material'), ('pool', 'store pool'), ('decided', 'by decision'), ('house', "nobody's")], max_length=8, verbose_name='role')),
                ('share_bp', models.PositiveSmallIntegerField(verbose_name='share (basis points)')),
                ('own', models.BooleanField(default=False, verbose_name='own customer')),
                ('paid_at', models.DateTimeField(verbose_name='paid at')),
                ('entry_id', models.BigIntegerField(editable=False)),
                ('end_entry_id', models.BigIntegerField(editable=False, null=True)),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='credits', to='members.order', verbose_name='order')),
                ('post', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='stores.post', verbose_name='guide')),
                ('policy', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='guides.policy', verbose_name='credit rules')),
            ],
            options={
                'verbose_name': 'credit',
                'verbose_name_plural': 'credits',
            },
        ),
        migrations.CreateModel(
            name='CommissionEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('accrue', 'commission'), ('claw_back', 'taken back for a refund'), ('correct', 'put right'), ('bounty', 'recruit bounty'), ('task', 'task bonus'), ('step', 'reward step'), ('cap', "above the month's cap"), ('adjust', 'adjusted'), ('write_off', 'debt written off'), ('vest', 'vested'), ('settle', 'month settled'), ('pay', 'paid')], max_length=9, verbose_name='kind')),
                ('month', models.DateField(verbose_name='month')),
                ('vests_on', models.DateField(null=True, verbose_name='vests on')),
                ('amount_cents', models.BigIntegerField(default=0, verbose_name='amount')),
                ('provisional_cents', models.BigIntegerField(default=0, verbose_name='provisional')),
                ('vested_cents', models.BigIntegerField(default=0, verbose_name='vested')),
                ('payable_cents', models.BigIntegerField(default=0, verbose_name='to be paid')),
                ('paid_cents', models.BigIntegerField(default=0, verbose_name='paid')),
                ('debt_cents', models.BigIntegerField(default=0, verbose_name='debt')),
                ('line_no', models.PositiveIntegerField(default=0, verbose_name='line no.')),
                ('role', models.CharField(blank=True, default='', max_length=8, verbose_name='role')),
                ('nth', models.PositiveIntegerField(default=0)),
                ('ref', models.UUIDField(null=True, verbose_name='number of the action')),
                ('base_cents', models.BigIntegerField(default=0, verbose_name='base')),
                ('share_bp', models.PositiveSmallIntegerField(default=0, verbose_name='share (basis points)')),
                ('rate_bp', models.PositiveIntegerField(default=0, verbose_name='rate (basis points)')),
                ('level_bp', models.PositiveIntegerField(default=0, verbose_name='rate of the level')),
                ('goods_bp', models.PositiveIntegerField(default=0, verbose_name='factor of the goods')),
                ('channel_bp', models.PositiveIntegerField(default=0, verbose_name='factor of the channel')),
                ('fresh_bp', models.PositiveIntegerField(default=0, verbose_name='factor of a first purchase')),
                ('level', models.PositiveSmallIntegerField(default=0, verbose_name='level')),
                ('reason', models.CharField(blank=True, default='', max_length=200, verbose_name='reason')),
                ('earned_at', models.DateTimeField(verbose_name='earned at')),
                ('made_at', models.DateTimeField(verbose_name='made at')),
                ('entry_id', models.BigIntegerField(editable=False)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='guides.commissionaccount', verbose_name='commission account')),
                ('bond', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='guides.bond', verbose_name='bond')),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('order', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='members.order', verbose_name='order')),
                ('post', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='stores.post', verbose_name='post')),
                ('task', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='guides.task', verbose_name='task')),
                ('policy', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='guides.policy', verbose_name='commission scheme')),
            ],
            options={
                'verbose_name': 'commission entry',
                'verbose_name_plural': 'commission entries',
            },
        ),
        migrations.CreateModel(
            name='PolicyStart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField(verbose_name='starts on')),
                ('published_at', models.DateTimeField(verbose_name='published at')),
                ('entry_id', models.BigIntegerField(editable=False)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
                ('policy', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='start', to='guides.policy', verbose_name='policy')),
            ],
            options={
                'verbose_name': 'publication of a policy',
                'verbose_name_plural': 'publications of policies',
            },
        ),
        migrations.AddConstraint(
            model_name='commissionaccount',
            constraint=models.CheckConstraint(condition=models.Q(('debt_cents__gte', 0), ('paid_cents__gte', 0), ('payable_cents__gte', 0)), name='commissionaccount_not_negative'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.UniqueConstraint(fields=('month', 'account'), name='commissionstatement_once'),
        ),
        migrations.AddConstraint(
            model_name='commissionstatement',
            constraint=models.CheckConstraint(condition=models.Q(('debt_cents__gte', 0), ('gross_cents__gte', 0), ('owed_cents__gte', 0), ('recovered_cents__gte', 0), ('gross_cents', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('earned_cents'), '-', models.F('recovered_cents')), '+', models.F('owed_cents')))), name='commissionstatement_adds_up'),
        ),
        migrations.AddIndex(
            model_name='creditdispute',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['raised_at'], name='creditdispute_open'),
        ),
        migrations.AddIndex(
            model_name='creditdispute',
            index=models.Index(fields=['month'], name='creditdispute_month'),
        ),
        migrations.AddConstraint(
            model_name='creditdispute',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('order', 'post'), name='creditdispute_one_open'),
        ),
        migrations.AddConstraint(
            model_name='creditdispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decision', ''), ('end_entry_id__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('decided_at__isnull', False), ('end_entry_id__isnull', False), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='creditdispute_whole'),
        ),
        migrations.AddConstraint(
            model_name='guidelevelmove',
            constraint=models.UniqueConstraint(fields=('user', 'from_at'), name='guidelevelmove_once'),
        ),
        migrations.AddConstraint(
            model_name='guidelevelmove',
            constraint=models.CheckConstraint(condition=models.Q(('level__range', (1, 12)), models.Q(('assessment__isnull', False), models.Q(('by__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR')), name='guidelevelmove_whole'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.UniqueConstraint(fields=('kind', 'version'), name='policy_version_once'),
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='policy_versions_from_one'),
        ),
        migrations.AddIndex(
            model_name='guideassessment',
            index=models.Index(fields=['month'], name='guideassessment_month'),
        ),
        migrations.AddConstraint(
            model_name='guideassessment',
            constraint=models.UniqueConstraint(fields=('user', 'month'), name='guideassessment_once'),
        ),
        migrations.AddConstraint(
            model_name='guideassessment',
            constraint=models.CheckConstraint(condition=models.Q(('after__range', (1, 12)), ('before__range', (1, 12)), ('reached__range', (1, 12))), name='guideassessment_levels'),
        ),
        migrations.AddIndex(
            model_name='credit',
            index=models.Index(fields=['post', 'paid_at'], name='credit_of_guide'),
        ),
        migrations.AddIndex(
            model_name='credit',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['paid_at'], name='credit_paid'),
        ),
        migrations.AddIndex(
            model_name='credit',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['entry_id'], name='credit_entry'),
        ),
        migrations.AddConstraint(
            model_name='credit',
            constraint=models.UniqueConstraint(condition=models.Q(('end_entry_id__isnull', True)), fields=('order', 'role', 'post'), name='credit_once', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='credit',
            constraint=models.CheckConstraint(condition=models.Q(('share_bp__range', (1, 10000)), models.Q(models.Q(('post__isnull', True), ('role', 'house')), models.Q(models.Q(('role', 'house'), _negated=True), ('post__isnull', False)), _connector='OR')), name='credit_whole'),
        ),
        migrations.AddIndex(
            model_name='commissionentry',
            index=models.Index(fields=['account', 'month', 'id'], name='commissionentry_account'),
        ),
        migrations.AddIndex(
            model_name='commissionentry',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['month'], name='commissionentry_month'),
        ),
        migrations.AddIndex(
            model_name='commissionentry',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['vests_on'], name='commissionentry_vests'),
        ),
        migrations.AddIndex(
            model_name='commissionentry',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['earned_at'], name='commissionentry_earned'),
        ),
        migrations.AddIndex(
            model_name='commissionentry',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['entry_id'], name='commissionentry_entry'),
        ),
        migrations.AddConstraint(
            model_name='commissionentry',
            constraint=models.UniqueConstraint(condition=models.Q(('order__isnull', False)), fields=('order', 'line_no', 'post', 'role', 'kind', 'nth'), name='commissionentry_of_line_once'),
        ),
        migrations.AddConstraint(
            model_name='commissionentry',
            constraint=models.UniqueConstraint(condition=models.Q(('bond__isnull', False)), fields=('bond', 'kind', 'nth'), name='commissionentry_of_bond_once'),
        ),
        migrations.AddConstraint(
            model_name='commissionentry',
            constraint=models.UniqueConstraint(condition=models.Q(('task__isnull', False)), fields=('task', 'kind', 'nth'), name='commissionentry_of_task_once'),
        ),
        migrations.AddConstraint(
            model_name='commissionentry',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ['step', 'cap', 'settle', 'pay'])), fields=('account', 'month', 'kind', 'nth'), name='commissionentry_of_month_once'),
        ),
        migrations.AddConstraint(
            model_name='commissionentry',
            constraint=models.UniqueConstraint(condition=models.Q(('ref__isnull', False)), fields=('ref',), name='commissionentry_of_action_once'),
        ),
        migrations.AddConstraint(
            model_name='commissionentry',
            constraint=models.CheckConstraint(condition=models.Q(('amount_cents', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('provisional_cents'), '+', models.F('vested_cents')), '+', models.F('payable_cents')), '+', models.F('paid_cents')), '-', models.F('debt_cents')))), name='commissionentry_balanced'),
        ),
        migrations.AddConstraint(
            model_name='commissionentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['vest', 'settle', 'pay']), _negated=True), ('amount_cents', 0), _connector='OR'), name='commissionentry_moves_earn_nothing'),
        ),
    ]
