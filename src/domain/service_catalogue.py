"""Where the services of a cloud are, as Keystone tells callers."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

IMAGES = "image"
"""The type of services like this one."""


def image_endpoints(text: str | None) -> list[dict[str, str]]:
    """Return the endpoints of image services in a catalogue, in the form of version 2.

    Each has a `region` and URLs under the names `publicURL`, `internalURL` and `adminURL`.
    """
    return [
        {name: value for name, value in endpoint.items() if isinstance(value, str)}
        for service in _maps(_read(text))
        if service.get("type") == IMAGES
        for endpoint in _maps(service.get("endpoints"))
    ]


def endpoint_of(endpoints: Iterable[Mapping[str, str]], region: str, interface: str) -> str | None:
    """Return the URL of the service in a region, whatever the case of its name."""
    for endpoint in endpoints:
        if endpoint.get("region", "").lower() == region.lower():
            url = endpoint.get(f"{interface}URL")
            if url:
                return url
    return None


def _read(text: str | None) -> Any:
    try:
        return json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []


def _maps(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
