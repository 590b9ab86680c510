# Prometheus over the running set, with the alerts and rules that an operator gets.
# shellcheck shell=bash

watch_configuration() { # the targets of this checkout in place of a network's names
    local name
    printf 'global: {scrape_interval: 5s, evaluation_interval: 5s}\nrule_files: [%s]\nscrape_configs:\n  - job_name: shao\n    static_configs:\n' \
        "$root/deploy/prometheus/rules.yml"
    for name in "${services[@]}"; do
        printf '      - {targets: ["127.0.0.1:%s"], labels: {service: %s}}\n' "${admin_port[$name]}" "$name"
    done
}

# In the foreground: whoever wants it for longer runs a Prometheus of their own.
command_watch() {
    need_running
    install_packages watch
    local folder=$state/prometheus
    mkdir -p "$folder"
    watch_configuration >"$folder/prometheus.yml"
    ! answers "$watch_port" || fail "port $watch_port is taken by something else" "$shift_ports"
    echo "Prometheus: http://127.0.0.1:$watch_port/alerts     every query of the dashboards: deploy/grafana/check --prometheus http://127.0.0.1:$watch_port     end: Ctrl-C" >&2
    exec prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/data" --storage.tsdb.retention.time=1d \
        --web.listen-address="127.0.0.1:$watch_port" --log.level=warn
}
