# The model of the event log, searched completely (docs/model/README.md).
# shellcheck shell=bash

command_model() { # [--mutants] [PATTERN]
    prepare_state
    stage "packages" install_packages model
    nice -n 5 Tests/model-check "$@"
}

# In `test`: without the mutants, whose deaths are shown by `./dev model --mutants`.
check_model() {
    local began line
    began=$(now_ms)
    Tests/model-check >"$logs/model.log" 2>&1 &
    local search=$!
    while kill -0 "$search" 2>/dev/null; do
        line=$(tail -n 1 "$logs/model.log" 2>/dev/null)
        progress "${line%% *}, $(seconds_since "$began")"
        sleep 0.5
    done
    wait "$search" || fail "the event log's model breaks a promise" "./dev model shows it; docs/model/README.md says how to read it" "$logs/model.log"
    stage_note=$(tail -n 1 "$logs/model.log")
}
