# Reports through the gateway, while the set changes under them.
# shellcheck shell=bash

begin_load() { # REPORTS
    local places
    mapfile -t places < <(jq -r '.plates[:24][] | "--place", "\(.code):\(.chips[0].category)"' deploy/demo/plates.json)
    query intake 'SELECT idempotency, id FROM ticket WHERE idempotency IS NOT NULL' | sort >"$state/before"
    rm -rf "$state/load" && mkdir -p "$state/load"
    # In the gateway's own network: nothing but the gateway is between.
    load=$(docker run -d --user root --network "container:$(container gateway)" -v "$state/load:/out" shao/bench load --port 8080 \
        --connections 32 --rate "$rate" --insist-on "$1" --until-file /out/enough --journal /out/journal "${places[@]}")
}

step() { # WHAT COMMAND…
    local what=$1 began
    began=$(now)
    shift
    quietly "$@" || bad "$what"
    printf '          %-46s %s\n' "$what" "$(seconds "$began")"
}
scale() { # COUNT
    compose up -d "${without_jobs[@]}" --scale "intake=$1" --scale "routing=$1" intake routing
    [ "$1" = 1 ] || { await 60 healthy intake "$1" && await 60 healthy routing "$1"; }
}

# What they set right again must not be wrong in between.
jobs_again() {
    compose run --rm -T --no-deps postgres-setup && compose run --rm -T --no-deps kafka-setup && compose run --rm -T --no-deps migrate
}

show_load() {
    local killed=0
    echo "load: $tickets reports at least, $rate a second, from 32 connections"
    begin_load "$tickets"
    sleep 2
    step "intake and routing from 1 to 3" scale 3
    step "the jobs of each start, again" jobs_again
    step "SIGTERM to one of three of intake" docker stop -t 40 "$(container intake 2)"
    step "SIGTERM to one of three of routing" docker stop -t 40 "$(container routing 3)"
    step "both come again" docker start "$(container intake 2)" "$(container routing 3)"
    await 60 healthy intake 2
    if [ -z "$short" ]; then
        step "SIGKILL to one broker of three" docker kill "$(container kafka-2)"
        sleep 5
        killed=$(now)
        step "SIGKILL to one of three of intake" docker kill "$(container intake 3)"
        sleep 5
        step "SIGKILL to one of three of routing" docker kill "$(container routing 2)"
        sleep 2
    fi
    step "intake and routing from 3 to 1" scale 1
    sleep 2
    touch "$state/load/enough"
    timeout 900 docker wait "$load" >"$state/ended"
    same "the sender's exit status" 0 "$(cat "$state/ended")"
    docker logs "$load" >"$state/load.json" 2>"$state/load.err"
    cat "$state/load.err"
    docker rm "$load" >/dev/null
    load=''
    cp "$state/load/journal" "$state/journal"
    report_load "$killed"
    show_nothing_lost
}

# A killed replica takes with it what it was working on, and what the gateway sends it until it knows: its health checks are a fifth
# of a second apart, and a dial is given up after 1.5 s. All else must go through at the first attempt.
report_load() { # WHEN_KILLED
    local during
    jq -r '"          accepted \(.accepted) in \(.seconds | floor) s, \(.per_second | floor) a second; p50 \(.latency.p50_ms | round) ms, p99 \(.latency.p99_ms | round) ms, slowest \(.latency.max_ms | round) ms"' "$state/load.json"
    [ "$(jq .accepted "$state/load.json")" -ge "$tickets" ] || bad "fewer than $tickets reports were accepted"
    during=$(jq --argjson killed "$1" '[.failures[] | select(.[0] >= $killed and .[0] < $killed + 2500)] | length' "$state/load.json")
    same "requests that failed, but those at the killed replica" 0 "$(($(jq '.refused' "$state/load.json") - during))"
    [ "$1" = 0 ] || echo "          requests that failed within 2.5 s of the replica's kill, all accepted when sent again: $during"
}
