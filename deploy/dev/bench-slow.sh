# What slow clients cost everybody else: 50 reports a second through the gateway, alone and then beside thousands of connections
# that say nothing, drip or never read, each opened again as soon as the gateway or intake has closed it.
# shellcheck shell=bash

command_bench_slow() { # [--connections N] [--seconds N] [--debug]
    local connections=10000 seconds=120 debug='' alone beside slow ratio
    while [ $# -gt 0 ]; do
        case $1 in
        --connections) connections=$2 && shift ;;
        --seconds) seconds=$2 && shift ;;
        --debug) debug=1 ;;
        *) fail "./dev bench slow knows --connections N, --seconds N and --debug" "./dev bench slow --connections 10000" ;;
        esac
        shift
    done
    slow_begin
    stage "broker" start_broker
    stage "migrations" migrate_services
    stage "places and rules" import_city
    stage "intake and routing" bench_services intake routing
    stage "demo street" bench_street
    stage "gateway" start_gateway
    stage "warm-up" slow_load 10 warm
    stage "alone, $seconds s" slow_load "$seconds" alone
    stage "$connections slow connections" slow_hold
    stage "beside them, $seconds s" slow_load "$seconds" beside
    stage "slow connections ended" slow_wait
    slow_report
}

slow_begin() {
    if [ -z "$debug" ]; then
        bench_begin
        return
    fi
    # The products at hand: for a look at the proportion, not at the milliseconds.
    bench_frame
    bin=$root/.build/debug bench=$root/.build/debug/bench
    only_one
    stage "packages" install_packages build run
    at_exit+=(bench_end)
    bench_end
    stage "keys and tokens" make_secrets
    stage "Postgres, fresh" bench_postgres
    stage "databases" prepare_databases
}

slow_load() { # SECONDS NAME
    "$bench" load --port "${port[gateway]}" --seconds "$1" --rate 50 "${places[@]}" >"$state/slow-$2.json" 2>"$logs/slow-$2.err" ||
        fail "the reports could not be sent" "$(tail -n 1 "$logs/slow-$2.err")" "$logs/gateway.log"
    stage_note=$(jq -r '"\(.accepted) accepted, \(.refused) refused, p50 \(.latency.p50_ms) ms, p99 \(.latency.p99_ms) ms"' "$state/slow-$2.json")
}

slow_hold() {
    local path
    rm -f "$state/slow.full"
    path="/q/$(demo_plate)"
    launch slow "$bench" slow --port "${port[gateway]}" --connections "$connections" --seconds $((seconds + 10)) --path "$path" \
        --full-file "$state/slow.full"
    await 90 slow_is_full || fail "$connections connections could not be opened" "is ulimit -n high enough, for the gateway too?" "$logs/slow.log"
    running slow || fail "the slow clients ended" "their output says why" "$logs/slow.log"
}
slow_is_full() { [ -e "$state/slow.full" ] || gone slow; }

slow_wait() {
    await $((seconds + 30)) gone slow || fail "the slow clients did not end" "./dev bench slow again" "$logs/slow.log"
    slow=$(tail -n 1 "$logs/slow.log")
    stage_note=$(jq -r '"held \(.held_mean) on average, \(.held_least) at least; \(.opened) opened, \(.closed) closed"' <<<"$slow")
}

slow_report() {
    ratio=$(jq -n --slurpfile a "$state/slow-alone.json" --slurpfile b "$state/slow-beside.json" '$b[0].latency.p99_ms / $a[0].latency.p99_ms * 100 | round / 100')
    printf '\n  p99 beside %s slow connections is %s times the one alone (at most 3 wanted)\n' "$connections" "$ratio"
    jq -e '.refused == 0' "$state/slow-beside.json" >/dev/null || fail "reports were refused beside the slow connections" "$state/slow-beside.json"
    jq -en --argjson r "$ratio" '$r <= 3' >/dev/null || fail "p99 grew $ratio times" "$state/slow-beside.json has the figures" "$logs/gateway.log"
}
