# The distribution's packages this project stands on: the one list of them.
# shellcheck shell=bash

# A name with `|` is satisfied by any of the alternatives; the first is the one that is installed.
# Of [build], g++ to tzdata is what the Swift toolchain itself needs on a bare system.
declare -A package_groups=(
    [build]="g++ git pkg-config libncurses6 zlib1g-dev tzdata librdkafka-dev libpq-dev libcurl4-openssl-dev libssl-dev libvips-dev"
    [run]="postgresql|postgresql-15|postgresql-16|postgresql-17 caddy curl jq openssl ca-certificates"
    [test]="libimage-exiftool-perl libvips-tools nodejs python3 python3-aiosmtpd python3-yaml prometheus prometheus-alertmanager"
    [browser]="chromium fonts-noto-cjk"
    [kafka]="openjdk-17-jre-headless|openjdk-21-jre-headless|openjdk-25-jre-headless"
    [demo]="kcat python3-confluent-kafka"
    [watch]="prometheus"
    [chaos]="faketime"
    [model]="spin gcc"
    [compose]="docker.io docker-compose debootstrap"
)

missing_packages() { # GROUP…: prints what is not installed
    local group entry installed name found
    installed=" $(dpkg-query -W -f '${db:Status-Abbrev}${Package} ' 2>/dev/null | tr '\n' ' ')"
    for group in "$@"; do
        for entry in ${package_groups[$group]:?unknown package group $group}; do
            found=''
            for name in ${entry//|/ }; do
                [[ $installed != *"ii $name "* ]] || found=1
            done
            [ -n "$found" ] || echo "${entry%%|*}"
        done
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Installing postgresql or caddy would start them on their own ports; this keeps every unit still while apt runs.
hold_services() {
    service_policy=/usr/sbin/policy-rc.d
    [ ! -e "$service_policy" ] || return 0
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$service_policy" >/dev/null
    as_root chmod 755 "$service_policy"
    at_exit+=(release_services)
}
release_services() {
    [ -n "${service_policy:-}" ] || return 0
    if [ "$(cat "$service_policy" 2>/dev/null)" = $'#!/bin/sh\nexit 101' ]; then as_root rm -f "$service_policy"; fi
    service_policy=''
}

install_packages() { # GROUP…
    local missing log=$logs/packages.log fresh unit
    missing=$(missing_packages "$@" | tr '\n' ' ')
    if [ -z "${missing// /}" ]; then
        stage_note='all there'
        return 0
    fi
    command -v apt-get >/dev/null ||
        fail "this machine has no apt-get; missing: $missing" "install the equivalents of these Debian packages, then run ./dev again"
    if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null && { [ ! -t 0 ] || ! command -v sudo >/dev/null; }; then
        fail "packages are missing and this user may not install them" "run as root: apt-get install $missing"
    fi
    hold_services
    progress "apt-get update"
    as_root apt-get -qq update >"$log" 2>&1 || progress "apt-get update failed; trying with the lists at hand"
    # shellcheck disable=SC2086  # a list of names
    as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1 apt-get -y -q --no-install-recommends \
        -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 install $missing >>"$log" 2>&1 < <(:) &
    local apt=$!
    while kill -0 "$apt" 2>/dev/null; do
        progress "$(tail -n 1 "$log")"
        sleep 0.3
    done
    wait "$apt" || fail "apt-get could not install: $missing" "try by hand: apt-get install $missing" "$log"
    # What was installed for us must not start by itself at the next boot either.
    fresh=" $missing "
    if [ -d /run/systemd/system ]; then
        for unit in postgresql caddy prometheus prometheus-alertmanager; do
            [[ $fresh != *" $unit "* ]] || as_root systemctl disable "$unit" >>"$log" 2>&1 || true
        done
    fi
    release_services
    stage_note="installed $missing"
}

command_packages() {
    prepare_state
    [ $# -gt 0 ] || set -- build run
    local group
    for group in "$@"; do
        [ -n "${package_groups[$group]:-}" ] ||
            fail "there is no package group \"$group\"" "take some of: ${!package_groups[*]}"
    done
    stage "packages" install_packages "$@"
}
