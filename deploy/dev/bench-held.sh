# What an old open transaction elsewhere in the same Postgres costs the event log. Vacuum may remove nothing that it could
# still see, and a log that orders by the oldest running transaction would stand still behind it.
# shellcheck shell=bash

bench_held() {
    stage "intake and routing" bench_services intake routing
    stage "demo street" bench_street
    stage "warm-up" bench_warm_up
    stage "$rounds rounds without it" held_rounds before
    stage "a transaction of $minutes min" hold_transaction
    stage "$rounds rounds beside it" held_rounds beside
    stage "its age, and what is dead" held_findings
    superuser_psql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'" >/dev/null
    stage "$rounds rounds after it" held_rounds after
    held_report
}

held_rounds() { # NAME: pgbench and intake with routing in turns, one line each of held.ndjson
    local round
    [ "$1" != before ] || : >"$state/held.ndjson"
    for ((round = 1; round <= rounds; round++)); do
        progress "round $round"
        jq -cn --arg phase "$1" --argjson pgbench "$(bench_pgbench "$seconds")" --argjson intake "$(bench_load held "$seconds")" \
            '{phase: $phase, pgbench: $pgbench.per_second, intake: $intake.per_second, p99_ms: $intake.latency.p99_ms}' >>"$state/held.ndjson"
    done
    stage_note=$(jq -rs --arg phase "$1" '[.[] | select(.phase == $phase) | .intake] | sort | .[length / 2 | floor] | round | "\(.)/s through intake and routing"' "$state/held.ndjson")
}

# It has written, in a database of its own, so it holds a transaction id as well as a snapshot.
hold_transaction() {
    superuser_psql -d postgres -c "CREATE TABLE IF NOT EXISTS held (n int)" >/dev/null
    # Production's settings would end a transaction that says nothing for a minute; this one is busy sleeping.
    superuser_psql -c "SET statement_timeout = 0" -c "BEGIN ISOLATION LEVEL REPEATABLE READ" -c "INSERT INTO held VALUES (1)" \
        -c "SELECT pg_sleep($((minutes * 60 + 3600)))" >/dev/null 2>&1 9>&- &
    local end=$(($(now_ms) + minutes * 60000))
    while (($(now_ms) < end)); do
        progress "$(((end - $(now_ms)) / 1000)) s to go, a few reports a second"
        "$bench" load --port "${port[intake]}" --seconds 5 "${places[@]}" --rate 200 >/dev/null 2>&1
    done
}

held_findings() {
    held_age=$(superuser_psql -At -c "SELECT max(extract(epoch FROM now() - xact_start))::int FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
    ((${held_age:-0} >= minutes * 60)) || fail "the transaction did not stay open: ${held_age:-0} s" "./dev bench held again; Postgres' log says what ended it"
    superuser_psql -c "SELECT pg_stat_force_next_flush()" >/dev/null 2>&1 || true
    for name in intake routing; do
        superuser_psql -At -F' ' -d "$name" -c "SELECT '$name', relname, n_live_tup, n_dead_tup, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname ~ '^(outbox|stream)' OR relname = 'sequencer_state' ORDER BY relname"
    done >"$state/held.tables"
    stage_note="open for ${held_age:-0} s"
}

held_report() {
    printf '\n  %-10s %12s %12s %8s\n' 'phase' 'pgbench 16/s' 'intake 64/s' 'ratio'
    jq -rs 'def median: sort | .[length / 2 | floor]; group_by(.phase)[] | [.[0].phase, (map(.pgbench) | median | round), (map(.intake) | median | round), (map(.intake / .pgbench) | median * 100 | round / 100)] | @tsv' "$state/held.ndjson" |
        awk -F'\t' '{printf "  %-10s %12s %12s %8s\n", $1, $2, $3, $4}'
    printf '\n  the transaction was %s s old; rows alive, dead, updated, updated in place:\n' "${held_age:-0}"
    awk '{printf "  %-10s %-24s %10s %8s %8s %8s\n", $1, $2, $3, $4, $5, $6}' "$state/held.tables"
    echo
}
