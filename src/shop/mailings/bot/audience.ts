import { mailingsSql } from '../tables.ts'
import { guessAudience } from '../audience.ts'
import type { Audience } from '../audience.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'
import { editDraft, languagesOf } from '../mailings.ts'
import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { ofThisBot } from './page.ts'

/** Each press sets a rule to the next of these values, and after the last to the first. */
const CHOICES = {
  language: [undefined, ...LANGUAGES],
  activeDays: [undefined, 1, 7, 30, 90],
  idleDays: [undefined, 7, 30, 90],
  buyers: [undefined, true, false],
  tokens: [undefined, 1, 10, 100],
  premium: [undefined, true, false],
} as const
type Choice = keyof typeof CHOICES

/** Whom a mailing goes to, by rules that are counted as they change. */
export const mailingAudience: Feature = {
  adminButtons: {
    'b-audience': (chat, [id = '']) => showAudience(chat, id),
    'b-rule': turn,
    'b-bot': toggleBot,
    'b-tag': askTag,
    'b-not': excludeLast,
  },
  adminInputs: { 'b-tag': takeTag },
}

async function showAudience(chat: Chat, id: string): Promise<void> {
  chat.session.awaiting = undefined
  const { audience, bot, contents } = await ofThisBot(chat, id)
  const { count, isGuess } = await guessAudience(chat.app.db.reads, audience, bot, languagesOf(contents))
  const rule = (name: Choice) => button(chat, ruleText(chat, audience, name), ['b-rule', id, name])
  const chosen = new Set(audience.bots?.length ? audience.bots : [bot])
  const served = await chat.served('admin')
  const offered = [...chat.app.bots.keys()].filter((name) => served === undefined || served.includes(name))
  const tagged = (name: 'tag' | 'notTag') =>
    button(chat, chat.t(`audience-${name.toLowerCase()}`, { tag: audience[name] ?? '—' }), [
      'b-tag',
      id,
      name,
    ])
  await show(chat, {
    text: chat.t('audience-title', {
      audience: describeAudience(chat, audience),
      count,
      about: isGuess ? `${chat.t('audience-about')} ` : '',
    }),
    keyboard: [
      ...(offered.length > 1
        ? [
            offered.map((name) =>
              button(chat, `${chosen.has(name) ? '☑️' : '▫️'} ${name}`, ['b-bot', id, name]),
            ),
          ]
        : []),
      [rule('language'), rule('premium')],
      [rule('activeDays'), rule('idleDays')],
      [rule('buyers'), rule('tokens')],
      [tagged('tag'), tagged('notTag')],
      [button(chat, `${audience.notBroadcast ? '☑️' : '▫️'} ${chat.t('audience-not-last')}`, ['b-not', id])],
      back(chat, ['b-page', id]),
    ],
  })
}

function ruleText(chat: Chat, audience: Audience, name: Choice): string {
  const value = audience[name]
  const key = `audience-${name.toLowerCase()}`
  if (value === undefined) return `${chat.t(key)}: ${chat.t('audience-any')}`
  if (typeof value === 'boolean') return `${chat.t(key)}: ${chat.t(value ? 'audience-yes' : 'audience-no')}`
  return `${chat.t(key)}: ${value}`
}

/** The rules in words. */
export function describeAudience(chat: Chat, audience: Audience): string {
  const rules = (Object.keys(CHOICES) as Choice[])
    .filter((name) => audience[name] !== undefined)
    .map((name) => ruleText(chat, audience, name))
  if (audience.bots && audience.bots.length > 0) rules.unshift(audience.bots.join(' + '))
  if (audience.tag) rules.push(chat.t('audience-tag', { tag: escapeHtml(audience.tag) }))
  if (audience.notTag) rules.push(chat.t('audience-nottag', { tag: escapeHtml(audience.notTag) }))
  if (audience.notBroadcast) rules.push(chat.t('audience-not-last'))
  return rules.length > 0 ? rules.join(', ') : chat.t('audience-all')
}

async function turn(chat: Chat, [id = '', name = '']: string[]): Promise<void> {
  const choices = CHOICES[name as Choice] as readonly unknown[] | undefined
  if (!choices) throw new UserError('admin.not-found')
  const { audience } = await ofThisBot(chat, id)
  const at = choices.indexOf(audience[name as Choice])
  const next: Audience = { ...audience, [name]: choices[(at + 1) % choices.length] }
  await editDraft(chat.app.db, id, { audience: next })
  await showAudience(chat, id)
}

async function toggleBot(chat: Chat, [id = '', name = '']: string[]): Promise<void> {
  const { audience, bot } = await ofThisBot(chat, id)
  const chosen = new Set(audience.bots?.length ? audience.bots : [bot])
  const served = await chat.served('admin')
  if (!chosen.delete(name) && chat.app.bots.has(name)) {
    if (served !== undefined && !served.includes(name)) throw new UserError('bot.not-yours', { name })
    chosen.add(name)
  }
  if (chosen.size === 0) chosen.add(bot)
  await editDraft(chat.app.db, id, { audience: { ...audience, bots: [...chosen] } })
  await showAudience(chat, id)
}

async function askTag(chat: Chat, [id = '', name = '']: string[]): Promise<void> {
  chat.session.awaiting = { input: 'b-tag', args: [id, name] }
  await show(chat, { text: chat.t('audience-tag-ask'), keyboard: [back(chat, ['b-audience', id])] })
}

async function takeTag(chat: Chat, [id = '', name = '']: string[]): Promise<void> {
  const text = (chat.ctx.message?.text ?? '').trim()
  const tag = /^[-—]$/.test(text) ? undefined : text
  if (tag !== undefined && !/^[\w-]{1,64}$/.test(tag)) throw new UserError('broadcast.tag')
  const { audience } = await ofThisBot(chat, id)
  await editDraft(chat.app.db, id, {
    audience: { ...audience, [name === 'notTag' ? 'notTag' : 'tag']: tag },
  })
  await showAudience(chat, id)
}

/** Leaves out those who got the last mailing of this bot. */
async function excludeLast(chat: Chat, [id = '']: string[]): Promise<void> {
  const { audience, bot } = await ofThisBot(chat, id)
  const [last] = await chat.app.db.rows(
    mailingsSql
      .selectFrom('broadcasts')
      .select('id')
      .where('bot', '=', bot)
      .where('action', '=', 'send')
      .where('state', 'in', ['done', 'cancelled'])
      .where('started_at', 'is not', null)
      .where('parent_id', 'is', null)
      .orderBy('started_at', 'desc')
      .limit(1),
  )
  const noMailing = audience.notBroadcast ? undefined : last?.id
  await editDraft(chat.app.db, id, { audience: { ...audience, notBroadcast: noMailing } })
  await showAudience(chat, id)
}
