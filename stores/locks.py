"""What only one transaction at a time does on PostgreSQL, across all processes: its advisory locks, all in one place.

Two that shared a number would wait for each other for nothing; two versions of this program on one database must agree
on each. So a number is given once and stays.
"""

from enum import IntEnum, unique


@unique
class Lock(IntEnum):
    """Taken with `stores.database.one_at_a_time`."""

    MIGRATION = 7_203_514
    INVENTORY = 7_203_515
    BOOKINGS = 7_203_516
    LOGIN_ATTEMPTS = 7_203_517
    TOPICS = 7_203_518
    SETTINGS = 7_203_519
    ACCOUNTS = 7_203_520
    JOB_RUNS = 7_203_521
