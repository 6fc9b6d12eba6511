"""Making an object visible, of whose key there may be one."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from tintype.adapters.stores.swift.faults import TAKEN, faults, status_of, taken
from tintype.adapters.stores.swift.segments import GROUP, Buffer, Names, Sent, groups, parts_of
from tintype.adapters.stores.swift.service import Service
from tintype.domain.errors import StoreUnavailable

MARK: Final = "x-object-meta-tintype-upload"
"""The header by which an upload recognises its own object."""

ONLY_NEW: Final = {"If-None-Match": "*"}
CLAIM: Final = "application/x-tintype-claim"
"""The type of the sign of an upload that is being completed."""

WAIT_S: Final = 60
POLL_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Commit:
    """The last step of one upload.

    Swift has no way to write only what nobody else writes at the same moment: its condition is
    looked at before the bytes come, and other services ignore it. So whoever completes an upload
    makes its sign a claim, and then looks whose claims are there. It gives way to one of a smaller
    mark, and waits until those of larger ones have gone. Of two who claim, the later to look sees
    the other. A sign that is missing means that the upload was called off.
    """

    service: Service
    store: str
    container: str
    names: Names

    def of_bytes(self, buffer: Buffer) -> None:
        """Make the object of what is in a buffer.

        Raises:
            Duplicate: there is one, or is about to be.
            StoreUnavailable: the upload was called off.
            and what the client libraries do.
        """
        headers = {MARK: self.names.mark, "ETag": buffer.digest(), **ONLY_NEW}
        self._in_turn(
            lambda: self.service.put(
                self.container, self.names.name, buffer.body, buffer.size, headers
            )
        )

    def of_segments(self, sent: Sequence[Sent]) -> None:
        """Make the object of segments, in that order.

        Raises:
            as `of_bytes`.
        """
        most = self._static_limit()
        if most is None:
            self._check_listing(sent)
            self._in_turn(self._put_dynamic)
            return
        entries = self._grouped(list(sent), most)
        headers = {MARK: self.names.mark, **ONLY_NEW}
        self._in_turn(lambda: self._put_static(self.names.name, entries, headers))

    # ------------------------------------------------------------------ manifests

    def _static_limit(self) -> int | None:
        """Return how many segments a static manifest may have, None if there are no such."""
        found = self.service.features.get("slo")
        if found is None:
            return None
        return int(found.get("max_manifest_segments", GROUP))

    def _grouped(self, sent: list[Sent], most: int) -> list[Sent]:
        """Make manifests of manifests, until one has room for all."""
        number = 0
        while len(sent) > most:
            upper = []
            for group in groups(sent, most):
                number += 1
                name = self.names.group(number)
                self._put_static(name, group, {})
                upper.append(Sent(name, None, sum(each.size for each in group)))
            sent = upper
        return sent

    def _put_static(self, name: str, sent: Sequence[Sent], headers: dict[str, str]) -> None:
        entries = json.dumps([each.entry(self.container) for each in sent]).encode()
        self.service.put(
            *(self.container, name, entries, len(entries), headers),
            query="multipart-manifest=put",
        )

    def _put_dynamic(self) -> None:
        prefix = quote(f"{self.container}/{self.names.segments}")
        headers = {MARK: self.names.mark, "X-Object-Manifest": prefix, **ONLY_NEW}
        self.service.put(self.container, self.names.name, b"", 0, headers)

    def _check_listing(self, sent: Sequence[Sent]) -> None:
        """Refuse to make an object of whatever is listed, if that is not what was sent."""
        listed = list(self.service.names(self.container, self.names.segments))
        if listed != [each.name for each in sent]:
            raise self._called_off()

    # ------------------------------------------------------------------ one at a time

    def _in_turn(self, put: Callable[[], object]) -> None:
        try:
            self._put_in_turn(put)
        except BaseException:
            # Others wait for it to go.
            with suppress(*faults()):
                self.service.delete(self.container, self.names.sign)
            raise

    def _put_in_turn(self, put: Callable[[], object]) -> None:
        if not self.service.set_type(self.container, self.names.sign, CLAIM):
            raise self._called_off()
        others = self._claims_of_others()
        if any(other < self.names.sign for other in others):
            raise taken(self.names.name, self.store)
        self._await_end_of(others)
        if self.service.head(self.container, self.names.name, newest=True) is not None:
            raise taken(self.names.name, self.store)
        try:
            put()
        except faults() as error:
            self._judge(error)
        if not self.service.delete(self.container, self.names.sign):
            raise self._called_off()

    def _claims_of_others(self) -> list[str]:
        beside = self.service.entries(self.container, parts_of(self.names.name))
        claims = [entry["name"] for entry in beside if entry["content_type"] == CLAIM]
        return [claim for claim in claims if claim != self.names.sign]

    def _await_end_of(self, claims: Sequence[str]) -> None:
        deadline = time.monotonic() + WAIT_S
        for claim in claims:
            while self.service.head(self.container, claim, newest=True) is not None:
                if time.monotonic() > deadline:
                    raise StoreUnavailable(
                        f"Store {self.store} has an upload of {self.names.name} that does not "
                        "come to its end."
                    )
                time.sleep(POLL_S)

    def _judge(self, error: Exception) -> None:
        """Find out whether the object is there although it was refused.

        An answer was lost, perhaps, and what was sent again found the object in place.
        """
        if self.is_there():
            return
        if status_of(error) in TAKEN:
            raise taken(self.names.name, self.store) from error
        raise error

    def is_there(self) -> bool:
        """Say whether the object of this upload is there."""
        found = self.service.head(self.container, self.names.name, newest=True)
        return found is not None and found.get(MARK) == self.names.mark

    def _called_off(self) -> StoreUnavailable:
        return StoreUnavailable(
            f"Store {self.store} was told to discard the upload of {self.names.name}."
        )
