# A private Postgres: its own data folder, socket and port; nothing of the machine's own cluster is touched.
# shellcheck shell=bash

postgres_programs() { # sets $pg_bin to the newest installed server's programs, 15 or later
    local place major best=0
    for place in /usr/lib/postgresql/*/bin; do
        major=${place#/usr/lib/postgresql/}
        major=${major%%/*}
        if [[ $major =~ ^[0-9]+$ ]] && ((major >= 15 && major > best)) && [ -x "$place/initdb" ]; then
            best=$major pg_bin=$place
        fi
    done
    ((best > 0)) || fail "no PostgreSQL server 15 or later is installed" "./dev packages run"
}

# PostgreSQL refuses to run as root; then the system's postgres user runs it.
as_postgres() {
    if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

give_to_postgres() { # DIR: whether that user can really use it (a checkout under /root it cannot reach)
    mkdir -p "$1" 2>/dev/null || return 1
    [ "$(id -u)" -ne 0 ] || { chown postgres: "$1" && chmod 755 "$1"; }
    as_postgres test -w "$1" -a -x "$1" 2>/dev/null
}

# Where the cluster lives is decided once and written down: in the checkout, or where the postgres user can go.
postgres_home() {
    local mark=$state/postgres-home place tag
    if [ -s "$mark" ]; then
        pg_home=$(cat "$mark")
    else
        tag=$(printf %s "$root" | cksum | cut -d' ' -f1)
        pg_home=''
        for place in "$state/postgres" "/var/lib/shao/$tag" "/tmp/shao-$tag"; do
            if give_to_postgres "$place"; then
                pg_home=$place
                break
            fi
            rmdir "$place" 2>/dev/null || true
        done
        [ -n "$pg_home" ] || fail "no folder for Postgres" "make the checkout reachable for the user postgres, or run as another user than root"
        echo "$pg_home" >"$mark"
    fi
    pg_data=$pg_home/data pg_log=$pg_home/server.log pg_socket=$pg_home/run
    # A socket's whole path has 107 bytes at most.
    if ((${#pg_socket} > 85)); then pg_socket=/tmp/shao-pg-$(printf %s "$root" | cksum | cut -d' ' -f1); fi
}

# Locally the owner of the files and the user of this script are the superuser (peer); everything else, and all of
# TCP, needs a SCRAM password.
make_cluster() { # DATA LOG
    local user
    as_postgres "$pg_bin/initdb" -D "$1" -U postgres --data-checksums --encoding=UTF8 --locale=C.UTF-8 \
        --auth-local=peer --auth-host=scram-sha-256 >"$2" 2>&1 ||
        fail "initdb failed in $1" "is the disk full, or the folder not empty? ./dev doctor" "$2"
    for user in $(printf '%s\n' "$(as_postgres id -un)" "$(id -un)" | sort -u); do
        printf 'shao %s postgres\n' "$user"
    done | as_postgres tee "$1/pg_ident.conf" >/dev/null
    as_postgres tee "$1/pg_hba.conf" <deploy/postgres/pg_hba.conf >/dev/null
    echo "include_if_exists 'shao.conf'" | as_postgres tee -a "$1/postgresql.conf" >/dev/null
}

run_cluster() { # DATA SOCKET_DIR PORT LOG
    give_to_postgres "$2" || fail "the socket folder $2 cannot be used" "remove it and try again"
    as_postgres tee "$1/shao.conf" <deploy/postgres/shao.conf >/dev/null
    as_postgres tee -a "$1/shao.conf" >/dev/null <<<"port = $3
unix_socket_directories = '$2'"
    as_postgres "$pg_bin/pg_ctl" start -w -s -t 60 -D "$1" -l "$4" </dev/null >/dev/null 2>&1 9>&- ||
        fail "Postgres did not start on port $3" "is the port taken? ./dev doctor" "$4"
}

superuser_psql() { # ARGUMENT…
    "$pg_bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$pg_socket" -p "${port[postgres]}" -U postgres -d postgres "$@"
}

start_postgres() {
    postgres_programs
    postgres_home
    if running postgres; then
        stage_note="port ${port[postgres]}"
        return 0
    fi
    answers "${port[postgres]}" && fail "port ${port[postgres]} is taken by something else" \
        "$shift_ports"
    if as_postgres test -s "$pg_data/PG_VERSION"; then
        [ "$(as_postgres cat "$pg_data/PG_VERSION")" = "$(basename "$(dirname "$pg_bin")")" ] ||
            fail "the databases in $pg_data were made by PostgreSQL $(as_postgres cat "$pg_data/PG_VERSION")" \
                "install that server again, or start afresh: ./dev reset"
    else
        progress "making a new cluster"
        make_cluster "$pg_data" "$logs/initdb.log"
    fi
    run_cluster "$pg_data" "$pg_socket" "${port[postgres]}" "$pg_log"
    adopt postgres "$(as_postgres head -n 1 "$pg_data/postmaster.pid")"
    stage_note="port ${port[postgres]}, ${pg_home/#"$root"\//}"
}

# One database and two roles per service: the owner migrates, the service's own serves. Neither can reach another's database.
prepare_databases() {
    local name
    [ "$(superuser_psql -At -c "select count(*) from pg_database where datname = any(string_to_array('${services[*]}', ' '))")" != 5 ] ||
        [ "$state/databases.stamp" -ot deploy/postgres/roles.sql ] || [ "$state/databases.stamp" -ot "$secrets/pgpass" ] || return 0
    SECRETS=$secrets ROLES=$root/deploy/postgres/roles.sql PGHOST=$pg_socket PGPORT=${port[postgres]} PATH=$pg_bin:$PATH \
        deploy/postgres/setup >"$logs/databases.log" 2>&1 ||
        fail "the databases could not be prepared" "./dev logs postgres" "$logs/databases.log"
    : >"$state/databases.stamp"
}

conninfo() { # SERVICE [ROLE]: libpq's form; the password is read from the pass file
    printf "host='%s' port=%s user=%s dbname=%s passfile='%s'" \
        "${pg_socket//\'/\\\'}" "${port[postgres]}" "${2:-$1}" "$1" "${secrets//\'/\\\'}/pgpass"
}

stop_postgres() {
    running postgres || { rm -f "$pids/postgres"; return 0; }
    postgres_programs
    postgres_home
    # Fast: sessions are ended, the data is checkpointed. Immediate only when that hangs.
    as_postgres "$pg_bin/pg_ctl" stop -w -s -m fast -t 20 -D "$pg_data" >/dev/null 2>&1 ||
        as_postgres "$pg_bin/pg_ctl" stop -w -s -m immediate -t 10 -D "$pg_data" >/dev/null 2>&1 || true
    stop_processes 2 postgres
}

command_psql() {
    local name=${1:-} # as the owner: whoever asks here may look at everything
    [[ " ${services[*]} " == *" $name "* && -n $name ]] || fail "which service's database?" "./dev psql ${services[0]}; one of: ${services[*]}"
    postgres_programs
    postgres_home
    running postgres || fail "Postgres is not running" "./dev up"
    shift
    exec "$pg_bin/psql" "$(conninfo "$name" "${name}_owner")" "$@"
}
