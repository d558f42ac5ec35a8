"""Words of packages that ship no Chinese, or not all of it, named here so that our catalogues hold them."""

from django.utils.translation import gettext_noop

UNFOLD = (
    gettext_noop("Apply Filters"), gettext_noop("Cancel"), gettext_noop("Click to cancel"), gettext_noop("Dark"),
    gettext_noop("Expand row"), gettext_noop("False"), gettext_noop("Filters"), gettext_noop("From"),
    gettext_noop("General"),
    gettext_noop("Go back"), gettext_noop("Light"), gettext_noop("Loading more results..."),
    gettext_noop("More actions"), gettext_noop("Next"), gettext_noop("No data"), gettext_noop("No recent searches"),
    gettext_noop("No results found"), gettext_noop("No results matching your query"), gettext_noop("Previous"),
    gettext_noop("Recent searches"), gettext_noop("Record picture"), gettext_noop("Return to site"),
    gettext_noop("Run"), gettext_noop("Search apps and models..."), gettext_noop("Select action"),
    gettext_noop("Select action to run"), gettext_noop("Select all rows"), gettext_noop("Select record"),
    gettext_noop("Select value"), gettext_noop("System"), gettext_noop("To"),
    gettext_noop("Toggle password visibility"), gettext_noop("True"), gettext_noop("Type to search"),
    gettext_noop("Value"), gettext_noop("Welcome"), gettext_noop("Welcome back to"),
    gettext_noop("You have been successfully logged out from the administration"),
)  # fmt: skip
IMPORT_EXPORT = (
    gettext_noop("Choose file to upload"), gettext_noop("Some rows failed to validate"),
    gettext_noop(
        "Please correct these errors in your data where possible, then reupload it using the form above."
    ),
)  # fmt: skip
# With its plural, of which gettext_noop knows nothing.
DJANGO = gettext_noop("This password is too short. It must contain at least %d character.")
