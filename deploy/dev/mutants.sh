# Planted mistakes: each is put into a copy of the sources, built, and must be noticed by what its entry in Tests/Mutants names.
# shellcheck shell=bash

mutant_seconds=120 # of test time; building comes on top
# What the event log's mutants need to be built: the log, what it stands on, the simulation and the log's own tests.
mutant_kept='CPosix CLibrdkafka CLibpq CCurl CCrypto EventLoop Secrets JSON Telemetry Crypto Kafka Postgres HTTP Contracts EventLog ServiceKit Pages
    TestKit PageForms Simulation simulate EventLogTests SimulationTests'
# What those of the services and of what they share do without.
mutant_left='devbroker department shaoctl bench Simulation simulate SimulationTests chaos FaultTests JourneyTests EventLogTests KafkaTests
    PostgresTests TelemetryTests EventLoopTests SecretsTests IntakeMain RoutingMain NotificationMain VotingMain AnalyticsMain'

command_mutants() { # [PART] [PART OF A NAME]
    local part='*' name='' word list=() chosen=() survivors=0 count=0
    for word; do
        if [ -d "$root/Tests/Mutants/$word" ]; then part=$word; else name=$word; fi
    done
    # shellcheck disable=SC2206  # a pattern, and paths of ours
    list=("$root"/Tests/Mutants/$part/*"$name"*.mutant)
    ((${#list[@]} > 0)) || fail "there is no mutant of that name" "the parts: $(cd "$root/Tests/Mutants" && echo *)"
    prepare_state
    at_exit+=(end_test_servers)
    stage "packages" install_packages build run
    find_swift
    stage "scratch Postgres" start_scratch_postgres
    for word in eventlog services; do
        mapfile -t chosen < <(printf '%s\n' "${list[@]}" | if [ "$word" = eventlog ]; then grep '/eventlog/'; else grep -v '/eventlog/'; fi)
        ((${#chosen[@]} == 0)) || try_mutants "$word" "$state/mutants-$word" "${chosen[@]}"
    done
    stage "servers ended" end_test_servers
    printf '\n  %s mutants, %s survived\n' "$count" "$survivors"
    ((count > 0 && survivors == 0))
}

try_mutants() { # eventlog|services PLACE ENTRY…
    local kind=$1 place=$2 entry
    shift 2
    stage "copy of the sources" copy_sources "$place" "$kind"
    stage "build without a mutant" build_mutant "$place" tests
    stage "killers without a mutant" spare_the_innocent "$place" "$@"
    for entry; do
        count=$((count + 1))
        try_mutant "$place" "$entry" || survivors=$((survivors + 1))
    done
}

# Files keep their times, so that only what a mutant changes is compiled again.
copy_sources() { # PLACE eventlog|services
    local part rule
    mkdir -p "$1"
    for part in Shared Services Tests Tools deploy; do
        rm -rf "${1:?}/$part"
        cp -a "$root/$part" "$1/$part"
    done
    # shellcheck disable=SC2086  # words
    if [ "$2" = eventlog ]; then rule="!Set([$(printf '"%s", ' $mutant_kept)]).contains(\$0.name)"; else
        rule="Set([$(printf '"%s", ' $mutant_left)]).contains(\$0.name)"
    fi
    {
        cat "$root/Package.swift"
        printf 'package.products = []\npackage.targets.removeAll { %s }\n' "$rule"
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

field() { # ENTRY NAME: the rest of the line `name: …`
    sed -n "s/^$2: //p" "$1" | sed -n 1p
}

# What fails by itself notices nothing.
spare_the_innocent() { # PLACE ENTRY…
    local place=$1 killer
    shift
    while IFS= read -r killer; do
        progress "$killer"
        run_killer "$place" "$killer" || fail "\"$killer\" fails without a mutant" "mend that first" "$logs/mutant.log"
        [[ $killer != test* ]] || grep -q 'Test run with [1-9]' "$logs/mutant.log" ||
            fail "\"$killer\" is no test" "its name has changed: name it anew in Tests/Mutants" "$logs/mutant.log"
    done < <(sed -n 's/^kill: //p' "$@" | sort -u)
}

try_mutant() { # PLACE ENTRY
    local place=$1 entry=$2 name what began status=0 verdict how=tests
    name=$(basename "$entry" .mutant)
    what=$(field "$entry" kill)
    case $what in simulate*) how=simulate ;; esac
    progress "$name: building"
    if ! apply_mutant "$place" "$entry"; then
        verdict="${red:-}cannot be applied${plain:-}" status=1
    elif ! build_mutant "$place" "$how"; then
        verdict="${red:-}cannot be built${plain:-}" status=1
    else
        progress "$name: $what"
        began=$(now_ms)
        if run_killer "$place" "$what" || ! says_why "$what"; then
            verdict="${red:-}SURVIVED${plain:-} $what" status=1
        else
            verdict="killed by $what in $(seconds_since "$began")"
        fi
    fi
    restore_mutant "$place" "$entry"
    printf '%s  %-13s %-26s %s\n' "${wipe:-}" "$(basename "$(dirname "$entry")")" "$name" "$verdict"
    return "$status"
}

# A test that was not run, or a bundle that is not there, notices nothing either.
says_why() { # KILLER
    [[ $1 != test* ]] || grep -qE 'recorded an issue|Fatal error|signal code' "$logs/mutant.log"
}

# A killer is `simulate ARGUMENTS` or `test FILTER`; it must fail, by itself and in time.
run_killer() { # PLACE KILLER
    local arguments status=0
    read -ra arguments <<<"${2#* }"
    case $2 in
    simulate*) (cd "$1" && timeout "$mutant_seconds" .build/debug/simulate "${arguments[@]}") >"$logs/mutant.log" 2>&1 || status=$? ;;
    test*) (cd "$1" && timeout "$mutant_seconds" swift test --skip-build --disable-xctest --filter "${2#test }") >"$logs/mutant.log" 2>&1 || status=$? ;;
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
    sed -n 's/^=== //p' "$2" | sort -u | while IFS= read -r file; do cp -a "$root/$file" "$1/$file"; done
}
