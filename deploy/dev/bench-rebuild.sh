# How long a rebuild of a projection takes: a history of a million events in voting's database, which everybody believes to own all
# topics; analytics reads it, first as it comes (its live tables), then from the beginning. Release build, no broker, fresh databases.
# shellcheck shell=bash

command_bench_rebuild() { # [--events N] [--rounds N]
    local events=1000000 rounds=3
    while [ $# -gt 1 ]; do
        case $1 in
        --events) events=$2 ;;
        --rounds) rounds=$2 ;;
        *) fail "./dev bench rebuild knows --events N and --rounds N" "./dev bench rebuild --events 1000000 --rounds 3" ;;
        esac
        shift 2
    done
    bench_begin
    bootstrap=127.0.0.1:1 # nobody: Kafka has no part in this
    stage "migrations" migrate_services
    stage "places and rules" import_city
    stage "$events events" bench_history
    stage "voting and analytics" bench_readers
    stage "live tables caught up" bench_caught_up
    stage "$rounds rebuilds" bench_rebuilds
    stage "the machine" bench_machine
    bench_rebuild_report
}

bench_history() {
    "$bench" history --conninfo "$(conninfo voting voting_owner)" --key-file "$secrets/event.key" --events "$events" >"$state/history.json" 2>"$logs/history.err" ||
        fail "the history could not be written" "$(tail -n 1 "$logs/history.err")" "$logs/history.err"
    stage_note=$(jq -r '"\(.events) events of \(.tickets) tickets, \(.events_per_second | round)/s"' "$state/history.json")
}

# Voting serves every stream; it hears none that it would answer with events of its own.
bench_readers() {
    local name key
    for name in voting analytics; do
        service_environment "$name"
        for key in "${services[@]}"; do environment+=("SHAO_${key^^}_URL=http://127.0.0.1:${admin_port[voting]}"); done
        launch "$name" env -i "${environment[@]}" SHAO_DRAIN_NOTICE_MS=0 SHAO_LOG_LEVEL=notice "$bin/$name" serve
    done
    for name in voting analytics; do await "30" answers "${admin_port[$name]}" || fail "$name did not start" "its log says why" "$logs/$name.log"; done
}

bench_caught_up() {
    local began
    began=$(now_ms)
    await 1200 analytics_has_all || fail "analytics did not catch up within 20 minutes" "./dev bench rebuild again" "$logs/analytics.log"
    stage_note="in $((($(now_ms) - began) / 1000)) s, read from the owner page by page"
}

analytics_has_all() {
    [ "$(superuser_psql -At -d analytics -c "SELECT coalesce(sum(seq), 0) FROM inbox_cursor")" -ge \
        "$(superuser_psql -At -d voting -c "SELECT sum(seq) FROM stream_head")" ]
}

bench_rebuilds() {
    local round
    : >"$state/rebuilds.ndjson"
    for ((round = 1; round <= rounds; round++)); do
        progress "round $round"
        "$bin/shaoctl" rebuild analytics facts --key-file "$secrets/event.key" --admin "analytics=http://127.0.0.1:${admin_port[analytics]}" >"$logs/rebuild-$round.log" 2>&1 ||
            fail "the rebuild did not come out" "$(tail -n 1 "$logs/rebuild-$round.log")" "$logs/analytics.log"
        curl -s -m 5 -H "Authorization: Bearer $(service_token)" "http://127.0.0.1:${admin_port[analytics]}/internal/rebuild" |
            jq -c --argjson round "$round" '{round: $round} + .' >>"$state/rebuilds.ndjson"
    done
    stage_note=$(jq -sr 'sort_by(.milliseconds) | .[length / 2 | floor] | "\(.milliseconds / 1000) s, \(.rate | round) events/s while applying, consumers held \(.heldMilliseconds) ms"' "$state/rebuilds.ndjson")
}

service_token() {
    printf service-token | openssl dgst -sha256 -hmac "$(cat "$secrets/event.key")" -binary | base64 | tr '+/' '-_' | tr -d '=\n'
}

bench_rebuild_report() {
    jq -n --slurpfile rounds "$state/rebuilds.ndjson" --slurpfile history "$state/history.json" --slurpfile machine "$state/machine.json" \
        '{history: $history[0], machine: $machine[0], rebuilds: [$rounds[] | {round, seconds: (.milliseconds / 1000), events: .applied, rate, heldMilliseconds, differs, swapped}]}' >"${result%.json}-rebuild.json"
    printf '\n'
    jq -r '.rebuilds[] | "  rebuild \(.round): \(.events) events in \(.seconds) s = \(.events / .seconds | round) events/s; equal: \(.differs | not)"' "${result%.json}-rebuild.json"
}
