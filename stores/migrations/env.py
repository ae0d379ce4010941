"""What Alembic runs: at start with the connection that `stores.database` hands over, otherwise for a developer.

To write a new migration:

    python -m alembic -c stores/migrations/alembic.ini -x url=sqlite:///var/salon.db revision --autogenerate -m "…"
"""

from alembic import context
from sqlalchemy import Connection, create_engine

import stores.guard_tables
import stores.models
import stores.office  # noqa: F401 - all of them fill the catalogue
from stores.table import Table


def migrate(connection: Connection) -> None:
    """Bring the tables behind `connection` to the version asked for."""
    context.configure(
        connection=connection,
        target_metadata=Table.metadata,
        render_as_batch=connection.dialect.name == "sqlite",  # SQLite changes a table by copying it
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with create_engine(context.get_x_argument(as_dictionary=True)["url"]).begin() as own:
        migrate(own)
