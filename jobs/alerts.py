"""Sends what staff shall hear of new call-backs and test drives; the timetable calls it every few seconds."""

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services import Services

SECONDS = 5
"""How often: it is how long a call-back waits until staff hear of it."""

log = logging.getLogger(__name__)


def send_due_alerts(services: "Services") -> tuple[int, int]:
    """Send the alerts that are due: how many arrived, how many did not. Errors are logged; what is due stays due."""
    try:
        sent, failed = services.alert_sender.send_due()
    except Exception:
        log.exception("The alerts could not be sent; they stay due")
        return 0, 0
    if sent or failed:
        log.info("%d alerts sent, %d not taken", sent, failed)
    return sent, failed
