# The images of the set: by the Dockerfile, or quickly from what this checkout has compiled already.
# shellcheck shell=bash

need_image() { # IMAGE
    docker image inspect "$1" >/dev/null 2>&1 || docker pull -q "$1" >/dev/null 2>&1 || skip "the image $1 is not here and cannot be had"
}

make_images() {
    local began image
    began=$(now)
    # shellcheck disable=SC2046  # one image per line
    for image in $(sed -n 's/^ARG RUN_IMAGE=//p' deploy/Dockerfile) \
        $(sed -nE 's/^ *image: ((caddy|postgres|apache\/kafka):.*)/\1/p' docker-compose.yml | sort -u); do
        need_image "$image"
    done
    if [ -n "$debug" ]; then debug_images; else
        need_image "$(sed -n 's/^ARG BUILD_IMAGE=//p' deploy/Dockerfile)"
        quietly compose build
        quietly docker build -q -f deploy/Dockerfile --target bench -t shao/bench .
    fi
    printf 'images %s after %s:' "${debug:+of the debug build }" "$(seconds "$began")"
    for image in "${services[@]}" tools; do printf ' %s %s MB' "$image" "$(($(docker image inspect -f '{{.Size}}' "shao/$image") / 1000000))"; done
    echo
    [ -n "$debug" ] || small_enough
}

small_enough() {
    local name most size
    for name in "${services[@]}"; do
        most=150 && [ "$name" != intake ] || most=300
        size=$(($(docker image inspect -f '{{.Size}}' "shao/$name") / 1048576))
        if [ "$size" -lt "$most" ]; then good "image $name: $size MiB, less than $most"; else bad "image $name: $size MiB, not less than $most"; fi
    done
}

# The same Dockerfile with its first stage exchanged for a folder of executables and the toolchain's libraries that they need.
debug_images() {
    local context=$state/context products=${PRODUCTS:-.build/debug} name
    rm -rf "$context"
    mkdir -p "$context/out" "$context/lib" "$context/deploy"
    for name in "${services[@]}" shaoctl photoworker bench; do
        [ -x "$products/$name" ] || skip "--debug needs $products/$name: ./dev build"
        strip -o "$context/out/$name" "$products/$name"
    done
    ldd "$context"/out/* | awk '/=> .*\/swift\// {print $3}' | sort -u | xargs -I{} cp {} "$context/lib/"
    cp deploy/migrate "$context/deploy/"
    awk '/^FROM .* AS build$/ {print "FROM scratch AS build\nCOPY out /out"; skip = 1} /^FROM .* AS base$/ {skip = 0} !skip
        /^FROM .* AS (service|intake|tools|bench)$/ {print "COPY lib /usr/local/lib\nRUN ldconfig"}' deploy/Dockerfile >"$context/Dockerfile"
    for name in "${services[@]}"; do
        quietly docker build -q -f "$context/Dockerfile" --target "$([ "$name" = intake ] && echo intake || echo service)" \
            --build-arg "SERVICE=$name" -t "shao/$name" "$context"
    done
    for name in tools bench; do quietly docker build -q -f "$context/Dockerfile" --target "$name" -t "shao/$name" "$context"; done
}
