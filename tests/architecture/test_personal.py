"""Every column of every noun stands on the map of personal columns: what exporting and erasing a person do with it."""

from django.apps import apps

from newretail.kernel import personal
from newretail.kernel.personal import MAP


def test_every_column_has_its_entry():
    missing = personal.unspoken()
    assert not missing, (
        "say in the app's holds.py of each whether it is who, tells, mentions, staff or plain"
        " (newretail/kernel/personal.py says what these mean):\n" + "\n".join(missing)
    )


def test_every_entry_has_its_column():
    lost = personal.spoken_in_vain()
    assert not lost, "take these off the app's holds.py:\n" + "\n".join(lost)


def test_a_ledger_in_which_a_person_is_struck_out_says_so():
    ledgers = [entry for entry in MAP.values() if getattr(entry.model, "append_only", False)]
    shut = [
        f"{entry.label}.{name}"
        for entry in ledgers
        for name in (*entry.who, *entry.mentions)
        if name not in getattr(entry.model, "erasable", ())
    ]
    assert not shut, f"name these in `erasable` of their models, or the application role cannot erase: {shut}"


def test_nothing_is_erasable_without_a_need():
    named = {(entry.model, name) for entry in MAP.values() for name in (*entry.who, *entry.mentions)}
    idle = [
        f"{model.__name__}.{name}"
        for model in apps.get_models()
        for name in getattr(model, "erasable", ())
        if (model, name) not in named
    ]
    assert not idle, f"these ledgers open a column that no erasing touches: {idle}"


def test_what_is_hers_is_told_to_her_but_for_what_is_the_houses_own():
    silent = [entry.label for entry in MAP.values() if entry.hers and not (entry.who or entry.tells)]
    assert silent == ["kernel.BeforeImage"]
