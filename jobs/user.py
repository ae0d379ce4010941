"""Accounts of the back office from a terminal: what an operator needs when nobody can log in."""

import getpass
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from settings import Settings
    from stores.accounts import Accounts
    from stores.staff_sessions import Role

NAME = "user"
HELP = "add an account of the back office, list or close accounts, make a link that sets a password"

ACTOR = "terminal"
ACTIONS = ("add", "list", "role", "reset-link", "deactivate", "activate")


def add_arguments(parser: ArgumentParser) -> None:
    """What to do, and with which account."""
    parser.add_argument("action", choices=ACTIONS, help="what to do")
    parser.add_argument("name", nargs="?", help="the account; not for list")
    parser.add_argument("--role", choices=("staff", "admin"), help="for add (staff by default) and role")
    parser.add_argument(
        "--ask-password",
        action="store_true",
        help="for add: ask for the password here instead of making a link",
    )


def run(args: Namespace, settings: "Settings") -> int:
    """Do it. 2 where the name or the role is missing."""
    from stores.accounts import Accounts
    from stores.audit import Audit
    from stores.database import open_database

    if args.action != "list" and not args.name:
        print("Which account? python -m jobs user", args.action, "NAME")
        return 2
    if args.action == "role" and not args.role:
        print("Which role? --role staff or --role admin")
        return 2
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_database(settings.database_url)
    try:
        accounts = Accounts(engine)
        if args.action == "list":
            return _list(accounts)
        said = _act(accounts, args, settings.site)
        details = {"role": args.role or "staff"} if args.action in ("add", "role") else {}
        action = {"reset-link": "reset"}.get(args.action, args.action)
        Audit(engine).add(ACTOR, f"account.{action}", f"account:{accounts.get(args.name).name}", details)
    finally:
        engine.dispose()
    print(said)
    return 0


def _act(accounts: "Accounts", args: Namespace, site: str) -> str:
    name: str = args.name
    role: Role = args.role or "staff"
    if args.action == "add" and args.ask_password:
        accounts.add_ready(name, role, _ask())
        return f"The account {name} ({role}) is made: {site}/staff"
    if args.action == "add":
        return _link(site, accounts.add(name, role), f"The account {name} ({role}) is made.")
    if args.action == "reset-link":
        return _link(site, accounts.reset_link(name), "The old password holds until the link is used.")
    if args.action == "role":
        accounts.set_role(name, role)
        return f"{name} is {role} now"
    if args.action == "deactivate":
        accounts.deactivate(name)
        return f"{name} cannot log in any more, and is logged out everywhere"
    accounts.activate(name)
    return f"{name} can log in again"


def _link(site: str, token: str, before: str) -> str:
    return f"{before} This link sets the password, once and within a day:\n{site}/staff/setup/{token}"


def _ask() -> str:
    """The password, typed twice unseen; asked for again until both are alike."""
    while True:
        first = getpass.getpass("Password (at least 12 characters): ")
        if getpass.getpass("Again: ") == first:
            return first
        print("They differ.")


def _list(accounts: "Accounts") -> int:
    for account in accounts.all():
        state = "closed" if not account.active else "active" if account.ready else "no password yet"
        print(f"{account.name:<24} {account.role:<6} {state:<16} since {account.created_at:%Y-%m-%d}")
    return 0
