# Prometheus with the set's own configuration, over the load.
# shellcheck shell=bash

begin_watch() {
    local image
    watched=''
    image=$(image_of prom/prometheus)
    image_is_there "$image" || {
        echo "skipped: Prometheus: the image $image is not here and cannot be had"
        return 0
    }
    command -v python3 >/dev/null || { echo "skipped: Prometheus: python3 is not installed" && return 0; }
    quietly compose up -d prometheus || bad "Prometheus does not start"
    watched=1
    image=$(image_of prom/alertmanager)
    if image_is_there "$image"; then
        quietly compose up -d alertmanager || bad "Alertmanager does not start"
    else echo "skipped: Alertmanager: the image $image is not here and cannot be had"; fi
}

show_watch() {
    [ -n "$watched" ] || return 0
    if deploy/grafana/check --prometheus "http://127.0.0.1:$SHAO_PROMETHEUS_PORT" >"$state/watch.txt" 2>&1; then good "$(tail -n 1 "$state/watch.txt")"; else
        tail -n 20 "$state/watch.txt"
        bad "not every query of the dashboards and alerts has an answer"
    fi
    same "targets that Prometheus cannot reach" 0 "$(asked 'targets?state=active' '[.data.activeTargets[] | select(.health != "up" and .labels.job == "shao")] | length')"
    [ -n "$(container alertmanager)" ] || return 0
    same "Alertmanager says of itself" OK "$(curl -s "http://127.0.0.1:$SHAO_ALERTMANAGER_PORT/-/ready")"
    same "what Prometheus sends alerts to" 1 "$(asked alertmanagers '.data.activeAlertmanagers | length')"
    same "alerts that could not be sent" 0 "$(asked 'query?query=sum(prometheus_notifications_errors_total)' '.data.result[0].value[1]')"
}
asked() { # QUESTION JQ: of Prometheus
    curl -s "http://127.0.0.1:$SHAO_PROMETHEUS_PORT/api/v1/$1" | jq -r "$2"
}
