# The five services: the environment each gets (and nothing else), migration, start.
# shellcheck shell=bash

demo_dir=$root/deploy/demo

# A service refuses SHAO_ variables it does not know, so each gets exactly its own.
declare -A service_keys=(
    [intake]="SHAO_LINK_KEY_FILE SHAO_PHOTOWORKER SHAO_REPORTS_PER_ADDRESS SHAO_PHOTO_CONFINEMENT SHAO_PHOTO_MEGAPIXELS"
    [routing]="SHAO_LINK_KEY_FILE"
    [notification]="SHAO_LINK_KEY_FILE SHAO_SMTP_URL SHAO_OUTBOX_DIR SHAO_RECIPIENTS_FILE"
    [voting]="SHAO_LINK_KEY_FILE"
    [analytics]=""
)

value_of() { # KEY
    case $1 in
    SHAO_LINK_KEY_FILE) echo "$secrets/link.key" ;;
    SHAO_PHOTOWORKER) echo "$bin/photoworker" ;;
    SHAO_PHOTO_CONFINEMENT | SHAO_PHOTO_MEGAPIXELS) echo "${!1:-}" ;;
    # The whole demo street reports from this one machine.
    SHAO_REPORTS_PER_ADDRESS) echo "${SHAO_REPORTS_PER_ADDRESS:-3000+600/min}" ;;
    SHAO_SMTP_URL) echo "${SHAO_SMTP_URL:-}" ;;
    SHAO_OUTBOX_DIR) echo "$state/outbox" ;;
    SHAO_RECIPIENTS_FILE) echo "${SHAO_RECIPIENTS_FILE:-$demo_dir/recipients.json}" ;;
    esac
}

service_environment() { # SERVICE: sets the array $environment; needs postgres_home and broker_address before
    local key value
    environment=(
        "PATH=$PATH" "HOME=${HOME:-/}" "LANG=C.UTF-8" "TZ=Asia/Shanghai"
        "SHAO_POSTGRES=$(conninfo "$1")" "SHAO_REBUILD_POSTGRES=$(conninfo "$1" "${1}_owner")"
        "KAFKA_BOOTSTRAP_SERVERS=$bootstrap"
        "SHAO_HTTP_HOST=127.0.0.1" "SHAO_HTTP_PORT=${port[$1]}" "SHAO_ADMIN_PORT=${admin_port[$1]}"
        "SHAO_STREET=310106019000" "SHAO_EVENT_KEY_FILE=$secrets/event.key"
        "SHAO_LOG_LEVEL=${SHAO_LOG_LEVEL:-info}" "SHAO_STAFF_FILE=$secrets/staff.json"
        "SHAO_PUBLIC_URL=${SHAO_PUBLIC_URL:-http://127.0.0.1:${port[gateway]}}"
        "SHAO_CLIENT_LIMITS=${client_limits:-on}"
    )
    # Where each owner's stream is read when Kafka lacks a record.
    for key in "${services[@]}"; do environment+=("SHAO_${key^^}_URL=http://127.0.0.1:${admin_port[$key]}"); done
    for key in ${service_keys[$1]}; do
        value=$(value_of "$key")
        [ -z "$value" ] || environment+=("$key=$value")
    done
    # The embedded broker answers a fetch that found nothing only when its wait is over, not when a record comes.
    [ -n "${KAFKA_BOOTSTRAP_SERVERS:-}${SHAO_KAFKA_FETCH_WAIT_MAX_MS:-}" ] || environment+=("SHAO_KAFKA_FETCH_WAIT_MAX_MS=10")
    for key in "${!SHAO_KAFKA_@}"; do environment+=("$key=${!key}"); done
}

migrate_services() {
    mkdir -p "$state/outbox"
    local name failed='' jobs=()
    for name in "${services[@]}"; do
        service_environment "$name"
        # The owner's rights for this one command; what serves is granted what it needs.
        env -i "${environment[@]}" "SHAO_POSTGRES=$(conninfo "$name" "${name}_owner")" "SHAO_SERVING_ROLE=$name" "$bin/$name" migrate >"$logs/migrate-$name.log" 2>&1 &
        jobs+=($!)
    done
    for name in "${services[@]}"; do
        wait "${jobs[0]}" || failed=$name
        jobs=("${jobs[@]:1}")
    done
    [ -z "$failed" ] || fail "the migration of $failed failed" "a changed history is refused on purpose; a demo's data may go: ./dev reset" "$logs/migrate-$failed.log"
}

# Places, units and rules of the demo: what is there already stays as it is.
import_city() {
    service_environment routing
    env -i "${environment[@]}" "$bin/routing" import "$demo_dir" >"$logs/import.log" 2>&1 ||
        fail "the demo's city could not be imported" "the log names file and place; a demo's data may go: ./dev reset" "$logs/import.log"
    stage_note=$(head -n 1 "$logs/import.log")
}

# A running service is restarted only when its executable or its environment is not what it was started with.
start_services() {
    local name print stale=() started=()
    for name in "${services[@]}"; do
        service_environment "$name"
        print=$(printf '%s\n' "${environment[@]}" "$(stat -c '%Y %s %i' "$bin/$name")" "$(stat -c '%Y' "$secrets/staff.json")" | cksum)
        if running "$name" && [ "$(cat "$run/$name.print" 2>/dev/null)" != "$print" ]; then stale+=("$name"); fi
        echo "$print" >"$run/$name.print"
    done
    # For ./dev audit and parked.
    for name in "${services[@]}"; do echo "$name=http://127.0.0.1:${admin_port[$name]}"; done >"$run/admin.addresses"
    [ ${#stale[@]} -eq 0 ] || stop_processes 20 "${stale[@]}"
    for name in "${services[@]}"; do
        running "$name" && continue
        ! answers "${port[$name]}" || fail "port ${port[$name]} of $name is taken by something else" \
            "$shift_ports"
        service_environment "$name"
        launch "$name" env -i "${environment[@]}" "$bin/$name" serve
        started+=("$name")
    done
    for name in "${services[@]}"; do await_ready "$name" "http://127.0.0.1:${admin_port[$name]}/readyz" 30; done
    if [ ${#started[@]} -gt 0 ]; then stage_note="ready: ${started[*]}"; else stage_note='all running'; fi
}
