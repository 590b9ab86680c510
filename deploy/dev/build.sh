# Compiling, with visible progress, and not at all when nothing changed.
# shellcheck shell=bash

find_swift() {
    local place
    command -v swift >/dev/null || for place in /opt/swift/usr/bin /usr/local/swift/usr/bin /usr/share/swift/usr/bin \
        "$HOME/.local/share/swiftly/bin" "${SUDO_USER:+/home/$SUDO_USER/.local/share/swiftly/bin}"; do
        [ ! -x "$place/swift" ] || { PATH=$PATH:$place && break; }
    done
    command -v swift >/dev/null || fail "there is no swift on this machine" \
        "install Swift 6.3 or later from swift.org/install/linux and put it on PATH"
    local version
    version=$(swift --version 2>&1) || fail "swift cannot run: ${version##*$'\n'}" "install what it misses; swift.org/install/linux lists its packages"
    version=$(sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' <<<"$version")
    # shellcheck disable=SC2086  # two numbers
    set -- $version
    ((${1:-0} * 100 + ${2:-0} >= 603)) || fail "Swift ${1:-?}.${2:-?} is too old" "install Swift 6.3 or later"
}

# Directories are compared too: a deleted file changes only its folder.
changed_since() { # STAMP PATH…
    local stamp=$1
    shift
    [ ! -e "$stamp" ] || [ -n "$(find "$@" -newer "$stamp" -print -quit 2>/dev/null)" ]
}

# Runs a SwiftPM build; its hundreds of lines become one line of progress, its errors are repeated at the end.
swift_build() { # LOG ARGUMENT…
    local log=$1 line status
    shift
    set +e
    swift build "$@" 2>&1 | tee "$log" | while IFS= read -r line; do
        case $line in
        '['*/*']'*) progress "$line" ;;
        *' error: '*) printf '%s    %s\n' "$wipe" "${line#"$root"/}" ;;
        *'being held'* | *'Another instance of SwiftPM'*) progress "waiting for another swift process of this checkout" ;;
        esac
    done
    status=${PIPESTATUS[0]}
    set -e
    [ "$status" -eq 0 ] || fail "swift build $* failed (status $status)" "the whole output is in ${log#"$root"/}" "$log"
}

build_products() {
    local stamp=$state/build.stamp name
    if ! changed_since "$stamp" Package.swift Shared Services Tools; then
        stage_note='nothing changed'
        for name in "${services[@]}" devbroker photoworker; do [ -x "$bin/$name" ] || stage_note=''; done
        [ -z "$stage_note" ] || return 0
    fi
    find_swift
    : >"$stamp.begun" # an edit made while the compiler runs counts as later
    swift_build "$logs/build.log"
    mv "$stamp.begun" "$stamp"
    stage_note=$(sed -n 's/^Build complete! (\(.*\)).*/\1/p' "$logs/build.log" | tail -n 1)
}

# The five services and what is named. One product after the other: all at once would include what only tests can compile.
build_release() { # PRODUCT…
    local name
    find_swift
    for name in "${services[@]}" "$@"; do
        swift_build "$logs/build-$name.log" -c release --static-swift-stdlib --scratch-path .build-bench --product "$name"
    done
}

command_build() {
    prepare_state
    stage "packages" install_packages build
    stage "build" build_products
}
