"""What the database functions raise for which error of the domain."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tintype.domain import errors
from tintype.domain.metadef.kind import Kind
from tintype.entrypoints.python import exceptions

RAISED: Final[dict[type[BaseException], type[exceptions.GlanceStoreException]]] = {
    errors.ImageNotFound: exceptions.ImageNotFound,
    errors.TaskNotFound: exceptions.TaskNotFound,
    errors.NotFound: exceptions.NotFound,
    errors.PublicImageForbidden: exceptions.ForbiddenPublicImage,
    errors.Forbidden: exceptions.Forbidden,
    errors.Duplicate: exceptions.Duplicate,
    errors.MetadefInUse: exceptions.MetadefIntegrityError,
    errors.Conflict: exceptions.Conflict,
    errors.Invalid: exceptions.Invalid,
    errors.BadConfiguration: exceptions.BadStoreConfiguration,
    errors.CatalogueUnavailable: exceptions.CatalogueUnavailable,
    errors.TintypeError: exceptions.BackendException,
}

NOT_FOUND: Final[dict[str, type[exceptions.NotFound]]] = {
    Kind.NAMESPACE: exceptions.MetadefNamespaceNotFound,
    Kind.OBJECT: exceptions.MetadefObjectNotFound,
    Kind.PROPERTY: exceptions.MetadefPropertyNotFound,
    Kind.TAG: exceptions.MetadefTagNotFound,
    Kind.RESOURCE_TYPE: exceptions.MetadefResourceTypeNotFound,
    Kind.ASSOCIATION: exceptions.MetadefResourceTypeAssociationNotFound,
}

DUPLICATE: Final[dict[str, type[exceptions.Duplicate]]] = {
    Kind.NAMESPACE: exceptions.MetadefDuplicateNamespace,
    Kind.OBJECT: exceptions.MetadefDuplicateObject,
    Kind.PROPERTY: exceptions.MetadefDuplicateProperty,
    Kind.TAG: exceptions.MetadefDuplicateTag,
    Kind.RESOURCE_TYPE: exceptions.MetadefDuplicateResourceType,
    Kind.ASSOCIATION: exceptions.MetadefDuplicateResourceTypeAssociation,
}

PROTECTED: Final[dict[str, type[exceptions.Forbidden]]] = {
    Kind.NAMESPACE: exceptions.ProtectedMetadefNamespaceDelete,
    Kind.OBJECT: exceptions.ProtectedMetadefObjectDelete,
    Kind.PROPERTY: exceptions.ProtectedMetadefNamespacePropDelete,
    Kind.TAG: exceptions.ProtectedMetadefTagDelete,
    Kind.RESOURCE_TYPE: exceptions.ProtectedMetadefResourceTypeSystemDelete,
    Kind.ASSOCIATION: exceptions.ProtectedMetadefResourceTypeAssociationDelete,
}


def raised_for(error: errors.TintypeError) -> type[exceptions.GlanceStoreException]:
    """Return what callers know for an error."""
    match error:
        case errors.MetadefNotFound():
            return NOT_FOUND[error.kind]
        case errors.MetadefExists():
            return DUPLICATE[error.kind]
        case errors.ProtectedMetadef():
            return PROTECTED[error.kind]
        case errors.MetadefHidden():
            return exceptions.MetadefForbidden
    return RAISED[next(kind for kind in type(error).__mro__ if kind in RAISED)]


@contextmanager
def translated() -> Iterator[None]:
    """Raise what callers know for what the domain raises, in its words."""
    try:
        yield
    except errors.TintypeError as error:
        raise raised_for(error)(str(error)) from error
