#!/usr/bin/env bash
# grammy 1.46.0, @grammyjs/runner 2.0.3.
# A good guess: `sequentialize((ctx) => [chat, person])` lets an update run when all earlier ones of its chat and of its
#   person are over. An earlier one that failed is over as well and changes nothing else.
# What happens: the update waits for its predecessors with `Promise.all`, whose first rejection ends the wait. One handler
#   that throws in a group lets the next update of this group begin at once, though its person's update from another chat
#   still runs. So two updates of one person read and write the same balance side by side, but only after an error.
# Seen: without an error "first ends, second begins"; with one in the group "second begins, second ends, first ends".
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install grammy@1.46.0 @grammyjs/runner@2.0.3
script <<'JS'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { sequentialize } from '@grammyjs/runner'
import { Bot } from 'grammy'

/** What happens with an update of person 7 in chat 1 and one in chat 2, where person 8 sent one in between. */
async function run(between) {
  const bot = new Bot('1:x', { botInfo: { id: 1, is_bot: true, first_name: 'Shop', username: 'shop' } })
  const seen = []
  bot.use(sequentialize((ctx) => [`chat ${ctx.chat.id}`, `person ${ctx.from.id}`]))
  bot.on('message:text', async ({ msg: { text } }) => {
    seen.push(`${text} begins`)
    await sleep(text === 'first' ? 300 : 30)
    if (text === 'broken') throw new Error('a fault in the handler')
    seen.push(`${text} ends`)
  })
  let id = 0
  const send = (chat, person, text) => {
    const message = { message_id: ++id, date: 1, chat: { id: -chat, type: 'supergroup', title: 'Chat' }, text }
    const from = { id: person, is_bot: false, first_name: 'Person' }
    return bot.handleUpdate({ update_id: id, message: { ...message, from } }).catch(() => {})
  }
  await Promise.all([send(1, 7, 'first'), send(2, 8, between), send(2, 7, 'second')])
  return seen.filter((what) => !what.startsWith(between))
}
const seen = { fine: await run('fine'), broken: await run('broken') }
console.log(seen)
assert.deepEqual(seen, {
  fine: ['first begins', 'first ends', 'second begins', 'second ends'],
  broken: ['first begins', 'second begins', 'second ends', 'first ends'],
})
JS
