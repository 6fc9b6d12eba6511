"""Serve Cinder as a configuration file says: `python serve.py FILE`.

Its API, scheduler and volume manager are one process, which saves a message broker: they hand
messages to one another by a transport in memory.
"""

import sys


def serve(configuration: str) -> None:
    """Serve until killed."""
    from cinder import monkey_patch  # type: ignore[import-not-found]

    monkey_patch.patch()
    import os_brick
    from cinder import coordination, objects, rpc, service, version
    from cinder.common import config, constants  # type: ignore[import-not-found]
    from oslo_config import cfg
    from oslo_log import log
    from oslo_service.service import ServiceLauncher  # type: ignore[import-untyped]

    conf = cfg.CONF
    objects.register_all()
    conf(["--config-file", configuration], project="cinder", version=version.version_string())
    config.set_middleware_defaults()
    log.setup(conf, "cinder")
    os_brick.setup(conf)
    coordination.COORDINATOR.start()
    rpc.init(conf)
    launcher = ServiceLauncher(conf)
    launcher.launch_service(service.Service.create(binary=constants.SCHEDULER_BINARY))
    for backend in conf.enabled_backends:
        volumes = service.Service.create(
            host=f"{conf.host}@{backend}",
            service_name=backend,
            binary=constants.VOLUME_BINARY,
            coordination=True,
        )
        launcher.launch_service(volumes)
    launcher.launch_service(service.WSGIService("osapi_volume"))
    launcher.wait()


if __name__ == "__main__":
    serve(sys.argv[1])
