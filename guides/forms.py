"""Notices and materials as they are written down, with files that are known by what they hold, not by their names."""

import io
import re
import zipfile
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import UnfoldAdminSelect2MultipleWidget, UnfoldAdminTextInputWidget

from guides.actions import materials
from guides.actions.materials import Content
from guides.actions.notices import Attached, Told
from guides.models import Material, Notice
from guides.models.notices import LONGEST_BODY, LONGEST_TITLE
from guides.queries.notices import Audience
from newretail.kernel import clock
from newretail.kernel.files import pictures
from newretail.kernel.files.sheets import Sheet
from newretail.kernel.models import User
from newretail.kernel.verbadmin.editing import RowForm
from newretail.kernel.verbs import Refused
from stores.models import Product, Region, Store, sight_of, store_ids_in

MOST_FILES, MOST_BYTES = 5, 5 << 20  # of one notice, of one file
MATERIAL_KEPT = ("code", "title", "kind", "category", "words", "url", "first_on", "last_on")
USUAL_SPAN = timedelta(days=30)  # so long a notice is in force unless said otherwise
OFFICE = "application/vnd.openxmlformats-officedocument"
TYPES = {
    "pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg",
    "docx": f"{OFFICE}.wordprocessingml.document", "xlsx": f"{OFFICE}.spreadsheetml.sheet",
    "pptx": f"{OFFICE}.presentationml.presentation",
}  # fmt: skip
ENDINGS = {"jpeg": "jpg"}
PARTS = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


def kind_of(content: bytes) -> str:
    """Tell what a file is by what it holds; nothing for what is not taken: other kinds, broken ones, with macros."""
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return _picture(content)


def _office(content: bytes) -> str:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return ""
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return ""
    return next((kind for part, kind in PARTS.items() if part in names), "")


def _picture(content: bytes) -> str:
    try:
        kind = pictures.kind_of(content)
    except pictures.BadPicture:
        return ""
    return kind if kind in TYPES else ""


def named(name: str, kind: str) -> str:
    """Give a file a name that is safe to keep, with the ending of what it is."""
    last = re.split(r"[/\\]", name)[-1]
    stem = UNSAFE.sub(" ", last.rpartition(".")[0] or last).strip(" .") or "file"
    return f"{stem[:100]}.{ENDINGS.get(kind, kind)}"


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Files that come with a notice; each is looked into before it is kept."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Attached]:
        """Look into each file; more or larger ones than are taken, and other kinds, are refused by name."""
        given: list[Any] = list(data) if isinstance(data, list | tuple) else [data] if data else []
        if len(given) > MOST_FILES:
            raise forms.ValidationError(_("At most %(most)s files come with a notice.") % {"most": MOST_FILES})
        return [self._taken(super(FilesField, self).clean(each, initial)) for each in given]

    def _taken(self, file: Any) -> Attached:
        told = {"name": file.name, "most": MOST_BYTES >> 20}
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("%(name)s is larger than %(most)s MB.") % told)
        content = file.read()
        kind = kind_of(content)
        if not kind:
            raise forms.ValidationError(
                _("%(name)s is none of these: PDF, PNG, JPEG, Word, Excel, PowerPoint (without macros).") % told
            )
        return Attached(named(file.name, kind), kind, content)


class NoticeForm(forms.Form):
    """A notice as it is written: what it says, to whom, until when; `ref` names it, so that it is sent once."""

    ref = forms.UUIDField(widget=forms.HiddenInput)
    title = forms.CharField(label=gettext_lazy("title"), max_length=LONGEST_TITLE)
    body = forms.CharField(
        label=pgettext_lazy("notice", "text"), max_length=LONGEST_BODY, widget=forms.Textarea({"rows": 8})
    )
    must_read = forms.BooleanField(label=gettext_lazy("must be read"), required=False)
    audience_kind = forms.ChoiceField(label=gettext_lazy("sent to"))
    regions = forms.ModelMultipleChoiceField(
        Region.objects.none(), label=gettext_lazy("regions"), required=False, widget=forms.CheckboxSelectMultiple
    )
    stores = forms.ModelMultipleChoiceField(
        Store.objects.none(), label=gettext_lazy("stores"), required=False, widget=UnfoldAdminSelect2MultipleWidget
    )
    readers = forms.ChoiceField(label=gettext_lazy("for"), choices=Notice.Readers.choices)
    until = forms.DateField(
        label=gettext_lazy("in force until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("That day included; who gets a post until then receives it too."),
    )  # fmt: skip
    due_days = forms.IntegerField(
        label=gettext_lazy("with a task, due after (days)"), required=False, min_value=0, max_value=60,
        help_text=gettext_lazy("Empty: no task. Else everybody gets a task of this title."),
    )  # fmt: skip
    attached = FilesField(
        label=gettext_lazy("files"), required=False,
        help_text=gettext_lazy("At most 5 of 5 MB each: PDF, PNG, JPEG, Word, Excel, PowerPoint."),
    )  # fmt: skip

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sight = sight_of(by, "notices", "change")
        self.within = store_ids_in(sight)
        places = {
            Notice.Audience.BRAND: sight.everything,
            Notice.Audience.REGIONS: sight.everything or bool(sight.region_ids),
            Notice.Audience.STORES: True,
        }
        fields: dict[str, Any] = self.fields
        fields["audience_kind"].choices = [(kind.value, kind.label) for kind, offered in places.items() if offered]
        regions, stores = Region.objects.order_by("name"), Store.objects.order_by("code")
        fields["regions"].queryset = regions if sight.everything else regions.filter(pk__in=sight.region_ids)
        fields["stores"].queryset = stores if self.within is None else stores.filter(pk__in=self.within)
        fields["until"].initial = clock.business_day(clock.now()) + USUAL_SPAN
        if len(self.within or ()) == 1:
            fields["stores"].initial = self.within

    def clean(self) -> dict[str, Any]:
        """Ask for the places that the audience names, and for a day to come."""
        given: dict[str, Any] = super().clean() or {}
        kind = given.get("audience_kind")
        if kind in (Notice.Audience.REGIONS, Notice.Audience.STORES) and not given.get(kind):
            self.add_error(kind, _("Choose at least one."))
        if given.get("until") and given["until"] < clock.business_day(clock.now()):
            self.add_error("until", _("This day is over."))
        return given

    def audience(self) -> Audience | None:
        """Give whom it is for, as far as the form says; None while no place is chosen."""
        given = self.cleaned_data
        kind, readers = given.get("audience_kind", ""), given.get("readers", "")
        if not readers or (kind != Notice.Audience.BRAND and not given.get(kind)):
            return None
        places = {kind: tuple(each.pk for each in given[kind])} if kind != Notice.Audience.BRAND else {}
        return Audience(kind, readers, **places)

    def wish(self) -> dict[str, Any]:
        """Give what the verb is asked for."""
        given = self.cleaned_data
        told = Told(
            given["title"], given["body"], clock.day_start(given["until"] + timedelta(days=1)), given["must_read"],
            given["due_days"],
        )  # fmt: skip
        return {"ref": given["ref"], "told": told, "audience": self.audience(), "within": self.within,
                "files": given["attached"]}  # fmt: skip


class MaterialForm(RowForm):
    """A material of the content centre; what is published stays, a change is the draft of its next version."""

    sheet: ClassVar[Sheet] = Sheet("materials", (), ("code",))
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)
    picture_file = forms.FileField(
        label=gettext_lazy("picture"), required=False, max_length=200, allow_empty_file=True,
        help_text=gettext_lazy("JPEG, PNG or WebP of at most 8 MB; it is made small. Empty: the picture stays."),
    )  # fmt: skip
    product_sku = forms.CharField(
        label=gettext_lazy("product (SKU)"), max_length=60, required=False, widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Of a product card."),
    )  # fmt: skip

    url = forms.URLField(
        label=gettext_lazy("address"), max_length=500, required=False, assume_scheme="https",
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("Where a link leads; on other kinds a button leads there."),
    )  # fmt: skip

    regions = forms.ModelMultipleChoiceField(
        Region.objects.order_by("name"), label=gettext_lazy("regions"), required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
    )  # fmt: skip
    stores = forms.ModelMultipleChoiceField(
        Store.objects.order_by("code"), label=gettext_lazy("stores"), required=False,
        widget=UnfoldAdminSelect2MultipleWidget,
        help_text=gettext_lazy("None chosen, and no region: every guide may use it."),
    )  # fmt: skip

    class Meta:
        """What each field means."""

        model = Material
        fields = (*MATERIAL_KEPT, "stores", "regions")
        help_texts: ClassVar[dict[str, Any]] = {
            "code": gettext_lazy("Its name for other systems; it stays."),
            "words": gettext_lazy("What guides copy together with their link."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = self.instance.entry_id
        self.fields["product_sku"].initial = self.instance.product.sku if self.instance.product else ""

    def clean_product_sku(self) -> Product | None:
        """Find the product."""
        sku = self.cleaned_data["product_sku"].strip()
        found = Product.objects.filter(sku=sku).first() if sku else None
        if sku and found is None:
            raise forms.ValidationError(_("There is no product with this SKU."))
        return found

    def clean_picture_file(self) -> bytes | None:
        """Read the picture, as far as it may be one."""
        given = self.cleaned_data["picture_file"]
        return given.read(pictures.MOST_BYTES + 1) if given else None

    def _perform(self) -> None:
        given = self.cleaned_data
        fields = {**{name: given[name] for name in MATERIAL_KEPT if name in given}, "product": given["product_sku"]}
        fields.pop("code", None)
        places = {name: [row.pk for row in given[name]] for name in ("stores", "regions")}
        content = Content(fields, given["picture_file"], **places)
        try:
            with transaction.atomic():
                kept = materials.keep(
                    code=self.instance.code, content=content, at=clock.now(), by=self.by, seen=given["seen"]
                )  # fmt: skip
        except Refused as refusal:
            self.add_error(None, str(refusal))
            return
        self.kept = kept

    @property
    def written(self) -> Material:
        """Give the draft as the verb left it."""
        return self.kept
