# Simulated worlds by the hundred thousand: release build, both cores.
# shellcheck shell=bash

command_simulate() {
    prepare_state
    stage "packages" install_packages build
    find_swift
    stage "build of the simulation" swift_build "$logs/simulate-build.log" -c release --product simulate
    "$root/.build/release/simulate" --workers "$(nproc)" "$@"
}
