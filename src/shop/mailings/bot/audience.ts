import { guessAudience } from '../guess.ts'
import type { Audience } from '../audience.ts'
import { describeAudience, lastMailing, RULES, ruleText, tagOf } from '../rules.ts'
import type { Rule } from '../rules.ts'
import { editDraft } from '../drafts.ts'
import { languagesOf } from '../content.ts'
import { about, guessLine } from '../launch.ts'
import { UserError } from '#shared/errors.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { ofThisBot } from './page.ts'

/** The page with the rules that choose a mailing's people. Each change of a rule counts the people anew. */
export const mailingAudience: Feature = {
  adminButtons: {
    'b-audience': (chat, [id = '']) => showAudience(chat, id),
    'b-rule': nextValue,
    'b-bot': toggleBot,
    'b-tag': askTag,
    'b-not': excludeLast,
  },
  adminInputs: { 'b-tag': takeTag },
}

async function showAudience(chat: Chat, id: string): Promise<void> {
  chat.session.awaiting = undefined
  const { audience, bot, contents } = await ofThisBot(chat, id)
  const reach = await guessAudience(chat.app.db.reads, audience, bot, languagesOf(contents))
  const rule = (name: Rule) => button(chat, ruleText(chat, audience, name), ['b-rule', id, name])
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
    text: [
      chat.t('audience-title', {
        audience: describeAudience(chat, audience),
        count: reach.count,
        about: about(chat, reach.isGuess),
      }),
      ...guessLine(chat, reach),
    ].join('\n'),
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

async function nextValue(chat: Chat, [id = '', name = '']: string[]): Promise<void> {
  // Each press sets a rule to the next of its values, and after the last to the first.
  const choices = RULES[name as Rule] as readonly unknown[] | undefined
  if (!choices) throw new UserError('admin.not-found')
  const { audience } = await ofThisBot(chat, id)
  const at = choices.indexOf(audience[name as Rule])
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
  const tag = /^[-—]$/.test(text) ? undefined : tagOf(text)
  const { audience } = await ofThisBot(chat, id)
  await editDraft(chat.app.db, id, {
    audience: { ...audience, [name === 'notTag' ? 'notTag' : 'tag']: tag },
  })
  await showAudience(chat, id)
}

/** Leaves out those who got the last mailing of this bot. */
async function excludeLast(chat: Chat, [id = '']: string[]): Promise<void> {
  const { audience, bot } = await ofThisBot(chat, id)
  const noMailing = audience.notBroadcast ? undefined : await lastMailing(chat.app.db, bot)
  await editDraft(chat.app.db, id, { audience: { ...audience, notBroadcast: noMailing } })
  await showAudience(chat, id)
}
