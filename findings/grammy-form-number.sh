#!/usr/bin/env bash
# grammy 1.46.0, @grammyjs/conversations 2.1.1.
# A good guess: `conversation.form.number()` takes a message that is a number and calls `otherwise` for any other, so that a
#   person who writes a sum in another way is asked again.
# What happens: it takes what stands in front. "1 500" and "1,5" are 1, "100 or 200" is 100, and "Infinity" is one as well.
#   `otherwise` is called only where the text does not begin like a number. `form.int()` reads on in its own way: "1e3" is
#   1 for it and 1000 for `number`, "0x10" is 16 and 0.
# Seen: the numbers below.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install grammy@1.46.0 @grammyjs/conversations@2.1.1
script <<'JS'
import assert from 'node:assert/strict'
import { conversations, createConversation } from '@grammyjs/conversations'
import { Bot } from 'grammy'

/** What a conversation that asks for a sum understands of `text`. */
async function understood(kind, text) {
  const bot = new Bot('1:x', { botInfo: { id: 1, is_bot: true, first_name: 'Shop', username: 'shop' } })
  let sum
  bot.use(conversations())
  bot.use(
    createConversation(async (conversation) => {
      sum = await conversation.form[kind]({ otherwise: () => (sum = 'asked again') })
    }, 'top-up'),
  )
  bot.use(async (ctx) => ctx.conversation.enter('top-up'))
  for (const [id, said] of ['hello', text].entries()) {
    const from = { id: 7, is_bot: false, first_name: 'Person' }
    const chat = { id: 7, type: 'private', first_name: 'Person' }
    await bot.handleUpdate({ update_id: id, message: { message_id: id, date: 1, chat, from, text: said } })
  }
  return sum
}
const texts = ['1500', '1 500', '1,5', '1.500,00', '100 or 200', '30.11.2026', '1e3', '0x10', 'Infinity', 'about 5']
const seen = {}
for (const text of texts) seen[text] = [await understood('number', text), await understood('int', text)]
console.log(seen)
assert.deepEqual(seen, {
  1500: [1500, 1500],
  '1 500': [1, 1],
  '1,5': [1, 1],
  '1.500,00': [1.5, 1],
  '100 or 200': [100, 100],
  '30.11.2026': [30.11, 30],
  '1e3': [1000, 1],
  '0x10': [0, 16],
  Infinity: [Infinity, 'asked again'],
  'about 5': ['asked again', 'asked again'],
})
JS
