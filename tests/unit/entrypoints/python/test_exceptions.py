"""What the Python interfaces raise."""

import pytest

from tintype.domain import errors
from tintype.entrypoints.python import exceptions, storage_errors

TEXTS: dict[str, tuple[str, ...]] = {
    "MissingCredentialError": ("required",),
    "BadAuthStrategy": ("expected", "received"),
    "AuthorizationRedirect": ("uri",),
    "NotFound": ("image",),
    "UnknownHashingAlgo": ("algo",),
    "UnknownScheme": ("scheme",),
    "BadStoreUri": ("uri",),
    "Duplicate": ("image",),
    "StorageFull": (),
    "StorageWriteDenied": (),
    "AuthBadRequest": ("url",),
    "AuthUrlNotFound": ("url",),
    "AuthorizationFailure": (),
    "NotAuthenticated": (),
    "Forbidden": (),
    "BadStoreConfiguration": ("store_name", "reason"),
    "DriverLoadFailure": ("driver_name",),
    "StoreDeleteNotSupported": (),
    "StoreGetNotSupported": (),
    "StoreRandomGetNotSupported": ("offset", "chunk_size"),
    "StoreAddDisabled": (),
    "MaxRedirectsExceeded": ("redirects",),
    "NoServiceEndpoint": (),
    "RegionAmbiguity": ("region",),
    "RemoteServiceUnavailable": (),
    "WebServerFailed": (),
    "HasSnapshot": (),
    "InUseByStore": (),
    "HostNotInitialized": ("host",),
    "TimeoutError": ("timeout",),
    "Invalid": (),
    "BackendException": (),
    "UnsupportedBackend": (),
    "ImageNotFound": ("image_id",),
    "TaskNotFound": ("task_id",),
    "ForbiddenPublicImage": (),
    "Conflict": (),
    "CatalogueUnavailable": (),
    "InvalidFilterOperatorValue": (),
    "InvalidFilterRangeValue": (),
    "InvalidParameterValue": ("value", "param", "extra_msg"),
    "InvalidSortKey": (),
    "MetadefForbidden": (),
    "MetadefIntegrityError": ("record_type", "record_name"),
    "MetadefDuplicateNamespace": ("namespace_name",),
    "MetadefDuplicateObject": ("object_name", "namespace_name"),
    "MetadefDuplicateProperty": ("property_name", "namespace_name"),
    "MetadefDuplicateResourceType": ("resource_type_name",),
    "MetadefDuplicateResourceTypeAssociation": ("resource_type_name", "namespace_name"),
    "MetadefDuplicateTag": ("name", "namespace_name"),
    "MetadefNamespaceNotFound": ("namespace_name",),
    "MetadefObjectNotFound": ("object_name", "namespace_name"),
    "MetadefPropertyNotFound": ("property_name", "namespace_name"),
    "MetadefResourceTypeNotFound": ("resource_type_name",),
    "MetadefResourceTypeAssociationNotFound": ("resource_type_name", "namespace_name"),
    "MetadefTagNotFound": ("name", "namespace_name"),
    "ProtectedMetadefNamespaceDelete": ("namespace",),
    "ProtectedMetadefNamespacePropDelete": ("property_name",),
    "ProtectedMetadefObjectDelete": ("object_name",),
    "ProtectedMetadefResourceTypeAssociationDelete": ("resource_type",),
    "ProtectedMetadefResourceTypeSystemDelete": ("resource_type_name",),
    "ProtectedMetadefTagDelete": ("tag_name",),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_holds_what_is_given(name: str) -> None:
    kind = getattr(exceptions, name)

    error = kind(**{field: f"<{field}>" for field in TEXTS[name]}, store="shelf")

    assert all(f"<{field}>" in error.msg for field in TEXTS[name])
    assert (str(error), error.store) == (error.msg, "shelf")
    assert "%(" not in error.msg


@pytest.mark.parametrize("name", [*TEXTS, "RedirectException"])
def test_one_root_catches_all(name: str) -> None:
    assert issubclass(getattr(exceptions, name), exceptions.GlanceStoreException)


@pytest.mark.parametrize("name", TEXTS)
def test_a_value_that_is_left_out_leaves_no_gap_in_the_text(name: str) -> None:
    assert "%(" not in getattr(exceptions, name)().msg


@pytest.mark.parametrize("message", [None, ""])
def test_without_a_sentence_it_has_that_of_its_class(message: str | None) -> None:
    assert exceptions.NotFound(message, image="x").msg == "Image x not found."


def test_values_go_into_a_sentence_of_the_caller_s_too() -> None:
    assert exceptions.NotFound("no %(image)s", image="x").msg == "no x"
    assert exceptions.Invalid("100% wrong", image="x").msg == "100% wrong"


def test_an_error_can_stand_in_the_place_of_a_sentence() -> None:
    caught = OSError("at s3://KEY:SECRET@host/bucket")

    assert exceptions.BackendException(caught).msg == "at s3://host/bucket"


def test_credentials_are_left_out() -> None:
    error = exceptions.BadStoreUri(uri="s3://KEY:SE/CR@ET@host/bucket/key")

    assert "SE" not in error.msg and "KEY" not in error.msg
    assert "s3://host/bucket/key" in error.msg


def test_a_redirect_tells_where_to() -> None:
    assert exceptions.RedirectException("http://there.example/x").url.netloc == "there.example"


@pytest.mark.parametrize(
    ("name", "sensible"),
    [("RemoteServiceUnavailable", True), ("InUseByStore", True), ("StorageFull", False)],
)
def test_it_says_whether_to_try_again(name: str, sensible: bool) -> None:
    assert getattr(exceptions, name).retry_sensible is sensible


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.DataNotFound("x", "shelf"), exceptions.NotFound),
        (errors.Duplicate("x"), exceptions.Duplicate),
        (errors.StorageFull("shelf"), exceptions.StorageFull),
        (errors.StoreWriteDenied("shelf", "no"), exceptions.StorageWriteDenied),
        (errors.StoreUnavailable("no"), exceptions.RemoteServiceUnavailable),
        (errors.InUse("x", "shelf"), exceptions.InUseByStore),
        (errors.CannotSeek("shelf"), exceptions.StoreRandomGetNotSupported),
        (errors.SizeMismatch(1, 2), exceptions.Invalid),
        (errors.UriRefused("http://x"), exceptions.BadStoreUri),
        (errors.LimitsUnavailable(), exceptions.BackendException),
    ],
)
def test_errors_of_the_domain_are_translated(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught, storage_errors.translated("shelf"):
        raise error

    assert str(caught.value) == str(error)
    assert type(caught.value) is kind


def test_a_definition_that_others_refer_to_is_forbidden_to_go() -> None:
    assert issubclass(exceptions.MetadefIntegrityError, exceptions.Forbidden)
