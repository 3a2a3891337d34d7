import { newId } from '#shared/ids.ts'
import { cardOffer } from '#shop/payments/card-offer.ts'
import { forgetCard, keptCard } from '#shop/payments/kept-cards.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'
import { subscriptionsOf } from '../subscriptions/subscriptions.ts'
import { showPlans } from './subscriptions.ts'

/** Lets a card be kept that pays for renewals what the balance lacks, and forgets it. */
export const planCard: Feature = {
  buttons: { 'plan-card': ask, 'plan-card-forget': sure('plan-card-forget', askForget, forget) },
  open: ['plan-card-forget'],
}

async function ask(chat: Chat): Promise<Answer> {
  const offer = await cardOffer(chat, await subscriptionsOf(chat.app.db, chat.personId))
  if (!offer) {
    await showPlans(chat)
    return 'stale'
  }
  const sum = chat.money(offer.sum, 'RUB')
  const payment: [string, ...string[]] = [
    'pay-keep',
    offer.provider,
    String(offer.sum),
    newId().slice(0, 8),
    '',
  ]
  await show(chat, {
    text: chat.t('plan-card-ask', { sum }),
    keyboard: [[button(chat, chat.t('plan-card-pay', { sum }), payment, 'primary')], back(chat, 'plans')],
  })
}

async function askForget(chat: Chat): Promise<Question | undefined> {
  const card = await keptCard(chat.app.db, chat.personId)
  if (!card) return undefined
  return {
    text: chat.t('plan-card-forget-ask', { digits: card.digits }),
    yes: chat.t('plan-card-forget-yes'),
    home: ['plans'],
  }
}

async function forget(chat: Chat): Promise<Answer> {
  await chat.app.db.tx((tx) => forgetCard(tx, chat.personId))
  await showPlans(chat)
  return { toast: chat.t('plan-card-forgotten') }
}
