# Every suite: scratch Postgres with default durability, embedded broker, a real Kafka where one is found.
# shellcheck shell=bash

# Suites that need no server: they fail within seconds, so they go first.
fast_suites='^(JSONTests|CryptoTests|ContractsTests|TelemetryTests|EventLoopTests|SecretsTests|PagesTests)\.'
# Suites that measure other people's patience (deadlines, time-outs, drains) or play whole cities: one test at a time, with
# the machine to themselves. Everything else runs four abreast, which is what two cores can feed.
patient_suites='^(HTTPTests|HTTPClientTests|IntakeTests|ChannelsTests)\.'
city_suites='^(JourneyTests\.|FaultTests\.|RoutingTests\.FeedbackFloodTests)'
# Worlds that compute for seconds without a pause: a test beside them that waits for a broker would wait for a thread as well.
busy_suites='^SimulationTests\.'
test_minutes=30 # nothing of ours takes this long; a hung test must not hold CI for ever

command_test() {
    local began filter=${1:-} log=$state/test.log
    began=$(now_ms)
    prepare_state
    : >"$log"
    total=0 total_skipped=0
    at_exit+=(end_test_servers)
    stage "packages" test_packages
    find_swift
    if [ -z "$filter" ]; then
        stage "house rules" check_house_rules
        stage "format" report_format
        stage "rules and dashboards" check_rules
        stage "model" check_model
    fi
    stage "build with tests" swift_build "$logs/build-tests.log" --build-tests
    stage "scratch Postgres" start_scratch_postgres
    stage "real Kafka" start_real_kafka
    if [ -n "$filter" ]; then
        local width=(--experimental-maximum-parallelization-width 4)
        [[ ! $filter =~ FaultTests|JourneyTests|ChaosTests|Kill|Flood ]] || width=(--no-parallel) # cities have one set of ports
        stage "tests matching $filter" run_tests "$log" "${width[@]}" --filter "$filter"
        ((total > 0)) || fail "no test matches \"$filter\"" "swift test list shows the names"
    else
        stage "tests without servers" run_tests "$log" --experimental-maximum-parallelization-width 4 --filter "$fast_suites"
        stage "simulated worlds" run_tests "$log" --experimental-maximum-parallelization-width 2 --filter "$busy_suites"
        stage "tests of patience" run_tests "$log" --no-parallel --filter "$patient_suites"
        stage "tests with servers" run_tests "$log" --experimental-maximum-parallelization-width 4 \
            --skip "$fast_suites" --skip "$busy_suites" --skip "$patient_suites" --skip "$city_suites"
        stage "journeys and faults" run_tests "$log" --no-parallel --filter "$city_suites"
        check_floor
    fi
    stage "servers ended" end_test_servers
    [ -n "$filter" ] || stage "docker-compose.yml" check_compose
    slowest_suites "$log"
    sed -n 's/^➜ *Test .* skipped: *"\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' "$log" | sort | uniq -c | sed 's/^/  skipped /'
    printf '\n  %s%s tests passed%s, %s skipped, in %s; the whole output is in .shao/test.log\n' \
        "$green" $((total - total_skipped)) "$plain" "$total_skipped" "$(seconds_since "$began")"
}

# A fresh machine skips nothing that it could run: the checking tools drive a browser, a Kafka needs Java.
test_packages() {
    local groups=(build run test model) place
    [ ! -d "$root/../shared/checks/node_modules" ] || groups+=(browser)
    for place in "${KAFKA_HOME:-}" "$root/../shared/kafka"; do
        if [ -x "$place/kafka" ] || [ -x "$place/bin/kafka-server-start.sh" ]; then
            command -v java >/dev/null || groups+=(kafka)
            break
        fi
    done
    install_packages "${groups[@]}"
}

start_scratch_postgres() {
    postgres_programs
    scratch=$(mktemp -d /tmp/shao-test-XXXXXX)
    give_to_postgres "$scratch" || fail "the folder $scratch cannot be used by Postgres" "is /tmp writable for all?"
    scratch_port=$(free_port 24400)
    make_cluster "$scratch/data" "$logs/scratch-initdb.log"
    run_cluster "$scratch/data" "$scratch/run" "$scratch_port" "$scratch/server.log"
    export SHAO_TEST_POSTGRES="host=$scratch/run port=$scratch_port user=postgres dbname=postgres"
    stage_note="$SHAO_TEST_POSTGRES"
}

free_port() { # FIRST: the first of every seventh port that nobody answers on
    local candidate=$1
    while answers "$candidate"; do candidate=$((candidate + 7)); done
    echo "$candidate"
}

java_major() {
    java -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p'
}

# Only suites that ask for a real broker use it; without one they say that they were skipped.
start_real_kafka() {
    local place='' major
    unset SHAO_TEST_KAFKA
    if [ "${KAFKA_HOME:-}" = none ]; then
        stage_note='skipped: KAFKA_HOME=none'
        return 0
    fi
    for place in "${KAFKA_HOME:-}" "$root/../shared/kafka"; do
        [ -x "$place/kafka" ] || [ -x "$place/bin/kafka-server-start.sh" ] || continue
        major=$(java_major 2>/dev/null || true)
        if ((${major:-0} < 17)); then
            stage_note="skipped: a Kafka is there, but no Java 17 (apt-get install openjdk-17-jre-headless)"
            return 0
        fi
        kafka_dir=$(mktemp -d /tmp/shao-test-kafka-XXXXXX)
        local kafka_port
        kafka_port=$(free_port 19092)
        if [ -x "$place/kafka" ]; then
            kafka_script=$(cd "$place" && pwd)/kafka
            "$kafka_script" start "$kafka_dir" "$kafka_port" >"$logs/kafka.log" 2>&1 ||
                fail "the Kafka in $place did not start" "test without it: KAFKA_HOME=none ./dev test" "$logs/kafka.log"
        else
            start_stock_kafka "$place" "$kafka_port"
        fi
        export SHAO_TEST_KAFKA="127.0.0.1:$kafka_port"
        stage_note=$SHAO_TEST_KAFKA
        return 0
    done
    stage_note='skipped: neither KAFKA_HOME nor ../shared/kafka is there'
}

# A distribution as it is downloaded: one node that is broker and controller.
start_stock_kafka() { # KAFKA_HOME PORT
    local config=$kafka_dir/server.properties controller=$(($2 + 1000))
    cat >"$config" <<PROPERTIES
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$controller
listeners=PLAINTEXT://127.0.0.1:$2,CONTROLLER://127.0.0.1:$controller
advertised.listeners=PLAINTEXT://127.0.0.1:$2
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=$kafka_dir/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
PROPERTIES
    "$1/bin/kafka-storage.sh" format -t "$("$1/bin/kafka-storage.sh" random-uuid)" -c "$config" >"$logs/kafka.log" 2>&1 ||
        fail "the Kafka in $1 could not format its storage" "is it a 3.9 or 4.x distribution?" "$logs/kafka.log"
    KAFKA_HEAP_OPTS=${KAFKA_HEAP_OPTS:--Xmx384m} LOG_DIR=$kafka_dir/log launch test-kafka "$1/bin/kafka-server-start.sh" "$config"
    await 60 answers "$2" || fail "the Kafka in $1 did not answer on port $2" "test without it: KAFKA_HOME=none ./dev test" "$logs/test-kafka.log"
}

end_test_servers() {
    if [ -n "${kafka_script:-}" ] && [ -n "${kafka_dir:-}" ]; then "$kafka_script" stop "$kafka_dir" >/dev/null 2>&1 || true; fi
    stop_processes 10 test-kafka
    if [ -n "${scratch:-}" ]; then
        as_postgres "$pg_bin/pg_ctl" stop -w -s -m immediate -D "$scratch/data" >/dev/null 2>&1 || true
    fi
    rm -rf ${scratch:+"$scratch"} ${kafka_dir:+"$kafka_dir"}
    scratch='' kafka_dir='' kafka_script=''
    end_leftover_tests
}

# `timeout` ends swift test, but the test program it started survives; it is known by its path in this checkout.
end_leftover_tests() {
    local process
    for process in /proc/[0-9]*; do
        if [[ $(readlink "$process/exe" 2>/dev/null) == "$root"/.build/*PackageTests.xctest ]]; then
            kill -KILL "${process#/proc/}" 2>/dev/null || true
        fi
    done
}

# Prints only failures and a count; the log has everything.
run_tests() { # LOG ARGUMENT…
    local log=$1 piece status count
    shift
    piece=$logs/test-piece.log
    set +e
    # Line by line: of a test that waits, its start is in the log while it waits.
    timeout --foreground --kill-after=20 $((test_minutes * 60)) stdbuf -oL \
        swift test --disable-xctest --skip-build "$@" 2>&1 | tee "$piece" | condense_tests
    status=${PIPESTATUS[0]}
    set -e
    cat "$piece" >>"$log"
    count=$(sed -n 's/.*Test run with \([0-9]*\) tests\{0,1\}.*/\1/p' "$piece" | tail -n 1)
    total=$((total + ${count:-0}))
    stage_note="${count:-0} tests"
    note_skipped "$piece"
    case $status in
    0) [ -n "$count" ] || fail "swift test ended well but reported no run" "see .shao/test.log" "$piece" ;;
    124 | 137) fail "the tests did not end within $test_minutes minutes" "the last test that started is in .shao/test.log" "$piece" ;;
    *) fail "tests failed ($status)" "one alone: ./dev test 'Suite/name'; everything said: .shao/test.log" ;;
    esac
}

condense_tests() {
    local line done_count=0
    while IFS= read -r line; do
        case $line in
        *'Testing Library Version'* | *'Target Platform'*) ;;
        *' recorded an issue '* | *'✘ '* | *'Fatal error'* | *'error: '* | *'signal code'* | *'↳ '*)
            printf '%s    %s\n' "$wipe" "${line:0:240}"
            ;;
        *' passed after '*)
            done_count=$((done_count + 1))
            progress "$done_count done, $line"
            ;;
        esac
    done
}

note_skipped() { # LOG
    local skipped
    skipped=$(grep -c '^➜ *Test .* skipped' "$1" || true)
    total_skipped=$((total_skipped + skipped))
    [ "$skipped" -eq 0 ] || stage_note+=", $skipped skipped"
}

# A filter that matches nothing, or a target that fell out of the package, would pass silently.
check_floor() {
    local floor
    floor=$(cat Tests/floor)
    ((total >= floor)) || fail "only $total tests ran, at least $floor are expected" \
        "where did they go? When some were removed on purpose, lower Tests/floor in the same commit"
}

# A set of its own in Docker, as an operator starts it. Without Docker, or without images to be had, it is skipped and says why.
check_compose() {
    local log=$logs/compose.log check why
    "$root/dev" compose --short --debug >"$log" 2>&1 </dev/null &
    check=$!
    while kill -0 "$check" 2>/dev/null; do
        progress "$(tail -n 1 "$log")"
        sleep 1
    done
    why=$(sed -n 's/^skipped: the check of docker-compose.yml: //p' "$log")
    if wait "$check"; then stage_note=${why:+skipped: $why} && stage_note=${stage_note:-$(grep -c '^  ok ' "$log") promises kept}; else
        grep '^compose: ' "$log" >/dev/null || { stage_note="skipped: Docker cannot be had here, see $log" && return 0; }
        fail "a promise of docker-compose.yml is not kept" "./dev compose --short --debug shows all" "$log"
    fi
}

slowest_suites() { # LOG
    sed -n 's/.*Suite "\{0,1\}\([^"]*\)"\{0,1\} passed after \([0-9.]*\) seconds.*/\2 \1/p' "$1" | sort -rn |
        awk 'NR == 1 {print "\n  slowest suites"} NR <= 8 {t = $1; $1 = ""; printf "  %8.2f s %s\n", t, $0}'
}
