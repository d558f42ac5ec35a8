"""Forms of the door: signing in, changing one's own password, handing a file in, running a job by hand."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm

from newretail.kernel import clock
from newretail.kernel.actions import users
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.models import User
from newretail.kernel.registry import TABLES
from newretail.kernel.words import in_words


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


class UploadForm(forms.Form):
    """Hand a file in: its kind, the file, the system it comes from."""

    kind = forms.ChoiceField(label=_("What does the file hold?"))
    file = forms.FileField(label=_("File"), allow_empty_file=True, max_length=200)
    source = forms.CharField(label=_("Where does it come from?"), max_length=40, required=False)
    enrol = forms.BooleanField(label=_("Make members of unknown payers"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, in_words(kind)) for kind in IMPORTERS]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        """Keep the last part of the name, without what cannot be printed."""
        file = self.cleaned_data["file"]
        file.name = "".join(letter for letter in file.name if letter.isprintable())[-200:] or "file"
        return file

    def clean(self) -> dict[str, Any]:
        """Enrol only where a kind can."""
        given: dict[str, Any] = super().clean() or {}
        kind = given.get("kind")
        given["enrol"] = bool(given.get("enrol") and kind and IMPORTERS[kind].enrols)
        return given


def by_hand() -> list[str]:
    """Name the jobs that people start by hand."""
    return sorted(name for name, told in TABLES.told.items() if told.by_hand)


class JobForm(forms.Form):
    """Run a job by hand: which one, as of which day."""

    name = forms.ChoiceField(label=_("job"))
    as_of = forms.DateField(label=_("as of"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].choices = [(name, in_words(name)) for name in by_hand()]  # type: ignore[attr-defined]
        self.fields["as_of"].initial = today
        self.fields["as_of"].widget.attrs["max"] = today.isoformat()
