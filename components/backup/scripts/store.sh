#!/bin/sh
# Waits for the dumps and puts them into the object store. The manifest comes last: without one there is no backup.
set -eu

until [ -e "$WORK/dumped" ]; do
  [ ! -e "$WORK/failed" ] || { echo "no dump, so nothing is stored" >&2; exit 1; }
  sleep 1
done

id=$(date -u +%Y%m%dT%H%M%SZ)
place="store:$BUCKET/$PREFIX$id"
entries=""
for source in $SOURCES; do
  rclone copyto "$WORK/$source.sql.gz" "$place/$source.sql.gz"
  entries="$entries${entries:+,}$(cat "$WORK/$source.json")"
done
(cd "$WORK" && sha256sum -- *.sql.gz) >"$WORK/SHA256SUMS"
rclone copyto "$WORK/SHA256SUMS" "$place/SHA256SUMS"

# After the dumps and by the store's own clock, which tells whole seconds: whatever a dump names was written before. See
# docs/backup.md.
sleep 1
rclone rcat "$place/point" <"$WORK/SHA256SUMS"
point=$(TZ=UTC rclone lsf --use-server-modtime --format t "$place/point" | tr ' ' T)
[ -n "$point" ] || { echo "the store does not tell when it got $place/point" >&2; exit 1; }
printf '{"version":1,"id":"%s","databases":[%s],"objects":{"store":"%s","bucket":"%s","asOf":"%sZ","versionsKeptDays":%s}}\n' \
  "$id" "$entries" "$STORE_KIND" "$BUCKET" "$point" "$VERSIONS_KEPT_DAYS" >"$WORK/manifest.json"
rclone copyto "$WORK/manifest.json" "$place/manifest.json"

# Only once there is a newer one.
rclone delete --use-server-modtime --min-age "${RETENTION_DAYS}d" "store:$BUCKET/$PREFIX"
echo "stored $id"
