import { UserError } from '#shared/errors.ts'
import { shorten } from '#shared/storable.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { askForMore, MORE_WANTED, WANTED_LENGTH, wantedWords } from '../more-wanted.ts'
import { readPayment } from '../payments.ts'

/** Asks the person for what is lacking. This is neither a yes nor a no: the request stays open. */
export const adminRequestMore: Feature = {
  adminButtons: { 'request-more': choose, 'request-more-type': type, 'request-more-ask': ask },
  adminInputs: { 'request-more-words': takeWords },
}

async function choose(chat: Chat, [id = '']: string[]): Promise<Answer> {
  if (!(await isOpen(chat, id))) return 'stale'
  chat.session.awaiting = undefined
  await show(chat, {
    text: chat.t('request-more-title'),
    keyboard: [
      ...MORE_WANTED.map((what) => [
        button(chat, chat.t(`request-more-${what}`), ['request-more-ask', id, what]),
      ]),
      [button(chat, chat.t('request-more-own'), ['request-more-type', id])],
      back(chat, ['request', id]),
    ],
  })
}

async function type(chat: Chat, [id = '']: string[]): Promise<Answer> {
  if (!(await isOpen(chat, id))) return 'stale'
  chat.session.awaiting = { input: 'request-more-words', args: [id] }
  await show(chat, { text: chat.t('request-more-type'), keyboard: [back(chat, ['request-more', id])] })
}

async function takeWords(chat: Chat, [id = '']: string[]): Promise<void> {
  const what = (chat.ctx.message?.text ?? '').trim()
  if (what === '' || what.length > WANTED_LENGTH) throw new UserError('request.wanted')
  chat.session.awaiting = undefined
  await send(chat, id, what)
}

async function ask(chat: Chat, [id = '', what = '']: string[]): Promise<Answer> {
  return MORE_WANTED.some((one) => one === what) ? await send(chat, id, what) : 'stale'
}

async function send(chat: Chat, id: string, what: string): Promise<Answer> {
  const adminName = shorten(chat.ctx.from?.first_name ?? String(chat.personId), 40)
  const round = String(chat.ctx.update.update_id)
  const asked =
    (await isOpen(chat, id)) &&
    (await chat.app.db.tx((tx) =>
      askForMore(tx, chat.texts, { paymentId: id, adminId: chat.personId, adminName, what, round }),
    ))
  chat.app.relay.kick()
  await show(chat, {
    text: asked
      ? chat.t('request-more-sent', { wanted: wantedWords(chat.t, { what }), number: id })
      : chat.t('request-more-late'),
    keyboard: [back(chat, ['request', id])],
  })
}

async function isOpen(chat: Chat, id: string): Promise<boolean> {
  const payment = await readPayment(chat.app.db, id)
  return payment?.bot === chat.bot.name && payment.provider === 'manual' && payment.state === 'pending'
}
