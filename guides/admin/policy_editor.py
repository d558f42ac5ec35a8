"""How a policy is written: its terms as cells of a form and back, what it would do, what is wrong at which cell."""

from collections.abc import Mapping
from typing import Any, ClassVar


class PolicyEditor:
    """One kind of policy in the browser; its template extends `admin/guides/policy/page.html`.

    `cells` are what the form holds, as text: a mapping that the template draws by `shown`.
    """

    kind: ClassVar[str]
    opens: ClassVar[Any]  # what the way to its form is called
    template: ClassVar[str]

    def proposed(self) -> dict[str, Any]:
        """Propose the terms of the first version."""
        raise NotImplementedError

    def written(self, terms: dict[str, Any]) -> dict[str, Any]:
        """Write terms as cells."""
        raise NotImplementedError

    def posted(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Read the cells of a form."""
        raise NotImplementedError

    def terms(self, cells: dict[str, Any]) -> dict[str, Any]:
        """Make the terms of cells; what cannot be read stays text, to be refused where it stands.

        Raises BadPolicy.
        """
        raise NotImplementedError

    def place(self, where: str, cells: dict[str, Any]) -> tuple[str, str]:
        """Say in words where the terms of cells are wrong, and name the cell if there is one."""
        raise NotImplementedError

    def shown(self, cells: dict[str, Any]) -> dict[str, Any]:
        """Give the template what it draws of cells."""
        return {}

    def told(self, terms: dict[str, Any]) -> dict[str, Any]:
        """Give the template what these terms would do, before they are kept.

        Raises BadPolicy.
        """
        return {}
