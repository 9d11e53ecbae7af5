#!/bin/sh
# Fetches the dumps of the backup $BACKUP and checks their digests.
set -eu
finish() {
  status=$?
  if [ "$status" -eq 0 ]; then : >"$WORK/fetched"; else : >"$WORK/failed"; fi
  exit "$status"
}
trap finish EXIT

place="store:$BUCKET/$PREFIX$BACKUP"
rclone copyto "$place/manifest.json" "$WORK/manifest.json"
for source in $SOURCES; do rclone copyto "$place/$source.sql.gz" "$WORK/$source.sql.gz"; done
rclone copyto "$place/SHA256SUMS" "$WORK/SHA256SUMS"
cd "$WORK"
# Of what was fetched: a server that a stack no longer has stays in the store.
for source in $SOURCES; do
  line=$(grep " $source.sql.gz\$" SHA256SUMS)
  echo "$line" | sha256sum -c -
done
