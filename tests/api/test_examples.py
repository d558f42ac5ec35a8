"""The examples of the description do what they say: each is sent, in both languages, and answered in the shape it shows."""

import json
import re
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from guides.actions import commission_months, commissions
from members.actions import code_batches, leveling, points, tags
from members.actions.points import Name
from members.importers import TAGS
from members.models import Coupon, GiftOrder
from members.queries import member_codes
from newretail.kernel.actions import endpoints, jobs
from newretail.kernel.api import illustrate
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import Endpoint
from tests import coupons as coupon_cast
from tests import earning, lasting, moments, sharing, sights, surveying, world
from tests import gifts as gift_cast
from tests.api import machines
from tests.campaigns import casting
from tests.members import consenting
from tests.members.levels import ladder

KEPT = Path(__file__).resolve().parents[2] / "docs" / "integrators" / "openapi.yaml"
DESCRIBED = yaml.load(KEPT.read_text(encoding="utf-8"), yaml.CSafeLoader)
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DESCRIBED["paths"].items()
    for method, operation in methods.items()
}
LANGUAGES = ("zh", "en")
# What an operation goes on from: these are asked before it; "work" is what a worker does meanwhile.
BEFORE = {
    "list_appointments": ["book_appointment"],
    "reschedule_appointment": ["book_appointment"],
    "end_appointment": ["book_appointment"],
    "list_shifts": ["push_shifts"],
    "get_member_bond": ["push_bonds"],
    "delete_member_bond": ["push_bonds"],
    "release_coupon": ["lock_coupon"],
    "roll_back_coupon": ["redeem_coupon"],
    "take_back_gift": ["hand_over_gift"],
    "list_deliveries": ["ping_endpoint"],
    "get_import": ["push_import", "work"],
    "list_imports": ["push_import", "work"],
    "confirm_import": ["push_import", "work"],
    "list_import_errors": ["push_import", "work", "confirm_import", "work"],
    "get_import_errors_file": ["push_import", "work", "confirm_import", "work"],
}
# What holds whatever its job, its file or its event gave it.
FREE = {"counts", "data", "trial", "result"}
OPTIONAL = {"errors"}


def examples(part):
    """The examples of a body, an answer or a parameter: by language, or one for both."""
    if "example" in part:
        return dict.fromkeys(LANGUAGES, part["example"])
    return {language: each["value"] for language, each in part.get("examples", {}).items()}


def content(operation):
    return next(iter(operation.get("requestBody", {}).get("content", {}).items()), ("", {}))


def issued(name):
    """What the site alone makes, by what an example shows for it: the codes and the reference of this world."""
    hers = Coupon.objects.filter(member__member_no="V1").first().code
    free = Coupon.objects.filter(member__isnull=True).first().code
    code = {
        "verify_member_code": member_codes.of(world.member("V1"), world.NOW).code,
        "claim_coupon": free,
        "hand_over_gift": GiftOrder.objects.get().code,
    }
    words = illustrate.known().words
    shown = words["CodeOut.code"] if name == "verify_member_code" else words["CouponOut.code"]
    return {shown: code.get(name, hers), words["ref"]: Endpoint.objects.get().ref}


def real(text, name):
    """Write what the site has made where an example shows something like it."""
    for shown, made in issued(name).items():
        text = text.replace(shown, made)
    return text


def address(name, language):
    _, path, operation = OPERATIONS[name]
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", quote(real(str(examples(parameter)[language]), name)))
    return path


def send(client, name, language):
    method, _, operation = OPERATIONS[name]
    kind, asked = content(operation)
    body, path = examples(asked).get(language, {}), address(name, language)
    if kind == "multipart/form-data":
        return client.post(path, {**body, "file": SimpleUploadedFile("products.csv", body["file"].encode())})
    text = "" if method == "get" else real(json.dumps(body), name)
    return client.generic(method.upper(), path, text, "application/json")


def work():
    while jobs.perform_next(jobs.QUEUED):
        pass


def differs(shown, met, where=""):
    """Where a real answer has another shape than the one shown; a null may stand for anything."""
    if shown is None or met is None or where.rpartition(".")[2] in FREE:
        return []
    if isinstance(shown, dict) and isinstance(met, dict):
        odd = [f"{where}.{name}" for name in (set(shown) ^ set(met)) - OPTIONAL]
        both = sorted(set(shown) & set(met))
        return odd + [each for name in both for each in differs(shown[name], met[name], f"{where}.{name}")]
    if isinstance(shown, list) and isinstance(met, list):
        return differs(shown[0], met[0], f"{where}[]") if shown and met else []
    numbers = isinstance(shown, int | float) and isinstance(met, int | float)
    return [] if type(shown) is type(met) or numbers else [f"{where}: {shown!r} / {met!r}"]


def paid():
    """An order of May by which 小美 earns, and the month computed."""
    earning.publish("credits", earning.CREDITS)
    earning.publish("commission", earning.SCHEME)
    world.buy(world.order("C1", "128.00", "2026-05-10", member_no="V1", store_code="SH01", staff_no="G1"))
    commissions.settle_days(first=date(2026, 5, 1), last=date(2026, 6, 1), at=world.NOW)
    commission_months.compute(month=date(2026, 5, 1), at=world.NOW)


def build():
    """The cast, and what HQ keeps for them: levels, tags, a plan of coupons, a gift, wordings, an endpoint."""
    sights.trade()
    world.buy(world.order("L1", "30.00", "2026-06-12T10:00:00", member_no="V1", store_code="SH01"))
    world.lines({"order_no": "L1", "line_no": 1, "sku": "TEA", "amount": "30.00"})
    world.saw({"event_no": "PV-20260615-76", "member_no": "V1"})
    ladder.steps()
    lounges = [{"name": name, "kind": "partner", "per_year": 4} for name in ("贵宾厅", "Airport lounge")]
    ladder.publish(levels={code: {"privileges": lounges} for code in ladder.GROWTHS})
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)
    tags.record(batch=batch_of(TAGS, [{"name": "茶友"}, {"name": "Tea lover"}]), at=world.NOW)
    world.people({"member_no": "V1", "tags": "茶友,Tea lover"})
    gift_cast.gift()
    gift_cast.purse(1_000)
    gift_cast.place("G-1")
    points.spend(member=world.member("V1"), points=60, name=Name("pos", "A1"), at=world.NOW)
    plan = coupon_cast.plan(per_member=9)
    coupon_cast.coupon(plan, "V1", "welcome")
    code_batches.make(plan=plan, key="flyer", size=1, at=world.NOW)
    consenting.texts()
    consenting.say(consenting.row("V1"))
    consenting.plan(numbers=["V1"])
    surveying.reply(surveying.task())
    sharing.material()
    moments.propose()
    paid()
    sights.night()
    casting.kept({"all": [casting.SHANGHAI]}, "women")


@pytest.fixture(scope="module")
def partner(django_db_setup, django_db_blocker):
    """One world for the whole module, undone at its end: a system that may do everything, at the brand acme."""
    with lasting.at_noon(django_db_blocker):
        build()
        account = machines.account("partner")
        endpoints.add(url="https://hooks.example.com/own", at=world.NOW, by=account)
        key = machines.key(*machines.ALL, "phones:reveal", "personal_data:view", of=account, per_minute=60_000)
        yield machines.client(key.text)


@pytest.fixture
def client(partner, settings, tmp_path):
    """The same system; what a test does is undone after it."""
    settings.MEDIA_ROOT = tmp_path
    with lasting.undone():
        yield partner


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", OPERATIONS)
def test_an_example_does_what_it_says_and_is_answered_as_it_shows(client, name, language):
    for step in BEFORE.get(name, ()):
        if step == "work":
            work()
        else:
            assert send(client, step, language).status_code < 300
    answer = send(client, name, language)
    said = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert 200 <= answer.status_code < 300, (name, said.decode())
    described = OPERATIONS[name][2]["responses"][str(answer.status_code)].get("content", {}).get("application/json")
    if described is not None:
        met = answer.json()
        assert differs(examples(described)[language], met) == []
        assert "refused" not in met or met["refused"] == 0, met["results"]
        assert met.get("items", "some") if isinstance(met, dict) else met, f"{name}: the world holds none"


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_in_both_languages_what_it_does_and_what_with(name):
    method, _, operation = OPERATIONS[name]
    chinese, _, english = operation["summary"].partition(illustrate.BETWEEN)
    assert re.search("[\u4e00-\u9fff]", chinese)
    assert re.fullmatch("[\x20-\x7e]+", english)
    if "requestBody" in operation:
        told = content(operation)[1]["examples"]
        assert list(told) == [*LANGUAGES]
        assert not re.search("[\u4e00-\u9fff]", str(told["en"]))
    answers = [each for status, each in operation["responses"].items() if status.startswith("2")]
    shown = [part for each in answers for kind, part in each.get("content", {}).items() if kind == "application/json"]
    assert all(examples(part) for part in shown)
    assert shown or method == "delete" or name == "get_import_errors_file"


def test_every_field_of_an_answer_has_its_word_and_every_word_its_place():
    shapes, words = DESCRIBED["components"]["schemas"], illustrate.known().words
    answers = illustrate.Answers(shapes, words)
    for _, _, operation in OPERATIONS.values():
        for response in operation["responses"].values():
            for kind, part in response.get("content", {}).items():
                if kind == "application/json":
                    answers.of(part["schema"])
    assert sorted(set(answers.wordless)) == [], "give these their words in the app's api/examples.py"
    places = {f"{shape}.{field}" for shape, told in shapes.items() for field in told.get("properties", ())}
    for name, (_, _, operation) in OPERATIONS.items():
        places |= {f"{name}.{each['name']}" for each in operation.get("parameters", ()) if each["in"] == "path"}
    lost = sorted(set(words) - places - {place.partition(".")[2] for place in places})
    assert lost == [], "nothing bears these names: take them out of the app's api/examples.py"
    assert set(illustrate.known().asked) == set(OPERATIONS)


def test_another_shape_is_seen():
    shown = {"items": [{"a": 1, "b": "x", "c": None}], "next": None}
    assert differs(shown, {"items": [{"a": 2, "b": "y", "c": 3}], "next": "z"}) == []
    assert differs(shown, {"items": [{"a": "2", "b": "y", "c": 3}], "next": None}) == [".items[].a: 1 / '2'"]
    assert differs(shown, {"items": [{"a": 2, "c": 3}], "next": None}) == [".items[].b"]
