#!/bin/bash
# A throw-away real Ceph with pools of block devices: one monitor and one OSD in memory (no manager,
# so that no figures of use are kept). For figures, a disk or radosgw as well, use ceph.sh.
#
#   rbd.sh start|stop|env|status      eval "$(rbd.sh start | sed 's/^/export /')"
#
# Options, read at start:
#   TINTYPE_RBD_SIZE=8G     most that all images together may take (memory)
#   TINTYPE_RBD_NAME=rbd    state directory's name: a second cluster beside the first
set -euo pipefail
export TINTYPE_CEPH_NAME=${TINTYPE_RBD_NAME:-rbd} TINTYPE_CEPH_STORE=memstore \
  TINTYPE_CEPH_SIZE=${TINTYPE_RBD_SIZE:-8G} TINTYPE_CEPH_MGR=0 TINTYPE_CEPH_RGW=0
case ${1:-} in
  start|env|stop|status) exec "$(dirname "$(readlink -f "$0")")/ceph.sh" "$1" ;;
  *) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
