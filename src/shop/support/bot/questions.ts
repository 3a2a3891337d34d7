import { UserError } from '#shared/errors.ts'
import { allows } from '#shared/roles.ts'
import { namesOf } from '#shared/names-of-people.ts'
import { shorten } from '#shared/storable.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { decidedInGroup, doneBefore, nameInGroup } from '#workers/bot/in-place.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { sure } from '#workers/bot/sure.ts'
import { questionsToAnswer } from '../attention.ts'
import { aboutOf, messagesAbout, messagesOf, readMessage } from '../messages.ts'
import type { SupportMessage } from '../messages.ts'
import { askedIn, markRead, openQuestions, putAway } from '../questions.ts'
import type { About } from '../tables.ts'
import { ageOf, messageLine } from '../words.ts'

const PAGE = 8
/** Messages of a conversation that stand on the page of an order, a payment or a person. */
const ON_PAGE = 3

/**
 * Open questions, oldest first. Each opens the page of what it is about: the story, the conversation and whatever can be
 * done stand there together.
 */
export const questions: Feature = {
  adminButtons: {
    'a-questions': (chat, [page = '0']) => showQuestions(chat, Number(page) || 0),
    'a-question-read': read,
    'a-question-end': sure(
      'a-question-end',
      async (chat, [id = '']) => ({
        text: chat.t('question-end-ask'),
        yes: chat.t('question-end-yes'),
        home: ['a-person', id],
      }),
      end,
    ),
  },
  groupButtons: { 'a-question-read': readInGroup },
  minimumRole: { 'a-questions': 'support', 'a-question-read': 'support', 'a-question-end': 'support' },
  admin: {
    sections: [questionsToAnswer],
    order: (chat, order) => ofDeal(chat, { kind: 'order', id: order.id }, order),
    payment: (chat, payment) => ofDeal(chat, { kind: 'payment', id: payment.id }, payment),
    person: ofPerson,
  },
}

async function showQuestions(chat: Chat, page: number): Promise<void> {
  const { db } = chat.app
  const at = { limit: PAGE + 1, offset: page * PAGE }
  const found = await openQuestions(db, await chat.served('support'), at)
  const shown = found.slice(0, PAGE)
  const nameOf = await namesOf(
    db,
    shown.map(({ personId }) => personId),
  )
  const pager = [
    ...(page > 0 ? [button(chat, '‹', ['a-questions', page - 1])] : []),
    ...(found.length > PAGE ? [button(chat, '›', ['a-questions', page + 1])] : []),
  ]
  await show(chat, {
    text: chat.t(shown.length > 0 ? 'questions-title' : 'questions-empty'),
    keyboard: [
      ...shown.map(({ personId, about, text, createdAt }) => {
        const words = `${ageOf(chat, createdAt)} · ${nameOf(personId)} · ${text || '📎'}`
        const route: [string, string] = about ? [`a-${about.kind}`, about.id] : ['a-person', String(personId)]
        return [button(chat, shorten(words, 60), route)]
      }),
      ...(pager.length > 0 ? [pager] : []),
      back(chat, 'admin'),
    ],
  })
}

async function read(chat: Chat, args: string[]): Promise<Answer> {
  await seen(chat, args)
  return { toast: chat.t('question-read-told') }
}

async function readInGroup(chat: Chat, args: string[]): Promise<Answer> {
  const used = ['a-question-read']
  if (!(await seen(chat, args))) return doneBefore(chat, used, chat.t('group-read-before'))
  const name = await nameInGroup(chat, chat.personId)
  return await decidedInGroup(chat, used, (t) => t('group-read', { name }))
}

/** @returns false when somebody has read it before */
async function seen(chat: Chat, [person = '', id = '']: string[]): Promise<boolean> {
  const message = await readMessage(chat.app.db, id)
  if (String(message?.personId) !== person) throw new UserError('admin.not-found')
  const served = await chat.served('support')
  const isFirst = await chat.app.db.tx((tx) => markRead(tx, [id], served))
  chat.app.relay.kick()
  return isFirst
}

/** @param args the person, and the order or the payment on whose page the key stands */
async function end(chat: Chat, [id = '', thing = '']: string[]): Promise<Answer> {
  const person = BigInt(id)
  const served = await chat.served('support')
  await chat.app.db.tx(async (tx) => {
    for (const bot of await askedIn(tx, person, served))
      await putAway(tx, { personId: person, bot, thing, admin: chat.personId })
  })
  chat.app.relay.kick()
  await showQuestions(chat, 0)
  return { toast: chat.t('question-ended') }
}

/** The conversation on the page of an order or a payment, whose rows say who bought it and in which bot. */
async function ofDeal(chat: Chat, about: About, { bot, personId }: { bot: string; personId: bigint }) {
  const served = await chat.served()
  if (served && !served.includes(bot)) return {}
  const last = (await messagesAbout(chat.app.db, [about.id], ON_PAGE)).toReversed()
  // A gift has two people, and either may ask about it.
  return await conversation(chat, last, { personId: last.at(-1)?.personId ?? personId, about })
}

async function ofPerson(chat: Chat, personId: bigint) {
  const [asked = chat.bot.name] = await askedIn(chat.app.db, personId, await chat.served())
  const last = (await messagesOf(chat.app.db, personId, asked, ON_PAGE)).toReversed()
  return last.length > 0 ? await conversation(chat, last, { personId }) : {}
}

async function conversation(
  chat: Chat,
  last: SupportMessage[],
  { personId, about }: { personId: bigint; about?: About },
) {
  const lines =
    last.length > 0 ? ['', ...last.map((one) => messageLine(chat, chat.when, one, about?.id))] : []
  if (!allows(chat.role, 'support')) return { lines }
  const id = String(personId)
  const waiting = last.findLast(({ waits }) => waits)
  if (waiting) {
    const served = await chat.served('support')
    await chat.app.db.tx((tx) =>
      markRead(
        tx,
        last.map(({ id: shown }) => shown),
        served,
      ),
    )
    chat.app.relay.kick()
  }
  const thing = about ?? (waiting && aboutOf(waiting))
  const things = thing ? [thing.kind, thing.id] : []
  const files = last.filter(({ fileId, bot }) => fileId && bot === chat.bot.name)
  return {
    lines,
    rows: [
      ...files.map((one) => [
        button(chat, chat.t('support-file-of', { time: chat.time(one.createdAt) }), [
          'a-write-file',
          id,
          one.id,
        ]),
      ]),
      ...(waiting
        ? [
            [
              button(chat, chat.t('support-answer'), ['a-write', id, ...things], 'primary'),
              button(chat, chat.t('question-end'), ['a-question-end', id, ...(about ? [about.id] : [])]),
            ],
          ]
        : about
          ? [[button(chat, chat.t('person-write'), ['a-write', id, ...things])]]
          : []),
    ],
  }
}
