#!/bin/bash
# A throw-away nginx on two free ports of 127.0.0.1, plain and with TLS, that gives out files.
#
#   nginx.sh start|stop|env|status      eval "$(nginx.sh start | sed 's/^/export /')"
#
# Files put into $TINTYPE_TEST_NGINX_ROOT are under the URLs. /no-range/, /no-head/, /packed/
# and /unmeasured/ give out the same files from servers that can do less. Credentials
# "user:pass word" are asked for under /locked/.
. "$(dirname "$(readlink -f "$0")")/_lib.sh"
SERVICE=nginx

is_running() { alive "$STATE/nginx.pid" nginx; }

do_start() {
  local plain tls user= d=$STATE
  [ "$(id -u)" != 0 ] || user="user root;"   # its own user may not read below a TMPDIR of mode 0700
  need_packages nginx nginx-light
  read -r plain tls < <(free_ports 2)
  mkdir -p "$d/www" "$d/tmp"
  openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout "$d/key.pem" -out "$d/ca.pem" \
    -subj /CN=localhost -addext 'subjectAltName = DNS:localhost,IP:127.0.0.1' 2>"$d/openssl.log"
  printf 'user:%s\n' "$(openssl passwd -apr1 'pass word')" >"$d/htpasswd"
  cat >"$d/nginx.conf" <<CONF
$user
pid $d/nginx.pid;
error_log $d/error.log;
worker_processes 2;
events { worker_connections 256; }
http {
  access_log off;
  default_type application/octet-stream;
  sendfile on;
  client_body_temp_path $d/tmp/body; proxy_temp_path $d/tmp/proxy; fastcgi_temp_path $d/tmp/fcgi;
  uwsgi_temp_path $d/tmp/uwsgi; scgi_temp_path $d/tmp/scgi;
  server {
    listen 127.0.0.1:$plain;
    listen 127.0.0.1:$tls ssl;
    ssl_certificate $d/ca.pem;
    ssl_certificate_key $d/key.pem;
    location / { root $d/www; }
    location /no-range/ { alias $d/www/; max_ranges 0; }
    location /no-head/ { alias $d/www/; if (\$request_method = HEAD) { return 403; } }
    location /packed/ { alias $d/www/; add_header Content-Encoding gzip; }
    location /unmeasured/ { alias $d/www/; ssi on; ssi_types *; }
    location /locked/ { alias $d/www/; auth_basic "locked"; auth_basic_user_file $d/htpasswd; }
  }
}
CONF
  nginx -p "$d" -c "$d/nginx.conf" -e "$d/error.log"
  wait_for 20 "nginx" port_open "$tls"
  cat >"$d/env" <<ENV
TINTYPE_TEST_NGINX_URL=http://127.0.0.1:$plain
TINTYPE_TEST_NGINX_TLS_URL=https://127.0.0.1:$tls
TINTYPE_TEST_NGINX_CA=$d/ca.pem
TINTYPE_TEST_NGINX_ROOT=$d/www
ENV
}

do_stop() { end "$STATE/nginx.pid" nginx QUIT 5; }
main "$@"
