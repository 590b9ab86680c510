# What an old open transaction elsewhere in the same Postgres costs the event log. Vacuum may remove nothing that it could
# still see, and a log that orders by the oldest running transaction would stand still behind it.
#
# Twice the same history, each from fresh databases: a light load of some minutes, then rounds at full speed; once beside a
# transaction that is open all the time, once alone. Only the two ends are compared: more tickets make every database slower.
# shellcheck shell=bash

bench_held() {
    : >"$state/held.ndjson"
    : >"$state/held.tables"
    held_run beside
    held_run alone
    held_report
}

held_run() { # beside | alone
    stage "$1: intake and routing" bench_services intake routing
    stage "$1: demo street" bench_street
    stage "$1: warm-up" bench_warm_up
    [ "$1" = alone ] || held_open
    stage "$1: a light load of $minutes min" held_minutes
    stage "$1: $rounds rounds" held_rounds "$1"
    stage "$1: what is dead" held_findings "$1"
    bench_end
    [ "$1" = alone ] || stage "everything anew" bench_anew
}

held_rounds() { # NAME: pgbench and intake with routing in turns, one line each of held.ndjson
    local round
    for ((round = 1; round <= rounds; round++)); do
        progress "round $round"
        jq -cn --arg run "$1" --argjson pgbench "$(bench_pgbench "$seconds")" --argjson intake "$(bench_load held "$seconds")" \
            '{run: $run, pgbench: $pgbench.per_second, intake: $intake.per_second, p99_ms: $intake.latency.p99_ms}' >>"$state/held.ndjson"
    done
    stage_note=$(jq -rs --arg run "$1" '[.[] | select(.run == $run) | .intake] | sort | .[length / 2 | floor] | round | "\(.)/s through intake and routing"' "$state/held.ndjson")
}

# It has written, in a database of its own, so it holds a transaction id as well as a snapshot.
held_open() {
    superuser_psql -d postgres -c "CREATE TABLE IF NOT EXISTS held (n int)" >/dev/null
    # Production's settings would end a transaction that says nothing for a minute; this one is busy sleeping.
    superuser_psql -c "SET statement_timeout = 0" -c "BEGIN ISOLATION LEVEL REPEATABLE READ" -c "INSERT INTO held VALUES (1)" \
        -c "SELECT pg_sleep($((minutes * 60 + 3600)))" >/dev/null 2>&1 9>&- &
}

held_minutes() {
    local end=$(($(now_ms) + minutes * 60000)) tickets=0
    while (($(now_ms) < end)); do
        progress "$(((end - $(now_ms)) / 1000)) s to go, 200 reports a second"
        tickets=$((tickets + $("$bench" load --port "${port[intake]}" --seconds 5 "${places[@]}" --rate 200 2>/dev/null | jq .accepted)))
    done
    stage_note="$tickets tickets"
}

held_findings() { # beside | alone
    local name
    held_age=$(superuser_psql -At -c "SELECT max(extract(epoch FROM now() - xact_start))::int FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'")
    [ "$1" = alone ] || ((${held_age:-0} >= minutes * 60)) ||
        fail "the transaction did not stay open: ${held_age:-0} s" "./dev bench held again; Postgres' log says what ended it"
    superuser_psql -c "SELECT pg_stat_force_next_flush()" >/dev/null 2>&1 || true
    for name in intake routing; do
        superuser_psql -At -F' ' -d "$name" -c "SELECT '$1', '$name', relname, n_live_tup, n_dead_tup, n_tup_upd FROM pg_stat_user_tables WHERE relname ~ '^(outbox|stream)_[0-9]' OR relname IN ('sequencer_state', 'inbox_cursor') ORDER BY relname"
    done >>"$state/held.tables"
    stage_note=${held_age:+open for $held_age s}
}

held_report() {
    printf '\n  %-10s %12s %12s %8s\n' 'run' 'pgbench 16/s' 'intake 64/s' 'ratio'
    jq -rs 'def median: sort | .[length / 2 | floor]; group_by(.run)[] | [.[0].run, (map(.pgbench) | median | round), (map(.intake) | median | round), (map(.intake / .pgbench) | median * 100 | round / 100)] | @tsv' "$state/held.ndjson" |
        awk -F'\t' '{printf "  %-10s %12s %12s %8s\n", $1, $2, $3, $4}'
    jq -rs 'def median: sort | .[length / 2 | floor]; def of($run): map(select(.run == $run) | .intake) | median; "\n  beside the transaction, of what it is alone: \(of("beside") / of("alone") * 1000 | round / 10) %"' "$state/held.ndjson"
    printf '\n  rows alive, dead, updated:\n'
    awk '{printf "  %-8s %-10s %-20s %10s %8s %8s\n", $1, $2, $3, $4, $5, $6}' "$state/held.tables"
    echo
}
