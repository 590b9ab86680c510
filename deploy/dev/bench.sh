# How fast, beside what the same Postgres does for pgbench with the same rows in the same minutes. A release build, a
# scratch server of production's settings, the embedded broker, fresh databases; nothing of `up` is touched.
# shellcheck shell=bash

bench_frame() {
    stand_apart bench 700
    bin=$root/.build-bench/release
    result=$root/.shao/bench.json
    bench=$bin/bench
    prepare_state
    : >"$state/rounds.ndjson"
}

# Every bench begins here: release products, and a Postgres with empty databases that nobody else works in.
bench_begin() {
    bench_frame
    only_one
    stage "packages" install_packages build run
    stage "release build" build_release devbroker photoworker bench shaoctl
    at_exit+=(bench_end)
    bench_end # what an earlier bench may have left
    stage "keys and tokens" make_secrets
    stage "Postgres, fresh" bench_postgres
    stage "databases" prepare_databases
}

command_bench() { # [held | rebuild | slow …] [--rounds N] [--seconds N] [--minutes N]
    [ "${1:-}" != rebuild ] || { shift && command_bench_rebuild "$@"; return; }
    [ "${1:-}" != slow ] || { shift && command_bench_slow "$@"; return; }
    local rounds=5 seconds=4 minutes=10 places=() place held=''
    if [ "${1:-}" = held ]; then held=1 && shift; fi
    while [ $# -gt 1 ]; do
        case $1 in
        --rounds) rounds=$2 ;;
        --seconds) seconds=$2 ;;
        --minutes) minutes=$2 ;;
        *) fail "./dev bench knows --rounds N, --seconds N, and held --minutes N" "./dev bench --rounds 5 --seconds 4" ;;
        esac
        shift 2
    done
    bench_begin
    stage "broker" start_broker
    stage "migrations" migrate_services
    stage "places and rules" import_city
    stage "pgbench's tables" bench_tables
    if [ -n "$held" ]; then
        bench_held
        return
    fi
    stage "start-up and idle weight" bench_launches
    stage "intake and routing" bench_services intake routing
    stage "demo street" bench_street
    stage "warm-up" bench_warm_up
    # What intake accepts while others are away: that is what Kafka is there for. Then the others catch up.
    stop_processes 20 routing
    stage "$rounds rounds of $seconds s each" bench_rounds
    stage "syncs per ticket" bench_syncs
    stage "backlog of routing" bench_backlog
    stage "both at once" bench_whole
    stage "everything anew" bench_anew
    stage "intake and routing" bench_services intake routing
    stage "demo street" bench_street
    stage "warm-up" bench_warm_up
    stage "accepted → dispatched" bench_dispatch
    stage "the machine" bench_machine
    bench_report
}

# Once more from nothing: what has gathered in databases and the embedded broker makes everything after it slower.
bench_anew() {
    bench_end
    bench_postgres
    prepare_databases
    start_broker
    migrate_services && import_city
    bench_tables
    stage_note=''
}

bench_end() {
    stop_processes 5 gateway >/dev/null
    stop_processes 20 "${services[@]}" >/dev/null
    stop_processes 5 broker >/dev/null
    stop_postgres >/dev/null
}

bench_postgres() {
    postgres_programs
    postgres_home
    rm -rf "${pg_data:?}" "$state/databases.stamp" "$secrets/pgpass"
    make_secrets
    start_postgres
    superuser_psql -c "ALTER SYSTEM SET max_wal_size = '4GB'" -c "SELECT pg_reload_conf()" >/dev/null
    stage_note="fsync on, checksums, max_wal_size 4GB, autovacuum as it comes"
}

# The very tables and indexes of intake, in a database where nobody else works.
bench_tables() {
    local words text='小区东门口的路灯已经三天不亮了,晚上老人和孩子经过很不安全,请尽快安排人来修。'
    superuser_psql -c "CREATE DATABASE limits TEMPLATE intake"
    words=''
    while ((${#words} < 300)); do words+=$text; done
    words=${words:0:300}
    printf '%s' "$words" >"$state/words"
    printf '{"ticket":"0193ddcc-0000-7000-8000-000000000000","number":"GD-20261121-000123-7","channel":"plate","plate":"F6WQYJKG","category":"P01024","text":"%s","photos":[],"hasContact":false,"submittedAt":"2026-11-21T12:00:00.000+08:00"}' \
        "$words" >"$state/payload"
    cat >"$state/limit.sql" <<'SQL'
\set part random(0, 11)
\set n random(1, 99999999)
BEGIN;
INSERT INTO ticket (id, number, channel, plate, category, words, photos, has_contact, submitted_at, idempotency, body_hash)
VALUES (gen_random_uuid(), 'GD-20261121-' || lpad(:n, 8, '0'), 'plate', 'F6WQYJKG', 'P01024', :words, 0, false, 1795000000000, gen_random_uuid()::text, '\x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
INSERT INTO outbox (topic, part, subject, version, event_id, type, time, trace, payload)
VALUES ('tickets.v1', :part, gen_random_uuid()::text, 1, gen_random_uuid(), 'ticket.submitted.v1', 1795000000000, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', convert_to(:payload, 'UTF8'));
COMMIT;
SQL
}

# Like production: migrated databases, the broker there.
bench_launches() {
    local name
    : >"$state/launches.ndjson"
    for name in "${services[@]}"; do
        progress "$name"
        service_environment "$name"
        "$bench" launch --port "${admin_port[$name]}" --times 5 -- /usr/bin/env -i "${environment[@]}" SHAO_DRAIN_NOTICE_MS=0 "$bin/$name" serve \
            2>"$logs/launch-$name.err" >"$state/launch.json" ||
            { cat "$logs/launch-$name.err" >>"$logs/launch.log"; echo '{"ready_ms":null,"idle_rss_mib":null}' >"$state/launch.json"; }
        tail -n 1 "$state/launch.json" | jq -c --arg name "$name" '{name: $name} + .' >>"$state/launches.ndjson"
    done
}

bench_services() { # NAME…
    local name
    for name in "$@"; do
        service_environment "$name"
        launch "$name" env -i "${environment[@]}" SHAO_DRAIN_NOTICE_MS=0 "$bin/$name" serve
    done
    for name in "$@"; do await_ready "$name" "http://127.0.0.1:${admin_port[$name]}/readyz" 30; done
}

metric() { # SERVICE NAME: the sum over its labels
    curl -s -m 2 "http://127.0.0.1:${admin_port[$1]}/metrics" | awk -v n="$2" '$1 == n || index($1, n "{") == 1 {s += $2} END {printf "%d\n", s}'
}

plates_known() { [ "$(superuser_psql -At -d intake -c 'SELECT count(*) FROM plate')" -ge 50 ]; }

# Every chip of every plate, so that some go straight to a department and some stay; without routing's directory: by point.
bench_street() {
    hears='' places=()
    if await 15 plates_known; then
        for place in $(jq -r '.plates[] | .code as $c | .chips[] | "\($c):\(.category)"' "$demo_dir/plates.json"); do places+=(--place "$place"); done
        hears=1
        stage_note="$((${#places[@]} / 2)) plates and chips"
    else
        stage_note="routing does not publish its directory: reports by a point, nothing is dispatched"
    fi
}

bench_warm_up() {
    bench_load warm 2 >/dev/null
    bench_pgbench 2 >/dev/null
}

bench_load() { # NAME SECONDS ARGUMENT…
    local name=$1 length=$2
    shift 2
    "$bench" load --port "${port[intake]}" --seconds "$length" "${places[@]}" "$@" 2>"$logs/load-$name.err" ||
        fail "the load could not be put on intake" "$(tail -n 1 "$logs/load-$name.err")" "$logs/intake.log"
    await 120 bench_drained || fail "the outbox or routing did not catch up within 120 s" "./dev bench again; $logs" "$logs/intake.log"
}

# Published all that was filed; routing applied all that was published.
bench_drained() {
    local published
    published=$(metric intake shao_published_total)
    [ "$published" -ge "$(metric intake shao_intake_filed_total)" ] || return 1
    [ -z "$hears" ] || gone routing || (($(superuser_psql -At -d routing -c "SELECT coalesce(sum(seq), 0) FROM inbox_cursor WHERE topic = 'tickets.v1'") >= $(superuser_psql -At -d intake -c "SELECT coalesce(sum(seq), 0) FROM stream_head WHERE topic = 'tickets.v1'")))
}

bench_pgbench() { # SECONDS: one JSON object
    (
        cd "$run"
        rm -f limit.*
        "$pg_bin/pgbench" -h "$pg_socket" -p "${port[postgres]}" -U postgres -n -M prepared -c 16 -j 2 -T "$1" -f "$state/limit.sql" \
            -D "words=$(cat "$state/words")" -D "payload=$(cat "$state/payload")" -l --log-prefix=limit --sampling-rate=0.2 limits \
            >"$logs/pgbench.log" 2>&1 || fail "pgbench failed" "its output says why" "$logs/pgbench.log"
        cat limit.* | awk '{print $3}' | sort -n >limit.sorted
        awk -v tps="$(sed -n 's/^tps = \([0-9.]*\).*/\1/p' "$logs/pgbench.log")" \
            -v count="$(sed -n 's/^number of transactions actually processed: \([0-9]*\).*/\1/p' "$logs/pgbench.log")" \
            '{v[NR] = $1} END {printf "{\"per_second\":%s,\"count\":%d,\"p50_ms\":%.3f,\"p99_ms\":%.3f}\n", tps, count, v[int(NR * .5) + 1] / 1000, v[int(NR * .99) + 1] / 1000}' limit.sorted
    )
}

# CPU so far in µs, of each process; Postgres with all its children, the ended ones too.
bench_cpu() {
    local name
    {
        for name in intake routing broker postgres; do
            running "$name" || continue
            if [ "$name" = postgres ]; then
                { cat "/proc/$pid/stat"; for child in $(pgrep -P "$pid"); do cat "/proc/$child/stat" 2>/dev/null || true; done; } |
                    sed 's/.*) //' | awk 'NR == 1 {s += $14 + $15} {s += $12 + $13} END {print "postgres", s * 10000}'
            else
                sed 's/.*) //' "/proc/$pid/stat" | awk -v n="$name" '{print n, ($12 + $13) * 10000}'
            fi
        done
    } | jq -Rn '[inputs | split(" ") | {(.[0]): (.[1] | tonumber)}] | add'
}

bench_wal() { superuser_psql -At -c "SELECT json_build_object('syncs', wal_sync, 'bytes', wal_bytes, 'fpi', wal_fpi) FROM pg_stat_wal"; }

bench_round() { # pgbench|intake: one line of rounds.ndjson
    local before after outcome
    before=$(bench_cpu)
    if [ "$1" = pgbench ]; then outcome=$(bench_pgbench "$seconds"); else outcome=$(bench_load round "$seconds"); fi
    after=$(bench_cpu)
    jq -cn --arg what "$1" --argjson round "$round" --argjson outcome "$outcome" --argjson before "$before" --argjson after "$after" \
        '{what: $what, round: $round, outcome: $outcome, cpu_us: ($after | with_entries(.value -= ($before[.key] // 0)))}' >>"$state/rounds.ndjson"
}

bench_rounds() {
    local round
    for ((round = 1; round <= rounds; round++)); do
        progress "round $round"
        if ((round % 2)); then bench_round pgbench && bench_round intake; else bench_round intake && bench_round pgbench; fi
    done
    median=$(jq -s '[group_by(.round)[] | (map(select(.what == "intake"))[0].outcome.per_second) / (map(select(.what == "pgbench"))[0].outcome.per_second)] | sort | .[length / 2 | floor] * 100 | round / 100' "$state/rounds.ndjson")
    accepted=$(jq -s '[.[] | select(.what == "intake") | .outcome.per_second] | sort | .[length / 2 | floor] | round' "$state/rounds.ndjson")
    stage_note="$accepted/s accepted, $median × pgbench"
}

# A backend tells its share of the WAL counters when it ends, or ten seconds after its last statement.
bench_syncs() {
    local before after outcome
    await 13 false || true
    before=$(bench_wal)
    outcome=$(bench_load syncs "$seconds")
    await 13 false || true
    after=$(bench_wal)
    jq -n --argjson outcome "$outcome" --argjson before "$before" --argjson after "$after" \
        '{syncs_per_ticket: (($after.syncs - $before.syncs) / $outcome.accepted), wal_bytes_per_ticket: (($after.bytes - $before.bytes) / $outcome.accepted)}' >"$state/intake-wal.json"
    before=$(bench_wal)
    outcome=$(bench_pgbench "$seconds")
    after=$(bench_wal)
    jq -n --argjson outcome "$outcome" --argjson before "$before" --argjson after "$after" \
        '{syncs_per_ticket: (($after.syncs - $before.syncs) / $outcome.count), wal_bytes_per_ticket: (($after.bytes - $before.bytes) / $outcome.count)}' >"$state/pgbench-wal.json"
}

# Only what the catalogue sends straight to a department; without routing: until intake's own topic has it.
bench_dispatch() {
    local topics=() places=("${places[@]}") place
    if [ -n "$hears" ]; then
        places=()
        for place in $(jq -r --slurpfile c "$demo_dir/catalogue.json" '[$c[0].rows[] | select(.level == "department" and (.match | keys) == ["category"]) | .match.category] as $out | .plates[] | .code as $p | .chips[] | select(.category | IN($out[])) | "\($p):\(.category)"' "$demo_dir/plates.json"); do places+=(--place "$place"); done
        for place in $(jq -r '[.departments[] | if .topic == "shared" then .topic else .code end] | unique[]' "$demo_dir/departments.json"); do topics+=(--arrivals "dispatch.$place.v1"); done
    else
        topics=(--arrivals tickets.v1)
    fi
    bench_load dispatch 10 --rate $((whole / 2)) --servers "$bootstrap" "${topics[@]}" >"$state/dispatch.json"
    stage_note=$(jq -r '"p50 \(.arrival.p50_ms) ms, p99 \(.arrival.p99_ms) ms at \(.load.per_second | round)/s, \(.missing) missing"' "$state/dispatch.json")
}

# The tickets of the rounds wait for routing: how fast do they become cases when it is back?
bench_backlog() {
    local before after began tickets
    tickets=$(superuser_psql -At -d intake -c "SELECT coalesce(sum(seq), 0) FROM stream_head WHERE topic = 'tickets.v1'")
    tickets=$((tickets - $(superuser_psql -At -d routing -c "SELECT coalesce(sum(seq), 0) FROM inbox_cursor WHERE topic = 'tickets.v1'")))
    bench_services routing
    before=$(bench_cpu)
    began=$(now_ms)
    await 600 bench_drained || fail "routing did not catch up within 600 s" "./dev bench again" "$logs/routing.log"
    after=$(bench_cpu)
    jq -n --argjson tickets "$tickets" --argjson ms $(($(now_ms) - began)) --argjson before "$before" --argjson after "$after" \
        '{tickets: $tickets, seconds: ($ms / 1000), cases_per_second: ($tickets * 1000 / $ms),
          cpu_us_per_ticket: ($after | with_entries(.value = (.value - ($before[.key] // 0)) / $tickets))}' >"$state/backlog.json"
    stage_note=$(jq -r '"\(.tickets) tickets, \(.cases_per_second | round) cases/s"' "$state/backlog.json")
}

# Everything that a ticket costs until it is a case: sampled when the last of them is one.
bench_whole() {
    local before after outcome
    before=$(bench_cpu)
    outcome=$(bench_load whole "$seconds")
    after=$(bench_cpu)
    jq -n --argjson outcome "$outcome" --argjson before "$before" --argjson after "$after" \
        '$outcome + {cpu_us_per_ticket: ($after | with_entries(.value = (.value - ($before[.key] // 0)) / $outcome.accepted))}' >"$state/whole.json"
    whole=$(jq '.per_second | round' "$state/whole.json")
    stage_note="$whole/s accepted"
}

bench_machine() {
    local fsync
    fsync=$(cd "$run" && as_postgres "$pg_bin/pg_test_fsync" -s 1 -f "$pg_home/fsync.test" 2>/dev/null | awk '/fdatasync/ && /usecs/ {if (!n++) print $(NF - 1)}')
    as_postgres rm -f "$pg_home/fsync.test"
    jq -n --arg cores "$(nproc)" --arg kernel "$(uname -r)" --arg cpu "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sed -n 1p)" \
        --arg memory "$(awk '/MemTotal/ {printf "%d", $2 / 1024}' /proc/meminfo)" --arg fs "$(df --output=fstype "$pg_home" | tail -n 1)" --arg fsync "${fsync:-0}" \
        --arg postgres "$("$pg_bin/postgres" --version)" --arg load "$(cut -d' ' -f1-3 /proc/loadavg)" \
        '{cores: ($cores | tonumber), cpu: $cpu, memory_mib: ($memory | tonumber), kernel: $kernel, filesystem: $fs, fdatasync_us: ($fsync | tonumber), postgres: $postgres, load_average: $load}' >"$state/machine.json"
}
