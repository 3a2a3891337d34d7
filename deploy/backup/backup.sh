#!/bin/sh
# A dump of the database in DATABASE_URL to /backups, kept for KEEP nights, noted in the database itself: the alert
# BackupOld reads that note. Without arguments it goes on every night (Compose); `once` makes one (a CronJob).
set -eu
BACKUPS="${BACKUPS:-/backups}"
KEEP="${KEEP:-14}"

backup() {
  file="$BACKUPS/telekassa-$(date -u +%Y%m%d-%H%M%S).dump"
  rm -f "$BACKUPS"/*.part
  pg_dump --format=custom --no-owner --file="$file.part" "$DATABASE_URL"
  # A dump that was cut off has no readable list of contents.
  pg_restore --list "$file.part" >/dev/null
  mv "$file.part" "$file"
  psql "$DATABASE_URL" --quiet -v ON_ERROR_STOP=1 -c "insert into cursors (name, value) values ('backup', '$(basename "$file")') on conflict (name) do update set value = excluded.value, updated_at = now()"
  ls -1 "$BACKUPS"/telekassa-*.dump | sort -r | tail -n "+$((KEEP + 1))" | xargs -r rm -f
  echo "backup is complete: $file, $(wc -c <"$file") bytes"
}

if [ "${1:-}" = once ]; then
  backup
  exit
fi
trap 'exit 0' TERM INT
while :; do
  # A subshell of its own, because `set -e` is off inside a condition.
  if sh "$0" once; then pause=86400; else
    echo "backup failed, next try in 10 minutes"
    pause=600
  fi
  sleep "$pause" &
  wait $!
done
