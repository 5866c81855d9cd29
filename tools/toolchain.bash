# Sourced by ./setup, ./run and ./test: where the tools are that the project brings itself, and how the scripts speak.
# Expects `root` to be the repository root. Sets nothing outside the variables below and PATH.
[[ -n ${HOME:-} ]] || HOME=$(getent passwd "$(id -u)" | cut -d: -f6)
export HOME

ge_node_version=22.23.3
ge_engine_version=26.5.3
ge_cache=${XDG_CACHE_HOME:-$HOME/.cache}/godseye
ge_node=$ge_cache/node-$ge_node_version
ge_engine=$ge_cache/engine-$ge_engine_version
ge_engine_link=$ge_cache/engine/libchdb.so  # where godseye-store looks by itself
ge_venv=$root/.cache/venv

say() { printf '%s: %s\n' "${0##*/}" "$*"; }
fail() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Put the project's Node first and tell the server's child where its engine is.
use_toolchain() {
  export PATH=$ge_node/bin:$PATH
  export GODSEYE_ENGINE=${GODSEYE_ENGINE:-$ge_engine_link}
}

# Build jobs: $JOBS, else every core, but no more than memory holds (a sanitized translation unit takes up to 1.5 GB).
build_jobs() {
  [[ -z ${JOBS:-} ]] || { echo "$JOBS"; return; }
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable/ { print int($2 / 1572864) }' /proc/meminfo)
  ((memory < 1)) && memory=1
  echo $((cores < memory ? cores : memory))
}

# Configure (once) and build one CMake preset: build_preset PRESET [TARGET...]
build_preset() {
  local preset=$1; shift
  (cd "$root" && { [[ -e build/$preset/build.ninja ]] || cmake --preset "$preset" -Wno-dev; } \
    && ninja -C "build/$preset" -j "$(build_jobs)" "$@")
}

# content_key FILE...: one word that changes when the content of any of them does.
content_key() { cat "$@" | sha256sum | cut -c1-16; }

# build_page: ui/dist from ui/, only when a source changed. Nothing to do in a checkout without a page.
build_page() {
  [[ -e $root/ui/package.json ]] || return 0
  local key
  key=$(cd "$root/ui" && find . \( -name node_modules -o -name dist \) -prune -o -type f -print0 | sort -z \
    | xargs -0 sha256sum | sha256sum | cut -c1-16)
  [[ -e $root/ui/dist/.built-$key ]] && return 0
  say "page: building ui/dist"
  (cd "$root/ui" && npm run --silent build) && touch "$root/ui/dist/.built-$key"
}
