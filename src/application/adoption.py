"""Taking over the catalogue of another program, with a way back (spec database §13)."""

from dataclasses import dataclass, field

from tintype.domain.adoption import Due, Findings, with_present_key, without_credentials
from tintype.domain.errors import NotReady
from tintype.domain.location import Location
from tintype.domain.ports.former_catalogue import FormerCatalogue
from tintype.domain.ports.stores import Stores


@dataclass(frozen=True)
class AdoptCatalogue:
    """Find out what the catalogue of another program needs, and do it if told to.

    That program may go on using it beside us, and alone again.
    """

    catalogue: FormerCatalogue
    stores: Stores

    def __call__(self, *, dry_run: bool = True) -> Findings:
        """Return what was found; after a run that is not dry, all of it is put right.

        Everything is looked at before anything is changed, so a refusal has changed nothing.

        Raises:
            BadConfiguration: it cannot be taken over; says what is in the way.
            CatalogueUnavailable: the database does not answer.
        """
        self.catalogue.verify()
        mender = _Mender(self.stores)
        self.catalogue.mend(mender, dry_run=True)
        doubles = self.catalogue.doubles()
        found = mender.found
        found.double_members, found.double_tags = doubles.members, doubles.tags
        if not dry_run:
            self.catalogue.expand()
            self.catalogue.mend(_Mender(self.stores), dry_run=False)
            self.catalogue.drop_doubles()
            self.catalogue.complete()
            self.catalogue.adopted()
        return found


@dataclass
class _Mender:
    """Puts one location right, and counts."""

    stores: Stores
    found: Findings = field(default_factory=Findings)

    def __call__(self, location: Location, encrypted: bool) -> Location:
        """Return the location as it should be."""
        self.found.locations += 1
        self.found.encrypted += encrypted
        keyed = with_present_key(location)
        self.found.former_keys += keyed is not location
        clean = without_credentials(keyed)
        self.found.credentials += clean is not keyed
        named = self.stores.identify_by_asking(clean)
        self.found.unnamed += named is not clean
        return named


@dataclass(frozen=True)
class MigrateCatalogue:
    """Put right what another program left in the data, if that was not done yet."""

    catalogue: FormerCatalogue
    adopt: AdoptCatalogue

    def __call__(self) -> Findings | None:
        """Return what was found; None if it was put right before.

        What the other program wrote since then is made complete even so.

        Raises:
            NotReady: the schema comes first; else as `AdoptCatalogue`.
        """
        due = self.catalogue.due()
        if due is Due.EXPAND:
            raise NotReady("migrate", "expand")
        if due is Due.MIGRATE:
            return self.adopt(dry_run=False)
        self.catalogue.complete()
        return None


@dataclass(frozen=True)
class ContractCatalogue:
    """Give up what only the former program needed, if it will not come back."""

    catalogue: FormerCatalogue

    def __call__(self) -> bool:
        """Return whether there was anything to do.

        Raises:
            NotReady: other steps come first.
        """
        due = self.catalogue.due()
        if due in (Due.EXPAND, Due.MIGRATE):
            raise NotReady("contract", due.value)
        if due is Due.CONTRACT:
            self.catalogue.contract()
        return due is Due.CONTRACT


@dataclass(frozen=True)
class SyncCatalogue:
    """Do all that a catalogue needs, one step after the other."""

    catalogue: FormerCatalogue
    migrate: MigrateCatalogue
    contract: ContractCatalogue

    def __call__(self) -> None:
        """Leave nothing due; raises as the steps."""
        self.catalogue.expand()
        self.migrate()
        self.contract()


@dataclass(frozen=True)
class CommitAdoption:
    """Give up the way back, so that what only the former program needed may go."""

    catalogue: FormerCatalogue

    def __call__(self) -> None:
        """Record it.

        Raises:
            NotReady: the catalogue has not been taken over yet.
        """
        due = self.catalogue.due()
        if due in (Due.EXPAND, Due.MIGRATE):
            raise NotReady("commit-adoption", "adopt --apply")
        self.catalogue.complete()
        self.catalogue.commit()
