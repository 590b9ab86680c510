# Planted mistakes: each is put into a copy of the sources, built, and must be noticed by what its entry in Tests/Mutants names.
# shellcheck shell=bash

mutant_seconds=60 # of test time; building comes on top
# What a mutant needs to be built: the event log, what it stands on, the simulation and the log's own tests.
mutant_targets='CPosix CLibrdkafka CLibpq CCurl CCrypto EventLoop JSON Telemetry Crypto Kafka Postgres HTTP Contracts EventLog ServiceKit Pages
    TestKit Simulation simulate EventLogTests SimulationTests'

command_mutants() { # [PART OF A NAME]
    local place=$state/mutants entry survivors=0 count=0
    prepare_state
    at_exit+=(end_test_servers)
    stage "packages" install_packages build run
    find_swift
    stage "copy of the sources" copy_sources "$place"
    stage "build without a mutant" build_mutant "$place" tests
    stage "scratch Postgres" start_scratch_postgres
    stage "killers without a mutant" spare_the_innocent "$place" "${1:-}"
    for entry in "$root"/Tests/Mutants/*"${1:-}"*.mutant; do
        count=$((count + 1))
        try_mutant "$place" "$entry" || survivors=$((survivors + 1))
    done
    stage "servers ended" end_test_servers
    printf '\n  %s mutants, %s survived\n' "$count" "$survivors"
    ((count > 0 && survivors == 0))
}

# Files keep their times, so that only what a mutant changes is compiled again.
copy_sources() { # PLACE
    local part
    mkdir -p "$1"
    for part in Shared Tests Tools; do
        rm -rf "${1:?}/$part"
        cp -a "$root/$part" "$1/$part"
    done
    {
        cat "$root/Package.swift"
        # shellcheck disable=SC2086  # words
        printf 'let kept: Set = [%s]\npackage.products = []\npackage.targets.removeAll { !kept.contains($0.name) }\n' \
            "$(printf '"%s", ' $mutant_targets)"
    } >"$1/Package.swift.new"
    cmp -s "$1/Package.swift.new" "$1/Package.swift" || cp "$1/Package.swift.new" "$1/Package.swift"
    rm "$1/Package.swift.new"
}

build_mutant() { # PLACE simulate|tests
    local what=(--product simulate)
    [ "$2" = simulate ] || what=(--build-tests)
    (cd "$1" && swift build "${what[@]}") >"$logs/mutants-build.log" 2>&1 ||
        { grep -m 5 ' error: ' "$logs/mutants-build.log"; return 1; }
}

# What fails by itself notices nothing.
spare_the_innocent() { # PLACE [PART OF A NAME]
    local killer
    while IFS= read -r killer; do
        progress "$killer"
        run_killer "$1" "$killer" || fail "\"$killer\" fails without a mutant" "mend that first" "$logs/mutant.log"
    done < <(sed -n 's/^kill: //p' "$root"/Tests/Mutants/*"$2"*.mutant | sort -u)
}

field() { # ENTRY NAME: the rest of the line `name: …`
    sed -n "s/^$2: //p" "$1" | head -n 1
}

try_mutant() { # PLACE ENTRY
    local place=$1 entry=$2 name how what began status=0 verdict
    name=$(basename "$entry" .mutant)
    what=$(field "$entry" kill)
    case $what in simulate*) how=simulate ;; *) how=tests ;; esac
    progress "$name: building"
    if ! apply_mutant "$place" "$entry" || ! build_mutant "$place" "$how"; then
        verdict="${red:-}cannot be built or applied${plain:-}"
        status=1
    else
        progress "$name: $what"
        began=$(now_ms)
        if run_killer "$place" "$what"; then
            verdict="${red:-}SURVIVED${plain:-} $what"
            status=1
        else
            verdict="killed by $what in $(seconds_since "$began")"
        fi
    fi
    restore_mutant "$place" "$entry"
    printf '%s  %-34s %s\n' "${wipe:-}" "$name" "$verdict"
    return "$status"
}

# A killer is `simulate ARGUMENTS` or `test FILTER`; it must fail, by itself and in time.
run_killer() { # PLACE KILLER
    local arguments status=0
    read -ra arguments <<<"${2#* }"
    case $2 in
    simulate*) (cd "$1" && timeout "$mutant_seconds" .build/debug/simulate "${arguments[@]}") >"$logs/mutant.log" 2>&1 || status=$? ;;
    test*) (cd "$1" && timeout "$mutant_seconds" swift test --skip-build --disable-xctest --filter "${arguments[0]}") >"$logs/mutant.log" 2>&1 || status=$? ;;
    esac
    [ "$status" -eq 0 ] || [ "$status" -eq 124 ]
}

# An entry names files (`=== path`) and in each the exact old text and the new (`--- old`, `--- new`, `--- end`).
apply_mutant() { # PLACE ENTRY
    local line file='' part='' old='' new='' text
    while IFS= read -r line; do
        case $line in
        '=== '*) file=$1/${line#=== } ;;
        '--- old') part=old old='' new='' ;;
        '--- new') part=new ;;
        '--- end')
            part=''
            old=${old%$'\n'} new=${new%$'\n'}
            text=$(cat "$file" && printf x) text=${text%x}
            [[ $text == *"$old"* ]] || return 1
            printf '%s' "${text/"$old"/"$new"}" >"$file"
            ;;
        *)
            case $part in
            old) old+=$line$'\n' ;;
            new) new+=$line$'\n' ;;
            esac
            ;;
        esac
    done <"$2"
}

restore_mutant() { # PLACE ENTRY
    sed -n 's/^=== //p' "$2" | while IFS= read -r file; do cp -a "$root/$file" "$1/$file"; done
}
