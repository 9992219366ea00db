#!/usr/bin/env bash
# Makes the golden dumps again: NAME.hprof.gz and, taken just before it, NAME.histo.txt (`jcmd PID GC.class_histogram`).
# usage: JDK11=DIR JDK17=DIR JDK21=DIR JDK25=DIR testdata/regenerate.sh [NAME..]
# A JDK whose variable is not set is skipped. JDK17 or JDK25 must have javac and jcmd. README.md says more.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d /tmp/hprof-testdata.XXXXXX)
trap 'rm -rf "$work"' EXIT
tools=${JDK25:-${JDK17:-}}
[ -n "$tools" ] || { echo "set JDK25 or JDK17 to a JDK with javac and jcmd" >&2; exit 2; }

mkdir "$work/classes"
for source in "$here"/java/*.java; do
  # For a test on a running JVM, with libraries that are not here.
  [ "$(basename "$source")" != Libraries.java ] || continue
  release=11
  [ "$(basename "$source")" = VirtualThreads.java ] && release=21
  if [ "$release" = 21 ] && [ -z "${JDK25:-}" ]; then continue; fi
  "$tools/bin/javac" -nowarn -Xlint:-options --release "$release" -cp "$work/classes" -d "$work/classes" "$source"
done

# Neither paths nor environment of the machine belong into a dump.
java_of() { # JDK-variable, then arguments of java; becomes the JVM, so call it in a process of its own
  local home=${!1}
  shift
  cd "$work"
  exec env -i LANG=C.UTF-8 "$home/bin/java" -Duser.name=acme -Duser.home=/home/acme -XX:-UsePerfData -Xshare:off "$@"
}

keep() { # NAME: compresses the dump and puts it in its place
  gzip -9n < "$work/$1.hprof" > "$here/$1.hprof.gz"
  rm "$work/$1.hprof"
  echo "$1: $(stat -c %s "$here/$1.hprof.gz") bytes"
}

wanted() { # JDK-variable NAME
  if [ -z "${!1:-}" ]; then echo "$2: skipped, $1 is not set"; return 1; fi
  [ -z "$only" ] || case " $only " in *" $2 "*) ;; *) return 1 ;; esac
}

make() { # NAME JDK-variable "JVM flags" class [arguments..]
  local name=$1 jdk=$2 flags=$3 pid
  shift 3
  wanted "$jdk" "$name" || return 0
  mkfifo "$work/in" "$work/out"
  # shellcheck disable=SC2086
  java_of "$jdk" -Xmx64m $flags -cp classes "$@" < "$work/in" > "$work/out" &
  exec 7> "$work/in" 8< "$work/out"
  read -r ready <&8
  [ "$ready" = READY ] || { echo "$name: the program said $ready" >&2; exit 1; }
  pid=$!
  # Once for nothing: what the first command makes the JVM allocate must not come between histogram and dump.
  "$tools/bin/jcmd" "$pid" GC.class_histogram > "$work/histo"
  "$tools/bin/jcmd" "$pid" GC.heap_dump "$work/first.hprof" > "$work/said"
  rm "$work/first.hprof"
  "$tools/bin/jcmd" "$pid" GC.class_histogram > "$work/histo"
  "$tools/bin/jcmd" "$pid" GC.heap_dump "$work/$name.hprof" > "$work/said"
  [ -s "$work/$name.hprof" ] || { cat "$work/said" >&2; exit 1; }
  exec 7>&- 8<&-
  kill "$pid" 2> "$work/said" || true
  wait "$pid" 2> "$work/said" || true
  rm "$work/in" "$work/out"
  # The first line is the process number.
  tail -n +2 "$work/histo" > "$here/$name.histo.txt"
  keep "$name"
}

make_oom() { # NAME JDK-variable "JVM flags" class: the JVM writes the dump itself, there is no histogram
  wanted "$2" "$1" || return 0
  # shellcheck disable=SC2086
  (java_of "$2" -Xmx6m $3 -XX:+HeapDumpOnOutOfMemoryError -XX:HeapDumpPath="$work/$1.hprof" -cp classes "$4") > "$work/said" 2>&1 || true
  keep "$1"
}

make_planted() { # NAME JDK-variable "JVM flags" class: as make_oom, with secrets around the program as well (tests/suite/privacy.rs)
  wanted "$2" "$1" || return 0
  local home=${!2}
  mkdir "$work/Zq1mappedFolder4Yc7Ms9"
  # shellcheck disable=SC2086
  (cd "$work" && exec env -i LANG=C.UTF-8 HOSTNAME=acme-vault-7d9f8b6c5d-x2x4z DB_PASSWORD=Zq2environment8Nk5Xw3 \
    JAVA_TOOL_OPTIONS=-Dtool.token=Zq3toolOptions6Gf4Ld2 "$home/bin/java" -Duser.name=acme -Duser.home=/home/acme \
    -XX:-UsePerfData -Xshare:off -Xmx16m -Xss512k $3 -Dapi.key=Zq4vmArgument9Th2Vb7 "-XX:OnOutOfMemoryError=true Zq5onOutOfMemory3Jr8Pd6" \
    -XX:+HeapDumpOnOutOfMemoryError -XX:HeapDumpPath="$work/$1.hprof" -cp classes "$4" \
    --key=Zq6mainArgument7Wd3Fk8 Zq1mappedFolder4Yc7Ms9/data) > "$work/said" 2>&1 || true
  keep "$1"
}

only=$*
# Serial leaves dead objects where moving them is not worth it, as int[] fillers; without them histogram and dump agree.
serial="-XX:+UseSerialGC -XX:MarkSweepAlwaysCompactCount=1"
leak=com.acme.shop.CacheLeak
make sample                JDK17 "$serial" $leak 8000
make cache-jdk11           JDK11 "$serial" $leak 500
# The only one with the JDK's archived heap objects, which are half of such a small dump.
make cache-jdk17-g1        JDK17 "-XX:+UseG1GC -Xshare:auto" $leak 500
make cache-jdk17-nocoops   JDK17 "$serial -XX:-UseCompressedOops" $leak 500
make cache-jdk21-genzgc    JDK21 "-XX:+UseZGC -XX:+ZGenerational" $leak 500
make cache-jdk25-compact   JDK25 "-XX:+UseG1GC -XX:+UseCompactObjectHeaders" $leak 500
make cache-jdk25-zgc       JDK25 "-XX:+UseZGC" $leak 500
make cache-jdk25-zgc-compact JDK25 "-XX:+UseZGC -XX:+UseCompactObjectHeaders" $leak 500
make cache-jdk25-align16   JDK25 "$serial -XX:ObjectAlignmentInBytes=16" $leak 500
make bounded-queue         JDK17 "-XX:+UseG1GC" com.acme.trace.BoundedQueue
make traced-shop           JDK17 "-XX:+UseG1GC -Xmx1024m" com.acme.shop.TracedShop
make traced-shop-leak      JDK17 "-XX:+UseG1GC -Xmx1024m" com.acme.shop.TracedShop leak=800
make thread-locals         JDK25 "-XX:+UseG1GC" com.acme.render.ThreadLocals
make class-loaders         JDK17 "$serial" com.acme.plugin.ClassLoaders
make references            JDK17 "$serial" com.acme.refs.References
make direct-buffers        JDK17 "$serial -XX:MaxDirectMemorySize=48m" com.acme.net.DirectBuffers
make virtual-threads-jdk21 JDK21 "$serial" com.acme.chat.VirtualThreads
make virtual-threads-jdk25 JDK25 "$serial" com.acme.chat.VirtualThreads
make_oom out-of-memory     JDK17 "$serial" com.acme.orders.OutOfMemory
make_planted planted-secrets JDK17 "$serial" com.acme.vault.PlantedSecrets
