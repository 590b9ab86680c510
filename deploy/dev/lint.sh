# The rules of the house and the format.
# shellcheck shell=bash

swift_sources=(Package.swift Shared Services Tools Tests)

check_house_rules() {
    Tests/house-rules >"$logs/house-rules.log" 2>&1 ||
        fail "the house's rules are broken in $(grep -c '^  ' "$logs/house-rules.log") places" "./dev lint lists all; CONTRIBUTING.md explains them" "$logs/house-rules.log"
    stage_note=$(tail -n 1 "$logs/house-rules.log")
}

check_rules() {
    Tests/rules-check >"$logs/rules-check.log" 2>&1 ||
        fail "alert rules or dashboards do not fit" "./dev lint lists all" "$logs/rules-check.log"
    stage_note=$(tail -n 1 "$logs/rules-check.log")
}

lint_format() {
    swift format lint --strict --parallel --recursive "${swift_sources[@]}"
}

# In `test` the format is told, not enforced: `./dev fmt` mends it in a second.
report_format() {
    if lint_format >"$logs/format.log" 2>&1; then stage_note=clean; else
        stage_note="$(grep -c ' error: ' "$logs/format.log") places, ./dev fmt mends most"
    fi
}

command_lint() {
    local broken=''
    prepare_state
    find_swift
    Tests/house-rules || broken=1
    Tests/rules-check || broken=1
    check_subjects || broken=1
    if lint_format; then echo "format: clean"; else broken=1; fi
    [ -z "$broken" ]
}

# The last thirty: who merges a change elsewhere words it elsewhere, so `test` does not ask.
check_subjects() {
    local wrong
    wrong=$(git log -30 --format='%h %s' 2>/dev/null | grep -vE '^[0-9a-f]+ [a-z][A-Za-z0-9 /,.-]*: [^ ].{0,130}$' || true)
    [ -z "$wrong" ] || printf 'Subjects of commits that are no "area: what is different", or longer than a line:\n%s\n' "$wrong"
    [ -z "$wrong" ]
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
