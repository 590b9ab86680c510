# The real processes under faults, on a Postgres, a broker and ports of their own; nothing of `up` is touched.
# shellcheck shell=bash

chaos_frame() {
    stand_apart chaos 900
    bootstrap=none # each service is told a port of the tool's own
    prepare_state
}

command_chaos() { # [--minutes N] [--only FAULT]… [--seed N] [--kafka] [--unsafe-kafka] [--heal N] [--short] [--built] [--release]
    local arguments=() wants_kafka='' is_built='' status
    chaos_frame
    while [ $# -gt 0 ]; do
        case $1 in
        --minutes | --only | --seed | --rate | --heal)
            [ $# -gt 1 ] || fail "$1 needs a value" "./dev chaos --only broker --seed 7"
            arguments+=("$1" "$2")
            shift
            ;;
        --unsafe-kafka | --short) arguments+=("$1") ;;
        --kafka) wants_kafka=1 ;;
        --built) is_built=1 ;;
        --release) bin=$root/.build-bench/release ;;
        --list)
            exec "$bin/chaos" --list
            ;;
        *) fail "./dev chaos does not know $1" "./dev chaos [--minutes N] [--only FAULT] [--seed N] [--kafka] [--unsafe-kafka] [--heal N] [--list]" ;;
        esac
        shift
    done
    only_one
    stage "packages" install_packages build run
    [ -n "$is_built" ] || stage "build" chaos_build
    chaos_products
    at_exit+=(chaos_end)
    chaos_end # what an earlier run may have left
    stage "keys and tokens" make_secrets
    stage "Postgres, fresh" chaos_postgres
    stage "databases" prepare_databases
    [ -z "$wants_kafka" ] || stage "real Kafka" chaos_kafka
    chaos_settings
    set +e
    "$bin/chaos" --state "$state" --products "$bin" --demo "$demo_dir" --first-port $((port[intake] + 21500)) \
        --postgres-socket "$pg_socket" --postgres-port "${port[postgres]}" --postgres-passfile "$secrets/pgpass" \
        --postgres-programs "$pg_bin" --postgres-data "$pg_data" --postgres-log "$pg_log" ${small:+--small "$small"} \
        ${kafka_script:+--kafka-script "$kafka_script"} --report "$root/.shao/chaos.json" "${arguments[@]}"
    status=$?
    set -e
    printf '\n  all of it: .shao/chaos.json; what the services said at a failure: .shao/chaos/failed\n'
    exit "$status"
}

# What is compiled meanwhile must not change what runs.
chaos_products() {
    local name products=$state/bin
    rm -rf "$products"
    mkdir -p "$products"
    for name in "${services[@]}" devbroker photoworker chaos; do
        cp "$bin/$name" "$products/$name" || fail "$name has not been built" "./dev chaos without --built"
    done
    bin=$products
}

chaos_build() {
    if [[ $bin == *release ]]; then build_release devbroker photoworker chaos; else build_products; fi
}

# Its write-ahead log on a small file system of its own where one can be mounted: only so can a disk be full on purpose.
chaos_postgres() {
    postgres_programs
    postgres_home
    rm -rf "${pg_data:?}" "$pg_data-backup" "$pg_data-backup-wal" "$state/databases.stamp"
    small='' kafka_script=''
    chaos_mount
    start_postgres
    superuser_psql -c "ALTER SYSTEM SET max_wal_size = '128MB'" -c "ALTER SYSTEM SET min_wal_size = '64MB'" -c "SELECT pg_reload_conf()" >/dev/null
    if [ -n "$small" ]; then
        as_postgres "$pg_bin/pg_ctl" stop -w -s -m fast -D "$pg_data"
        as_postgres cp -a "$pg_data/pg_wal" "$small/wal"
        as_postgres rm -rf "$pg_data/pg_wal"
        as_postgres ln -s "$small/wal" "$pg_data/pg_wal"
        rm -f "$pids/postgres"
        start_postgres
        stage_note+=", its log on a file system of 400 MiB"
    fi
}

chaos_mount() {
    local image=$pg_home/small.img place=$pg_home/small
    [ "$(id -u)" -eq 0 ] && command -v mkfs.ext4 >/dev/null || return 0
    mkdir -p "$place"
    truncate -s 400M "$image"
    if mkfs.ext4 -q -F "$image" 2>/dev/null && mount -o loop "$image" "$place" 2>/dev/null; then small=$place; fi
    if [ -z "$small" ] && mount -t tmpfs -o size=400M none "$place" 2>/dev/null; then small=$place; fi
    [ -z "$small" ] || chown postgres: "$place"
}

chaos_kafka() {
    local place
    for place in "${KAFKA_HOME:-}" "$root/../shared/kafka"; do
        if [ -x "$place/kafka" ]; then kafka_script=$(cd "$place" && pwd)/kafka; fi
    done
    [ -n "$kafka_script" ] || fail "no Kafka with a script to start and end it was found" "KAFKA_HOME names its folder; without --kafka the embedded broker is used"
    stage_note=$kafka_script
}

# Exactly what `up` would give each service.
chaos_settings() {
    local name
    rm -rf "$state/env" "$state/failed" "$logs"/*.log
    (umask 077 && mkdir -p "$state/env")
    [ -z "$kafka_script" ] || KAFKA_BOOTSTRAP_SERVERS=its-own
    for name in "${services[@]}"; do
        service_environment "$name"
        printf '%s\n' "${environment[@]}" >"$state/env/$name"
    done
    unset KAFKA_BOOTSTRAP_SERVERS
}

chaos_end() {
    local name left=()
    for name in $(supervised); do [[ $name == postgres ]] || left+=("$name"); done
    [ ${#left[@]} -eq 0 ] || stop_processes 10 "${left[@]}" >/dev/null
    if [ -d "$state/kafka" ]; then
        for name in "$state"/kafka/*/pid; do kill -KILL "$(cat "$name")" 2>/dev/null || true; done
        rm -rf "$state/kafka"
    fi
    [ ! -s "$state/postgres-home" ] || stop_postgres >/dev/null
    if mountpoint -q "$(cat "$state/postgres-home" 2>/dev/null || echo "$state")/small"; then
        umount "$(cat "$state/postgres-home")/small" 2>/dev/null || true
    fi
}
