"""Forms of the door: signing in, changing one's own password."""

from typing import Any

from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm

from newretail.kernel import clock
from newretail.kernel.actions import users
from newretail.kernel.models import User


class LoginForm(AuthenticationForm):
    """Sign in; a name longer than any name is refused before anybody keeps it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        longest = User._meta.get_field("username").max_length
        self.fields["username"].validators.append(self._no_longer_than(longest or 150))

    def _no_longer_than(self, longest: int) -> Any:
        def check(name: str) -> None:
            if len(name) > longest:
                raise self.get_invalid_login_error()

        return check


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """Change one's own password, through the verb."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        """Change it."""
        users.change_password(user=self.user, password=self.cleaned_data["new_password1"], at=clock.now(), by=self.user)
        changed: User = self.user
        return changed
