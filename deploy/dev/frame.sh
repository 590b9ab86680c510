# What every part uses: where state lives, which ports, how progress and failures are told.
# shellcheck shell=bash disable=SC2034  # the names are read by the other parts

state=$root/.shao
logs=$state/log
pids=$state/pids
run=$state/run
secrets=$state/secrets
bin=$root/.build/debug
services=(intake routing notification voting analytics)

# A second checkout on the same machine shifts all its ports; the shift is kept, so that a later `down` knows it.
offset=${SHAO_PORT_OFFSET:-$(cat "$state/port-offset" 2>/dev/null || echo 0)}
# Between the ports of one checkout, its bench and its chaos no distance is a multiple of 2000, so whatever multiples two checkouts
# take, they do not meet. The largest keeps chaos, 22 500 above the others, below 65 536.
offset_step=2000 offset_limit=34000
if ! [[ $offset =~ ^[0-9]{1,5}$ ]] || ((10#$offset % offset_step || 10#$offset > offset_limit)); then
    echo "./dev: SHAO_PORT_OFFSET must be a multiple of $offset_step up to $offset_limit, not \"$offset\": others would meet this checkout's own ports, or another's" >&2
    exit 64
fi
offset=$((10#$offset))
# What to do when a port is taken.
shift_ports="end it, or shift this checkout's ports: SHAO_PORT_OFFSET=$(((offset + offset_step) % (offset_limit + offset_step))) ./dev up"
declare -A port=(
    [gateway]=$((8080 + offset)) [broker]=$((29092 + offset)) [postgres]=$((25432 + offset))
    [intake]=$((8101 + offset)) [routing]=$((8102 + offset)) [notification]=$((8103 + offset))
    [voting]=$((8104 + offset)) [analytics]=$((8105 + offset))
)
declare -A admin_port=(
    [intake]=$((9101 + offset)) [routing]=$((9102 + offset)) [notification]=$((9103 + offset))
    [voting]=$((9104 + offset)) [analytics]=$((9105 + offset))
)

watch_port=$((29190 + offset)) # of `watch`, beside the set

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ -z "${CI:-}" ]; then
    live=1 bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m' wipe=$'\r\e[K'
else
    live='' bold='' dim='' red='' green='' plain='' wipe=''
fi

# A whole city beside the one of `up`: its own folders, ports and broker, so that nothing of `up` is touched.
stand_apart() { # FOLDER SHIFT
    local name
    state=$state/$1
    logs=$state/log pids=$state/pids run=$state/run secrets=$state/secrets
    for name in "${!port[@]}"; do port[$name]=$((port[$name] + $2)); done
    for name in "${!admin_port[@]}"; do admin_port[$name]=$((admin_port[$name] + $2)); done
    unset KAFKA_BOOTSTRAP_SERVERS
    client_limits=off # all that is sent there comes from this machine
}

prepare_state() {
    mkdir -p "$state" "$logs" "$pids" "$run"
    (umask 077 && mkdir -p "$secrets")
    chmod 755 "$state" "$run"
    # Renamed into place: a script that starts at this moment reads the old one or the new one, never an empty file.
    echo "$offset" >"$state/port-offset.$$"
    mv "$state/port-offset.$$" "$state/port-offset"
}

# Two scripts must not start or stop the same things at once. What is started to stay closes 9, or it would hold the lock.
only_one() {
    mkdir -p "$state"
    exec 9>"$state/lock"
    flock -n 9 || fail "another ./dev is starting or stopping this checkout" \
        "wait until it has ended; it is: $(cat "$state/lock.owner" 2>/dev/null || echo unknown)"
    echo "pid $$, ./dev $command" >"$state/lock.owner"
}

now_ms() {
    local t=$EPOCHREALTIME
    echo $((${t/[.,]/} / 1000))
}

seconds_since() { # START_MS
    local ms=$(($(now_ms) - $1))
    printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
}

# A stage is one line: its name when it starts (on a terminal), its outcome and duration when it ends.
stage() { # TITLE COMMAND…
    local title=$1 began
    shift
    began=$(now_ms)
    stage_note=''
    current_stage=$title
    [ -z "$live" ] || printf '%s  … %s' "$wipe" "$title"
    "$@" # fails through `fail`, or by `set -e` and the trap below
    printf '%s  %s✓%s %-34s %s%8s%s  %s\n' \
        "$wipe" "$green" "$plain" "$title" "$dim" "$(seconds_since "$began")" "$plain" "$stage_note"
    current_stage=''
}

# One passing line of progress inside a stage: rewritten on a terminal, every ten seconds elsewhere.
progress_shown=0
progress() { # TEXT
    if [ -n "$live" ]; then
        printf '%s  … %s  %s%.*s%s' "$wipe" "$current_stage" "$dim" 70 "$1" "$plain"
    elif ((SECONDS - progress_shown >= 10)); then
        progress_shown=$SECONDS
        printf '    %s: %.100s\n' "$current_stage" "$1"
    fi
}

# Every failure says what failed, shows the end of the log that knows why, and what to do next.
fail() { # WHAT WHAT_TO_DO [LOG]
    current_stage=''
    {
        printf '%s  %s✗ %s%s\n' "$wipe" "$red" "$1" "$plain"
        if [ -n "${3:-}" ] && [ -s "$3" ]; then
            printf '    last lines of %s:\n' "${3#"$root"/}"
            tail -n 15 "$3" | cut -c1-220 | sed 's/^/    │ /'
        fi
        printf '    → %s\n' "$2"
    } >&2
    exit 1
}

current_stage=''
unexpected() { # exit status
    [ "$1" -eq 0 ] || [ -z "$current_stage" ] ||
        printf '%s  %s✗ %s stopped with status %s%s\n    → ./dev doctor; ./dev logs\n' \
            "$wipe" "$red" "$current_stage" "$1" "$plain" >&2
}
at_exit=()
leave() {
    local status=$? action
    unexpected "$status"
    for action in "${at_exit[@]}"; do "$action" || true; done
    exit "$status"
}
trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

answers() { # PORT: does something listen on loopback?
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Asks CHECK again and again until it succeeds; the only place of the script that waits by the clock.
await() { # SECONDS CHECK…
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < until)) || return 1
        sleep 0.05
    done
}
