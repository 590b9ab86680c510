# Kafka: the embedded broker by default, KAFKA_BOOTSTRAP_SERVERS where it is set.
# shellcheck shell=bash

broker_address() { # sets $bootstrap
    if [ -n "${KAFKA_BOOTSTRAP_SERVERS:-}" ]; then
        bootstrap=$KAFKA_BOOTSTRAP_SERVERS
    else
        # The broker may choose its port itself; it writes the address it listens on.
        bootstrap=$(cat "$run/broker.address" 2>/dev/null || echo "127.0.0.1:${port[broker]}")
    fi
}

broker_listens() {
    gone broker || { [ -s "$run/broker.address" ] && broker_address && answers "${bootstrap##*:}"; }
}

start_broker() {
    if [ -n "${KAFKA_BOOTSTRAP_SERVERS:-}" ]; then
        broker_address
        broker_reachable || fail "no Kafka answers at $bootstrap" "check KAFKA_BOOTSTRAP_SERVERS, the network, and what the broker advertises: kcat -b $bootstrap -L"
        create_topics
        echo "$bootstrap" >"$run/broker.address" # for ./dev ticket and demo
        stop_processes 5 broker # an embedded one of an earlier `up` would only confuse
        stage_note="yours: $bootstrap"
        return 0
    fi
    if ! running broker; then
        rm -f "$run/broker.address"
        # shellcheck disable=SC2046  # one argument per topic
        launch broker "$bin/devbroker" --port "${port[broker]}" --address-file "$run/broker.address" $(broker_topics)
        await 60 broker_listens || fail "the embedded broker did not answer within 60 s" "is port ${port[broker]} taken? ./dev doctor" "$logs/broker.log"
        running broker || fail "the embedded broker ended at once" "./dev doctor" "$logs/broker.log"
    fi
    broker_address
    stage_note="embedded, ${bold}memory only${plain}, $bootstrap"
}

# name:partitions, as Shared/Contracts/Events/Topic.swift has them.
broker_topics() {
    local name
    for name in tickets cases directory deliveries evaluations ballots alerts; do echo "$name.v1:12"; done
    jq -r '.departments | (map(select(.topic != "shared"))[].code | "dispatch.\(.).v1:3", "feedback.\(.).v1:3", "feedback.\(.).v1-dlt:1"),
        (if any(.topic == "shared") then "dispatch.shared.v1:12", "feedback.shared.v1:12", "feedback.shared.v1-dlt:1" else empty end)' \
        "$demo_dir/departments.json"
}

broker_reachable() { # the first server of the list that accepts a connection is enough here
    local server
    for server in ${bootstrap//,/ }; do
        (exec 3<>"/dev/tcp/${server%:*}/${server##*:}") 2>/dev/null && return 0
    done
    return 1
}

# The embedded broker is told its topics; on a real one they are made, never altered, by routing, which knows the
# departments.
create_topics() {
    service_environment routing
    env -i "${environment[@]}" "$bin/routing" topics --create --departments "$demo_dir/departments.json" >"$logs/topics.log" 2>&1 ||
        fail "the topics could not be created on $bootstrap" "may this user create topics there? docs/Operations.md lists them" "$logs/topics.log"
}

command_topics() {
    broker_address
    broker_reachable || fail "no broker answers at $bootstrap" "./dev up"
    command -v kcat >/dev/null || fail "kcat is not installed" "./dev packages demo"
    kcat -b "$bootstrap" -L -J | jq -r '.topics | sort_by(.topic)[] | [.topic, (.partitions | length)] | @tsv' |
        awk -F'\t' -v b="$bootstrap" 'BEGIN {printf "%-36s partitions on %s\n", "topic", b} {printf "%-36s %s\n", $1, $2}'
}
