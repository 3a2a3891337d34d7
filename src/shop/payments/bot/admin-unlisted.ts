import { audit } from '#shared/audit.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { checkDecider, decideMoney, readPolicy } from '#shared/money/decisions.ts'
import type { Payment } from '#shared/money/tables.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { frozenOf, isFrozen, readPayment } from '../payments.ts'
import { takeUnlisted } from '../refunds.ts'
import { thaw } from '../unlisted.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'

/** Stars that were credited and that Telegram's list does not have: an admin leaves the tokens or takes them. */
export const adminUnlisted: Feature = {
  adminButtons: {
    'unlisted-keep': sure('unlisted-keep', askKeep, keep),
    'unlisted-take': askTake,
    'unlisted-take-do': take,
  },
}

async function askKeep(chat: Chat, [id = '']: string[]): Promise<Question | undefined> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment || !isFrozen(payment)) return undefined
  const words = {
    person: String(payment.personId),
    stars: chat.money(payment.amount, payment.asset),
    frozen: chat.money(frozenOf(payment), payment.creditAsset),
  }
  return { text: chat.t('unlisted-keep-ask', words), yes: chat.t('unlisted-keep-yes'), home: ['payment', id] }
}

/** If the list is right, nobody has paid for these tokens, so the policy for money that admins make holds for them. */
async function keep(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const policy = await readPolicy(chat.app, chat.bot.name)
  const done = await chat.app.db.tx(async (tx) => {
    const payment = await frozen(tx, id)
    const decided = await decideMoney(tx, policy, {
      kind: 'credit',
      reference: `unlisted-keep-${id}`,
      bot: payment.bot,
      by: chat.personId,
      personId: payment.personId,
      money: { asset: payment.creditAsset, amount: payment.creditAmount },
      find: `/payments ${id}`,
    })
    if (decided === 'second-needed') return false
    if (!(await thaw(tx, id, `admin:${chat.personId}`))) throw new UserError('refund.already')
    await audit(tx, line(chat, 'payment.unlisted-keep', id))
    return true
  })
  return done ? await accepted(chat, id) : { alert: chat.t('decision-second') }
}

async function take(chat: Chat, [id = '']: string[]): Promise<Answer> {
  await chat.app.db.tx(async (tx) => {
    await checkDecider(tx, chat.personId, (await frozen(tx, id)).personId)
    await takeUnlisted(tx, { paymentId: id, adminId: chat.personId })
    await audit(tx, line(chat, 'payment.unlisted-take', id))
  })
  return await accepted(chat, id)
}

/** @throws UserError when another admin, or Telegram, was faster */
async function frozen(tx: Sql, id: string): Promise<Payment> {
  const payment = await readPayment(tx, id, true)
  if (!payment || !isFrozen(payment)) throw new UserError('refund.not-paid')
  return payment
}

const line = (chat: Chat, action: string, id: string) => ({
  actor: chat.personId,
  action,
  target: `payment ${id}`,
  bot: chat.bot.name,
})

async function accepted(chat: Chat, id: string): Promise<void> {
  chat.app.relay.kick()
  await show(chat, { text: chat.t('unlisted-done'), keyboard: [back(chat, ['payment', id])] })
}

async function askTake(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const payment = await readPayment(chat.app.db, id)
  if (!payment || !isFrozen(payment)) return 'stale'
  const { amount, asset, creditAmount, creditAsset, personId } = payment
  const words = {
    stars: chat.money(amount, asset),
    taken: chat.money(frozenOf(payment), creditAsset),
    lost: chat.money(creditAmount - frozenOf(payment), creditAsset),
    person: String(personId),
  }
  await show(chat, {
    text: chat.t('unlisted-ask', words),
    keyboard: [
      [button(chat, chat.t('unlisted-take-do', words), ['unlisted-take-do', id], 'danger')],
      back(chat, ['payment', id]),
    ],
  })
}
