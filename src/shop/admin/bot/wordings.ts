import { describeBot } from '#workers/bot/describe.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { textName, variablesOf, wordingProblem } from '#shared/i18n/own.ts'
import { USES } from '#shared/i18n/uses.ts'
import { wordings } from '#shared/settings/wordings.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { send } from '#workers/bot/screen.ts'
import { keepSetting } from '#workers/bot/settings/setting-scope.ts'

/** /wording ru.welcome <words> sets this bot's own words for a text. `-` instead of words takes them back. */
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
  // Telegram stores these texts itself, so they must be sent to it.
  if (/\.(?:bot-description|bot-short-description|command-)/.test(name)) void describeBot(chat.app, chat.bot)
  const takenBack = words === '-'
  await send(chat, { text: chat.t(takenBack ? 'text-reset' : 'text-set', { name }) })
}

/**
 * Checks the words before the yes, because Telegram would refuse them only later, with a menu or an invoice.
 * @throws UserError `text.variables` when the words ask for what this text cannot know, `text.long`, `text.markup`
 * or `text.no-markup` when they do not fit where the text stands, `text.broken` otherwise
 */
function check(chat: Chat, name: string, words: string, variables: string[]): string {
  const unknown = variablesOf(words).filter((one) => !variables.includes(one))
  const allowed = variables.map((one) => `{ $${one} }`).join(' ')
  if (unknown.length > 0) throw new UserError('text.variables', { unknown: unknown.join(', '), allowed })
  const { language, key } = textName(chat.app.texts, name)
  const problem = wordingProblem(chat.app.texts, language, key, words)
  if (problem === 'broken') throw new UserError('text.broken', { name })
  if (problem) {
    const { what, use, piece, length, most } = problem
    const place = chat.t(`text-place-${use}`)
    if (what === 'long') throw new UserError('text.long', { place, length, most, over: length - most })
    throw new UserError(USES[use].html ? 'text.markup' : 'text.no-markup', { place, piece })
  }
  return words
}
