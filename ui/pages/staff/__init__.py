"""The pages of the back office, in the order in which they are offered.

A page is a module with a function that builds its Gradio Blocks, and a line in `PAGES`; nothing else is needed for it
to be mounted, guarded, framed, named in the navigation and on the start page, and tried by the tests of access.
"""

from ui.pages.staff import (
    accounts,
    audit,
    dialogs,
    gaps,
    guard,
    inventory,
    overview,
    receipts,
    requests,
    settings,
    topics,
)
from ui.pages.staff.shell import StaffPage

PAGES: tuple[StaffPage, ...] = (
    StaffPage("/staff/requests", "nav.requests", "staff", requests.build),
    StaffPage("/staff/dialogs", "nav.dialogs", "staff", dialogs.build),
    StaffPage("/staff/overview", "nav.overview", "staff", overview.build),
    StaffPage("/staff/gaps", "nav.gaps", "staff", gaps.build),
    StaffPage("/staff/guard", "nav.guard", "staff", guard.build),
    StaffPage("/staff/topics", "nav.topics", "admin", topics.build),
    StaffPage("/staff/inventory", "nav.inventory", "admin", inventory.build),
    StaffPage("/staff/settings", "nav.settings", "admin", settings.build),
    StaffPage("/staff/receipts", "nav.receipts", "staff", receipts.build),
    StaffPage("/staff/audit", "nav.audit", "admin", audit.build),
    StaffPage("/staff/accounts", "nav.accounts", "admin", accounts.build),
)
"""All pages. `title_key` is `nav.<name>`, and `nav.<name>_about` says on the start page what it is for."""
