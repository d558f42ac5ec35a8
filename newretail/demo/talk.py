"""Lets the demo's managers and HQ speak of the weeks that have passed, from what those weeks brought."""

from datetime import date, timedelta

from django.utils import translation

from analytics.queries import weeks
from analytics.queries.weeks import Week
from newretail.demo import logins
from newretail.kernel import clock, numbers
from newretail.kernel.models import User
from stores.actions import reviews
from stores.models import Post, WeeklyReview

STORES, WEEKS = 8, 5
SPOKEN, ANSWERED = timedelta(hours=10), timedelta(hours=33)  # after the week's end: Monday morning, Tuesday morning
UP = (
    "本周销售额 {sales}，比上周多 {part}。{best}最旺，主要是老客带着家人一起来。下周继续按名单每天联系五位老客。",
    "本周 {sales}，比上周高 {part}，{best}一天就做了 {most}。连带做得不错，收银台旁的加购陈列保留。",
    "销售额 {sales}，较上周 +{part}。新会员办了 {recruits} 位，收银时多问一句就有效果，下周每个班次都要问到。",
)
DOWN = (
    "本周销售额 {sales}，比上周少 {part}。{worst}最弱，已调整排班，把熟手放到晚市；即将流失的顾客本周内全部联系一遍。",
    "本周 {sales}，较上周低 {part}，主要是{worst}客流少。下周主推家庭装，先约两次以上的老客到店。",
    "销售额 {sales}，比上周少 {part}。生日顾客只联系了一半，下周一上午补齐，名单已分到每位导购。",
)
PRAISE = (
    "做得好，请把做法写成三句话发给同区域的门店。",
    "{best}的做法值得保留；下周请把拉新率也写进点评。",
    "收到。老客联系名单已更新，先联系消费最高的十位。",
)
HELP = (
    "收到。{worst}安排一场会员日试试，物料周四前到店。",
    "先稳住老客：还没有第二次购买的新客本周要联系完，周五前看结果。",
    "排班调整可以，两周后对比同一天；需要支援请直接联系督导。",
)
DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def review(*, today: date) -> int:
    """Comment on the last weeks of a few stores of the manager's region, and answer; how often somebody spoke.

    The newest week is not answered by HQ in every store: something is left to do.
    """
    chief = User.objects.filter(username="hq").first()
    if chief is None or WeeklyReview.objects.exists():
        return 0
    busiest = logins.busiest()
    managers = Post.objects.filter(role="manager", until=None).select_related("user", "store__region")
    own = managers.filter(store=busiest)[:1]
    near = managers.filter(store__region=busiest.region).exclude(store=busiest).order_by("store__code")[: STORES - 1]
    said, monday = 0, today - timedelta(days=today.weekday())
    with translation.override("zh-hans"):
        for n, post in enumerate([*own, *near]):
            for back in range(WEEKS, 0, -1):
                past = monday - timedelta(weeks=back)
                said += _speak(post, chief, past, today, turn=n + back, answered=back > 1 or n > 2)
    return said


def _speak(post: Post, chief: User, monday: date, today: date, *, turn: int, answered: bool) -> int:
    store, end = post.store, clock.day_start(monday + timedelta(days=7))
    if store is None:
        return 0
    found = weeks.week(store, monday, today=today)
    if found.before is None or not found.before.cents:
        return 0
    words = _words(found)
    grown = found.now.cents >= found.before.cents
    lines = UP if grown and found.now.recruits else UP[:-1] if grown else DOWN
    comment = lines[turn % len(lines)].format(**words)
    reviews.comment(store=store, monday=monday, words=comment, by=post.user, at=end + SPOKEN)
    if not answered:
        return 1
    answer = (PRAISE if grown else HELP)[turn % len(PRAISE)].format(**words)
    reviews.answer(store=store, monday=monday, words=answer, by=chief, at=end + ANSWERED)
    return 2


def _words(found: Week) -> dict[str, str]:
    before = found.before.cents if found.before else 0
    by_sales = sorted(range(len(found.days)), key=lambda n: found.days[n].trade.cents)
    return {
        "sales": numbers.money_short(found.now.cents),
        "part": numbers.percent(abs(found.now.cents - before) / before, 0),
        "recruits": str(found.now.recruits),
        "best": DAYS[by_sales[-1]],
        "worst": DAYS[by_sales[0]],
        "most": numbers.money_short(found.days[by_sales[-1]].trade.cents),
    }
