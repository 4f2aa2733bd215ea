# Throw-away PostgreSQL servers, for scripts in bash to source. They set `scratch`, a directory that goes away with them, and
# have `say` and `fail`; what stands in `servers` is stopped by `stop_servers`.
# shellcheck shell=bash

servers=()
server_login=$(id -un)
if [ "$(id -u)" = 0 ]; then server_login=$(id -un postgres 2>/dev/null || echo nobody); fi
password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

stop_servers() {
    local pid
    for pid in "${servers[@]}"; do kill -QUIT "$pid" 2>/dev/null || true; done
    for pid in "${servers[@]}"; do wait "$pid" 2>/dev/null || true; done
    servers=()
}

# PostgreSQL refuses to run as root; as anybody else it runs as whoever that is. It ends with this script, however that ends.
as_server() {
    if [ "$(id -u)" != 0 ]; then exec setpriv --pdeathsig QUIT "$@"; fi
    exec setpriv --reuid="$server_login" --regid="$(id -g "$server_login")" --clear-groups --pdeathsig QUIT "$@"
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start_postgres NAME BIN [SETTING…]: a server in a directory of its own, with the data that is there or new; leaves its
# superuser URL in `server_url`, and its process in `servers`.
start_postgres() {
    local name=$1 bin=$2 home="$scratch/$1" port pid setting settings=()
    for setting in "${@:3}"; do settings+=(-c "$setting"); done
    mkdir -p "$home"
    if [ -e "$scratch/server.key" ]; then
        cp "$scratch"/server.{key,pem} "$home"
        chmod 600 "$home/server.key"
    fi
    printf '%s' "$password" >"$home/password"
    [ "$(id -u)" != 0 ] || chown -R "$server_login" "$home"
    cd "$home"
    [ -e "$home/data" ] || (as_server "$bin/initdb" -D "$home/data" -U postgres --pwfile="$home/password" --auth=scram-sha-256 \
        --encoding=UTF8 --locale=C --no-sync) >"$home/log" 2>&1 || { cat "$home/log" >&2; fail "initdb of $name failed"; }
    # Somebody else may take the port before the server does.
    for _ in 1 2 3; do
        port=$(free_port)
        # Throw-away data: no fsync, so that tests measure no disk.
        (as_server "$bin/postgres" -D "$home/data" -p "$port" -k "$home" -c listen_addresses=127.0.0.1 \
            -c fsync=off -c shared_buffers=64MB -c max_connections=300 -c log_line_prefix='%m [%p] %u@%d %a ' "${settings[@]}") >>"$home/log" 2>&1 &
        pid=$!
        if answers "$pid" "$bin" "$port"; then
            servers+=("$pid")
            cd - >/dev/null
            server_url="postgres://postgres:$password@127.0.0.1:$port/postgres"
            return
        fi
        kill -QUIT "$pid" 2>/dev/null && break
    done
    tail -n 20 "$home/log" >&2
    fail "PostgreSQL $name did not start within 30 s"
}

# answers PID BIN PORT: waits until the server does; it doesn't if it ends before.
answers() {
    for _ in $(seq 300); do
        kill -0 "$1" 2>/dev/null || return 1
        # Another server may be the one that answers there.
        if "$2/pg_isready" -q -h 127.0.0.1 -p "$3" && kill -0 "$1" 2>/dev/null; then return 0; fi
        sleep 0.1
    done
    return 1
}
