# docker-compose.yml and its images on this machine, where Docker can run.
# shellcheck shell=bash

command_compose() { # arguments of deploy/compose-check
    prepare_state
    find_swift
    [[ " $* " != *' --debug '* ]] || stage "build" build_products
    # An installation of Docker's own packages is left as it is; who may install nothing is told that the check is skipped.
    docker_answers || command -v dockerd >/dev/null || [ "$(id -u)" -ne 0 ] || stage "packages" install_packages run compose
    stage "Docker" start_docker
    stage "official images, or stand-ins" stand_in_images "$@"
    stage "Prometheus and Alertmanager" stand_in_observers
    deploy/compose-check "$@"
}

docker_answers() { docker info >/dev/null 2>&1; }
image_is_there() { docker image inspect "$1" >/dev/null 2>&1 || timeout 20 docker pull -q "$1" >/dev/null 2>&1; } # IMAGE, or it can be had

# Where nobody started one, ours, until this command ends.
start_docker() {
    stage_note='answers'
    ! docker_answers || return 0
    stage_note='does not answer'
    command -v dockerd >/dev/null && [ "$(id -u)" -eq 0 ] || return 0
    dockerd >"$logs/dockerd.log" 2>&1 &
    dockerd=$!
    at_exit+=(end_docker)
    if await 20 docker_answers; then stage_note='started for this'; else stage_note="cannot run here: $(tail -n 1 "$logs/dockerd.log" | cut -c1-160)"; fi
}
end_docker() {
    kill "$dockerd" 2>/dev/null || return 0
    wait "$dockerd" 2>/dev/null || true
}

# Where no registry answers: images of the same names from this distribution's packages, by the equipment beside the checkout.
stand_in_images() {
    local tool=$root/../shared/tools/stand-in-images wanted
    stage_note='as Docker finds them'
    docker_answers && [ -x "$tool" ] || return 0
    wanted=$(sed -nE 's/^ARG RUN_IMAGE=//p; s/^    image: ((caddy|postgres|apache\/kafka):.*)/\1/p' deploy/Dockerfile docker-compose.yml | sort -u)
    [[ " $* " == *' --debug '* ]] || wanted+=" $(sed -n 's/^ARG BUILD_IMAGE=//p' deploy/Dockerfile)"
    local image missing=()
    for image in $wanted; do
        image_is_there "$image" || missing+=("$image")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    "$tool" "${missing[@]}" >"$logs/stand-in-images.log" 2>&1 ||
        { stage_note="no stand-ins: $(tail -n 1 "$logs/stand-in-images.log" | cut -c1-160)" && return 0; }
    stage_note="stand-ins for ${missing[*]}"
}

# Prometheus and Alertmanager the same way: the distribution's programs where the official images have theirs.
stand_in_observers() {
    local program image
    stage_note='as Docker finds them'
    docker_answers || return 0
    for program in prometheus alertmanager; do
        image=$(sed -n "s|^ *image: *\(prom/$program:.*\)|\1|p" docker-compose.yml)
        ! image_is_there "$image" || continue
        if observer_image "$program" "$image" >"$logs/stand-in-$program.log" 2>&1; then stage_note="stand-ins"; else
            stage_note="no stand-in for $image: $(tail -n 1 "$logs/stand-in-$program.log" | cut -c1-120)"
        fi
    done
}
observer_image() { # PROGRAM IMAGE
    local package=$1
    [ "$package" = prometheus ] || package=prometheus-$1
    DOCKER_BUILDKIT=0 docker build -q -t "$2" - <<DOCKERFILE
FROM $(sed -n 's/^ARG RUN_IMAGE=//p' deploy/Dockerfile)
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $package && \\
    apt-get clean && rm -rf /var/lib/apt/lists/* && mkdir -p /$1 && chown nobody /$1 && ln -s /usr/bin/$package /usr/local/bin/observer
USER nobody
ENTRYPOINT ["/usr/local/bin/observer"]
DOCKERFILE
}
