# Supervision without systemd: one pid file per process, holding the pid and the process's start time, so that a
# number the kernel has given to somebody else since is never signalled.
# shellcheck shell=bash

start_time() { # PID: clock ticks since boot, field 22 of /proc/PID/stat (the name before it may hold blanks)
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    stat=${stat##*) }
    # shellcheck disable=SC2086
    set -- $stat
    [ "$1" != Z ] || return 1
    echo "${20}"
}

running() { # NAME: sets $pid
    local started
    pid=''
    read -r pid started 2>/dev/null <"$pids/$1" || return 1
    [ -n "$pid" ] && [ "$(start_time "$pid")" = "$started" ]
}

adopt() { # NAME PID: supervise a process that something else started
    echo "$2 $(start_time "$2")" >"$pids/$1"
}

# Its own session: a signal to this script's group, or its terminal closing, does not reach it, and what it starts
# itself (photo workers) can be ended with it as a group.
launch() { # NAME COMMAND…
    local name=$1 log=$logs/$1.log
    shift
    [ ! -s "$log" ] || mv "$log" "$log.1"
    setsid "$@" </dev/null >"$log" 2>&1 9>&- &
    adopt "$name" $!
}

gone() { ! running "$1"; }
all_gone() {
    local name
    for name in "$@"; do gone "$name" || return 1; done
}

# SIGTERM to all, one common grace, then SIGKILL to the groups of those that stayed.
stop_processes() { # GRACE_SECONDS NAME…
    local grace=$1 name late=()
    shift
    for name in "$@"; do ! running "$name" || kill -TERM "$pid" 2>/dev/null || true; done
    if ! await "$grace" all_gone "$@"; then
        for name in "$@"; do
            running "$name" || continue
            late+=("$name")
            kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null || true
        done
        await 5 all_gone "$@" || fail "${late[*]} could not be ended" "look at: ps -o pid,stat,wchan,cmd -p $pid"
        stage_note+="${late[*]} had to be killed after $grace s "
    fi
    for name in "$@"; do rm -f "$pids/$name"; done
}

supervised() { # prints every name that has a pid file
    local file
    for file in "$pids"/*; do echo "${file##*/}"; done
}

http_status() { # URL
    curl -s -o /dev/null -m 2 -w '%{http_code}' "$1" 2>/dev/null || true
}

ready_or_dead() { # NAME URL
    [ "$(http_status "$2")" = 200 ] || gone "$1"
}

await_ready() { # NAME URL SECONDS
    await "$3" ready_or_dead "$1" "$2" ||
        fail "$1 did not become ready within $3 s" "what it waits for: curl '${2}?verbose'" "$logs/$1.log"
    running "$1" || fail "$1 ended while it was starting" "its log says why: ./dev logs $1" "$logs/$1.log"
}
