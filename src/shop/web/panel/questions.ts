import { z } from 'zod'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { idFrom } from '#shared/ids.ts'
import { namesOf } from '#shared/names-of-people.ts'
import type { Served } from '#shared/owners.ts'
import { lockPerson } from '#shared/people.ts'
import { allows } from '#shared/roles.ts'
import { shorten } from '#shared/storable.ts'
import { openFile } from '#shared/telegram/files.ts'
import {
  aboutOf,
  botToAnswerIn,
  isTheirs,
  MESSAGE_LENGTH,
  messagesAbout,
  messagesOf,
  readMessage,
  writeToPerson,
} from '#shop/support/messages.ts'
import type { SupportMessage } from '#shop/support/messages.ts'
import { askedIn, asksAtLarge, cameSince, markRead, openQuestions, putAway } from '#shop/support/questions.ts'
import type { About } from '#shop/support/tables.ts'
import { ageOf, messageLine } from '#shop/support/words.ts'
import { rowId, WebFile } from '../route.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { dealAct } from './deal.ts'
import type { DealAct } from './deal.ts'
import { panelList } from './list.ts'
import { panelRoute } from './route.ts'

/* What people ask support, at the panel: the list, the conversation on the page of its thing, and the answer. */

/** Messages on a page. */
const ON_PAGE = 20
const personKey = z.string().regex(/^\d{1,18}$/)

export const questionsList = panelList({
  name: 'questions',
  as: 'a-questions',
  minimum: 'support',
  title: 'admin-section-questions',
  columns: ['person', 'age', 'words', 'bot', 'at', 'number'],
  filters: {},
  async read(admin, served, _given, page) {
    const { db } = admin.app
    const open = await openQuestions(db.reads, served, page)
    const nameOf = await namesOf(
      db.reads,
      open.map(({ personId }) => personId),
    )
    return {
      rows: open.map(({ id, personId, about, text, bot, createdAt }) => ({
        id,
        opens: about ? `${about.kind}/${about.id}` : `person/${personId}`,
        cells: [
          nameOf(personId),
          ageOf(admin, createdAt),
          shorten(text || '📎', 200),
          bot,
          admin.time(createdAt),
          about?.id ?? '',
        ],
      })),
    }
  },
})

export interface Conversation {
  notes: string[]
  files: string[]
  /** The keys to answer a question, which come first, and the key to write without being asked, which comes last. */
  acts: DealAct[]
  write: DealAct[]
}

/** The conversation about an order or a payment, with the keys to answer for support and above. */
export async function conversationAbout(
  admin: PanelAdmin,
  about: About,
  { bot, personId }: { bot: string; personId: bigint },
): Promise<Conversation> {
  const served = await admin.served()
  if (served && !served.includes(bot)) return { notes: [], files: [], acts: [], write: [] }
  const { db } = admin.app
  const messages = (await messagesAbout(db, [about.id], ON_PAGE)).toReversed()
  const last = messages.at(-1) ?? { personId, bot }
  // An answer here ends also what they asked about nothing in particular, so the page shows it.
  const atLarge = await asksAtLarge(db, last.personId, last.bot)
  const others = await Promise.all(atLarge.map((id) => readMessage(db, id)))
  const all = [...messages, ...others.filter((one) => one !== undefined)]
  const inOrder = all.toSorted((one, other) => one.createdAt.getTime() - other.createdAt.getTime())
  return await conversation(admin, inOrder, { personId: last.personId, about })
}

/** The conversation with a person in the bot where they wait, else in the bot of the panel. */
export async function conversationWith(admin: PanelAdmin, personId: bigint): Promise<Conversation> {
  const { db } = admin.app
  const [asked = admin.bot.name] = await askedIn(db, personId, await admin.served())
  return await conversation(admin, (await messagesOf(db, personId, asked, ON_PAGE)).toReversed(), {
    personId,
  })
}

async function conversation(
  admin: PanelAdmin,
  messages: SupportMessage[],
  { personId, about }: { personId: bigint; about?: About },
): Promise<Conversation> {
  const notes = messages.map((one) => plain(messageLine(admin, admin.time, one, about?.id)))
  if (!allows(admin.role, 'support')) return { notes, files: [], acts: [], write: [] }
  const waiting = messages.findLast(({ waits }) => waits)
  if (waiting) {
    const served = await admin.served('support')
    await admin.app.db.tx((tx) =>
      markRead(
        tx,
        messages.map(({ id }) => id),
        served,
      ),
    )
    admin.kick()
  }
  const thing = about ?? (waiting && aboutOf(waiting))
  const path = `/people/${personId}`
  const letter = dealAct(admin, {
    path: `${path}/answer`,
    title: waiting ? 'support-answer' : 'person-write',
    kind: waiting ? 'primary' : '',
    field: { name: 'words', title: plain(admin.t('question-words')), most: MESSAGE_LENGTH, isLong: true },
    sends: { after: messages.at(-1)?.id ?? '', ...(thing && { kind: thing.kind, thing: thing.id }) },
  })
  const end = dealAct(admin, {
    path: `${path}/question-end`,
    title: 'question-end',
    kind: '',
    ask: [admin.t('question-end-ask')],
    sends: { after: messages.at(-1)?.id ?? '', ...(about && { thing: about.id }) },
  })
  return {
    notes,
    files: messages
      .filter(({ fileId, bot }) => fileId && bot === admin.bot.name)
      .map(({ id }) => `${path}/messages/${id}`),
    acts: waiting ? [letter, end] : [],
    write: waiting ? [] : [letter],
  }
}

/** The same words after the same message are the same answer, however often the key is pressed. */
const answer = panelRoute({
  method: 'POST',
  path: '/people/:id/answer',
  as: 'a-write-send',
  minimum: 'support',
  input: z.object({
    id: personKey,
    words: z.string().max(MESSAGE_LENGTH),
    after: z.union([rowId, z.literal('')]).default(''),
    kind: z.enum(['order', 'payment']).optional(),
    thing: rowId.optional(),
  }),
  async run(admin, { id, words, after, kind, thing = '' }) {
    const text = words.trim()
    if (text === '') throw new UserError('admin.message', { max: MESSAGE_LENGTH })
    const personId = BigInt(id)
    const about = kind && thing ? { kind, id: thing } : undefined
    if (about && !(await isTheirs(admin.app.db, about, personId))) throw new UserError('admin.not-found')
    const served = await admin.served('support')
    const more = await admin.app.db.tx(async (tx) => {
      const bot = await botOfPage(tx, admin, { personId, about, after, served })
      const key = idFrom('answer', id, String(admin.personId), after, text)
      await lockPerson(tx, personId)
      if (!(await readMessage(tx, key))) await checkNews(tx, admin, { personId, bot, about }, after)
      await writeToPerson(tx, { id: key, bot, personId, adminId: admin.personId, text, about, until: after })
      return await cameSince(tx, { personId, bot, thing, until: after })
    })
    return { said: saidWith(admin, 'question-answer-done', more) }
  },
})

/** An admin who has just answered hears of what the page did not show, which nobody has answered. */
const saidWith = ({ t }: PanelAdmin, done: string, more: string | undefined): string =>
  [done, ...(more === undefined ? [] : ['question-more'])]
    .map((key) => plain(t(key, { text: shorten(more || '📎', 200) })))
    .join(' ')

/** The page shows the conversation of one bot, so the answer goes there, also when the person has written in another one since. */
async function botOfPage(
  tx: Sql,
  admin: PanelAdmin,
  {
    personId,
    about,
    after,
    served,
  }: { personId: bigint; about: About | undefined; after: string; served: Served },
): Promise<string> {
  const seen = await readMessage(tx, after)
  if (seen?.personId === personId && (served === undefined || served.includes(seen.bot))) return seen.bot
  return await botToAnswerIn(tx, { personId, about }, served, admin.bot.name)
}

/**
 * Two admins who have the same page open do not both answer without knowing.
 * @throws UserError `support.answered` when another one has written since the page was drawn
 */
async function checkNews(
  tx: Sql,
  admin: PanelAdmin,
  { personId, bot, about }: { personId: bigint; bot: string; about: About | undefined },
  after: string,
): Promise<void> {
  const [last] = about ? await messagesAbout(tx, [about.id], 1) : await messagesOf(tx, personId, bot, 1)
  if (!last || last.adminId === null || last.adminId === admin.personId) return
  // A page may show what was written in another bot, and so never the last message of this one.
  const seen = await readMessage(tx, after)
  if (seen?.bot !== last.bot || last.createdAt <= seen.createdAt) return
  const nameOf = await namesOf(tx, [last.adminId])
  throw new UserError('support.answered', {
    name: nameOf(last.adminId),
    text: shorten(last.text || '📎', 200),
  })
}

const endRoute = panelRoute({
  method: 'POST',
  path: '/people/:id/question-end',
  as: 'a-question-end',
  minimum: 'support',
  input: z.object({
    id: personKey,
    thing: rowId.optional(),
    after: z.union([rowId, z.literal('')]).optional(),
  }),
  async run(admin, { id, thing = '', after }) {
    const served = await admin.served('support')
    const personId = BigInt(id)
    const more = await admin.app.db.tx(async (tx) => {
      const seen = after === undefined ? undefined : await readMessage(tx, after)
      const asked = await askedIn(tx, personId, served)
      // What waits in another bot is on no page of this one.
      const bots = seen ? asked.filter((bot) => bot === seen.bot) : asked
      for (const bot of bots) await putAway(tx, { personId, bot, thing, until: after, admin: admin.personId })
      return seen && (await cameSince(tx, { personId, bot: seen.bot, thing, until: seen.id }))
    })
    return { said: saidWith(admin, 'question-ended', more) }
  },
})

/** A photo or a file beside a message, fetched from Telegram by the bot that received it. */
const file = panelRoute({
  method: 'GET',
  path: '/people/:id/messages/:message',
  as: 'a-write-file',
  minimum: 'support',
  input: z.object({ id: personKey, message: rowId }),
  async run({ app, bot }, { id, message }) {
    const found = await readMessage(app.db, message)
    if (found?.personId !== BigInt(id) || found.bot !== bot.name || !found.fileId)
      throw new UserError('admin.not-found')
    return new WebFile(await openFile(app, bot, { fileId: found.fileId }))
  },
})

export const questionRoutes = [answer, endRoute, file]
