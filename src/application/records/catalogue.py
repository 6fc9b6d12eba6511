"""Everything that the database functions do, on one database."""

from collections.abc import Callable

from tintype.application.records.cache import CacheRecords
from tintype.application.records.images import ImageRecords
from tintype.application.records.locations import LocationRecords
from tintype.application.records.members import MemberRecords
from tintype.application.records.metadefs import MetadefRecords
from tintype.application.records.properties import PropertyRecords
from tintype.application.records.purge import PurgeRecords
from tintype.application.records.tags import TagRecords
from tintype.application.records.tasks import TaskRecords
from tintype.application.records.usage import UsageRecords
from tintype.application.scrubbing import RestoreImage
from tintype.domain.ports.clock import Clock
from tintype.domain.ports.id_source import IdSource
from tintype.domain.ports.records import RecordWork


class RecordCatalogue:
    """A noun an attribute; safe between threads. `close` gives the connections back."""

    def __init__(
        self,
        work: RecordWork,
        clock: Clock,
        ids: IdSource,
        restore_image: RestoreImage,
        close: Callable[[], None],
    ) -> None:
        self.images = ImageRecords(work, clock, ids)
        self.restore_image = restore_image
        self.properties = PropertyRecords(work, clock)
        self.locations = LocationRecords(work, clock)
        self.members = MemberRecords(work, clock)
        self.tags = TagRecords(work, clock)
        self.usage = UsageRecords(work)
        self.tasks = TaskRecords(work, clock, ids)
        self.cache = CacheRecords(work, clock)
        self.purge = PurgeRecords(work, clock)
        self.metadefs = MetadefRecords(work, clock)
        self.close = close
