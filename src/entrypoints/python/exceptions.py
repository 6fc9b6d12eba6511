"""What the Python interfaces raise: first the storage library, then the database functions."""

import re
from contextlib import suppress
from typing import ClassVar
from urllib.parse import ParseResult, urlparse

# ---------------------------------------------------------------------- storage library

_CREDENTIALS = re.compile(r"(?<=://)\S*@")


class _Known(dict[str, object]):
    """Fields of a sentence, of which any may be left out."""

    def __missing__(self, name: str) -> str:
        return "(unknown)"


class GlanceStoreException(Exception):
    """Root of all that the Python interfaces raise on purpose.

    `msg` is the sentence, with the values in the place of its `%(name)s` and without the
    credentials of any URL in it; `store` the id of the store that it is about, None if there is
    none. `retry_sensible` says whether the same call may succeed later.
    Source: stores §7.
    """

    message: ClassVar[str] = "The storage library cannot do this."
    retry_sensible: ClassVar[bool] = False

    def __init__(
        self, message: object = None, *, store: str | None = None, **values: object
    ) -> None:
        # Programs hand over what they caught, too.
        message = str(message) if message else ""
        if not message:
            message = self.message % _Known(values)
        elif values:
            # A sentence with a sign of percent that is none of ours stays as it is.
            with suppress(TypeError, ValueError):
                message = message % _Known(values)
        # A secret may hold a slash: all up to the last @ goes.
        self.msg = _CREDENTIALS.sub("", message)
        self.store = store
        super().__init__(self.msg)


class BackendException(GlanceStoreException):
    """A store cannot do its work."""

    message = "The store failed."


class UnsupportedBackend(BackendException):
    """There is no such kind of store."""

    message = "This kind of store is not supported."


class RedirectException(GlanceStoreException):
    """A server sends the caller elsewhere: to `url`, in its parts."""

    def __init__(self, url: str) -> None:
        super().__init__(f"The server redirects to {url}.")
        self.url: ParseResult = urlparse(url)


class MissingCredentialError(GlanceStoreException):
    message = "A credential is missing: %(required)s."


class BadAuthStrategy(GlanceStoreException):
    message = "The authentication strategy must be %(expected)s, not %(received)s."


class AuthorizationRedirect(GlanceStoreException):
    message = "Authorization is redirected to %(uri)s."


class NotFound(GlanceStoreException):
    message = "Image %(image)s not found."


class UnknownHashingAlgo(GlanceStoreException):
    message = "Unknown hashing algorithm %(algo)s: use one of hashlib's."


class UnknownScheme(GlanceStoreException):
    message = "Unknown scheme or store '%(scheme)s': enable a store for it."


class BadStoreUri(GlanceStoreException):
    message = "The store URI is malformed or refused: %(uri)s"


class Duplicate(GlanceStoreException):
    message = "Image %(image)s already exists."


class StorageFull(GlanceStoreException):
    message = "There is not enough room left in the store."


class StorageWriteDenied(GlanceStoreException):
    message = "Permission to write to the store is denied."


class AuthBadRequest(GlanceStoreException):
    message = "The authentication service calls the request to %(url)s bad."


class AuthUrlNotFound(GlanceStoreException):
    message = "The authentication service is not found at %(url)s."


class AuthorizationFailure(GlanceStoreException):
    message = "Authorization failed."


class NotAuthenticated(GlanceStoreException):
    message = "You are not authenticated."


class Forbidden(GlanceStoreException):
    message = "You may not do this."


class BadStoreConfiguration(GlanceStoreException):
    message = "Store %(store_name)s cannot be configured so. Reason: %(reason)s"


class DriverLoadFailure(GlanceStoreException):
    message = "Driver %(driver_name)s cannot be loaded."


class StoreDeleteNotSupported(GlanceStoreException):
    message = "Deleting from this store is not supported."


class StoreGetNotSupported(GlanceStoreException):
    message = "Reading from this store is not supported."


class StoreRandomGetNotSupported(StoreGetNotSupported):
    message = "Reading a part of an image is not supported: offset %(offset)s, size %(chunk_size)s."


class StoreAddDisabled(GlanceStoreException):
    message = "Adding to this store is disabled."


class MaxRedirectsExceeded(GlanceStoreException):
    message = "More than %(redirects)s redirects."


class NoServiceEndpoint(GlanceStoreException):
    message = "The catalogue of services has no endpoint of that kind."


class RegionAmbiguity(GlanceStoreException):
    message = "Several endpoints fit region %(region)s: name the region."


class RemoteServiceUnavailable(BackendException):
    message = "The remote service is not available."
    retry_sensible = True


class WebServerFailed(RemoteServiceUnavailable, BadStoreUri):
    """A web server gives no data. Some programs blame the service for it, and some the URL."""

    message = "The web server does not give the data."


class HasSnapshot(GlanceStoreException):
    message = "The image has snapshots: remove them first."


class InUseByStore(GlanceStoreException):
    message = "The image is in use in the store."
    retry_sensible = True


class HostNotInitialized(GlanceStoreException):
    message = "Host %(host)s is not initialized."


class TimeoutError(GlanceStoreException):
    message = "No answer within %(timeout)s seconds."
    retry_sensible = True


class Invalid(GlanceStoreException):
    message = "The data is invalid."


# ---------------------------------------------------------------------- database functions


class Conflict(GlanceStoreException):
    message = "The present state does not allow this."


class CatalogueUnavailable(GlanceStoreException):
    message = "The database does not answer."
    retry_sensible = True


class ImageNotFound(NotFound):
    message = "No image found with ID %(image_id)s"


class TaskNotFound(NotFound):
    message = "No task found with ID %(task_id)s"


class ForbiddenPublicImage(Forbidden):
    message = "You do not own this image"


class InvalidFilterOperatorValue(Invalid):
    message = "The operator of a filter is unknown."


class InvalidFilterRangeValue(Invalid):
    message = "The bound of a range must be an integer."


class InvalidParameterValue(Invalid):
    message = "Invalid value '%(value)s' for parameter '%(param)s': %(extra_msg)s"


class InvalidSortKey(Invalid):
    message = "Rows cannot be sorted by this."


class MetadefForbidden(Forbidden):
    message = "You may not see this metadata definition."


class MetadefIntegrityError(Forbidden):
    message = "Metadata definition %(record_type)s %(record_name)s is referred to by others."


class MetadefDuplicateNamespace(Duplicate):
    message = "The metadata definition namespace %(namespace_name)s already exists."


class MetadefDuplicateObject(Duplicate):
    message = (
        "A metadata definition object %(object_name)s already exists "
        "in the namespace %(namespace_name)s."
    )


class MetadefDuplicateProperty(Duplicate):
    message = (
        "A metadata definition property %(property_name)s already exists "
        "in the namespace %(namespace_name)s."
    )


class MetadefDuplicateResourceType(Duplicate):
    message = "The metadata definition resource type %(resource_type_name)s already exists."


class MetadefDuplicateResourceTypeAssociation(Duplicate):
    message = (
        "The resource type %(resource_type_name)s is associated "
        "with the namespace %(namespace_name)s already."
    )


class MetadefDuplicateTag(Duplicate):
    message = (
        "A metadata definition tag %(name)s already exists in the namespace %(namespace_name)s."
    )


class MetadefNamespaceNotFound(NotFound):
    message = "There is no metadata definition namespace %(namespace_name)s."


class MetadefObjectNotFound(NotFound):
    message = (
        "There is no metadata definition object %(object_name)s in the namespace "
        "%(namespace_name)s."
    )


class MetadefPropertyNotFound(NotFound):
    message = (
        "There is no metadata definition property %(property_name)s in the namespace "
        "%(namespace_name)s."
    )


class MetadefResourceTypeNotFound(NotFound):
    message = "There is no metadata definition resource type %(resource_type_name)s."


class MetadefResourceTypeAssociationNotFound(NotFound):
    message = (
        "The resource type %(resource_type_name)s is not associated "
        "with the namespace %(namespace_name)s."
    )


class MetadefTagNotFound(NotFound):
    message = "There is no metadata definition tag %(name)s in the namespace %(namespace_name)s."


class ProtectedMetadefNamespaceDelete(Forbidden):
    message = "Metadata definition namespace %(namespace)s is protected and cannot be deleted."


class ProtectedMetadefNamespacePropDelete(Forbidden):
    message = "Metadata definition property %(property_name)s is protected and cannot be deleted."


class ProtectedMetadefObjectDelete(Forbidden):
    message = "Metadata definition object %(object_name)s is protected and cannot be deleted."


class ProtectedMetadefResourceTypeAssociationDelete(Forbidden):
    message = "The association with %(resource_type)s is protected and cannot be deleted."


class ProtectedMetadefResourceTypeSystemDelete(Forbidden):
    message = "Resource type %(resource_type_name)s is protected and cannot be deleted."


class ProtectedMetadefTagDelete(Forbidden):
    message = "Metadata definition tag %(tag_name)s is protected and cannot be deleted."
