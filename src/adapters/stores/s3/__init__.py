"""Objects in a bucket of an S3 service."""

from tintype.adapters.stores.s3.driver import S3Driver

__all__ = ["S3Driver"]
