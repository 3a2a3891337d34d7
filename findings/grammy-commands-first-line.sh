#!/usr/bin/env bash
# @grammyjs/commands 1.4.0 beside `bot.command` of grammy 1.46.0.
# A good guess: the plugin's commands match what `bot.command` matches, and `ctx.match` is the text behind the command in
#   both; the plugin adds menus, languages and scopes.
# What happens: the plugin reads up to the first line break. Of "/note tea\nno sugar" the handler gets "tea", and nobody
#   learns that there was more. A break right behind the command ("/note\nno sugar", as people paste) is not this command
#   at all, unless the bot's name stands between them: then it is the command without a text. A tab or a no-break space
#   behind the command and another case of the bot's name, which Telegram's clients take for the same bot, keep the plugin
#   silent too.
# Seen: the lists below; `bot.command` gives the whole text in all of them.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install grammy@1.46.0 @grammyjs/commands@1.4.0
script <<'JS'
import assert from 'node:assert/strict'
import { CommandGroup } from '@grammyjs/commands'
import { Bot } from 'grammy'

const core = (bot, handler) => bot.command('note', handler)
const plugin = (bot, handler) => {
  const group = new CommandGroup()
  group.command('note', 'Keeps a note', handler)
  bot.use(group)
}
/** What the handler gets of a text, or null if it is not called. */
async function heard(listen, text) {
  let match = null
  const bot = new Bot('1:token', { botInfo: { id: 1, is_bot: true, first_name: 'shop', username: 'shop_bot' } })
  listen(bot, (ctx) => void (match = ctx.match))
  const [chat, from] = [{ id: 5, type: 'private', first_name: 'A' }, { id: 5, is_bot: false, first_name: 'A' }]
  const entities = [{ type: 'bot_command', offset: 0, length: /^\/[\w@]+/.exec(text)[0].length }]
  await bot.handleUpdate({ update_id: 1, message: { message_id: 1, date: 1, chat, from, text, entities } })
  return match
}
const lines = ['/note tea', '/note tea\nno sugar', '/note\nno sugar', '/note@shop_bot\nno sugar']
const texts = [...lines, '/note\ttea', '/note\u00a0tea', '/note@Shop_Bot tea']
const seen = {}
for (const text of texts) seen[text] = [await heard(core, text), await heard(plugin, text)]
console.log(seen)
assert.deepEqual(Object.values(seen), [
  ['tea', 'tea'],
  ['tea\nno sugar', 'tea'],
  ['no sugar', null],
  ['no sugar', ''],
  ['tea', null],
  ['tea', null],
  ['tea', null],
])
JS
