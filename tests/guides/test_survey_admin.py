"""HQ writes surveys and reads what came of them by question, product and store; each sees what is of her stores."""

import pytest

from guides.models import Survey, SurveyReply, TaskRule
from tests import serving, sights, surveying, world

LIST, KEEP, RESULTS = (f"/admin/guides/survey/{page}" for page in ("", "keep/", "results/"))
ANSWERS, SAID = "/admin/guides/surveyanswer/", "/admin/guides/feedback/"
FORM = {"code": "fit", "title": "新问卷", "seen": "0", "q-TOTAL_FORMS": "8", "q-INITIAL_FORMS": "0", "q-MIN_NUM_FORMS": "8",
        "q-MAX_NUM_FORMS": "8"}  # fmt: skip


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def asking(*questions):
    rows = {}
    for nth in range(8):
        words, kind, options = questions[nth] if nth < len(questions) else ("", "score_5", "")
        rows |= {f"q-{nth}-words": words, f"q-{nth}-kind": kind, f"q-{nth}-options": options, f"q-{nth}-required": "on"}
    return rows


def answered():
    """张三 bought tea and was asked in Shanghai, 李四 in Guangzhou."""
    world.buy(world.order("A1", "100.00", "2026-06-14T10:00:00", member_no="V1", store_code="SH01"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "100.00"})
    serving.bind("V2", "G9")
    surveying.reply(surveying.task(), purchase="pos:A1")
    surveying.reply(surveying.task("V2", "G9"), {1: "1", 3: "0", 5: "南方不喜欢"})
    serving.complete(surveying.task(source="tests:unreached"), "unreachable")
    surveying.heard(words="希望有小罐", sku="TEA")


def test_hq_writes_the_next_version_and_a_manager_does_not():
    hq = sights.browser("hq")
    given = {**FORM, **asking(("喜欢吗？", "choice", "喜欢；一般"), ("说说", "text", ""))}
    assert sights.browser("manager").post(KEEP, given).status_code == 403
    assert hq.post(KEEP, given).status_code == 302
    assert hq.post(f"{KEEP}?code=fit", {**given, "seen": "1", "title": "改"}).status_code == 302
    assert [(each.version, each.title) for each in Survey.objects.order_by("version")] == [(1, "新问卷"), (2, "改")]
    assert "喜欢；一般" in sights.text(hq.get(f"{KEEP}?code=fit"))


@pytest.mark.parametrize("given", [
    {"code": "有"}, {"title": ""}, {"q-0-options": "a;b"}, {"q-0-words": ""}, {"q-0-kind": "moon"}, {"seen": "5"},
    {"q-0-words": "长" * 121}, {"q-1-options": "a;b"},
])  # fmt: skip
def test_what_cannot_be_asked_stands_in_the_form_and_nothing_is_kept(given):
    whole = {**FORM, **asking(("说说", "text", "")), **given}
    answer = sights.browser("hq").post(KEEP, whole)
    assert answer.status_code == 422
    assert "hq-bad" in sights.text(answer)
    assert not Survey.objects.exists()


def test_the_example_is_added_by_a_tap():
    sights.browser("hq").post(f"{LIST}examples/")
    assert TaskRule.objects.get().brief.survey.questions.count() == 5
    assert "购后回访" in sights.text(sights.browser("manager").get(LIST))


def test_a_rule_is_given_its_survey_in_its_form():
    surveying.survey()
    form = {"code": "ask", "name": "回访", "trigger": "purchase", "after": "3", "due_days": "7", "kept_days": "14",
            "title": "回访", "reason": "survey", "purpose": "service", "priority": "5", "survey": "after", "seen": "0"}  # fmt: skip
    assert sights.browser("hq").post("/admin/guides/taskrule/keep/", form).status_code == 302
    rule = TaskRule.objects.get()
    assert (rule.brief.survey.code, rule.terms["after"]) == ("after", 3)


def test_a_list_of_answers_names_two_products_and_counts_the_rest():
    world.products({"sku": "CUP", "name": "品茗杯", "category": "茶", "price": "20.00"})
    world.buy(world.order("A1", "100.00", "2026-06-14T10:00:00", member_no="V1", store_code="SH01"))
    lines = [
        {"order_no": "A1", "line_no": n, "sku": sku, "amount": "10.00"} for n, sku in enumerate(("TEA", "NUT", "CUP"))
    ]
    world.lines(*lines)
    surveying.reply(surveying.task(), purchase="pos:A1")
    shown = sights.text(sights.browser("hq").get(ANSWERS))
    assert "品茗杯、每日坚果 等 3 件" in shown
    assert "明前龙井" not in shown


def test_hq_reads_what_came_of_it_and_a_manager_what_is_hers():
    answered()
    hq, manager = sights.browser("hq"), sights.browser("manager")
    with sights.asked() as queries:
        said = sights.text(hq.get(RESULTS, {"days": "30"}))
    for words in ("66.7%", "平均 2.50", "明前龙井", "茶香很好", "南方不喜欢"):
        assert words in said
    assert len(queries) <= sights.MOST_QUERIES
    own = sights.text(manager.get(RESULTS))
    assert "茶香很好" in own
    assert "南方不喜欢" not in own
    assert "平均 4.00" in own


@pytest.mark.parametrize(("asked", "is_there", "is_not"), [
    ({"sku": "TEA"}, "茶香很好", "南方不喜欢"), ({"region": "华南"}, "南方不喜欢", "茶香很好"),
    ({"sku": "NUT"}, "还没有文字答复", "茶香很好"), ({"sku": "no"}, "没有这个编码", "茶香很好"),
    ({"days": "x", "version": "9" * 30, "code": "\0"}, "茶香很好", "没有这个编码"), ({"version": "7"}, "还没有问卷", "茶香很好"),
    ({"region": "nowhere"}, "还没有文字答复", "茶香很好"),
])  # fmt: skip
def test_it_is_narrowed_by_product_and_region_and_nonsense_is_answered(asked, is_there, is_not):
    answered()
    said = sights.text(sights.browser("hq").get(RESULTS, asked))
    assert is_there in said
    assert is_not not in said


def test_every_answer_is_a_row_and_a_file_and_no_auditor_reads_words():
    answered()
    hq = sights.browser("hq")
    with sights.asked() as queries:
        assert "茶香很好" in sights.text(hq.get(ANSWERS, {"sku": "TEA"}))
    assert len(queries) <= sights.MOST_QUERIES
    assert "南方不喜欢" not in sights.text(hq.get(ANSWERS, {"sku": "TEA"}))
    file = sights.text(hq.post(f"{ANSWERS}export/?survey=after", {"format": "csv"}))
    assert "南方不喜欢" in file
    assert file.count("\n") == 9
    assert "希望有小罐" in sights.text(hq.get(SAID))
    auditor = sights.browser("auditor")
    for page in (ANSWERS, SAID, RESULTS):
        assert not {"茶香很好", "希望有小罐"} & set(sights.text(auditor.get(page)).split())
        assert "茶香很好" not in sights.text(auditor.get(page))
        assert "希望有小罐" not in sights.text(auditor.get(page))
    assert SurveyReply.objects.count() == 2
