"""JSON answers packed for clients that unpack them (operations §4, gzip)."""

import gzip

from falcon import Request, Response

from tintype.entrypoints.http import entity_tags
from tintype.entrypoints.http.json import MEDIA_TYPE

LEVEL = 1
"""Lists shrink to a tenth at the cheapest level; the next ones cost more than they save."""


class Compression:
    """Gzips JSON when the client accepts that; image data never."""

    def process_response(
        self, req: Request, resp: Response, resource: object, succeeded: bool
    ) -> None:
        """Pack the body in place."""
        if resp.data and resp.content_type == MEDIA_TYPE and _accepts_gzip(req):
            resp.data = gzip.compress(resp.data, LEVEL, mtime=0)
            resp.set_header("Content-Encoding", "gzip")
            resp.append_header("Vary", "Accept-Encoding")
            entity_tags.mark_packed(resp)


def _accepts_gzip(req: Request) -> bool:
    header = req.env.get("HTTP_ACCEPT_ENCODING")
    if not header:
        return False
    for item in header.split(","):
        coding, _, parameters = item.partition(";")
        if coding.strip().lower() == "gzip":
            return parameters.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
