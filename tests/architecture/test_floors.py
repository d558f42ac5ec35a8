"""Foreign keys point down, as imports do."""

from collections.abc import Iterator

from django.apps import apps
from django.db.models import Model

from tests.architecture.tree import FLOORS

LABELS = ("kernel", *FLOORS)
# Lowest first.
NOUNS_OF_MEMBERS = (
    "member", "merges", "orders", "portraits", "events", "tagging", "points", "coupons", "codes", "gifts", "benefits", "consents",
    "touches", "persons", "reveals",
)  # fmt: skip


def foreign_keys() -> Iterator[tuple[type[Model], type[Model], str]]:
    """Every relation that one of our models declares to another of ours, also when written as a string."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            to = field.related_model if field.is_relation and not field.auto_created else None
            if to and {model._meta.app_label, to._meta.app_label} <= {*LABELS, "platform"}:
                yield model, to, f"{model.__module__}: {model.__name__}.{field.name} → {to._meta.label}"


def test_a_foreign_key_points_to_its_own_floor_or_a_lower_one():
    floors = ("platform", *LABELS)
    up = [
        told
        for model, to, told in foreign_keys()
        if floors.index(model._meta.app_label) < floors.index(to._meta.app_label)
    ]
    assert not up, "place the model on the floor from which all its keys point down:\n" + "\n".join(up)


def test_no_key_of_a_brand_points_into_the_public_schema():
    out = [told for model, to, told in foreign_keys() if model._meta.app_label != to._meta.app_label == "platform"]
    assert not out, "a brand's rows must be able to move; keep the code, not a key:\n" + "\n".join(out)


def test_the_nouns_of_members_point_to_lower_nouns():
    def rank(model: type[Model]) -> int:
        return NOUNS_OF_MEMBERS.index(model.__module__.removeprefix("members.models."))

    up = [
        told
        for model, to, told in foreign_keys()
        if model._meta.app_label == to._meta.app_label == "members" and rank(model) < rank(to)
    ]
    assert not up, "member < orders < portraits < coupons < codes < reveals; turn the key round:\n" + "\n".join(up)
