#!/bin/sh
# Fills in who is told, and starts Alertmanager. A configuration of its own cannot read the environment.
set -eu
CONFIG="${CONFIG:-/tmp/alertmanager.yml}"
umask 077
if [ -n "${ALERTS_BOT_TOKEN:-}" ] && [ -n "${ALERTS_CHAT_ID:-}" ]; then
  sed -e "s|ALERTS_BOT_TOKEN$|'$ALERTS_BOT_TOKEN'|" -e "s|ALERTS_CHAT_ID$|$ALERTS_CHAT_ID|" \
    "${TEMPLATE:-/etc/alertmanager/telekassa.yml}" >"$CONFIG"
else
  echo "ALERTS_BOT_TOKEN and ALERTS_CHAT_ID are not set: alerts are shown on :9093 and reach nobody" >&2
  sed -e '/telegram_configs:/,/- name: nobody/{/- name: nobody/!d}' -e 's/receiver: people/receiver: nobody/' \
    "${TEMPLATE:-/etc/alertmanager/telekassa.yml}" >"$CONFIG"
fi
exec "${ALERTMANAGER:-/bin/alertmanager}" --config.file="$CONFIG" --storage.path="${STORAGE:-/alertmanager}" "$@"
