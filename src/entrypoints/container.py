"""The composition root: the one place where classes meet."""

import logging
import os
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import timedelta
from pathlib import Path
from typing import Any

from dependency_injector import containers, providers
from oslo_config import cfg
from sqlalchemy import Engine

from tintype.adapters.database import schema
from tintype.adapters.database.adoption.catalogue import SqlFormerCatalogue
from tintype.adapters.database.engine import make_engine
from tintype.adapters.database.records.work import SqlRecordWork
from tintype.adapters.database.unit_of_work import SqlWork
from tintype.adapters.database.url_cipher import UrlCipher
from tintype.adapters.events.log_notifier import LogNotifier
from tintype.adapters.fellows.http_fellows import HttpFellows
from tintype.adapters.identity.http_basic import HttpBasic
from tintype.adapters.identity.keystone import Keystone
from tintype.adapters.identity.no_auth import NoAuth, require_loopback
from tintype.adapters.identity.trusted_headers import TrustedHeaders
from tintype.adapters.import_plugins.loading import list_options as plugin_options
from tintype.adapters.import_plugins.loading import load_plugins
from tintype.adapters.import_plugins.plugin import Tools
from tintype.adapters.inspection.oslo_inspector import OsloInspector
from tintype.adapters.keys.castellan_keys import CastellanKeys
from tintype.adapters.policy.oslo_authoriser import OsloAuthoriser
from tintype.adapters.protection.ini_protection import IniPropertyProtection
from tintype.adapters.quota.fixed import FixedStorageQuota, NoQuotas
from tintype.adapters.signatures import sources as certificates
from tintype.adapters.signatures.cursive_verifier import CursiveVerifier
from tintype.adapters.stores.filesystem import FilesystemDriver
from tintype.adapters.stores.http import fetcher
from tintype.adapters.stores.http.remote_images import HttpRemoteImages
from tintype.adapters.stores.registry import ConfiguredStores
from tintype.adapters.stores.registry import list_options as store_options
from tintype.adapters.stores.registry import register_options as register_store_options
from tintype.adapters.stores.registry import register_sections as register_store_sections
from tintype.adapters.system.clock import SystemClock
from tintype.adapters.system.ids import RandomIds
from tintype.adapters.system.presence import ProcessPresence
from tintype.adapters.system.resolver import SystemResolver
from tintype.adapters.tasks import celery_app
from tintype.adapters.tasks.celery_app import Broker
from tintype.adapters.tasks.celery_queue import CeleryQueue
from tintype.adapters.tasks.celery_worker import CeleryWorker
from tintype.adapters.tasks.left_to_others import LeftToOthers
from tintype.adapters.tasks.local_queue import LocalQueue
from tintype.adapters.workbench.local import LocalWorkbenches
from tintype.application.access import Access
from tintype.application.adoption import (
    AdoptCatalogue,
    CommitAdoption,
    ContractCatalogue,
    MigrateCatalogue,
    SyncCatalogue,
)
from tintype.application.cache import RefuseCache
from tintype.application.given_up import GivenUp
from tintype.application.image_data import DownloadImageData, UploadImageData
from tintype.application.image_import.clean import CleanStaging
from tintype.application.image_import.job import ImportImage
from tintype.application.image_import.old_task import ImportNewImage
from tintype.application.image_import.prepare import PrepareData
from tintype.application.image_import.remote import RemoteSource
from tintype.application.image_import.stage import StageImageData
from tintype.application.image_import.start import StartImport
from tintype.application.image_import.write import WriteStores
from tintype.application.images.create import CreateImage
from tintype.application.images.delete import DeleteImage, FinishDeletion
from tintype.application.images.find import ListImages, ShowImage
from tintype.application.images.removal import RemoveData
from tintype.application.images.switch import deactivate_image, reactivate_image
from tintype.application.images.tag import TagImage
from tintype.application.images.update import UpdateImage
from tintype.application.location_import.fetch import FetchLocations
from tintype.application.location_import.job import ImportLocation
from tintype.application.location_import.start import StartLocationImport
from tintype.application.metadefs.access import MetadefAccess
from tintype.application.metadefs.load import ExportNamespaces, LoadNamespace, UnloadNamespaces
from tintype.application.old_locations import IdentifyLocations, NameStores, OldLocations
from tintype.application.property_access import PropertyAccess
from tintype.application.records.catalogue import RecordCatalogue
from tintype.application.records.purge import PurgeRecords
from tintype.application.recovery import RenewLeases, Sweep, UndoUpload
from tintype.application.scrubbing import RestoreImage, Scrub
from tintype.application.sharing import (
    AddMember,
    AnswerOffer,
    ListMembers,
    RemoveMember,
    ShowMember,
)
from tintype.application.signing import Signatures
from tintype.application.staging import Staging
from tintype.application.stores import DeleteFromStore, DescribeStores, ListStores
from tintype.application.tasks.create import CreateTask
from tintype.application.tasks.engine import RunTask
from tintype.application.tasks.expire import RemoveExpiredTasks
from tintype.application.tasks.find import ListTasks, ListTasksOfImage, ShowTask
from tintype.application.tasks.import_lock import ImportLock
from tintype.application.tasks.start import StartAgain, StartTask
from tintype.application.tasks.steer import CancelTask, FindOwnTask, RetryTask
from tintype.application.usage import ShowUsage
from tintype.domain.caller import Caller
from tintype.domain.errors import BadConfiguration
from tintype.domain.ports.import_plugin import ImportPlugin
from tintype.domain.ports.quota_keeper import QuotaKeeper
from tintype.domain.ports.stores import Stores
from tintype.domain.store import STAGING_STORE, TASKS_STORE
from tintype.domain.task import TaskType
from tintype.domain.uri_filter import UriFilter
from tintype.entrypoints import config, metadefs, scrubbing, uri_filtering
from tintype.entrypoints.backends import METADATA, MIGRATION, backend
from tintype.entrypoints.background import Background, Chore
from tintype.entrypoints.definition_files import DefinitionFiles
from tintype.entrypoints.http.app import Resources, make_application
from tintype.entrypoints.http.resources.discovery import (
    Healthcheck,
    StoresDetail,
    StoresInfo,
    UsageInfo,
)
from tintype.entrypoints.http.resources.image_file import ImageFile
from tintype.entrypoints.http.resources.image_import import ImportedImage, StagedData
from tintype.entrypoints.http.resources.images import Action, Images, OneImage, Tag
from tintype.entrypoints.http.resources.locations import Locations
from tintype.entrypoints.http.resources.members import Members, OneMember
from tintype.entrypoints.http.resources.stores import StoredImage
from tintype.entrypoints.http.resources.tasks import (
    CancelledTask,
    OneTask,
    RetriedTask,
    Tasks,
    TasksOfImage,
)
from tintype.entrypoints.http.schemas import image_import as import_schemas
from tintype.entrypoints.http.schemas.image import ImageSchema
from tintype.entrypoints.http.schemas.image_dump import ImageDumper
from tintype.entrypoints.http.schemas.query import Paging
from tintype.entrypoints.http.schemas.site import FILE as SITE_SCHEMA
from tintype.entrypoints.http.schemas.site import SiteProperties
from tintype.entrypoints.http.versions import Versions
from tintype.entrypoints.metadata_backend import ConfiguredBackend

__all__ = [
    "Container",
    "embed",
    "list_options",
    "open_records",
    "open_stores",
    "register_store_options",
    "register_store_sections",
    "require_loopback",
    "steering",
]

LOG = logging.getLogger(__name__)

EMBEDDED_STORE = "local"
WORK_DIR = "[task] work_dir"
TASKS_DATADIR = f"[{TASKS_STORE}] filesystem_store_datadir"
EXPIRY_INTERVAL_S = 300
STAGING_INTERVAL_S = 60
TASKS_STOP_S = 5
"""How long a process that ends waits for its tasks to be handed back to the others."""


def list_options() -> list[tuple[str | None, list[cfg.Opt]]]:
    """List the options of the service by section, for oslo-config-generator."""
    own: list[tuple[str | None, Sequence[cfg.Opt]]] = [
        (None, config.DEFAULT_OPTIONS),
        *config.GROUPS.items(),
        (fetcher.GROUP, fetcher.OPTIONS),
        (celery_app.GROUP, celery_app.OPTIONS),
        *plugin_options(),
        (certificates.GROUP, certificates.OPTIONS),
        *store_options(),
    ]
    return [(group, list(options)) for group, options in own]


def embed(conf: cfg.ConfigOpts, state_dir: str) -> None:
    """Set the defaults of a service that has everything in one directory."""
    register_store_options(conf)
    conf.register_opts(FilesystemDriver.OPTIONS, group=EMBEDDED_STORE)
    conf.set_default("connection", f"sqlite:///{state_dir}/tintype.sqlite", group="database")
    if not conf.enabled_backends:
        conf.set_default("enabled_backends", {EMBEDDED_STORE: FilesystemDriver.TYPE})
        conf.set_default("default_backend", EMBEDDED_STORE, group="glance_store")
        conf.set_default("filesystem_store_datadir", f"{state_dir}/images", group=EMBEDDED_STORE)


def open_stores(
    conf: cfg.ConfigOpts,
    reserved: Mapping[str, str],
    *,
    named: bool | None = None,
    default_required: bool = True,
) -> Stores:
    """Build and start the stores alone, with those of the program's own, given as types by id.

    `named` says which form of configuration to read, where both may be there.

    Raises:
        BadConfiguration: names the option and says what it should be.
    """
    conf.register_opts(uri_filtering.OPTIONS, group=uri_filtering.GROUP)
    uri_filter = UriFilter(uri_filtering.rules_of(conf), SystemResolver())
    stores = ConfiguredStores.from_conf(
        conf,
        uri_filter=uri_filter,
        reserved=reserved,
        named=named,
        default_required=default_required,
    )
    stores.start()
    return stores


def open_records(url: str, key: str | None = None) -> tuple[RecordCatalogue, DefinitionFiles]:
    """Open a database for the database functions, with all tables.

    With a `key` URLs of locations are kept encrypted, as the service does by
    `metadata_encryption_key`.

    Raises:
        BadConfiguration: URL or key cannot be used, or the database cannot be taken over.
        CatalogueUnavailable: the database does not answer.
    """
    cipher = UrlCipher(key)
    engine = make_engine(url)
    schema.upgrade(engine)
    clock = SystemClock()
    catalogue = RecordCatalogue(
        SqlRecordWork(engine, cipher),
        clock,
        RandomIds(),
        RestoreImage(SqlWork(engine, cipher)),
        engine.dispose,
    )
    return catalogue, sql_metadata_backend(engine)


def sql_metadata_backend(engine: Engine) -> DefinitionFiles:
    """Return what loads definitions into a database, and takes them out."""
    work = SqlWork(engine)
    loading = LoadNamespace(work, SystemClock())
    return DefinitionFiles(loading, UnloadNamespaces(work), ExportNamespaces(work))


def _metadata_backend(conf: cfg.ConfigOpts, engine: Engine) -> ConfiguredBackend:
    made = backend(METADATA, conf.database.metadata_backend, engine)
    return ConfiguredBackend(made, Path(conf.metadata_source_path))


def _engine(conf: cfg.ConfigOpts) -> Any:
    database = conf.database
    return make_engine(
        database.connection,
        pool_size=database.max_pool_size,
        max_overflow=database.max_overflow,
        pool_timeout_s=database.pool_timeout,
        pool_recycle_s=database.connection_recycle_time,
    )


def _trusted_headers(conf: cfg.ConfigOpts, authoriser: OsloAuthoriser) -> TrustedHeaders:
    return TrustedHeaders(authoriser.is_admin, allow_anonymous=conf.allow_anonymous_access)


def _identity(conf: cfg.ConfigOpts, authoriser: OsloAuthoriser) -> Any:
    makers: dict[str, Callable[[], Any]] = {
        "noauth": lambda: NoAuth(authoriser.is_admin),
        "trusted_headers": lambda: _trusted_headers(conf, authoriser),
        "http_basic": lambda: HttpBasic(
            conf.oslo_middleware.http_basic_auth_user_file, authoriser.is_admin
        ),
        "keystone": lambda: Keystone(conf, _trusted_headers(conf, authoriser)),
    }
    return makers[config.auth_strategy_of(conf)]()


def _property_access(conf: cfg.ConfigOpts, authoriser: OsloAuthoriser) -> PropertyAccess:
    def allows(caller: Caller, rule: str) -> bool:
        return authoriser.allows_target(caller, rule, {})

    return PropertyAccess(IniPropertyProtection.from_conf(conf, allows))


def _quotas(conf: cfg.ConfigOpts) -> QuotaKeeper:
    if conf.use_keystone_limits:
        # Needed by few, slow to load.
        from tintype.adapters.quota.keystone import KeystoneLimits

        return KeystoneLimits(conf)
    return FixedStorageQuota(conf.user_storage_quota) if conf.user_storage_quota else NoQuotas()


def _fetcher(conf: cfg.ConfigOpts, uri_filter: UriFilter) -> fetcher.HttpFetcher:
    conf.register_opts(fetcher.OPTIONS, group=fetcher.GROUP)
    return fetcher.HttpFetcher.from_conf(conf, uri_filter)


def _staging(conf: cfg.ConfigOpts, stores: ConfiguredStores) -> Staging:
    own_url = conf.worker_self_reference_url or conf.public_endpoint
    return Staging(stores, own_url, shared=stores.shared_staging)


def _task_queue(
    conf: cfg.ConfigOpts, staging: Staging, run_task: RunTask
) -> LocalQueue | CeleryQueue:
    if conf.task.task_executor != "celery":
        return LocalQueue(run_task, conf.wsgi.task_pool_threads)
    return CeleryQueue(_broker(conf, staging))


def _worker(conf: cfg.ConfigOpts, staging: Staging, run_task: RunTask) -> CeleryWorker:
    if conf.task.task_executor != "celery":
        raise BadConfiguration(
            celery_app.EXECUTOR,
            "there is nothing to do for a worker, since the processes that serve requests work "
            "on tasks too: set it to celery.",
        )
    return CeleryWorker(_broker(conf, staging), run_task, conf.wsgi.task_pool_threads, TASKS_STOP_S)


def _broker(conf: cfg.ConfigOpts, staging: Staging) -> Broker:
    if not staging.shared:
        raise BadConfiguration(
            "[os_glance_staging_store] shared",
            "with [task] task_executor = celery all workers must reach what is staged: set this "
            "to true if its directory is the same for all of them, or choose another store_type.",
        )
    return Broker.from_conf(conf)


def _plugins(conf: cfg.ConfigOpts, inspector: OsloInspector) -> Sequence[ImportPlugin]:
    names = conf.image_import_opts.image_import_plugins
    return load_plugins(conf, names, Tools(inspector))


def _required_stores(plugins: Sequence[ImportPlugin]) -> Set[str]:
    """Return the ids of the reserved stores that the service cannot do without."""
    return {STAGING_STORE, TASKS_STORE} if _need_data(plugins) else {STAGING_STORE}


def _need_data(plugins: Sequence[ImportPlugin]) -> bool:
    return any(plugin.needs_data for plugin in plugins)


def _workbenches(
    conf: cfg.ConfigOpts, stores: ConfiguredStores, plugins: Sequence[ImportPlugin]
) -> LocalWorkbenches:
    """Have plugins work in the store for that or, where stores have no names, as it was before.

    Raises:
        BadConfiguration: there is no place to work in, and a plugin needs one.
    Source: stores §5.
    """
    if not stores.multiple:
        return _unnamed_workbenches(conf, stores, plugins)
    if conf.task.work_dir:
        LOG.warning("%s is not used: with enabled_backends %s says where.", WORK_DIR, TASKS_DATADIR)
    directory = stores.task_directory
    if directory is None and _need_data(plugins):
        raise BadConfiguration(
            TASKS_DATADIR, "it must name a local directory: import plugins work on files."
        )
    return LocalWorkbenches(directory, TASKS_STORE)


def _unnamed_workbenches(
    conf: cfg.ConfigOpts, stores: ConfiguredStores, plugins: Sequence[ImportPlugin]
) -> LocalWorkbenches:
    own = conf.task.work_dir
    if not own:
        return LocalWorkbenches(stores.staging_directory, "staging")
    if _need_data(plugins) and not os.access(own, os.R_OK | os.W_OK | os.X_OK):
        raise BadConfiguration(WORK_DIR, f"{own} must be a directory that can be read and written.")
    return LocalWorkbenches(own, WORK_DIR)


def _versions(conf: cfg.ConfigOpts, stores: ConfiguredStores) -> Versions:
    return Versions(
        public_endpoint=conf.public_endpoint,
        with_cache=False,
        with_backends=stores.multiple,
    )


def _dumper(conf: cfg.ConfigOpts, schema: ImageSchema, stores: ConfiguredStores) -> ImageDumper:
    return ImageDumper(
        schema,
        show_stores=stores.multiple,
        show_locations=conf.show_multiple_locations,
        show_direct_url=conf.show_image_direct_url,
    )


def _site_properties(conf: cfg.ConfigOpts) -> SiteProperties:
    return SiteProperties.from_file(conf.find_file(SITE_SCHEMA))


def _paging(conf: cfg.ConfigOpts) -> Paging:
    return Paging(conf.limit_param_default, conf.api_limit_max)


def _healthcheck(conf: cfg.ConfigOpts) -> Healthcheck:
    by_file = "disable_by_file" in conf.healthcheck.backends
    return Healthcheck(conf.healthcheck.disable_by_file_path if by_file else None)


def _background(
    conf: cfg.ConfigOpts,
    renew: RenewLeases,
    sweep: Sweep,
    name_stores: NameStores,
    expire: RemoveExpiredTasks,
    clean: CleanStaging,
    scrub: Scrub,
) -> Background:
    return Background(
        Chore("renew leases", conf.lease_time / 4, renew),
        Chore("sweep", conf.sweep_interval, sweep),
        Chore("name stores", 1, name_stores),
        Chore("remove expired tasks", EXPIRY_INTERVAL_S, expire),
        Chore("clean staging", STAGING_INTERVAL_S, clean),
        *scrubbing.chores(conf, scrub),
    )


class Container(containers.DeclarativeContainer):
    """Everything the service is made of, for one configuration and one process."""

    conf: providers.Dependency[cfg.ConfigOpts] = providers.Dependency(instance_of=cfg.ConfigOpts)
    state_dir: providers.Object[str | None] = providers.Object(None)

    # ------------------------------------------------------------------ adapters
    engine = providers.Singleton(_engine, conf)
    url_cipher = providers.Singleton(UrlCipher, conf.provided.metadata_encryption_key)
    work = providers.Singleton(SqlWork, engine, url_cipher)
    authoriser = providers.Singleton(OsloAuthoriser, conf)
    identity = providers.Singleton(_identity, conf, authoriser)
    resolver = providers.Singleton(SystemResolver)
    uri_filter = providers.Singleton(
        UriFilter, providers.Singleton(uri_filtering.rules_of, conf), resolver
    )
    stores = providers.Singleton(
        ConfiguredStores.from_conf, conf, state_dir=state_dir, uri_filter=uri_filter
    )
    public_stores = providers.Singleton(
        ConfiguredStores.from_conf, conf, uri_filter=uri_filter, reserved={}
    )
    notifier = providers.Singleton(LogNotifier)
    clock = providers.Singleton(SystemClock)
    ids = providers.Singleton(RandomIds)
    presence = providers.Singleton(ProcessPresence)
    inspector = providers.Singleton(
        OsloInspector,
        required=conf.provided.image_format.require_image_format_match,
        nonfatal_gpt_checks=conf.provided.image_format.gpt_safety_checks_nonfatal,
    )
    keys = providers.Singleton(CastellanKeys, conf)
    quotas = providers.Singleton(_quotas, conf)
    purge_records = providers.Singleton(
        PurgeRecords, providers.Singleton(SqlRecordWork, engine), clock
    )
    migrations = providers.Singleton(
        backend, MIGRATION, conf.provided.database.migration_backend, engine
    )
    migrate = migrations.provided.upgrade.call()
    schema_version = migrations.provided.version.call()
    put_under_control = providers.Callable(schema.put_under_control, engine)
    former_catalogue = providers.Singleton(SqlFormerCatalogue, engine, url_cipher, migrations)
    adopt_catalogue = providers.Singleton(AdoptCatalogue, former_catalogue, stores)
    commit_adoption = providers.Singleton(CommitAdoption, former_catalogue)
    migrate_catalogue = providers.Singleton(MigrateCatalogue, former_catalogue, adopt_catalogue)
    contract_catalogue = providers.Singleton(ContractCatalogue, former_catalogue)
    sync_catalogue = providers.Singleton(
        SyncCatalogue, former_catalogue, migrate_catalogue, contract_catalogue
    )

    # ------------------------------------------------------------------ use cases
    limits = providers.Singleton(config.limits_of, conf)
    properties = providers.Singleton(_property_access, conf, authoriser)
    access = providers.Singleton(Access, authoriser, properties)
    lease_time = providers.Singleton(timedelta, seconds=conf.provided.lease_time)

    # ------------------------------------------------------------------ tasks
    task_time_to_live = providers.Singleton(timedelta, hours=conf.provided.task.task_time_to_live)
    import_lock = providers.Singleton(ImportLock, clock, task_time_to_live)
    staging = providers.Singleton(_staging, conf, stores)
    import_location = providers.Singleton(
        ImportLocation,
        stores,
        conf.provided.do_secure_hash,
        conf.provided.http_retries,
        conf.provided.hashing_algorithm,
        staging.provided.own_url,
    )
    fellows = providers.Singleton(HttpFellows)
    signatures = providers.Singleton(
        Signatures,
        providers.Singleton(certificates.source_of, conf),
        providers.Singleton(CursiveVerifier),
    )
    web_fetcher = providers.Singleton(_fetcher, conf, uri_filter)
    import_plugins = providers.Singleton(_plugins, conf, inspector)
    workbenches = providers.Singleton(_workbenches, conf, stores, import_plugins)
    required_stores = providers.Callable(_required_stores, import_plugins)
    hashing_algorithm = conf.provided.hashing_algorithm
    import_image = providers.Singleton(
        ImportImage,
        *(staging, web_fetcher),
        providers.Singleton(
            RemoteSource,
            providers.Singleton(HttpRemoteImages, web_fetcher),
            limits,
            conf.provided.glance_download_properties.extra_properties,
        ),
        providers.Singleton(PrepareData, import_plugins, workbenches, limits, hashing_algorithm),
        providers.Singleton(WriteStores, stores, inspector, limits, hashing_algorithm, signatures),
        *(quotas, limits),
        all_or_none=providers.Callable(
            lambda conf: conf.image_import_opts.max_parallel_stores > 1, conf
        ),
    )
    tasks_given_up = providers.Singleton(GivenUp)
    run_task = providers.Singleton(
        RunTask,
        *(work, notifier, clock, ids, presence, lease_time, tasks_given_up),
        providers.Dict(
            {
                TaskType.LOCATION_IMPORT.value: import_location,
                TaskType.API_IMAGE_IMPORT.value: import_image,
                TaskType.IMPORT.value: providers.Singleton(ImportNewImage, import_image, ids),
            }
        ),
        task_time_to_live,
    )
    task_queue = providers.Singleton(_task_queue, conf, staging, run_task)
    worker = providers.Singleton(_worker, conf, staging, run_task)
    start_task = providers.Singleton(
        StartTask, task_queue, clock, ids, presence, lease_time, tasks_given_up
    )
    start_again = providers.Singleton(StartAgain, work, start_task)
    show_task = providers.Singleton(ShowTask, work, access)
    list_tasks = providers.Singleton(ListTasks, work, access)
    list_tasks_of_image = providers.Singleton(ListTasksOfImage, work, access)
    create_task = providers.Singleton(
        CreateTask,
        *(work, access, uri_filter, start_task, conf.provided.task.allow_import_tasks),
    )
    remove_expired_tasks = providers.Singleton(RemoveExpiredTasks, work, clock)
    start_location_import = providers.Singleton(
        StartLocationImport, work, access, stores, uri_filter, import_lock, start_task
    )
    import_methods = providers.Singleton(tuple, conf.provided.enabled_import_methods)
    start_import = providers.Singleton(
        StartImport,
        *(work, access, stores, staging, uri_filter, import_lock, start_task, quotas),
        *(import_methods, fellows, signatures),
    )
    find_own_task = providers.Singleton(FindOwnTask, access)
    cancel_task = providers.Singleton(CancelTask, work, find_own_task, start_task)
    retry_task = providers.Singleton(
        RetryTask,
        *(work, find_own_task, start_import, start_location_import),
        providers.Object(import_schemas.of_task),
    )
    clean_staging = providers.Singleton(CleanStaging, work, staging, workbenches, clock)
    old_locations = providers.Singleton(OldLocations)
    fetch_locations = providers.Singleton(FetchLocations, work, access, stores, old_locations)

    # ------------------------------------------------------------------ images
    create_image = providers.Singleton(
        CreateImage, work, access, notifier, clock, ids, limits, quotas
    )
    name_stores = providers.Singleton(NameStores, work, stores, old_locations)
    identify_locations = providers.Singleton(IdentifyLocations, work, stores)
    show_image = providers.Singleton(ShowImage, work, access, stores, old_locations)
    list_images = providers.Singleton(ListImages, work, access, stores)
    remove_data = providers.Singleton(RemoveData, work, stores, clock, ids, presence, lease_time)
    update_image = providers.Singleton(
        UpdateImage,
        *(work, access, notifier, stores, limits, quotas, remove_data),
        *(conf.provided.show_multiple_locations, conf.provided.hashing_algorithm),
    )
    finish_deletion = providers.Singleton(FinishDeletion, work, notifier, stores, keys)
    delete_image = providers.Singleton(
        DeleteImage,
        *(work, access, notifier, finish_deletion),
        *(clock, ids, presence, lease_time, import_lock, staging, fellows),
        delayed=conf.provided.delayed_delete,
    )
    scrub = providers.Singleton(
        Scrub,
        *(work, finish_deletion, clock, ids, presence, lease_time),
        conf.provided.scrub_pool_size,
    )
    restore_image = providers.Singleton(RestoreImage, work)
    deactivate_image = providers.Singleton(deactivate_image, work, access, notifier)
    reactivate_image = providers.Singleton(reactivate_image, work, access, notifier)
    tag_image = providers.Singleton(TagImage, work, access, notifier, limits)
    undo_upload = providers.Singleton(
        UndoUpload,
        *(work, stores, notifier, clock, ids, presence, lease_time),
    )
    upload_image_data = providers.Singleton(
        UploadImageData,
        *(work, access, notifier, stores, inspector, undo_upload),
        *(clock, ids, presence, limits, conf.provided.hashing_algorithm, lease_time),
        *(quotas, staging, signatures),
    )
    stage_image_data = providers.Singleton(
        StageImageData,
        *(work, access, notifier, staging, undo_upload),
        *(clock, ids, presence, limits, lease_time, quotas),
        *(inspector, hashing_algorithm),
    )
    show_usage = providers.Singleton(ShowUsage, work, quotas)
    download_image_data = providers.Singleton(
        DownloadImageData, work, access, stores, old_locations
    )
    add_member = providers.Singleton(AddMember, work, access, notifier, clock, limits)
    list_members = providers.Singleton(ListMembers, work, access)
    show_member = providers.Singleton(ShowMember, work, access)
    answer_offer = providers.Singleton(AnswerOffer, work, access, notifier, clock)
    remove_member = providers.Singleton(RemoveMember, work, access, notifier)
    list_stores = providers.Singleton(ListStores, stores)
    describe_stores = providers.Singleton(DescribeStores, access, list_stores)
    sweep = providers.Singleton(
        Sweep,
        *(work, undo_upload, finish_deletion, clock, presence, lease_time, start_again),
        *(staging, remove_data),
    )
    renew_leases = providers.Singleton(RenewLeases, work, clock, presence, lease_time)
    metadef_access = providers.Singleton(MetadefAccess, authoriser)
    metadata_backend = providers.Singleton(_metadata_backend, conf, engine)
    background = providers.Singleton(
        _background,
        *(conf, renew_leases, sweep, name_stores, remove_expired_tasks, clean_staging, scrub),
    )

    # ------------------------------------------------------------------ HTTP
    site_properties = providers.Singleton(_site_properties, conf)
    image_schema = providers.Singleton(ImageSchema, limits, site_properties)
    dumper = providers.Singleton(_dumper, conf, image_schema, stores)
    paging = providers.Singleton(_paging, conf)
    resources = providers.Singleton(
        Resources,
        images=providers.Singleton(
            Images,
            *(create_image, list_images, image_schema, dumper),
            *(paging, stores, import_methods),
        ),
        image=providers.Singleton(
            OneImage, show_image, update_image, delete_image, image_schema, dumper
        ),
        image_file=providers.Singleton(
            ImageFile, upload_image_data, download_image_data, stores.provided.multiple
        ),
        staged_data=providers.Singleton(StagedData, stage_image_data, import_methods),
        imported_image=providers.Singleton(ImportedImage, start_import),
        deactivate=providers.Singleton(Action, deactivate_image),
        reactivate=providers.Singleton(Action, reactivate_image),
        tag=providers.Singleton(Tag, tag_image),
        members=providers.Singleton(Members, add_member, list_members),
        member=providers.Singleton(OneMember, show_member, answer_offer, remove_member),
        locations=providers.Singleton(Locations, start_location_import, fetch_locations),
        tasks=providers.Singleton(Tasks, create_task, list_tasks, paging),
        task=providers.Singleton(OneTask, show_task),
        cancelled_task=providers.Singleton(CancelledTask, cancel_task),
        retried_task=providers.Singleton(RetriedTask, retry_task),
        tasks_of_image=providers.Singleton(TasksOfImage, list_tasks_of_image),
        usage=providers.Singleton(UsageInfo, show_usage),
        stored_image=providers.Singleton(
            StoredImage,
            providers.Singleton(DeleteFromStore, work, access, notifier, stores, remove_data),
        ),
        stores=providers.Singleton(StoresInfo, list_stores),
        stores_detail=providers.Singleton(StoresDetail, describe_stores),
        metadefs=providers.Singleton(
            metadefs.make_resources, work, metadef_access, notifier, clock, paging
        ),
        cache=providers.Singleton(RefuseCache, access),
        healthcheck=providers.Singleton(_healthcheck, conf),
        schema=image_schema,
        import_methods=import_methods,
    )
    application = providers.Singleton(
        make_application,
        resources,
        providers.Singleton(_versions, conf, stores),
        identity,
        conf.provided.max_request_id_length,
    )


def steering(container: Container) -> Container:
    """Return the container for a program that works on no task, and ends in a moment.

    What it begins is taken up by the next sweep of any process.
    """
    container.start_task.override(
        providers.Singleton(
            StartTask,
            *(providers.Singleton(LeftToOthers), container.clock, container.ids),
            *(container.presence, timedelta(), container.tasks_given_up),
        )
    )
    return container
