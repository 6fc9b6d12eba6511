#!/bin/bash
# A throw-away single-node Ceph cluster: one mon, one mgr, one OSD, and radosgw
# (S3 and Swift APIs), all on 127.0.0.1, state in one directory.
#
#   ceph.sh start|stop|env|status       eval "$(ceph.sh start | sed 's/^/export /')"
#
# Options, read at start:
#   TINTYPE_CEPH_STORE=bluestore|memstore   how the OSD keeps data (bluestore: a sparse file)
#   TINTYPE_CEPH_SIZE=20G                   size of that file (bluestore), or of memory (memstore: 4G)
#   TINTYPE_CEPH_RGW=1|0                    also run radosgw
#   TINTYPE_CEPH_MGR=1|0                    also run the manager (only `ceph df`-like figures need it)
#   TINTYPE_CEPH_NAME=ceph                  state directory's name: a second cluster beside the first
#   TINTYPE_CEPH_POOLS="images volumes"     RBD pools to make
# Clients use the user client.tintype (rbd profile on those pools) or client.admin.
. "$(dirname "$(readlink -f "$0")")/_lib.sh"
SERVICE=${TINTYPE_CEPH_NAME:-ceph}

is_running() {
  alive "$STATE/run/mon.a.pid" ceph-mon && alive "$STATE/run/osd.0.pid" ceph-osd &&
    { [ ! -e "$STATE/with_rgw" ] || alive "$STATE/run/client.rgw.pid" radosgw; }
}

do_start() {
  local store=${TINTYPE_CEPH_STORE:-bluestore} size=${TINTYPE_CEPH_SIZE:-}
  [ -n "$size" ] || { [ "$store" = memstore ] && size=4G || size=20G; }
  local pools=${TINTYPE_CEPH_POOLS:-images volumes} rgw=${TINTYPE_CEPH_RGW:-1} mgr=${TINTYPE_CEPH_MGR:-1}
  local packages="ceph-mon ceph-osd ceph-common python3-rados python3-rbd" probes="ceph-mon ceph-osd rbd"
  [ "$mgr" = 0 ] || { packages+=" ceph-mgr ceph-mgr-modules-core"; probes+=" ceph-mgr"; }
  [ "$rgw" = 0 ] || { packages+=" radosgw"; probes+=" radosgw"; }
  need_packages "$probes" $packages
  cd "$STATE"
  local d=$STATE mon_port rgw_port fsid pool osd_uuid caps
  read -r mon_port rgw_port < <(free_ports 2)
  fsid=$(uuidgen); osd_uuid=$(uuidgen)
  mkdir -p run log crash mon osd mgr
  cat >ceph.conf <<CONF
[global]
fsid = $fsid
mon host = v2:127.0.0.1:$mon_port/0
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr1 = false
ms bind port min = 32000
ms bind port max = 32700
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
keyring = $d/keyring
run dir = $d/run
admin socket = $d/run/\$name.\$pid.asok
pid file = $d/run/\$name.pid
log file = $d/log/\$name.log
crash dir = $d/crash
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pgp num = 8
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool delete = true
mon allow pool size one = true
mon warn on pool no redundancy = false
mon max pg per osd = 1000
mon data avail warn = 2
mon data avail crit = 1
paxos propose interval = 0.05
paxos min wait = 0.01
[client]
admin socket =
pid file =
log file =
[mon]
mon data = $d/mon
[mgr]
mgr data = $d/mgr
mgr initial modules =
mgr stats period = 1
mgr tick period = 1
[osd]
osd data = $d/osd
osd objectstore = $store
osd memory target = 939524096
osd fast shutdown = true
osd heartbeat interval = 1
bluestore block create = true
bluestore block size = $size
bluestore cache autotune = false
bluestore cache size = 134217728
memstore device bytes = $size
[client.rgw]
admin socket = $d/run/client.rgw.asok
pid file = $d/run/client.rgw.pid
log file = $d/log/client.rgw.log
rgw data = $d
rgw frontends = beast endpoint=127.0.0.1:$rgw_port
rgw dns name = localhost
rgw enable usage log = false
rgw enable apis = s3, swift, swift_auth, admin
rgw swift url = http://127.0.0.1:$rgw_port
rgw thread pool size = 64
rgw gc obj min wait = 5
rgw gc processor period = 5
rgw gc processor max time = 5
CONF
  # Keys first: what the keyring holds when the monitor is made is what the cluster knows.
  caps=""; for pool in $pools; do caps+="${caps:+, }profile rbd pool=$pool"; done
  ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *' >/dev/null
  ceph-authtool keyring --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' --cap mds 'allow *' >/dev/null
  ceph-authtool keyring --gen-key -n osd.0 --cap mon 'allow profile osd' --cap mgr 'allow profile osd' --cap osd 'allow *' >/dev/null
  ceph-authtool keyring --gen-key -n mgr.x --cap mon 'allow profile mgr' --cap osd 'allow *' --cap mds 'allow *' >/dev/null
  ceph-authtool keyring --gen-key -n client.rgw --cap mon 'allow rw' --cap osd 'allow rwx' --cap mgr 'allow rw' >/dev/null
  ceph-authtool keyring --gen-key -n client.tintype --cap mon 'profile rbd' --cap osd "$caps" --cap mgr "${caps//pool=*/}" >/dev/null
  export CEPH_CONF=$d/ceph.conf
  monmaptool --create --fsid "$fsid" --addv a "v2:127.0.0.1:$mon_port" monmap >/dev/null
  { ceph-mon -i a --mkfs --monmap monmap --keyring keyring; ceph-mon -i a; } 2>>log/start.log
  [ "$mgr" = 0 ] || ceph-mgr -i x 2>>log/start.log   # slowest to be ready, so first
  { ceph osd new "$osd_uuid" 0; ceph-osd -i 0 --mkfs --osd-uuid "$osd_uuid"; ceph-osd -i 0; } >>log/start.log 2>&1
  # One connection for the rest: the ceph command takes about half a second a call.
  /usr/bin/python3 - $pools >>log/start.log 2>&1 <<'PY'
import json, os, sys, time
import rados, rbd
cluster = rados.Rados(conffile=os.environ["CEPH_CONF"], name="client.admin")
cluster.connect(timeout=20)
def mon(**cmd):
    code, out, err = cluster.mon_command(json.dumps(cmd), b"", timeout=20)
    if code:
        raise SystemExit(f"{cmd}: {code} {err}")
    return out
end = time.monotonic() + 60
while True:
    osds = json.loads(mon(prefix="osd dump", format="json"))["osds"]
    if any(o["up"] and o["in"] for o in osds):
        break
    if time.monotonic() > end:
        raise SystemExit("the OSD did not come up")
    time.sleep(0.05)
for pool in sys.argv[1:]:
    mon(prefix="osd pool create", pool=pool, pg_num=8)
    mon(prefix="osd pool application enable", pool=pool, app="rbd")
    with cluster.open_ioctx(pool) as ioctx:
        rbd.RBD().pool_init(ioctx, True)
PY
  ceph-authtool keyring -p -n client.tintype >tintype.secret
  printf '[client.tintype]\n\tkey = %s\n' "$(cat tintype.secret)" >client.tintype.keyring
  {
    echo "TINTYPE_TEST_CEPH_CONF=$d/ceph.conf"
    echo "TINTYPE_TEST_CEPH_KEYRING=$d/client.tintype.keyring"
    echo "TINTYPE_TEST_CEPH_USER=tintype"
    echo "TINTYPE_TEST_CEPH_POOL=${pools%% *}"
    echo "CEPH_CONF=$d/ceph.conf"
  } >env.new
  if [ "$rgw" != 0 ]; then
    touch with_rgw
    radosgw -n client.rgw 2>>log/start.log
    local key=tintypetestkey0000000 secret=tintypetestsecret0000000000000000000000
    radosgw-admin user create --uid=tintype --display-name=tintype --access-key=$key --secret-key=$secret >>log/start.log 2>&1
    radosgw-admin subuser create --uid=tintype --subuser=tintype:swift --access=full --key-type=swift --secret-key=swiftsecret >>log/start.log 2>&1
    radosgw-admin user create --uid=small --display-name=small --access-key=small$key --secret-key=$secret >>log/start.log 2>&1
    radosgw-admin quota set --uid=small --quota-scope=user --max-size=4194304 >>log/start.log 2>&1
    radosgw-admin quota enable --uid=small --quota-scope=user >>log/start.log 2>&1
    wait_for 60 radosgw port_open "$rgw_port"
    {
      echo "TINTYPE_TEST_RGW_S3_ENDPOINT=http://127.0.0.1:$rgw_port"
      echo "TINTYPE_TEST_RGW_S3_ACCESS_KEY=$key"
      echo "TINTYPE_TEST_RGW_S3_SECRET_KEY=$secret"
      echo "TINTYPE_TEST_RGW_S3_SMALL_ACCESS_KEY=small$key"   # same secret; 4 MiB in all
      echo "TINTYPE_TEST_RGW_SWIFT_AUTH_URL=http://127.0.0.1:$rgw_port/auth/v1.0"
      echo "TINTYPE_TEST_RGW_SWIFT_USER=tintype:swift"
      echo "TINTYPE_TEST_RGW_SWIFT_KEY=swiftsecret"
    } >>env.new
  fi
  # Free space is zero until the manager's first report: wait, so that tests need not.
  [ "$mgr" = 0 ] || wait_for 30 "the manager's first report" /usr/bin/python3 -c '
import os, rados, sys
with rados.Rados(conffile=os.environ["CEPH_CONF"], name="client.admin") as c:
    sys.exit(c.get_cluster_stats()["kb"] == 0)'
  mv env.new env
}

do_stop() {
  end "$STATE/run/client.rgw.pid" radosgw TERM 10
  end "$STATE/run/mgr.x.pid" ceph-mgr TERM 5
  end "$STATE/run/osd.0.pid" ceph-osd TERM 10
  end "$STATE/run/mon.a.pid" ceph-mon TERM 10
}
main "$@"
