import { describeBot } from '#workers/bot/describe.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { ownTexts, textName, variablesOf } from '#shared/i18n/own.ts'
import { wordings } from '#shared/settings/wordings.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { send } from '#workers/bot/screen.ts'
import { keepSetting } from '#workers/bot/settings/setting-scope.ts'

/** /wording ru.welcome <words>: what this bot says in its own words. `-` takes them back. */
export const ownWordings: Feature = {
  adminCommands: { wording: setText },
  minimumRole: { wording: 'owner' },
}

async function setText(chat: Chat, argument: string): Promise<void> {
  const [, name = '', words = ''] = /^(\S+)\s*([\s\S]*)$/.exec(argument) ?? []
  if (!name) return void (await send(chat, { text: chat.t('text-usage') }))
  const { language, key } = textName(chat.app.texts, name)
  const source = chat.app.texts.source(language, key)
  const variables = variablesOf(source)
  const now = await chat.app.settings.get(wordings, chat.bot.name)
  if (!words) {
    const current = now[name] ?? source
    return void (await send(chat, { text: chat.t('text-is', { name, text: escapeHtml(current) }) }))
  }
  const checked = words === '-' ? undefined : check(chat, name, words, variables)
  await keepSetting(
    chat,
    wordings,
    'own',
    ({ [name]: _before, ...others }) => (checked === undefined ? others : { ...others, [name]: checked }),
    { action: 'text', target: name, details: { words } },
  )
  // Telegram keeps these itself, so it has to be told.
  if (/\.(?:bot-description|bot-short-description|command-)/.test(name)) void describeBot(chat.app, chat.bot)
  const takenBack = words === '-'
  await send(chat, { text: chat.t(takenBack ? 'text-reset' : 'text-set', { name }) })
}

/** @throws UserError `text.variables` when the words ask for what this text cannot know, `text.broken` otherwise */
function check(chat: Chat, name: string, words: string, variables: string[]): string {
  const unknown = variablesOf(words).filter((one) => !variables.includes(one))
  const allowed = variables.map((one) => `{ $${one} }`).join(' ')
  if (unknown.length > 0) throw new UserError('text.variables', { unknown: unknown.join(', '), allowed })
  const { language, key } = textName(chat.app.texts, name)
  const sample = Object.fromEntries(variables.map((one) => [one, '…']))
  const nothing = { ...chat.app.texts, t: () => '' }
  if (ownTexts(nothing, { [name]: words }).t(language, key, sample) === '')
    throw new UserError('text.broken', { name })
  return words
}
