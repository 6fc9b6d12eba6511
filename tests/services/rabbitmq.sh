#!/bin/bash
# A throw-away RabbitMQ on a free port of 127.0.0.1, with a name server of its own.
#
#   rabbitmq.sh start|stop|env|status      eval "$(rabbitmq.sh start | sed 's/^/export /')"
. "$(dirname "$(readlink -f "$0")")/_lib.sh"
SERVICE=rabbitmq

is_running() { alive "$STATE/pid" beam; }

do_start() {
  local port dist epmd d=$STATE
  need_packages /usr/lib/rabbitmq/bin/rabbitmq-server rabbitmq-server
  read -r port dist epmd < <(free_ports 3)
  # The program in PATH wants to be another user; the name must be unlike that of any other.
  RABBITMQ_NODENAME="tintype$port@localhost" RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 \
    RABBITMQ_NODE_PORT=$port RABBITMQ_DIST_PORT=$dist \
    ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$epmd \
    RABBITMQ_MNESIA_BASE=$d/data RABBITMQ_LOG_BASE=$d/log RABBITMQ_LOGS=$d/log/server.log \
    RABBITMQ_PID_FILE=$d/pid RABBITMQ_CONFIG_FILE=$d/none \
    RABBITMQ_ENABLED_PLUGINS_FILE=$d/plugins HOME=$d \
    setsid nohup /usr/lib/rabbitmq/bin/rabbitmq-server >"$d/output.log" 2>&1 </dev/null &
  wait_for 90 "RabbitMQ" port_open "$port"
  wait_for 30 "the id of RabbitMQ" is_running
  echo "$epmd" >"$d/epmd"
  echo "TINTYPE_TEST_RABBITMQ_URL=amqp://guest:guest@127.0.0.1:$port//" >"$d/env"
}

do_stop() {
  end "$STATE/pid" beam TERM 20
  # The name server stays behind, and goes once no server is known to it.
  [ ! -s "$STATE/epmd" ] || epmd -port "$(cat "$STATE/epmd")" -kill >/dev/null 2>&1 || true
}
main "$@"
