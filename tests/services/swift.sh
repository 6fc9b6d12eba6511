#!/bin/bash
# A throw-away OpenStack Swift with one replica: account, container, object and
# proxy servers (tempauth, DLO/SLO, bulk, quotas, s3api) and the
# memcached that tempauth keeps its tokens in, all on 127.0.0.1. A second proxy server
# ("plain") knows no static large objects.
#
#   swift.sh start|stop|env|status      eval "$(swift.sh start | sed 's/^/export /')"
#
# Options, read at start:
#   TINTYPE_SWIFT_BIN=DIR         use the swift-* commands of DIR (a venv with `pip install swift`)
#                                 instead of Debian's packages
#   TINTYPE_SWIFT_MAX_FILE=5368709122   largest single object; lower it to test segmenting cheaply
# The state directory must be on a file system with user xattrs (ext4, xfs, btrfs, recent tmpfs).
. "$(dirname "$(readlink -f "$0")")/_lib.sh"
SERVICE=swift

is_running() {
  local s
  for s in account container object proxy; do alive "$STATE/$s.pid" "swift-$s-server" || return 1; done
  alive "$STATE/plain.pid" swift-proxy-server || return 1
  alive "$STATE/memcached.pid" memcached
}

# launch NAME COMMAND...   in a session of its own, output to NAME.log, pid to NAME.pid
launch() {
  local name=$1; shift
  setsid "$@" </dev/null >>"$STATE/$name.log" 2>&1 &
  echo $! >"$STATE/$name.pid"
}

do_start() {
  local bin=${TINTYPE_SWIFT_BIN:-/usr/bin} python
  if [ "$bin" = /usr/bin ]; then
    need_packages "swift-proxy-server swift-account-server swift-container-server swift-object-server memcached" \
      swift-proxy swift-account swift-container swift-object python3-swift memcached
    python=/usr/bin/python3
  else
    need_packages memcached memcached
    python=$bin/python
  fi
  cd "$STATE"
  local d=$STATE user pa pc po pp pl pm s port
  user=$(id -un)
  read -r pa pc po pp pl pm < <(free_ports 6)
  mkdir -p dev/d1 rings cache
  "$python" - "$d/rings" account "$pa" container "$pc" object "$po" <<'PY' >rings.log 2>&1
import sys
from os.path import join
from swift.common.ring import RingBuilder
where, rest = sys.argv[1], sys.argv[2:]
for name, port in zip(rest[::2], rest[1::2]):
    ring = RingBuilder(part_power=4, replicas=1, min_part_hours=1)
    ring.add_dev(dict(region=1, zone=1, ip="127.0.0.1", port=int(port), device="d1", weight=1.0,
                      replication_ip="127.0.0.1", replication_port=int(port), meta=""))
    ring.rebalance()
    ring.get_ring().save(join(where, name + ".ring.gz"))
PY
  cat >rings/swift.conf <<CONF
[swift-hash]
swift_hash_path_prefix = tintype
swift_hash_path_suffix = tintype
[storage-policy:0]
name = one
default = yes
[swift-constraints]
max_file_size = ${TINTYPE_SWIFT_MAX_FILE:-5368709122}
CONF
  for s in account:$pa container:$pc object:$po; do
    port=${s#*:}; s=${s%:*}
    cat >"$s.conf" <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $port
user = $user
swift_dir = $d/rings
devices = $d/dev
mount_check = false
workers = 0
fallocate_reserve = 0
disable_fallocate = true
log_level = WARNING
log_statsd_host =
[pipeline:main]
pipeline = $s-server
[app:$s-server]
use = egg:swift#$s
[$s-replicator]
[$s-updater]
[$s-auditor]
CONF
  done
  cat >proxy.conf <<CONF
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $pp
user = $user
swift_dir = $d/rings
workers = 0
log_level = WARNING
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth copy container-quotas slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:healthcheck]
use = egg:swift#healthcheck
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:$pm
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
s3_acl = false
[filter:tempauth]
use = egg:swift#tempauth
user_admin_admin = admin .admin .reseller_admin
user_test_tester = testing .admin
user_test2_tester2 = testing2 .admin
[filter:copy]
use = egg:swift#copy
[filter:container-quotas]
use = egg:swift#container_quotas
[filter:slo]
use = egg:swift#slo
max_manifest_segments = 10
rate_limit_under_size = 0
[filter:dlo]
use = egg:swift#dlo
rate_limit_after_segment = 1000
CONF
  sed -e "s/^bind_port = .*/bind_port = $pl/" -e 's/^\(pipeline = .*\) slo /\1 /' proxy.conf >plain.conf
  launch memcached memcached -l 127.0.0.1 -p "$pm" -U 0 -m 64 ${EUID:+-u "$user"}
  for s in account container object proxy; do launch $s "$bin/swift-$s-server" "$d/$s.conf"; done
  launch plain "$bin/swift-proxy-server" "$d/plain.conf"
  for port in "$pm" "$pa" "$pc" "$po" "$pp" "$pl"; do wait_for 60 "port $port" port_open "$port"; done
  is_running
  cat >env <<ENV
TINTYPE_TEST_SWIFT_AUTH_URL=http://127.0.0.1:$pp/auth/v1.0
TINTYPE_TEST_SWIFT_USER=test:tester
TINTYPE_TEST_SWIFT_KEY=testing
TINTYPE_TEST_SWIFT_PLAIN_AUTH_URL=http://127.0.0.1:$pl/auth/v1.0
TINTYPE_TEST_SWIFT_PROXY_CONF=$d/proxy.conf
TINTYPE_TEST_SWIFT_MEMCACHED=127.0.0.1:$pm
TINTYPE_TEST_SWIFT_S3_ENDPOINT=http://127.0.0.1:$pp
TINTYPE_TEST_SWIFT_S3_ACCESS_KEY=test:tester
TINTYPE_TEST_SWIFT_S3_SECRET_KEY=testing
ENV
}

do_stop() {
  local s
  end "$STATE/plain.pid" swift-proxy-server TERM 5
  for s in proxy object container account; do end "$STATE/$s.pid" "swift-$s-server" TERM 5; done
  end "$STATE/memcached.pid" memcached TERM 5
}
main "$@"
