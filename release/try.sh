# Sourced by release/check: each artifact is unpacked or installed into an empty folder and run there.
sample=testdata/sample.hprof.gz
verdict='Java heap'
chroot=$(PATH=$PATH:/usr/sbin:/sbin command -v chroot || true)

# The emulator for a program of another processor, as a file that needs nothing else; empty where none is needed.
emulator_for() {
  local machine
  machine=$(target_key "$1" go)
  case $machine/$(uname -m) in
    amd64/x86_64 | arm64/aarch64 | arm64/arm64) emulator='' ;;
    arm64/*) emulator=$(command -v qemu-aarch64-static) || return 1 ;;
    amd64/*) emulator=$(command -v qemu-x86_64-static) || return 1 ;;
  esac
}

# Runs the program at a path of a root, as nobody, with an empty environment: root, path, arguments.
inside() {
  local where=$1 program=$2
  shift 2
  if [ -n "$emulator" ]; then
    as_root cp "$emulator" "$where/emulator"
    as_root env -i "$chroot" --userspec=65532:65532 "$where" /emulator "$program" "$@"
  else
    as_root env -i "$chroot" --userspec=65532:65532 "$where" "$program" "$@"
  fi
}

expect() { # text, where it must be
  grep -q -- "$1" <<< "$2" || fail "no '$1' in: $2"
}

milliseconds() { date +%s%3N; }

# A file must have fewer bytes than its budget: file, budget, target. What is not made as released is not held against it.
within() {
  local size limit
  size=$(wc -c < "$1")
  limit=$(release/generate budget "$2")
  echo "$(basename "$1") for $3: $size bytes, fewer than $limit allowed"
  [[ " ${plain[*]} " == *" $3 "* ]] || [ "$size" -lt "$limit" ] || fail "$1 has $size bytes"
}

# Static, stripped, without paths of this machine, and with the crates inside that its bill of materials names.
try_program() {
  local program=$dist/$1/$name headers bill=$out/$name-$version-$1.cdx.json
  headers=$(readelf -W -l -S -d "$program")
  ! grep -qE "INTERP|NEEDED|\.symtab" <<< "$headers" || fail "$program is not static, or not stripped"
  within "$program" program "$1"
  ! grep -qaF -e "$project" -e "$HOME/" "$program" || fail "$program holds paths of this machine"
  if [ -f "$bill" ]; then
    python3 release/bill.py "$program" "$headers" "$bill"
    if "$tools/venv/bin/python" -c 'import cyclonedx' 2> /dev/null; then
      "$tools/venv/bin/python" release/bill_schema.py "$bill"
    else
      skip "$bill is not held against its schema: no cyclonedx-python-lib"
    fi
  else
    skip "no bill of materials: no cargo-cyclonedx"
  fi
}

# From the archive to the first verdict in an empty root; the quickest of three, since other work may run beside.
try_archive() {
  local where=$scratch/archive began took text least='' rounds=3
  # Nothing is measured in an emulator.
  [ -z "$emulator" ] || rounds=1
  for _ in $(seq "$rounds"); do
    as_root rm -rf "$where"
    mkdir "$where"
    cp "$sample" "$where/heap.hprof.gz"
    chmod 755 "$scratch" "$where"
    began=$(milliseconds)
    tar -xzf "$out/$name-$version-$1.tar.gz" --strip-components=1 -C "$where"
    text=$(inside "$where" "/$name" heap.hprof.gz)
    took=$(($(milliseconds) - began))
    expect "$verdict" "$text"
    if [ -z "$least" ] || [ "$took" -lt "$least" ]; then least=$took; fi
  done
  echo "$1: from the archive to the verdict: $least ms"
  [ -n "$emulator" ] || [ "$least" -lt 2000 ] || fail "the first verdict took $least ms"
  text=$(inside "$where" "/$name" --version)
  expect "target: $1" "$text"
  # Programs that were there already may be of another commit.
  [ "${RELEASE_BUILT:-no}" = yes ] || expect "commit: $(git rev-parse --short=12 HEAD 2> /dev/null || echo unknown)" "$text"
  expect "collect" "$text"
  for file in "$name.1" LICENSE-MIT LICENSE-APACHE kubectl-suspects "completions/_$name" "completions/$name.bash" "completions/$name.fish"; do
    [ -s "$where/$file" ] || fail "the archive has no $file"
  done
  as_root rm -rf "$where"
}

# What a package put into an empty root: root, files.
try_installed() {
  local where=$1 file text
  shift
  for file in usr/bin/kubectl-suspects "usr/share/man/man1/$name.1.gz" "usr/share/bash-completion/completions/$name" \
    "usr/share/fish/vendor_completions.d/$name.fish" "$@"; do
    [ -s "$where/$file" ] || fail "$file was not installed"
  done
  # Read first: grep -q would close the pipe.
  text=$(gzip -dc "$where/usr/share/man/man1/$name.1.gz")
  expect '^.TH hprof-suspects 1' "$text"
  as_root cp "$sample" "$where/heap.hprof.gz"
  text=$(inside "$where" "/usr/bin/$name" heap.hprof.gz)
  expect "$verdict" "$text"
}

try_deb() {
  local where=$scratch/deb file
  file=$(echo "$out/${name}_${version}"*"_$(target_key "$1" go).deb")
  [ -f "$file" ] || { skip "no .deb for $1"; return 0; }
  have dpkg || { skip "$file is not installed: no dpkg"; return 0; }
  mkdir -p "$where/var/lib/dpkg/info" "$where/var/lib/dpkg/updates"
  touch "$where/var/lib/dpkg/status" "$where/var/lib/dpkg/available"
  as_root dpkg --root="$where" --force-architecture --log=/dev/null -i "$file" > /dev/null
  chmod 755 "$scratch" "$where"
  try_installed "$where" "usr/share/doc/$name/copyright" "usr/share/doc/$name/LICENSE-MIT" "usr/share/zsh/vendor-completions/_$name"
  as_root dpkg --root="$where" --force-architecture --log=/dev/null -r "$name" > /dev/null
  [ ! -e "$where/usr/bin/$name" ] || fail "the .deb left its program behind"
  as_root rm -rf "$where"
}

try_rpm() {
  local where=$scratch/rpm file machine
  case $1 in x86_64-*) machine=x86_64 ;; *) machine=aarch64 ;; esac
  file=$(echo "$out/$name-${version}-"*".$machine.rpm")
  [ -f "$file" ] || { skip "no .rpm for $1"; return 0; }
  have rpm || { skip "$file is not installed: no rpm"; return 0; }
  mkdir "$where"
  as_root rpm --root "$where" --initdb 2> /dev/null
  as_root rpm --root "$where" --ignorearch --nosignature -i "$file"
  chmod 755 "$scratch"
  try_installed "$where" "usr/share/licenses/$name/LICENSE-MIT" "usr/share/licenses/$name/LICENSE-APACHE" "usr/share/zsh/site-functions/_$name"
  as_root rpm --root "$where" -e "$name"
  [ ! -e "$where/usr/bin/$name" ] || fail "the .rpm left its program behind"
  as_root rm -rf "$where"
}

# The image: small, nothing but the program, not root, and it runs from its unpacked root.
try_image() {
  local file where=$scratch/image text config
  file=$out/$name-$version-image-$(target_key "$1" go).tar
  [ -f "$file" ] || { skip "no image for $1"; return 0; }
  within "$file" image "$1"
  mkdir -p "$where/layout"
  tar -xf "$file" -C "$where/layout"
  as_root umoci unpack --image "$where/layout:$version" "$where/bundle" > /dev/null
  chmod 755 "$scratch" "$where"
  as_root chmod 755 "$where/bundle"
  text=$(cd "$where/bundle/rootfs" && as_root find . ! -type d)
  [ "$text" = "./$name" ] || fail "more than the program is in the image: $text"
  config=$(as_root cat "$where/bundle/config.json")
  expect '"uid": *65532' "$config"
  expect "\"/$name\"" "$config"
  text=$(inside "$where/bundle/rootfs" "/$name" - < "$sample")
  expect "$verdict" "$text"
  as_root rm -rf "$where"
}

# A program for the machine that this runs on, or for Windows under Wine.
try_plain() {
  local program=$dist/$1/$name target=$1 text
  case $1 in
    *-windows-*)
      have wine64 || [ -x /usr/lib/wine/wine64 ] || { skip "$1 is not run: no Wine"; return 0; }
      PATH=$PATH:/usr/lib/wine
      export WINEPREFIX=$scratch/wine WINEDEBUG=-all
      mkdir -p "$scratch/windows"
      cp "$program.exe" "$scratch/windows"
      program=$scratch/windows/$name
      "${target%-pc-windows-gnu}-w64-mingw32-gcc" -shared -o "$scratch/windows/bcryptprimitives.dll" release/bcryptprimitives.c -ladvapi32
      text=$(wine64 "$program.exe" "$sample")
      expect "$verdict" "$text"
      text=$(wine64 "$program.exe" - < "$sample")
      expect "$verdict" "$text"
      # Nothing is known of a pipe there.
      text=$(gzip -dc "$sample" | wine64 "$program.exe" -)
      expect "$verdict" "$text"
      wine64 "$program.exe" "$sample" -o "$scratch/windows.json" > /dev/null
      expect '"heap"' "$(cat "$scratch/windows.json")"
      text=$(wine64 "$program.exe" collect 1 -o "$scratch/none" 2>&1) && fail "collect works on Windows"
      expect "Linux only" "$text"
      ;;
    *)
      expect "$verdict" "$("$program" "$sample")"
      expect "target: $1" "$("$program" --version)"
      ;;
  esac
}

try_target() {
  say "tries $1"
  case $1 in
    *-linux-*) ;;
    *) try_plain "$1"; return ;;
  esac
  try_program "$1"
  [ "$root" = yes ] || { skip "$1 is not run in an empty root: neither root nor sudo"; return 0; }
  emulator_for "$1" || { skip "$1 is not run: no qemu-user-static"; return 0; }
  try_archive "$1"
  try_deb "$1"
  try_rpm "$1"
  try_image "$1"
}

# What is made of all targets together.
try_all() {
  local file
  (cd "$out" && sha256sum --quiet -c SHA256SUMS)
  for file in "$out"/*; do
    [ "$file" = "$out/SHA256SUMS" ] || grep -q "  $(basename "$file")\$" "$out/SHA256SUMS" || fail "$file has no checksum"
  done
  if have ruby; then ruby -c "$out/$name.rb" > /dev/null; else skip "the Homebrew formula is not parsed: no ruby"; fi
  if "$tools/venv/bin/python" -c 'import ruamel.yaml' 2> /dev/null; then
    "$tools/venv/bin/python" release/krew_check.py "$out/suspects.yaml" "$out"
  else
    skip "the krew manifest is not read: no YAML reader"
  fi
  # The same files again are the same bytes.
  for target in "${built[@]}"; do
    file=$out/$name-$version-$target.tar.gz
    [ -f "$file" ] || continue
    pack "$dist/archive/$name-$version-$target" "$scratch/again.tar.gz"
    cmp "$file" "$scratch/again.tar.gz"
  done
}
