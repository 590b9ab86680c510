# What a bench came to: .shao/bench.json, and the same as tables.
# shellcheck shell=bash

bench_report() {
    jq -n --slurpfile machine "$state/machine.json" --slurpfile rounds "$state/rounds.ndjson" --slurpfile launches "$state/launches.ndjson" \
        --slurpfile intake_wal "$state/intake-wal.json" --slurpfile pgbench_wal "$state/pgbench-wal.json" \
        --slurpfile dispatch "$state/dispatch.json" --slurpfile backlog "$state/backlog.json" --slurpfile whole "$state/whole.json" --arg commit "$(git rev-parse --short HEAD 2>/dev/null || true)" '
        def median: sort | .[length / 2 | floor];
        def cost($count): with_entries(.value = (.value / $count * 10 | round / 10));
        ($rounds | map(select(.what == "intake"))) as $i | ($rounds | map(select(.what == "pgbench"))) as $p |
        {machine: $machine[0], commit: $commit, rounds: ($rounds | group_by(.round) | map(
            {round: .[0].round, pgbench: (map(select(.what == "pgbench"))[0].outcome.per_second), intake: (map(select(.what == "intake"))[0].outcome.per_second)}
            | .ratio = .intake / .pgbench)),
        pgbench: ({per_second: ($p | map(.outcome.per_second) | median), p50_ms: ($p | map(.outcome.p50_ms) | median), p99_ms: ($p | map(.outcome.p99_ms) | median),
            cpu_us_per_ticket: {postgres: ($p | map(.cpu_us.postgres / .outcome.count) | median)}} + $pgbench_wal[0]),
        intake: ({per_second: ($i | map(.outcome.per_second) | median), p50_ms: ($i | map(.outcome.latency.p50_ms) | median), p99_ms: ($i | map(.outcome.latency.p99_ms) | median),
            max_ms: ($i | map(.outcome.latency.max_ms) | max), refused: ($i | map(.outcome.refused) | add),
            cpu_us_per_ticket: (["intake", "postgres", "broker"] | map(. as $n | {($n): ($i | map((.cpu_us[$n] // 0) / .outcome.accepted) | median)}) | add
                | .load = ($i | map(.outcome.load_cpu_us) | median))} + $intake_wal[0]),
        dispatch: $dispatch[0], backlog: $backlog[0], whole: $whole[0], services: $launches}
        | .ratio = (.rounds | map(.ratio) | median)' >"$result.new"
    mv "$result.new" "$result"
    jq -r '"\n  \(.machine.cores) cores, \(.machine.cpu), Linux \(.machine.kernel), \(.machine.filesystem), fdatasync \(.machine.fdatasync_us | round) µs, load \(.machine.load_average)\n"' "$result"
    jq -r '
        def f($n): if . == null then "–" else (. * pow(10; $n) | round) / pow(10; $n) | tostring end;
        "round\tpgbench 16/s\tintake 64/s\tratio",
        (.rounds[] | "\(.round)\t\(.pgbench | f(0))\t\(.intake | f(0))\t\(.ratio | f(2))"),
        "median\t\(.pgbench.per_second | f(0))\t\(.intake.per_second | f(0))\t\(.ratio | f(2))",
        "",
        "\tp50 ms\tp99 ms\tsyncs/ticket\tWAL bytes/ticket\tCPU µs/ticket",
        "pgbench\t\(.pgbench.p50_ms | f(2))\t\(.pgbench.p99_ms | f(2))\t\(.pgbench.syncs_per_ticket | f(3))\t\(.pgbench.wal_bytes_per_ticket | f(0))\tpostgres \(.pgbench.cpu_us_per_ticket.postgres | f(0))",
        "intake\t\(.intake.p50_ms | f(2))\t\(.intake.p99_ms | f(2))\t\(.intake.syncs_per_ticket | f(3))\t\(.intake.wal_bytes_per_ticket | f(0))\t\(.intake.cpu_us_per_ticket | to_entries | map("\(.key) \(.value | f(0))") | join(", "))",
        "",
        "with routing\t\(.whole.per_second | f(0))/s\tp99 \(.whole.latency.p99_ms | f(1)) ms\t\t\t\(.whole.cpu_us_per_ticket | to_entries | map("\(.key) \(.value | f(0))") | join(", "))",
        (if .dispatch.arrival then "accepted → \(if (.backlog | length) > 0 then "dispatched" else "published" end)\tp50 \(.dispatch.arrival.p50_ms | f(1)) ms\tp99 \(.dispatch.arrival.p99_ms | f(1)) ms\tmax \(.dispatch.arrival.max_ms | f(1)) ms\tat \(.dispatch.load.per_second | f(0))/s\t\(.dispatch.missing) missing" else empty end),
        (if .backlog.cases_per_second then "backlog of routing\t\(.backlog.tickets) tickets\t\(.backlog.seconds | f(1)) s\t\(.backlog.cases_per_second | f(0)) cases/s\t\(.backlog.cpu_us_per_ticket | to_entries | map("\(.key) \(.value | f(0))") | join(", "))" else empty end),
        "",
        "service\tready ms\tidle MiB",
        (.services[] | "\(.name)\t\(.ready_ms | f(0))\t\(.idle_rss_mib | f(1))")' "$result" | column -t -s $'\t' -L | sed 's/^/  /'
    printf '\n  all of it: %s\n' "${result#"$root"/}"
}
