#!/bin/bash
# A throw-away PostgreSQL server on a free port of 127.0.0.1, not durable (fsync off).
#
#   postgres.sh start|stop|env|status      eval "$(postgres.sh start | sed 's/^/export /')"
#
# Started by root it runs as the user postgres (the server refuses root), so the
# state directory's parents must be open to that user (a TMPDIR of mode 0700 is not).
# Options, read at start: TINTYPE_POSTGRES_MAX_CONNECTIONS=200
. "$(dirname "$(readlink -f "$0")")/_lib.sh"
SERVICE=postgres

as_server() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else "$@"; fi; }
is_running() { alive "$STATE/data/postmaster.pid.first" postgres; }

do_start() {
  local bin port d=$STATE
  bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
  need_packages "${bin:-/usr/lib/postgresql/0/bin}/initdb" postgresql
  bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
  read -r port < <(free_ports 1)
  [ "$(id -u)" != 0 ] || chown postgres: "$d"
  cd "$d"
  as_server "$bin/initdb" -D "$d/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync --no-instructions >initdb.log
  cat >>data/postgresql.conf <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = '$d'
max_connections = ${TINTYPE_POSTGRES_MAX_CONNECTIONS:-200}
shared_buffers = 128MB
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
wal_level = minimal
max_wal_senders = 0
CONF
  printf '%s\n' "local all all trust" "host all all 127.0.0.1/32 scram-sha-256" >data/pg_hba.conf
  as_server "$bin/pg_ctl" -D "$d/data" -l "$d/server.log" -w -t 60 start >pg_ctl.log
  head -1 data/postmaster.pid >data/postmaster.pid.first
  as_server "$bin/psql" -qX -h "$d" -p "$port" -U postgres \
    -c "create role tintype login createdb password 'tintype'" -c "create database tintype owner tintype"
  cat >env <<ENV
TINTYPE_TEST_POSTGRES_HOST=127.0.0.1
TINTYPE_TEST_POSTGRES_PORT=$port
TINTYPE_TEST_POSTGRES_USER=tintype
TINTYPE_TEST_POSTGRES_PASSWORD=tintype
TINTYPE_TEST_POSTGRES_DB=tintype
TINTYPE_TEST_POSTGRES_URL=postgresql://tintype:tintype@127.0.0.1:$port/tintype
ENV
}

do_stop() { end "$STATE/data/postmaster.pid.first" postgres INT 15; }   # INT: fast shutdown
main "$@"
