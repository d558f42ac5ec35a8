"""How the HQ admin looks and what stands in its side bar."""

from newretail.nav import SIDEBAR

UNFOLD = {
    "SITE_TITLE": "newretail",
    "SITE_HEADER": "newretail",
    "SIDEBAR": SIDEBAR,
}
