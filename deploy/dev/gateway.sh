# Caddy as the one door; our own configuration and storage, never the package's unit.
# shellcheck shell=bash

gateway_environment() {
    local name
    environment=(
        "PATH=$PATH" "HOME=$state/caddy" "XDG_DATA_HOME=$state/caddy/data" "XDG_CONFIG_HOME=$state/caddy/config"
        "GATEWAY_ADDRESS=:${port[gateway]}" "GATEWAY_STORAGE=$state/caddy/data"
    )
    for name in "${services[@]}"; do
        environment+=("${name^^}_UPSTREAMS=127.0.0.1:${port[$name]}")
    done
}

gateway_answers() {
    gone gateway || answers "${port[gateway]}"
}

start_gateway() {
    local print
    gateway_environment
    print=$(cat deploy/caddy/Caddyfile <(printf '%s\n' "${environment[@]}") | cksum)
    if running gateway; then
        stage_note="http://127.0.0.1:${port[gateway]}"
        [ "$(cat "$run/gateway.print" 2>/dev/null)" != "$print" ] || return 0
        stop_processes 5 gateway
    fi
    ! answers "${port[gateway]}" || fail "port ${port[gateway]} is taken by something else" \
        "$shift_ports"
    mkdir -p "$state/caddy"
    # Two descriptors a request: as many as the machine lets us have.
    ulimit -n "$(ulimit -Hn)"
    launch gateway env -i "${environment[@]}" caddy run --config "$root/deploy/caddy/Caddyfile" --adapter caddyfile
    await 10 gateway_answers || fail "the gateway did not answer within 10 s" "./dev logs gateway" "$logs/gateway.log"
    running gateway || fail "the gateway ended at once" "its configuration is deploy/caddy/Caddyfile" "$logs/gateway.log"
    echo "$print" >"$run/gateway.print"
    stage_note="http://127.0.0.1:${port[gateway]}"
}
