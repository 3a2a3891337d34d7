import { changeOfSession } from '#shared/people.ts'
import { NOW } from '#shared/db/build.ts'
import { createMailing, scheduleMailing } from '../mailings.ts'
import { editDraft } from '../drafts.ts'
import { resendUncertain } from '../resend.ts'
import { listMailings, moveMailing } from '../moves.ts'
import { audit } from '#shared/audit.ts'
import { newId } from '#shared/ids.ts'
import { mailingsToResume } from '../attention.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { askContent, showMailingDraft } from './draft.ts'
import { ofThisBot, showLive } from './page.ts'
import { shorten } from '#shared/storable.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'

const PAGE = 8
/** A bot deletes messages of the last 48 hours (Bot API, deleteMessage). */
const DELETABLE_MS = 48 * 3_600_000

/** Mailings: the list, the live page of one, pause, resume, cancel, and what can be done when it is over. */
export const mailingList: Feature = {
  adminCommands: { broadcast: (chat) => showList(chat) },
  adminButtons: {
    'b-list': (chat) => showList(chat),
    'b-new': startNew,
    'b-page': (chat, [id = '']) => showPage(chat, id),
    'b-pause': (chat, [id = '']) => change(chat, id, 'pause'),
    'b-resume': (chat, [id = '']) => change(chat, id, 'resume'),
    'b-cancel': sure('b-cancel', askCancel, (chat, [id = '']) => change(chat, id, 'cancel')),
    'b-resend': sure('b-resend', askResend, resend),
    'b-delete': askDelete,
    'b-delete-do': deleteEverywhere,
    'b-edit': askEdit,
  },
  buttons: {
    'mailings-off': (chat) => switchMailings(chat, false),
    'mailings-on': (chat) => switchMailings(chat, true),
  },
  open: ['mailings-off', 'mailings-on'],
  admin: {
    sections: [mailingsToResume],
  },
}

/** Shows the last mailings of this bot, the newest first. */
async function showList(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const list = await listMailings(chat.app.db, { bot: chat.bot.name, limit: PAGE })
  await show(chat, {
    text: chat.t(list.length > 0 ? 'broadcasts-title' : 'broadcasts-empty'),
    keyboard: [
      [button(chat, chat.t('broadcast-new'), 'b-new', 'primary')],
      ...list.map((one) => {
        const share = one.total > 0 ? ` · ${one.sent}/${one.total}` : ''
        const when = chat.time(one.startedAt ?? one.createdAt)
        const words = `${chat.t(`broadcast-state-${one.state}`)}${share} · ${when}`
        return [button(chat, shorten(words, 60), ['b-page', one.id])]
      }),
      back(chat, 'admin'),
    ],
  })
}

async function startNew(chat: Chat): Promise<void> {
  const id = newId()
  await createMailing(chat.app.db, { id, bot: chat.bot.name, createdBy: chat.personId })
  await askContent(chat, id, '')
}

/** While a mailing is a draft, its page is the one where it is written; after that it is the live message. */
async function showPage(chat: Chat, id: string): Promise<void> {
  const mailing = await ofThisBot(chat, id)
  return mailing.state === 'draft' ? await showMailingDraft(chat, mailing) : await showLive(chat, mailing)
}

/** If another admin was faster, nothing changes here, and the page shows the present state. */
async function change(chat: Chat, id: string, how: 'pause' | 'resume' | 'cancel'): Promise<Answer> {
  const changed = await moveMailing(chat.app.db, { id, bot: chat.bot.name, by: chat.personId, how })
  if (changed) chat.app.relay.kick()
  await showPage(chat, id)
  return { toast: chat.t(changed ? 'broadcast-changed' : 'broadcast-changed-before') }
}

/** Asks first, because a cancelled mailing never goes on: the people who have not got it never will. */
async function askCancel(chat: Chat, [id = '']: string[]): Promise<Question | undefined> {
  const { state, sent, total } = await ofThisBot(chat, id)
  if (state === 'draft')
    return { text: chat.t('broadcast-drop-ask'), yes: chat.t('broadcast-drop-yes'), home: ['b-page', id] }
  if (['done', 'cancelled'].includes(state)) return undefined
  return {
    text: chat.t('broadcast-cancel-ask', { count: Number(sent), total: Number(total) }),
    yes: chat.t('broadcast-cancel-yes'),
    home: ['b-page', id],
  }
}

/** Asks first, because some of the uncertain recipients may have the message and would read it twice. */
async function askResend(chat: Chat, [id = '']: string[]): Promise<Question | undefined> {
  const { uncertain } = await ofThisBot(chat, id)
  const count = Number(uncertain)
  if (count === 0) return undefined
  return {
    text: chat.t('broadcast-resend-ask', { count }),
    yes: chat.t('broadcast-resend-yes', { count }),
    home: ['b-page', id],
  }
}

/** Sends again to those whose message may have arrived. Only an admin may decide that. */
async function resend(chat: Chat, [id = '']: string[]): Promise<Answer> {
  await ofThisBot(chat, id)
  const next = newId()
  const count = await chat.app.db.tx(async (tx) => {
    const resent = await resendUncertain(tx, id, { id: next, by: chat.personId })
    if (resent > 0) {
      await audit(tx, {
        actor: chat.personId,
        action: 'broadcast.resend',
        target: `broadcast ${id}`,
        bot: chat.bot.name,
        details: { recipients: resent, as: next },
      })
    }
    return resent
  })
  chat.app.relay.kick()
  await showPage(chat, count > 0 ? next : id)
  return { toast: chat.t('broadcast-resending', { count }) }
}

async function askDelete(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const { sent, finishedAt } = await ofThisBot(chat, id)
  if (finishedAt && Date.now() - finishedAt.getTime() > DELETABLE_MS) {
    return { alert: chat.t('broadcast-delete-late') }
  }
  await show(chat, {
    text: chat.t('broadcast-delete-ask', { count: sent }),
    keyboard: [
      [button(chat, chat.t('broadcast-delete'), ['b-delete-do', id], 'danger')],
      back(chat, ['b-page', id]),
    ],
  })
}

async function deleteEverywhere(chat: Chat, [id = '']: string[]): Promise<Answer> {
  await ofThisBot(chat, id)
  const next = newId()
  await chat.app.db.tx(async (tx) => {
    await createMailing(tx, {
      id: next,
      bot: chat.bot.name,
      createdBy: chat.personId,
      action: 'delete',
      parentId: id,
    })
    await scheduleMailing(tx, next)
    await audit(tx, {
      actor: chat.personId,
      action: 'broadcast.delete',
      target: `broadcast ${id}`,
      bot: chat.bot.name,
    })
  })
  chat.app.relay.kick()
  await showPage(chat, next)
}

/** The new words are written like a new mailing; its start edits instead of sending. */
async function askEdit(chat: Chat, [id = '']: string[]): Promise<void> {
  const parent = await ofThisBot(chat, id)
  const next = newId()
  await createMailing(chat.app.db, {
    id: next,
    bot: chat.bot.name,
    createdBy: chat.personId,
    action: 'edit',
    parentId: id,
  })
  await editDraft(chat.app.db, next, {
    audience: parent.audience,
    options: { optOut: parent.options.optOut },
  })
  await askContent(chat, next, '')
}

/**
 * The button below a mailing and in the profile: this bot stops sending the person mailings, or sends them again.
 * Messages about their money come in any case.
 */
async function switchMailings(chat: Chat, on: boolean): Promise<Answer> {
  await chat.app.db.rows(
    changeOfSession({ bot: chat.bot.name, personId: chat.personId }).set({
      mailings_off_at: on ? null : NOW,
    }),
  )
  // The key that was pressed becomes its opposite; all else on the message stays.
  const { message, data } = chat.ctx.callbackQuery ?? {}
  const rows = message && 'reply_markup' in message ? message.reply_markup?.inline_keyboard : undefined
  const way = on ? 'mailings-off' : 'mailings-on'
  const inline_keyboard = rows?.map((row) =>
    row.map((key) =>
      'callback_data' in key && key.callback_data === data ? button(chat, chat.t(way), way) : key,
    ),
  )
  if (inline_keyboard)
    await chat.ctx.editMessageReplyMarkup({ reply_markup: { inline_keyboard } }).catch(() => {})
  return { alert: chat.t(on ? 'mailings-are-on' : 'mailings-are-off') }
}
