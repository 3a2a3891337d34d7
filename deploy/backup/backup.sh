#!/bin/bash
# backup.sh            every night (Compose): a dump of the database in DATABASE_URL to /backups, encrypted with BACKUP_KEY
#                      (openssl rand -base64 32), kept for KEEP nights, and noted in the database itself: the alert
#                      BackupOld reads that note
# backup.sh once       one such dump (a CronJob)
# backup.sh open FILE  a dump as pg_restore reads it, on the standard output
# backup.sh restore FILE  fills the empty database in DATABASE_URL, which must name the role that owns it
# The files are OpenPGP, so any gpg opens them: gpg --decrypt FILE, with the key as passphrase.
set -euo pipefail
BACKUPS="${BACKUPS:-/backups}"
KEEP="${KEEP:-14}"

if [ "$(printf %s "${BACKUP_KEY:-}" | base64 --decode 2>/dev/null | wc -c)" != 32 ]; then
  echo "BACKUP_KEY must be 32 bytes in base64, and another key than ENCRYPTION_KEY; make one with: openssl rand -base64 32" >&2
  exit 1
fi

# The key is random as it is, so there is nothing to stretch; a dump is compressed already.
sealed() {
  gpg --batch --quiet --no-tty --no-options --pinentry-mode loopback --passphrase-file <(printf %s "$BACKUP_KEY") \
    --cipher-algo AES256 --s2k-mode 3 --s2k-count 65536 --compress-algo none "$@"
}

opened() {
  case "$1" in
    *.gpg) sealed --decrypt "$1" ;;
    *) cat "$1" ;; # of the release before, in clear
  esac
}

backup() {
  file="$BACKUPS/telekassa-$(date -u +%Y%m%d-%H%M%S).dump.gpg"
  rm -f "$BACKUPS"/*.part "$BACKUPS"/*.part.gpg
  # Nobody's rights are in it: the migration grants them, also where the shop's role has another name.
  pg_dump --format=custom --no-owner --no-privileges "$DATABASE_URL" | sealed --symmetric >"$file.part"
  # Read to its end: a dump that was cut off has a readable list of contents.
  mv "$file.part" "$file.part.gpg"
  opened "$file.part.gpg" | pg_restore --file=/dev/null
  mv "$file.part.gpg" "$file"
  psql "$DATABASE_URL" --quiet -v ON_ERROR_STOP=1 -c "insert into cursors (name, value) values ('backup', '$(basename "$file")') on conflict (name) do update set value = excluded.value, updated_at = now()"
  find "$BACKUPS" -name 'telekassa-*.dump*' | sort -r | tail -n "+$((KEEP + 1))" | xargs -r rm -f
  echo "backup is complete: $file, $(wc -c <"$file") bytes"
}

umask 077
GNUPGHOME="$(mktemp -d)"
export GNUPGHOME
trap 'rm -rf "$GNUPGHOME"' EXIT

case "${1:-}" in
  once)
    backup
    exit
    ;;
  open)
    opened "$2"
    exit
    ;;
  restore)
    opened "$2" | pg_restore --exit-on-error --no-owner --no-privileges --dbname="$DATABASE_URL"
    exit
    ;;
esac
trap 'exit 0' TERM INT
while :; do
  # A process of its own, because `set -e` is off inside a condition.
  if bash "$0" once; then pause=86400; else
    echo "backup failed, next try in 10 minutes"
    pause=600
  fi
  sleep "$pause" &
  wait $!
done
