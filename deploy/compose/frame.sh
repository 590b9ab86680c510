# What all parts of deploy/compose-check use.
# shellcheck shell=bash

skip() { # REASON
    echo "skipped: the check of docker-compose.yml: $1"
    trap - EXIT
    exit 0
}

image_of() { sed -nE "s|^ *image: *($1:.*)|\1|p" docker-compose.yml; } # NAME: with its tag
image_is_there() { docker image inspect "$1" >/dev/null 2>&1 || timeout 60 docker pull -q "$1" >/dev/null 2>&1; } # IMAGE, or it can be had

good() { printf '  ok      %s\n' "$*"; }
bad() {
    printf '  BROKEN  %s\n' "$*"
    broken=$((broken + 1))
}
same() { # WHAT EXPECTED FOUND
    if [ "$2" = "$3" ]; then good "$1: $2"; else bad "$1: $3 instead of $2"; fi
}
seconds() { awk -v a="$1" -v b="$(date +%s%3N)" 'BEGIN {printf "%.1f s", (b - a) / 1000}'; }
now() { date +%s%3N; }

find_compose() {
    command -v docker >/dev/null || skip "docker is not installed"
    docker info >/dev/null 2>&1 || skip "the Docker daemon does not answer"
    command -v jq >/dev/null || skip "jq is not installed"
    if [ -n "${COMPOSE:-}" ]; then read -ra program <<<"$COMPOSE"; elif docker compose version >/dev/null 2>&1; then
        program=(docker compose)
    elif command -v docker-compose >/dev/null; then program=(docker-compose); else skip "there is no compose"; fi
    # Of 1.29 `up` would run the jobs first. Of v2 it takes what it is told to leave out for a change, and replaces the containers.
    without_jobs=() && [[ $("${program[@]}" version --short) != 1.* ]] || without_jobs=(--no-deps)
    echo "compose: ${program[*]}, $("${program[@]}" version --short), Docker $(docker version -f '{{.Server.Version}}')"
}

compose() {
    if [ -n "$short" ]; then "${program[@]}" "$@"; else "${program[@]}" --env-file deploy/kafka/cluster.env "$@"; fi
}
quietly() { # COMMAND…: its output only when it fails
    "$@" >"$state/output" 2>&1 </dev/null || {
        tail -n 40 "$state/output"
        return 1
    }
}
# A container's name by service and number, whatever this compose calls it.
container() { # SERVICE [NUMBER]
    docker ps -a --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --filter "label=com.docker.compose.service=$1" \
        --filter "label=com.docker.compose.container-number=${2:-1}" --filter label=com.docker.compose.oneoff=False --format '{{.Names}}' | sed -n 1p
}
operators_tool() { compose run --rm -T shaoctl "$@" </dev/null; }
query() { # DATABASE SQL: rows, unaligned
    docker exec "$postgres" psql -X -U postgres -d "$1" -At -F ' ' -c "$2"
}
await() { # SECONDS COMMAND…
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.5
    done
}
health() { docker inspect -f '{{if .State.Health}}{{.State.Health.Status}}{{end}}' "$(container "$1" "$2")" 2>/dev/null; }
healthy() { [ "$(health "$1" "$2")" = healthy ]; }

finish() {
    local status=$?
    [ -z "$load" ] || docker kill "$load" >/dev/null 2>&1 || true
    if [ "$status" != 0 ] || [ "$broken" != 0 ]; then
        compose logs --no-color >"$state/failed.log" 2>&1 || true
        echo "what the containers said: ${state#"$root"/}/failed.log"
    fi
    if [ -n "$keep" ]; then echo "left running: http://127.0.0.1:$SHAO_PORT"; else compose down -v --remove-orphans >/dev/null 2>&1 || true; fi
    exit "$status"
}
