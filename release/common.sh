# Sourced by the scripts of this folder: where things are.
set -eu
cd "$(dirname "$(readlink -f "$0")")/.."
umask 022
project=$PWD
name=hprof-suspects
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
tools=${RELEASE_TOOLS:-$project/target/release-tools}
dist=${DIST:-$project/target/release-files}
export PATH="$tools/venv/bin:$tools/bin:$PATH"

# One time for everything in an archive: the same commit makes the same bytes.
epoch=$(git log -1 --format=%ct 2> /dev/null || stat -c %Y Cargo.toml)
export SOURCE_DATE_EPOCH=$epoch

have() { command -v "$1" > /dev/null 2>&1; }
say() { echo "== $*"; }

# The value of a key in release.toml for a target: `target_key x86_64-unknown-linux-musl go`.
target_key() { "$project/release/generate" target "$1" "$2"; }

# An archive that depends on nothing but the files: folder, archive.
pack() {
  tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" -C "$(dirname "$1")" -cf - "$(basename "$1")" | gzip -9n > "$2"
}
