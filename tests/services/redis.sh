#!/bin/bash
# A throw-away Redis on a free port of 127.0.0.1 that keeps everything in memory.
#
#   redis.sh start|stop|env|status      eval "$(redis.sh start | sed 's/^/export /')"
. "$(dirname "$(readlink -f "$0")")/_lib.sh"
SERVICE=redis

is_running() { alive "$STATE/redis.pid" redis-server; }

do_start() {
  local port d=$STATE
  need_packages redis-server redis-server
  read -r port < <(free_ports 1)
  redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$d" \
    --daemonize yes --pidfile "$d/redis.pid" --logfile "$d/log" >/dev/null
  wait_for 20 "Redis" port_open "$port"
  echo "TINTYPE_TEST_REDIS_URL=redis://127.0.0.1:$port/0" >"$d/env"
}

do_stop() { end "$STATE/redis.pid" redis-server TERM 5; }
main "$@"
