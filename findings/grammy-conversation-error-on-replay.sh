#!/usr/bin/env bash
# @grammyjs/conversations 2.1.1, grammy 1.46.0, with a storage that keeps JSON, as those for Redis, files and databases do.
# A good guess: what `conversation.external` threw is thrown again, the same, each time the conversation is replayed: this is
#   the purpose of `external`.
# What happens: the first time it is the error. At each replay it is an object without a class, a name or a message. So the
#   same lines take another way as soon as the person has answered: `error instanceof RangeError` is false now, and the text
#   says "undefined". `beforeStoreError` and `afterLoadError` help.
# Seen: first "RangeError only 2 left" and the question, after the answer "undefined undefined".
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install grammy@1.46.0 @grammyjs/conversations@2.1.1
script <<'JS'
import assert from 'node:assert/strict'
import { conversations, createConversation } from '@grammyjs/conversations'
import { Bot } from 'grammy'

const reserve = () => {
  throw new RangeError('only 2 left')
}
const told = {
  task: reserve,
  beforeStoreError: (error) => error.message,
  afterLoadError: (message) => new RangeError(message),
}

/** What a conversation sees of the error each time that it runs up to its question. */
async function play(operation) {
  const kept = new Map()
  const storage = {
    read: (key) => (kept.has(key) ? JSON.parse(kept.get(key)) : undefined),
    write: (key, value) => void kept.set(key, JSON.stringify(value)),
    delete: (key) => void kept.delete(key),
  }
  const saw = []
  const bot = new Bot('1:token', { botInfo: { id: 1, is_bot: true, first_name: 'shop', username: 'shop_bot' } })
  bot.use(conversations({ storage }))
  bot.use(
    createConversation(async (conversation) => {
      await conversation.external(operation).catch((error) => {
        saw.push(`${error.name} ${error.message} ${error instanceof RangeError}`)
      })
      await conversation.waitFor(':text')
      await conversation.waitFor(':text')
    }, 'buy'),
  )
  bot.command('buy', (ctx) => ctx.conversation.enter('buy'))
  const person = { id: 5, is_bot: false, first_name: 'Anna' }
  for (const [index, text] of ['/buy', 'two then'].entries()) {
    const entities = index === 0 ? [{ type: 'bot_command', offset: 0, length: text.length }] : []
    const message = { message_id: index, date: 1, chat: { id: 5, type: 'private', first_name: 'Anna' }, from: person, text, entities }
    await bot.handleUpdate({ update_id: index, message })
  }
  return saw
}
const seen = { usual: await play(reserve), told: await play(told) }
console.log(seen)
const whole = 'RangeError only 2 left true'
assert.deepEqual(seen, { usual: [whole, 'undefined undefined false'], told: [whole, whole] })
JS
