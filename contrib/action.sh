#!/bin/sh
# The job of action.yml: analyses a dump, puts the report into the job's summary, fails as --fail-on asks.
# Reads PROGRAM, DUMP, BASELINE, FAIL_ON, ARGUMENTS, REPORTS; writes to GITHUB_STEP_SUMMARY and GITHUB_OUTPUT.
set -eu

: "${PROGRAM:=hprof-suspects}" "${REPORTS:=hprof-suspects}"
[ -n "${DUMP:-}" ] || { echo "::error::hprof-suspects: no dump was named" >&2; exit 2; }
mkdir -p "$REPORTS"

set -- "$DUMP" -o "$REPORTS/report.json" -o "$REPORTS/report.md" -o "$REPORTS/report.html"
[ -z "${BASELINE:-}" ] || set -- --baseline "$BASELINE" "$@"
for condition in ${FAIL_ON:-}; do
  set -- "$@" --fail-on "$condition"
done
# Further options are split at white space, as a shell would.
# shellcheck disable=SC2086
set -- "$@" ${ARGUMENTS:-}

code=0
"$PROGRAM" "$@" || code=$?
if [ -f "$REPORTS/report.md" ]; then
  cat "$REPORTS/report.md" >> "${GITHUB_STEP_SUMMARY:-/dev/stdout}"
  verdict=$(sed -n 's/^ *"heap": "\([a-z_]*\)",*$/\1/p' "$REPORTS/report.json" | head -n 1)
  [ -z "${GITHUB_OUTPUT:-}" ] || { echo "verdict=$verdict"; echo "reports=$REPORTS"; } >> "$GITHUB_OUTPUT"
fi
[ "$code" -ne 3 ] || echo "::error title=hprof-suspects::a condition of --fail-on is met: see the job's summary" >&2
exit "$code"
