"""The database of the field's programs, on its way to be ours."""

from sqlalchemy import Engine

from tintype.adapters.database import schema
from tintype.adapters.database.adoption.contract import anything_of_old, renew
from tintype.adapters.database.adoption.facts import WITHOUT_THE_FIELD, Fact, facts, record
from tintype.adapters.database.adoption.locations import Fix, mend, rewrite
from tintype.adapters.database.errors import translated
from tintype.adapters.database.field import field_revisions, require_finished, verify
from tintype.adapters.database.label_times import fill_in
from tintype.adapters.database.live_rows import count_doubles, drop_doubles, make_unique
from tintype.adapters.database.url_cipher import Form, UrlCipher
from tintype.domain.adoption import Doubles, Due
from tintype.domain.errors import BadConfiguration
from tintype.domain.ports.migration_backend import MigrationBackend


class SqlFormerCatalogue:
    """See the port `FormerCatalogue`."""

    def __init__(self, engine: Engine, cipher: UrlCipher, migrations: MigrationBackend) -> None:
        self._engine = engine
        self._migrations = migrations
        self._cipher = cipher

    def due(self) -> Due:
        """Tell what is to be done next."""
        if not self._migrations.version().up_to_date:
            return Due.EXPAND
        with translated(), self._engine.connect() as connection:
            known = facts(connection)
            if not known & {Fact.MADE, Fact.ADOPTED}:
                return Due.MIGRATE
            if Fact.COMMITTED in known and anything_of_old(connection):
                return Due.CONTRACT
        return Due.NOTHING

    def verify(self) -> None:
        """Look whether it can be taken over."""
        with translated(), self._engine.connect() as connection:
            revisions = field_revisions(connection)
            if not revisions:
                raise BadConfiguration(
                    "[database] connection",
                    "this is no database of Glance (it has no alembic_version): "
                    "run tintype db sync if it is to be a new one.",
                )
            require_finished(revisions)
            verify(connection)

    def expand(self) -> None:
        """Add what this release needs."""
        self._migrations.upgrade()

    def mend(self, fix: Fix, *, dry_run: bool) -> None:
        """Show every location to `fix`, and write what it returns."""
        mend(self._engine, self._cipher, fix, dry_run=dry_run)

    def rewrite_urls(self, *, plain: bool = False) -> int:
        """Bring the URLs of all locations into the form of today, or into `plain` text.

        Return how many were not. Without a key the form of today is plain text.

        Raises:
            BadConfiguration: a location cannot be read; CatalogueUnavailable.
        """
        with translated(), self._engine.connect() as connection:
            alone = facts(connection) & WITHOUT_THE_FIELD
        form = Form.OWN if alone else Form.FIELD
        if plain or not self._cipher.encrypts:
            form = Form.PLAIN
        return rewrite(self._engine, self._cipher, form)

    def doubles(self) -> Doubles:
        """Count live members and tags that are there more than once."""
        with translated(), self._engine.connect() as connection:
            return count_doubles(connection)

    def drop_doubles(self) -> None:
        """Keep the oldest of them each, and have the database refuse more."""
        with translated(), self._engine.connect() as connection, schema.alone(connection):
            drop_doubles(connection)
            make_unique(connection)

    def complete(self) -> None:
        """Have each tag and property say when its image was made."""
        with translated(), self._engine.connect() as connection:
            fill_in(connection)

    def adopted(self) -> None:
        """Record that everything was put right."""
        self._record(Fact.ADOPTED)

    def commit(self) -> None:
        """Record that the programs of the field will not come back."""
        self._record(Fact.COMMITTED)

    def contract(self) -> None:
        """Give up the forms that only those programs needed."""
        with translated(), self._engine.connect() as connection, schema.alone(connection):
            renew(connection)

    def _record(self, fact: Fact) -> None:
        with translated(), self._engine.connect() as connection:
            record(connection, fact)
