# Keys, passwords and staff tokens: made once per checkout, readable by their owner only, never printed.
# shellcheck shell=bash

random_hex() { # BYTES
    od -An -N "$1" -tx1 -v /dev/urandom | tr -d ' \n'
}

make_secret() { # FILE BYTES: as lower-case hexadecimal text without a line end
    [ -s "$secrets/$1" ] || { umask 077 && random_hex "$2" >"$secrets/$1.new" && mv "$secrets/$1.new" "$secrets/$1"; }
}

# name role org, of the demo street: five communities, the street's centre, and the district that decides disputes.
demo_staff() {
    local n
    for n in 001 002 003 004 005; do echo "community-$n community 310106019$n"; done
    echo "street street 310106019000"
    echo "district district 310106000000"
}

make_secrets() (
    umask 077
    cd "$secrets" || exit 1
    make_secret event.key 32 # HMAC over the event streams
    make_secret link.key 32  # HMAC in the private links residents get
    for name in "${services[@]}"; do
        make_secret "postgres-$name" 24       # the role that serves
        make_secret "postgres-$name-owner" 24 # the role that makes the tables
        echo "*:*:$name:$name:$(cat "postgres-$name")"
        echo "*:*:$name:${name}_owner:$(cat "postgres-$name-owner")"
    done >pgpass.new
    if cmp -s pgpass.new pgpass; then rm pgpass.new; else mv pgpass.new pgpass; fi
    mkdir -p staff
    demo_staff | while read -r name _ _; do
        make_secret "staff/$name.token" 32
        # As they are named on Kafka.
        [ -s "staff/$name.person" ] || cat /proc/sys/kernel/random/uuid >"staff/$name.person"
    done
    # The services keep only hashes of the tokens.
    demo_staff | {
        separator='['
        while read -r name role org; do
            printf '%s\n  {"name": "%s", "person": "%s", "role": "%s", "org": "%s", "tokenSHA256": "%s"}' "$separator" "$name" \
                "$(cat "staff/$name.person")" "$role" "$org" "$(sha256sum "staff/$name.token" | cut -d' ' -f1)"
            separator=','
        done
        printf '\n]\n'
    } >staff.json.new
    if cmp -s staff.json.new staff.json; then rm staff.json.new; else mv staff.json.new staff.json; fi
)
