import { decideAdjustment, readAdjustment, waitingAdjustments } from '../adjustments.ts'
import type { Adjustment } from '../adjustments.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { namesOf } from '#shared/names-of-people.ts'
import { adminsOf } from '#shared/roles.ts'
import { UserError } from '#shared/errors.ts'
import { adjustmentsToDecide } from '../attention.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { askedInGroup, decidedInGroup, mustBeAsked, nameInGroup, refusalOf } from '#workers/bot/in-place.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { describe } from '../adjustment-words.ts'
import { shorten } from '#shared/storable.ts'

/** Corrections above the limit, which another admin than their author must approve. */
export const adjustWaiting: Feature = {
  adminButtons: {
    'a-waiting': (chat) => showWaiting(chat),
    'a-decide': (chat, [id = '']) => showDecision(chat, id),
    'a-approve': (chat, [id = '']) => decide(chat, id, 'approve'),
    'a-decline': (chat, [id = '']) => decide(chat, id, 'decline'),
  },
  groupButtons: {
    'a-decide': askInGroup,
    'a-approve': (chat, args) => decideInGroup(chat, args, 'approve'),
    'a-decline': (chat, args) => decideInGroup(chat, args, 'decline'),
  },
  admin: {
    sections: [adjustmentsToDecide],
  },
}

async function showWaiting(chat: Chat): Promise<void> {
  const waiting = await waitingAdjustments(chat.app.db, await chat.served('admin'))
  await show(chat, {
    text: chat.t(waiting.length > 0 ? 'waiting-title' : 'waiting-empty'),
    keyboard: [
      ...waiting.map((one) => [
        button(chat, shorten(`${chat.signed(one.amount, one.asset)} · ${one.personId} · ${one.reason}`, 60), [
          'a-decide',
          one.id,
        ]),
      ]),
      back(chat, 'admin'),
    ],
  })
}

async function showDecision(chat: Chat, id: string): Promise<void> {
  const one = await readAdjustment(chat.app.db, id)
  if (!one) throw new UserError('admin.not-found')
  const [words, nameOf] = await Promise.all([describe(chat, one), namesOf(chat.app.db, [one.createdBy])])
  const others = await adminsOf(chat.app.db, chat.app.bots.get(one.bot) ?? chat.bot, 'admin')
  const alone = others.length < 2
  await show(chat, {
    text: [
      chat.t('adjust-confirm', words),
      chat.t('waiting-by', { by: escapeHtml(nameOf(one.createdBy)) }),
      ...(one.createdBy === chat.personId ? [chat.t(alone ? 'waiting-alone' : 'waiting-yours')] : []),
    ].join('\n'),
    keyboard: [
      [
        ...(one.createdBy === chat.personId
          ? []
          : [button(chat, chat.t('approve'), ['a-approve', id], 'success')]),
        button(chat, chat.t('decline'), ['a-decline', id], 'danger'),
      ],
      [button(chat, chat.t('deal-person'), ['a-person', String(one.personId)])],
      back(chat, 'a-waiting'),
    ],
  })
}

async function decide(chat: Chat, id: string, verdict: 'approve' | 'decline'): Promise<Answer> {
  const one = await readAdjustment(chat.app.db, id)
  if (!one) throw new UserError('admin.not-found')
  await decideAdjustment(chat.app, id, chat.personId, one.bot, verdict)
  chat.app.relay.kick()
  await showWaiting(chat)
  return { toast: chat.t(verdict === 'approve' ? 'adjust-done' : 'adjust-declined') }
}

const DECISIONS = ['a-decide', 'a-approve', 'a-decline']

/** The alert says everything that the page says, except for the balance of this moment. */
async function askInGroup(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const one = await readAdjustment(chat.app.db, id)
  if (!one) throw new UserError('admin.not-found')
  if (one.state !== 'waiting') return await decidedWords(chat, one)
  const keys = [
    ...(one.createdBy === chat.personId
      ? []
      : [{ text: 'approve', route: ['a-approve', id] as [string, string], style: 'success' as const }]),
    { text: 'decline', route: ['a-decline', id] as [string, string], style: 'danger' as const },
  ]
  return await askedInGroup(chat, keys, async () => {
    const now = (await readAdjustment(chat.app.db, id))!
    return now.state === 'waiting' ? undefined : await decidedWords(chat, now)
  })
}

async function decideInGroup(
  chat: Chat,
  [id = '', asked]: string[],
  verdict: 'approve' | 'decline',
): Promise<Answer> {
  mustBeAsked(chat, asked)
  const before = await readAdjustment(chat.app.db, id)
  if (!before) throw new UserError('admin.not-found')
  const refused = await refusalOf(() => decideAdjustment(chat.app, id, chat.personId, before.bot, verdict))
  chat.app.relay.kick()
  const one = (await readAdjustment(chat.app.db, id))!
  if (refused && one.state === 'waiting') throw refused
  return await decidedWords(chat, one)
}

async function decidedWords(chat: Chat, { state, decidedBy }: Adjustment) {
  const name = await nameInGroup(chat, decidedBy)
  return await decidedInGroup(chat, DECISIONS, (t) => t(`group-adjustment-${state}`, { name }))
}
