#!/bin/bash
# Puts the dumps of $WORK back. A table of the dump is replaced; one that the dump does not have is left alone.
set -euo pipefail
until [ -e "$WORK/fetched" ]; do
  [ ! -e "$WORK/failed" ] || { echo "nothing was fetched, so nothing is restored" >&2; exit 1; }
  sleep 1
done
for source in $SOURCES; do
  variable() { local name="${source}_$1"; printf '%s' "${!name}"; }
  gzip -dc "$WORK/$source.sql.gz" | MYSQL_PWD=$(variable PASSWORD) mysql --defaults-file="$OPTIONS/$source.cnf" \
    --host="$(variable HOST)" --port="$(variable PORT)" --user="$(variable USER)"
  echo "$source: restored"
done
