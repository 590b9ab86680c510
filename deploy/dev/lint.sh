# The rules of the house and the format.
# shellcheck shell=bash

swift_sources=(Package.swift Shared Services Tools Tests)

check_house_rules() {
    Tests/house-rules >"$logs/house-rules.log" 2>&1 ||
        fail "the house's rules are broken in $(grep -c '^  ' "$logs/house-rules.log") places" "./dev lint lists all; CONTRIBUTING.md explains them" "$logs/house-rules.log"
    stage_note=$(tail -n 1 "$logs/house-rules.log")
}

check_format() {
    swift format lint --strict --parallel --recursive "${swift_sources[@]}" >"$logs/format.log" 2>&1 ||
        fail "$(grep -c ' error: \| warning: ' "$logs/format.log") places are not formatted as .swift-format says" "./dev fmt mends most" "$logs/format.log"
}

command_lint() {
    prepare_state
    find_swift
    stage "house rules" check_house_rules
    stage "format" check_format
}

format_sources() {
    swift format format --in-place --parallel --recursive "${swift_sources[@]}"
}

command_fmt() {
    prepare_state
    find_swift
    stage "format" format_sources
    git --no-pager diff --stat 2>/dev/null || true
}
