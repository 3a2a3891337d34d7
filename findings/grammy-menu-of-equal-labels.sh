#!/usr/bin/env bash
# @grammyjs/menu 1.5.0, grammy 1.46.0; Telegram is played by a transformer.
# A good guess: a menu notices that it is outdated. Who presses the second key "Buy" in yesterday's message buys what
#   stood there yesterday, or is told that the menu is outdated, at the latest where each key carries its good as
#   `payload`.
# What happens: a menu is compared by its shape and by the text of the key that was pressed; payloads are left out. Where
#   the goods moved and the texts are equal ("Buy", or a price that two goods share), the handler of whatever stands there
#   today runs: the person buys a car for a cake. `ctx.match` beside it is still the payload of yesterday, so in one
#   handler the good by closure and the good by payload differ. With the good's name as text, or a `fingerprint` of one's
#   own, the person is told.
# Seen: pressed cake; bought car, payload cake; told with names as texts, and with a fingerprint.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install grammy@1.46.0 @grammyjs/menu@1.5.0
script <<'JS'
import assert from 'node:assert/strict'
import { Menu, MenuRange } from '@grammyjs/menu'
import { Bot } from 'grammy'

/** What pressing the second key does after the goods have moved by one place. */
async function press(label, options) {
  const shelf = ['tea', 'cake', 'car']
  const done = []
  let keys
  const bot = new Bot('1:token', { botInfo: { id: 1, is_bot: true, first_name: 'shop', username: 'shop_bot' } })
  bot.api.config.use(async (_send, method, payload) => {
    if (method === 'sendMessage') keys = payload.reply_markup.inline_keyboard
    if (method === 'answerCallbackQuery' && payload.text) done.push('told')
    return { ok: true, result: method === 'sendMessage' ? { message_id: 2, date: 1, chat } : true }
  })
  const menu = new Menu('shelf', options?.(shelf)).dynamic(() => {
    const range = new MenuRange()
    for (const good of shelf) {
      const bought = ({ match }) => void done.push(`bought ${good}, payload ${match}`)
      range.text({ text: label(good), payload: good }, bought).row()
    }
    return range
  })
  bot.use(menu)
  bot.command('start', (ctx) => ctx.reply('Goods', { reply_markup: menu }))
  const [chat, from] = [{ id: 5, type: 'private', first_name: 'A' }, { id: 5, is_bot: false, first_name: 'A' }]
  const entities = [{ type: 'bot_command', offset: 0, length: 6 }]
  await bot.handleUpdate({ update_id: 1, message: { message_id: 1, date: 1, chat, from, text: '/start', entities } })
  shelf.push(shelf.shift())
  const message = { message_id: 2, date: 1, chat, text: 'Goods', reply_markup: { inline_keyboard: keys } }
  const data = keys[1][0].callback_data
  await bot.handleUpdate({ update_id: 2, callback_query: { id: '1', from, chat_instance: '1', data, message } })
  return done
}
const seen = {
  equal: await press(() => 'Buy'),
  names: await press((good) => good),
  fingerprint: await press(() => 'Buy', (shelf) => ({ fingerprint: () => shelf.join() })),
}
console.log(seen)
assert.deepEqual(seen, { equal: ['bought car, payload cake'], names: ['told'], fingerprint: ['told'] })
JS
