#!/usr/bin/env bash
# @fluent/bundle 0.19.1.
# A good guess: `addResource` returns an error for each message that it cannot read (its type says so), and keeps the
#   others; a text line inside a message is text, whatever it begins with.
# What happens: a message that is broken (an open brace, a select without a default) is left out without an error:
#   errors are only those of an id that is there twice. A line of a text that begins with "[", "*" or "." ends the text:
#   the rest of the message is lost, again with no error at load or when it is shown.
# Seen: 0 errors; broken messages are not there; 'Pay here:' instead of 'Pay here:\n[card] 2200 ...\nThank you'.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install @fluent/bundle@0.19.1
script <<'JS'
import assert from 'node:assert/strict'
import { FluentBundle, FluentResource } from '@fluent/bundle'

const bundle = new FluentBundle('en', { useIsolating: false })
const errors = bundle.addResource(
  new FluentResource(`
open = Hello { $name
choice = { $n ->
    [one] one
    [few] few
  }
pay =
    Pay here:
    [card] 2200 7000
    Thank you
well = still read
`),
)
const errorsWhenShown = []
const pay = bundle.formatPattern(bundle.getMessage('pay').value, {}, errorsWhenShown)
const there = ['open', 'choice', 'pay', 'well'].filter((id) => bundle.hasMessage(id))
console.log({ errors, there, pay, errorsWhenShown })
assert.deepEqual({ errors, there, pay, errorsWhenShown }, { errors: [], there: ['pay', 'well'], pay: 'Pay here:', errorsWhenShown: [] })
JS
