# What would stop `up` or `test` on this machine, and what to do about it. Changes nothing.
# shellcheck shell=bash

doctor_problems=0
fine() { printf '  %s✓%s %s\n' "$green" "$plain" "$1"; }
sick() { # WHAT WHAT_TO_DO
    doctor_problems=$((doctor_problems + 1))
    printf '  %s✗ %s%s\n    → %s\n' "$red" "$1" "$plain" "$2"
}

command_doctor() {
    doctor_system
    doctor_swift
    doctor_packages
    doctor_disk
    doctor_ports
    doctor_broker
    doctor_places
    if ((doctor_problems > 0)); then
        printf '\n  %s thing(s) to mend\n' "$doctor_problems"
        exit 1
    fi
    printf '\n  nothing in the way\n'
}

doctor_system() {
    local name=unknown
    [ ! -r /etc/os-release ] || name=$(. /etc/os-release && echo "$PRETTY_NAME")
    if command -v apt-get >/dev/null; then fine "$name, $(nproc) cores"; else
        sick "$name has no apt-get" "use Debian 12 or later, or Ubuntu 24.04 or later, or install the packages by hand"
    fi
    if [ "$(locale charmap 2>/dev/null)" = UTF-8 ] || locale -a 2>/dev/null | grep -i '^C.utf-\?8$' >/dev/null; then fine "a UTF-8 locale"; else
        sick "no UTF-8 locale" "apt-get install libc-bin (C.UTF-8 comes with it)"
    fi
    local memory
    memory=$(awk '/^MemAvailable/ {print int($2 / 1024)}' /proc/meminfo)
    if ((memory >= 1500)); then fine "$memory MiB of memory available"; else
        sick "only $memory MiB of memory available" "compiling needs about 1.5 GiB"
    fi
}

doctor_swift() {
    if (find_swift) >/dev/null 2>&1; then
        find_swift
        fine "$(swift --version 2>/dev/null | sed -n 1p)"
    else sick "no Swift 6.3 or later" "install it from swift.org/install/linux and put it on PATH"; fi
}

doctor_packages() {
    local missing
    missing=$(missing_packages build run | tr '\n' ' ')
    if [ -z "$missing" ]; then fine "all packages to build and run"; else
        sick "missing packages: $missing" "./dev packages build run"
    fi
    missing=$(missing_packages test demo model | tr '\n' ' ')
    [ -z "$missing" ] || printf '  · for tests, department examples and the model, ./dev packages test demo model would add: %s\n' "$missing"
}

doctor_disk() {
    local free place
    for place in "$root" /tmp; do
        free=$(df -Pm "$place" | awk 'NR == 2 {print $4}')
        if ((free >= 3000)); then fine "$free MiB free in $place"; else
            sick "only $free MiB free in $place" "a build takes about 2 GiB, the demo's databases some hundred MiB"
        fi
    done
}

port_owner() { # PORT
    command -v ss >/dev/null || return 0
    ss -Hltnp "sport = :$1" 2>/dev/null | sed -n 's/.*users:((\(.*\)))/\1/p' | sed -n 1p
}

doctor_ports() {
    local name taken=''
    for name in "${!port[@]}"; do
        running "$name" || ! answers "${port[$name]}" || taken+=" ${port[$name]} for $name ($(port_owner "${port[$name]}"))"
    done
    for name in "${!admin_port[@]}"; do
        running "$name" || ! answers "${admin_port[$name]}" || taken+=" ${admin_port[$name]} for $name's admin ($(port_owner "${admin_port[$name]}"))"
    done
    if [ -z "$taken" ]; then fine "ports are free or ours"; else
        sick "ports taken by others:$taken" "$shift_ports"
    fi
}

doctor_broker() {
    [ -n "${KAFKA_BOOTSTRAP_SERVERS:-}" ] || { fine "embedded broker"; return; }
    broker_address
    if broker_reachable; then
        fine "Kafka answers at $bootstrap"
        # A broker hands out its own address; the classic mistake is one that this machine cannot resolve.
        local name
        while read -r name; do
            if getent hosts "${name%:*}" >/dev/null; then fine "it advertises $name"; else
                sick "it advertises $name, which this machine cannot resolve" "set advertised.listeners on the broker"
            fi
        done < <(kcat -b "$bootstrap" -L -J -m 5 2>/dev/null | jq -r '.brokers[].name')
    else sick "no Kafka answers at $bootstrap" "check KAFKA_BOOTSTRAP_SERVERS and the network"; fi
}

doctor_places() {
    if [ -w "$root" ]; then fine "the checkout can be written"; else
        sick "the checkout belongs to $(stat -c %U "$root") and cannot be written" "run as that user"
    fi
    [ ! -d "$state" ] || [ -w "$state" ] || sick ".shao belongs to $(stat -c %U "$state")" "run as that user, or remove .shao"
    if [ "$(id -u)" -eq 0 ]; then
        if command -v runuser >/dev/null; then fine "root; Postgres runs as the user postgres"; else
            sick "runuser is missing; Postgres refuses to run as root" "apt-get install util-linux"
        fi
    fi
}
