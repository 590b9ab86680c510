# Up, down and what lies between.
# shellcheck shell=bash

command_up() {
    local began
    began=$(now_ms)
    prepare_state
    only_one
    stage "packages" install_packages build run
    stage "build" build_products
    stage "keys and tokens" make_secrets
    stage "Postgres" start_postgres
    stage "databases" prepare_databases
    stage "broker" start_broker
    stage "migrations" migrate_services
    stage "places and rules" import_city
    stage "services" start_services
    stage "gateway" start_gateway
    stage "demo street" seed_demo
    print_addresses "$began"
    broker_warning
}

plate_page_answers() {
    [ "$(http_status "http://127.0.0.1:${port[gateway]}/q/$plate")" = 200 ]
}

# The street is there when a plate's page,
# which intake fills from routing's events, can be seen through the gateway.
seed_demo() {
    plate=$(demo_plate)
    await 20 plate_page_answers ||
        fail "the page of plate $plate does not come" "did routing publish what was imported? ./dev logs routing; ./dev logs intake" "$logs/routing.log"
    stage_note="page of plate $plate is there"
}

demo_plate() {
    jq -r '.plates[0].code' "$demo_dir/plates.json"
}

print_addresses() { # START_MS
    local base="http://127.0.0.1:${port[gateway]}"
    cat <<TEXT

  ${bold}Shao is up${plain} after $(seconds_since "$1")
    a lamp's plate      $base/q/$plate
    the street's desk   $base/street
    the figures         $base/analytics
    staff tokens        .shao/secrets/staff/*.token   (a community's: community-001.token, the street's: street.token)
    one report, hop by hop: ./dev ticket     a lively street: ./dev demo     logs: ./dev logs     end: ./dev down
TEXT
}

# Whoever runs it must know what it is before something is built on it.
broker_warning() {
    [ -z "${KAFKA_BOOTSTRAP_SERVERS:-}" ] || return 0
    cat <<TEXT

  ${bold}The broker is memory.${plain} What is on it is gone when it ends, and is filled again from the databases at the next start. For developing and
  trying out, on one machine; a city takes docker-compose.yml, or a Kafka of its own: KAFKA_BOOTSTRAP_SERVERS=host:9092 ./dev up
TEXT
}

# Doors first, so that nothing new comes in; then the services, which drain; what they need last.
command_down() {
    local began name left=()
    began=$(now_ms)
    mkdir -p "$state" "$logs" "$pids" "$run"
    only_one
    stage "gateway" stop_processes 5 gateway
    for name in $(supervised); do
        [[ " ${services[*]} gateway broker postgres " == *" $name "* ]] || left+=("$name")
    done
    [ ${#left[@]} -eq 0 ] || stage "${left[*]}" stop_processes 5 "${left[@]}"
    stage "services" stop_processes 20 "${services[@]}"
    stage "broker" stop_processes 5 broker
    stage "Postgres" stop_postgres
    rm -f "$run/broker.address" "$run"/*.print
    stage "nothing left" nothing_left
    echo "  down after $(seconds_since "$began"); the data stays in .shao"
}

nothing_left() {
    local name left=''
    for name in $(supervised); do ! running "$name" || left+=" $name (pid $pid)"; done
    [ -z "$left" ] || fail "still running:$left" "kill -9 the pid"
    for name in "${!port[@]}"; do ! answers "${port[$name]}" || left+=" ${port[$name]} ($name)"; done
    for name in "${!admin_port[@]}"; do ! answers "${admin_port[$name]}" || left+=" ${admin_port[$name]} ($name, admin)"; done
    [ -z "$left" ] || fail "ports still answer:$left" "they are not processes of this checkout; ./dev doctor names their owners"
}

command_status() {
    local name shown
    for name in postgres broker "${services[@]}" gateway; do
        shown=${port[$name]}
        if running "$name"; then
            printf '  %s●%s %-13s port %-6s pid %-8s %s MiB\n' "$green" "$plain" "$name" "$shown" "$pid" \
                "$(awk '/^VmRSS/ {printf "%.0f", $2 / 1024}' "/proc/$pid/status")"
        else
            printf '  %s○%s %-13s port %-6s not running\n' "$red" "$plain" "$name" "$shown"
        fi
    done
}

command_logs() {
    local files=("$logs"/{intake,routing,notification,voting,analytics,gateway,broker}.log)
    if [ $# -gt 0 ]; then files=("$logs/$1.log"); fi
    if [ "${1:-}" = postgres ]; then
        postgres_home
        files=("$pg_log")
    fi
    [ -e "${files[0]}" ] || fail "there is no log of ${1:-the services} yet" "./dev up"
    exec tail -n 50 -F "${files[@]}"
}

command_reset() {
    command_down
    # Folders of the postgres user can lie outside the checkout; the mark says where.
    if [ -s "$state/postgres-home" ]; then
        postgres_home
        rm -rf "${pg_data:?}" "$pg_log" "$state/postgres-home"
        rmdir "$pg_socket" "$pg_home" 2>/dev/null || true
    fi
    rm -rf "${secrets:?}" "${state:?}/caddy" "$state/databases.stamp"
    echo "  forgotten: databases, keys, tokens"
}

operators_tool() { # SUBCOMMAND ARGUMENT…
    [ -x "$bin/shaoctl" ] || fail "shaoctl has not been built" "./dev up"
    broker_address
    exec "$bin/shaoctl" "$@"
}
need_running() {
    running gateway || fail "the system is not up" "./dev up"
}
command_ticket() { need_running && operators_tool ticket --gateway "http://127.0.0.1:${port[gateway]}" --state "$state" "$@"; }
command_demo() { need_running && operators_tool demo --gateway "http://127.0.0.1:${port[gateway]}" --state "$state" "$@"; }
command_rebuild() { need_running && operators_tool rebuild --state "$state" "$@"; }
command_audit() { need_running && operators_tool audit --state "$state" "$@"; }
command_parked() { # list | show | replay | drop, and options
    need_running
    [ $# -gt 0 ] || set -- list
    operators_tool parked "$1" --state "$state" "${@:2}"
}
