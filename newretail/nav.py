"""What stands in the side bar, composed from the floors by URL name."""

SIDEBAR = {"show_search": False, "show_all_applications": False, "navigation": []}
