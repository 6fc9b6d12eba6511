"""Every filter and order that lists have, as query strings, each with common and rare values."""

from collections.abc import Mapping

from benchmarks.catalogue import (
    FRIEND_OF_MANY,
    OWNER_OF_FEW,
    OWNER_OF_MOST,
    RARE_TAG,
    SOME_NAME,
    SOME_TAG,
)
from tintype.domain.caller import Caller
from tintype.domain.image_query import SORT_KEYS

CALLERS: Mapping[str, Caller] = {
    "owner of few": Caller(project_id=OWNER_OF_FEW),
    "owner of most": Caller(project_id=OWNER_OF_MOST),
    "friend of many": Caller(project_id=FRIEND_OF_MANY),
    "administrator": Caller(project_id="an-administrator", is_admin=True),
}

_NEVER = "1999-01-01T00:00:00Z"

FILTERS = (
    "",
    *(f"visibility={it}" for it in ("public", "private", "shared", "community", "all")),
    *(f"member_status={it}" for it in ("pending", "rejected", "all")),
    *("os_hidden=true", "protected=true", "protected=false"),
    *("tag=linux", f"tag={SOME_TAG}", f"tag={RARE_TAG}", "tag=no-such"),
    *("tag=linux&tag=tag-7", f"tag=linux&tag={RARE_TAG}", "tag=tag-7&tag=tag-8"),
    *(f"name={SOME_NAME}", "name=no-such", "name=in:no-such,nor-such"),
    f"name=in:{SOME_NAME},image of series 8",
    *("id=no-such", "id=in:no-such,nor-such"),
    *("status=active", "status=saving", "status=importing", "status=uploading"),
    *("status=in:active,queued", "status=in:importing,uploading"),
    *("disk_format=qcow2", "disk_format=iso", "disk_format=ploop", "disk_format=in:iso,ploop"),
    *("container_format=bare", "container_format=ova", "container_format=in:ova,docker"),
    *(f"created_at=gt:{_NEVER}", f"created_at=lt:{_NEVER}", f"created_at=eq:{_NEVER}"),
    *(f"updated_at=gt:{_NEVER}", f"updated_at=lte:{_NEVER}", f"updated_at=neq:{_NEVER}"),
    *("size_min=1", f"size_min={1 << 40}", "size_max=1000", "size_max=-1", "size=4711"),
    *("virtual_size_min=1", f"virtual_size_min={1 << 40}", "virtual_size=4711"),
    *("min_disk_min=10", "min_disk_min=5000", "min_disk=11", "min_disk_max=-1"),
    *("min_ram_min=512", "min_ram_min=5000", "min_ram=11"),
    *(f"owner={OWNER_OF_MOST}", f"owner={OWNER_OF_FEW}", "owner=no-such"),
    *(f"checksum={7:032x}", "checksum=no-such"),
    *(f"os_hash_value={7:0128x}", "os_hash_value=no-such"),
    *("os_hash_algo=sha512", "os_hash_algo=no-such"),
    *("os_type=linux", "os_distro=distro-7", "release=golden", "release=no-such", "no-such=x"),
    *("os_type=linux&os_distro=distro-7", "os_type=linux&release=golden"),
    *("tag=linux&os_type=linux", "tag=linux&status=importing", "status=active&tag=no-such"),
)

ORDERS = (
    *(f"sort_key={key}&sort_dir={way}" for key in SORT_KEYS for way in ("asc", "desc")),
    *(f"sort={key}:{way}" for key in SORT_KEYS for way in ("asc", "desc")),
)

MIXTURES = (
    *(f"sort=name:asc&{one}" for one in ("tag=linux", "tag=golden", "status=active")),
    *(f"sort_key=size&{one}" for one in ("os_type=linux", "release=golden", "visibility=shared")),
)

QUESTIONS = (*FILTERS, *ORDERS, *MIXTURES)
