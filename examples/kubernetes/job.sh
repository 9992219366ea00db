#!/bin/sh
# Prints a Job that analyses one dump, with as much memory as `estimate` says it takes.
#
#   examples/kubernetes/job.sh /dumps/heap.hprof --label service=shop | kubectl apply -f -
#
# DUMP is the path on this machine; the volume claim CLAIM holds the same file at the same path below MOUNT.
# PROGRAM, IMAGE, CLAIM and MOUNT are taken from the environment.
set -eu

dump=${1:?usage: job.sh DUMP [OPTIONS OF hprof-suspects]}
shift
program=${PROGRAM:-hprof-suspects}
image=${IMAGE:-registry.example.com/hprof-suspects:latest}
claim=${CLAIM:-dumps}
mount=${MOUNT:-/dumps}

needed=$("$program" estimate "$dump" --format json | sed -n 's/^ *"memory_bytes": *\([0-9]*\).*/\1/p')
[ -n "$needed" ] || { echo "job.sh: no estimate for $dump" >&2; exit 1; }
# The analysis; a tenth and 64 MiB for the rest of the program.
limit=$((needed + needed / 10 + 67108864))

base=$(basename "$dump")
# Names of Kubernetes: small letters, digits and dashes.
name=$(printf %s "$base" | tr '[:upper:]' '[:lower:]' | tr -c 'a-z0-9' '-' | cut -c1-40 | sed 's/^-*//; s/-*$//')
quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/["\\]/\\&/g')"; }

cat <<YAML
apiVersion: batch/v1
kind: Job
metadata:
  name: hprof-suspects-$name
  labels:
    app.kubernetes.io/name: hprof-suspects
spec:
  backoffLimit: 1
  ttlSecondsAfterFinished: 86400
  template:
    metadata:
      labels:
        app.kubernetes.io/name: hprof-suspects
    spec:
      restartPolicy: Never
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 10001
        fsGroup: 10001
        seccompProfile:
          type: RuntimeDefault
      containers:
        - name: analyse
          image: $(quoted "$image")
          command:
            - hprof-suspects
            - $(quoted "$mount/$base")
            - --max-memory
            - "$((needed + needed / 10))"
            - -o
            - $(quoted "$mount/reports/$base.json")
$(for word in "$@"; do printf '            - %s\n' "$(quoted "$word")"; done)
          resources:
            requests:
              cpu: "1"
              memory: "$limit"
            limits:
              memory: "$limit"
          securityContext:
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: ["ALL"]
          volumeMounts:
            - name: dumps
              mountPath: $(quoted "$mount")
      volumes:
        - name: dumps
          persistentVolumeClaim:
            claimName: $(quoted "$claim")
YAML
