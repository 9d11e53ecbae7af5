#!/bin/bash
# Dumps every database of $SOURCES into $WORK, each server's in one transaction. Passwords are in the environment only.
set -euo pipefail
umask 077

finish() {
  status=$?
  if [ "$status" -eq 0 ]; then : >"$WORK/dumped"; else : >"$WORK/failed"; fi
  exit "$status"
}
trap finish EXIT

now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

for source in $SOURCES; do
  variable() { local name="${source}_$1"; printf '%s' "${!name}"; }
  file="$WORK/$source.sql.gz"
  started=$(now)
  read -r -a databases <<<"$(variable DATABASES)"
  MYSQL_PWD=$(variable PASSWORD) mysqldump --defaults-file="$OPTIONS/$source.cnf" \
    --host="$(variable HOST)" --port="$(variable PORT)" --user="$(variable USER)" \
    --single-transaction --quick --hex-blob --no-tablespaces --databases "${databases[@]}" | gzip -n >"$file"
  # The last line of a whole dump.
  gzip -dc "$file" | tail -n 1 | grep -q '^-- Dump completed' || { echo "$source: the dump ends early" >&2; exit 1; }
  finished=$(now)
  digest=$(sha256sum "$file" | cut -d ' ' -f 1)
  names=$(printf ',"%s"' "${databases[@]}")
  printf '{"source":"%s","databases":[%s],"file":"%s","sha256":"%s","bytes":%s,"startedAt":"%s","finishedAt":"%s"}\n' \
    "$source" "${names:1}" "$source.sql.gz" "$digest" "$(stat -c %s "$file")" "$started" "$finished" >"$WORK/$source.json"
  echo "$source: dumped ${databases[*]}"
done
