"""Forms of the door: signing in, changing one's own password, handing a file in, running a job by hand."""

from datetime import date
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm

from newretail.kernel import clock, scopes
from newretail.kernel.actions import factors, users
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.models import User
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import Refused
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

    def confirm_login_allowed(self, user: Any) -> None:
        """Let in whoever has an account by the table of rights; others are told no more than of a wrong password."""
        if not scopes.may(user, "account"):
            raise self.get_invalid_login_error()


class CodeForm(forms.Form):
    """The code of the second factor; wrong ones count towards the lockout, as wrong passwords do."""

    code = forms.CharField(label=_("Code"), max_length=20)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        """Take the code as proof, unless too many were wrong."""
        request, code = context.request, str(self.cleaned_data["code"])
        known = {"username": self.user.get_username()}
        if not AxesProxyHandler.is_allowed(request, known):
            request.axes_locked_out, request.axes_credentials = True, known
            raise forms.ValidationError(_("Too many wrong codes. Try again in 15 minutes."), code="locked")
        try:
            self.proof = factors.prove(user=self.user, code=code, at=clock.now())
        except Refused as refusal:
            AxesProxyHandler.user_login_failed(sender=CodeForm, credentials=known, request=request)
            raise forms.ValidationError(str(refusal), code=refusal.code) from None
        return code

    def save(self) -> None:
        """Note in the session how she proved who she is."""
        record_authentication(context.request, self.user, "mfa", id=self.proof.pk, type=self.proof.type)


class PasswordForm(forms.Form):
    """A deed on one's own account, which takes the password."""

    password = forms.CharField(
        label=_("Your password"), max_length=128, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """Try the password by the way people sign in, so that wrong ones count."""
        password = str(self.cleaned_data["password"])
        if authenticate(self.request, username=self.request.user.get_username(), password=password) is None:
            raise forms.ValidationError(_("This is not your password."), code="wrong_password")
        return password


class FactorForm(PasswordForm):
    """Set a second factor up: the phone's code, and the password."""

    code = forms.CharField(
        label=_("Code on the phone"), max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )  # fmt: skip
    field_order = ("code", "password")


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """Change one's own password, through the verb."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        """Change it."""
        users.change_password(user=self.user, password=self.cleaned_data["new_password1"], at=clock.now(), by=self.user)
        changed: User = self.user
        return changed


# In the order in which files name each other; whatever else there is comes last.
FIRST = ("stores", "products", "staff", "members", "orders", "order_lines", "refunds")


def _place(kind: str) -> int:
    return FIRST.index(kind) if kind in FIRST else len(FIRST)


class UploadForm(forms.Form):
    """Hand a file in: its kind, the file, the system it comes from."""

    kind = forms.ChoiceField(label=_("What does the file hold?"))
    file = forms.FileField(label=_("File"), allow_empty_file=True, max_length=200)
    source = forms.CharField(label=_("Where does it come from?"), max_length=40, required=False)
    enrol = forms.BooleanField(label=_("Make members of unknown payers"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, in_words(kind)) for kind in sorted(IMPORTERS, key=_place)]  # type: ignore[attr-defined]

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
