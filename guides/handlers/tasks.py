"""Rules give tasks upon what happens: a customer was added, a purchase was paid, a stage changed."""

from guides.actions import task_rules
from guides.models import TaskRule
from newretail.kernel import clock
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import hears


@hears("guides.bond.made")
def give_for_bonds(entry: JournalEntry) -> None:
    """Give the tasks that rules make of customers who were added."""
    task_rules.give_upon(trigger=TaskRule.Trigger.BOND_MADE, line=entry.pk, at=clock.now())


@hears("members.order.recorded", "members.order_line.recorded")
def give_for_purchases(entry: JournalEntry) -> None:
    """Give the tasks that rules make of purchases, and of what was bought."""
    task_rules.give_upon(trigger=TaskRule.Trigger.PURCHASE, line=entry.pk, at=clock.now())


@hears("members.stage.moved")
def give_for_stages(entry: JournalEntry) -> None:
    """Give the tasks that rules make of stages that changed."""
    task_rules.give_upon(trigger=TaskRule.Trigger.STAGE, line=entry.pk, at=clock.now())
