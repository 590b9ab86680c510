# What the set promises, asked of the running containers and of the databases.
# shellcheck shell=bash

first_ticket() {
    operators_tool ticket --gateway http://gateway:8080 --state /state >"$state/ticket.txt" 2>"$state/ticket.err"
}

show_up() {
    local began
    began=$(now)
    quietly compose up -d
    postgres=$(container postgres)
    await 60 healthy gateway 1 || { bad "the gateway is not healthy after a minute" && exit 1; }
    echo "up after $(seconds "$began")"
    first_ticket || { cat "$state/ticket.err" && bad "the first ticket did not come out" && exit 1; }
    good "from nothing to the first ticket, dispatched, worked on, closed and evaluated: $(seconds "$began")"
    grep -E '^ +[0-9.]+ .* (dispatched|evaluated) ' "$state/ticket.txt" | sed 's/^/          /'
    await 60 all_healthy && good "every container with a health check is healthy" || bad "not healthy: $(unhealthy)"
    sleep 5 # idle: what is measured next is without work
    weigh
}

show_secrets() {
    local before
    before=$(find "$SHAO_SECRETS" -type f -print0 | sort -z | xargs -0 sha256sum)
    deploy/secrets >/dev/null
    [ "$before" = "$(find "$SHAO_SECRETS" -type f -print0 | sort -z | xargs -0 sha256sum)" ] && good "deploy/secrets changes nothing that is there" || bad "deploy/secrets changed what was there"
    same "the secrets' folder is open to" 700 "$(stat -c %a "$SHAO_SECRETS")"
    show_lost_secrets
}
# On a copy: what comes of a backup that is not whole, and of an `up` before the secrets were there.
show_lost_secrets() {
    local copy=$state/lost file
    for file in event.key link.key; do
        rm -rf "$copy" && cp -a "$SHAO_SECRETS" "$copy" && rm "$copy/$file"
        if SHAO_SECRETS=$copy deploy/secrets >/dev/null 2>&1; then bad "deploy/secrets made a second $file"; else good "deploy/secrets makes no second $file"; fi
    done
    rm -rf "$copy" && cp -a "$SHAO_SECRETS" "$copy" && rm "$copy/kafka-server.properties" "$copy/kafka-broker" && mkdir "$copy/kafka-server.properties"
    SHAO_SECRETS=$copy deploy/secrets >/dev/null
    same "what is made of a new password names it, and no folder is taken for a file" 2 "$(grep -c -F -e "$(cat "$copy/kafka-broker")" "$copy/kafka-server.properties")"
    rm -rf "$copy"
}

unhealthy() {
    docker ps --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --format '{{.Names}} {{.Status}}' | grep -E 'unhealthy|starting' || true
}
all_healthy() { [ -z "$(unhealthy)" ]; }

# As docker stats counts: what the kernel charges the container with, less the file cache it could drop at once.
weigh() {
    docker stats --no-stream --format '{{.Name}} {{.MemUsage}}' $(docker ps -q --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME") |
        awk -v project="$COMPOSE_PROJECT_NAME" '{name = $1; sub(project "[-_]", "", name); n = $2 + 0; if ($2 ~ /GiB/) n *= 1024; if ($2 ~ /KiB/) n /= 1024
            sum += n; said = said " " name " " sprintf("%.0f", n)} END {printf "          idle memory %.0f MiB:%s\n", sum, said}'
}

show_what_each_may() {
    local name line
    for name in "${services[@]}"; do
        line=$(docker inspect -f '{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}} {{.HostConfig.SecurityOpt}} {{.HostConfig.LogConfig.Type}} {{len .HostConfig.PortBindings}}' "$(container "$name")")
        [ "$line" = "shao true [ALL] [no-new-privileges:true] json-file 0" ] || bad "$name may too much: $line"
    done
    same "ports of this machine are open for" gateway "$(docker ps --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME" --format '{{.Label "com.docker.compose.service"}} {{.Ports}}' | awk '/->/ {print $1}' | sort -u | paste -sd ' ')"
    # Fields of the kernel's record of the service's own process: no capability, no new one.
    for name in "${services[@]}"; do
        line=$(docker exec "$(container "$name")" cat /proc/1/status | awk '/^(Uid|CapEff|NoNewPrivs)/ {print $2}' | paste -sd ' ')
        [ "$line" = "10001 0000000000000000 1" ] || bad "$name runs with $line"
    done
    good "services run as nobody in particular, on a read-only root, without capabilities"
    replicas_need_no_shell
}

# Without a shell an image still serves, migrates and tells its health.
replicas_need_no_shell() {
    local words
    words=$(docker image inspect -f '{{json .Config.Entrypoint}} {{json .Config.Cmd}} {{json .Config.Healthcheck.Test}}' shao/routing)
    same "what the image runs" '["/usr/local/bin/service"] ["serve"] ["CMD","/usr/local/bin/service","healthcheck"]' "$words"
}

show_down_and_up() {
    local before began
    before=$(contents)
    quietly compose down
    began=$(now)
    quietly compose up -d
    postgres=$(container postgres)
    await 60 healthy gateway 1 || bad "the gateway is not healthy a minute after the second up"
    good "up again after $(seconds "$began")"
    same "tickets, cases, evaluations, facts after down and up" "$before" "$(contents)"
    await 30 audited && good "$(grep 'histories equal' "$state/audit.txt")" || { cat "$state/audit.txt" && bad "the audit after down and up"; }
}
contents() {
    echo "$(query intake 'SELECT count(*), md5(string_agg(id::text, $$ $$ ORDER BY id)) FROM ticket')" \
        "$(query routing 'SELECT count(*), md5(string_agg(ticket || state::text, $$ $$ ORDER BY ticket)) FROM service_case')" \
        "$(query voting 'SELECT count(*) FROM evaluation')" "$(query analytics 'SELECT count(*) FROM case_fact')"
}
audited() { operators_tool audit --deep --key-file /run/secrets/event.key >"$state/audit.txt" 2>&1; }

# Everything that was said has been heard: every consumer's cursor, with its hash, is where its owner's stream ends.
is_quiet() {
    local name
    : >"$state/heads" && : >"$state/cursors"
    for name in "${services[@]}"; do
        [ "$(query "$name" 'SELECT count(*) FROM outbox o WHERE NOT EXISTS (SELECT FROM stream s WHERE s.outbox_id = o.id)')" = 0 ] || return 1
        query "$name" "SELECT topic || '/' || part, seq, encode(h, 'hex') FROM stream_head" >>"$state/heads"
        query "$name" "SELECT topic || '/' || part, seq, encode(h, 'hex') FROM inbox_cursor" >>"$state/cursors"
    done
    [ -z "$(awk 'NR == FNR {head[$1] = $0; next} ($1 in head) && head[$1] != $0' "$state/heads" "$state/cursors")" ]
}

# What was accepted, as the sender has it in its journal, against what every service has.
show_nothing_lost() {
    local name table
    await 120 is_quiet && good "all that was said has been heard, hash for hash" || bad "two minutes after the load not everything was heard"
    query intake "SELECT idempotency, id FROM ticket WHERE idempotency IS NOT NULL ORDER BY 1" | sort >"$state/tickets"
    sort "$state/journal" | comm -23 - "$state/tickets" >"$state/lost"
    same "accepted reports that intake does not have" 0 "$(wc -l <"$state/lost")"
    same "tickets that nobody was told of, or a second ticket for one report" 0 "$(comm -13 "$state/before" "$state/tickets" | sort | comm -23 - <(sort "$state/journal") | wc -l)"
    query intake 'SELECT id FROM ticket ORDER BY 1' >"$state/ids"
    for table in routing:service_case:ticket voting:evaluable:ticket analytics:case_fact:ticket; do
        IFS=: read -r name table column <<<"$table"
        query "$name" "SELECT $column FROM $table ORDER BY 1" | cmp -s - "$state/ids" && good "$name has each ticket once" || bad "$name has not each ticket once"
    done
    same "units called twice for one ticket" 0 "$(query routing "SELECT count(*) FROM (SELECT FROM outbox WHERE type = 'dispatch.called.v1' GROUP BY topic, subject, convert_from(payload, 'UTF8')::jsonb ->> 'dispatch' HAVING count(*) > 1) x")"
    show_kafka
    await 30 audited && good "$(grep 'histories equal' "$state/audit.txt")" || { cat "$state/audit.txt" && bad "the audit"; }
}

# What departments find in their topics on Kafka.
show_kafka() {
    local said
    said=$(query routing "SELECT event_id FROM outbox WHERE topic LIKE 'dispatch.%'" | sort)
    compose run --rm -T --no-deps kafka-setup /opt/kafka/bin/kafka-console-consumer.sh --bootstrap-server "${SHAO_KAFKA:-kafka:9092}" \
        --consumer.config /run/secrets/kafka-admin.properties --include 'dispatch\..*' --from-beginning --timeout-ms 15000 \
        --property print.headers=true --property print.value=false </dev/null 2>/dev/null |
        grep -oE 'ce_id:[0-9a-f-]{36}' | cut -c7- | sort >"$state/called"
    same "calls on departments' topics, of those that routing said" "$(wc -l <<<"$said")" "$(uniq "$state/called" | comm -12 - <(echo "$said") | wc -l)"
    echo "          records of them on Kafka: $(wc -l <"$state/called") (a department drops the second of one ce_id)"
}
