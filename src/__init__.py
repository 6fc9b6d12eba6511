"""Tintype: a virtual-machine image service that speaks the OpenStack Images API v2."""

__version__ = "0.1.0"
