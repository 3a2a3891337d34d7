#!/usr/bin/env bash
# @grammyjs/transformer-throttler 1.2.1 with its own limits, grammy 1.46.0.
# A good guess: the throttler holds back messages, of which Telegram allows a group twenty a minute. A question, such as
#   `getChatMember` of people who have to be in a channel before they may buy, is no message to the channel.
# What happens: every call that has a `chat_id` counts as a message to that chat. So of all people together one a second is
#   asked about, and twenty a minute; the others wait for their turn. In a private chat "typing" holds up the
#   answer by a second. And chats that are named, @news and @sales, share one queue, because the key of both is NaN.
# Seen: the twenty-first person waits sixty seconds, the message after "typing" and the one to the second named chat one second.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install grammy@1.46.0 @grammyjs/transformer-throttler@1.2.1
script <<'JS'
import assert from 'node:assert/strict'
import { apiThrottler } from '@grammyjs/transformer-throttler'
import { Bot } from 'grammy'

/** The second in which each of these calls, made at the same time, goes out to Telegram. */
async function seconds(...calls) {
  const { api } = new Bot('1:token', { botInfo: { id: 1, is_bot: true, first_name: 'shop', username: 'shop_bot' } })
  const started = Date.now()
  const gone = []
  api.config.use(async () => (gone.push(Math.round((Date.now() - started) / 1000)), { ok: true, result: true }), apiThrottler())
  await Promise.all(calls.map((call) => call(api)))
  return gone
}
const people = Array.from({ length: 21 }, (_, index) => (api) => api.getChatMember(-1001234567890, index + 1))
const [asked, typing, named] = await Promise.all([
  seconds(...people),
  seconds((api) => api.sendChatAction(7, 'typing'), (api) => api.sendMessage(7, 'Your order')),
  seconds((api) => api.sendMessage('@news', 'New'), (api) => api.sendMessage('@sales', 'Sale')),
])
console.log({ asked: asked.join(' '), typing, named })
assert.deepEqual([asked[0], asked[1], asked.length], [0, 1, 21])
assert.ok(asked[19] >= 18 && asked[20] >= 58, 'the twenty-first waits for the next minute')
assert.deepEqual([typing, named], [[0, 1], [0, 1]])
process.exit()
JS
