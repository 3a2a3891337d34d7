import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { idFrom, newId } from '#shared/ids.ts'
import { meansFor } from '#shared/money/exchange.ts'
import { planStarsLink } from '#shop/payments/plan-invoice.ts'
import { pictureLimits } from '#shop/pictures/settings.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { payPlan, planCost, planIsForStars, stopPlan } from '../subscriptions/buying.ts'
import { readFriend } from '../subscriptions/friend.ts'
import { PICTURES_AT_ONCE, planPrices, plansForSale, readPlan, termsOf } from '../subscriptions/plans.ts'
import type { Plan } from '../subscriptions/plans.ts'
import { followTelegram } from '../subscriptions/stars.ts'
import { subscriptionsOf } from '../subscriptions/subscriptions.ts'
import { cardOnPlans } from './card-offer.ts'
import { awaitPlan } from './plan-shortage.ts'

/** Shows plans and the running subscription, takes tokens or Stars for a plan, makes gifts and stops the renewal. */
export const subscriptions: Feature = {
  commands: { subscription: (chat) => showPlans(chat) },
  buttons: {
    plans: (chat) => showPlans(chat),
    plan: (chat, [code = '']) => showPlan(chat, code),
    'plan-buy': buy,
    'plan-stars': payWithStars,
    'plan-gift': askFriend,
    'plan-stop': stop,
  },
  mayWait: ['plan-buy'],
  open: ['plan-stop'],
  inputs: { 'plan-gift': gift },
  other: atTelegram,
}

export async function showPlans(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const [plans, running] = await Promise.all([
    plansForSale(chat.app.db),
    subscriptionsOf(chat.app.db, chat.personId),
  ])
  const lines = running.map(({ plan, expiresAt, renews }) =>
    chat.t(renews ? 'plan-running-renews' : 'plan-running', {
      plan: escapeHtml(nameOf(chat, plans, plan)),
      until: chat.day(expiresAt),
    }),
  )
  const card = await cardOnPlans(chat, running)
  await show(chat, {
    text: [
      chat.t('plans-title'),
      '',
      ...(lines.length > 0 ? lines : [chat.t('plans-none')]),
      ...card.lines,
    ].join('\n'),
    keyboard: [
      ...plans.map((plan) => [
        button(chat, `${plan.name[chat.language]} · ${planPrices(chat, plan)}`, ['plan', plan.code]),
      ]),
      ...running
        .filter(({ renews }) => renews)
        .map(({ id, plan }) => [
          button(chat, chat.t('plan-stop', { plan: nameOf(chat, plans, plan) }), ['plan-stop', id]),
        ]),
      ...card.keys,
      back(chat, 'profile'),
    ],
  })
}

async function showPlan(chat: Chat, code: string): Promise<void> {
  const plan = await readPlan(chat.app.db, code)
  if (!plan?.active) throw new UserError('subscription.unknown')
  // The button holds the number of the draft, so pressing it twice is one purchase. It also holds the price that the
  // person saw: the plan may have another price when the press comes or is carried out.
  const { roubles, text: tokens } = await planCost(chat, plan)
  const purchase = [code, newId().slice(0, 8), termsOf(plan, roubles)]
  const forStars = await planIsForStars(chat, plan)
  await show(chat, {
    text: chat.t('plan', {
      name: escapeHtml(plan.name[chat.language]),
      days: plan.days,
      discount: plan.discountPercent,
      pictures: await picturesAtOnce(chat, plan),
    }),
    keyboard: [
      ...(tokens
        ? [[button(chat, chat.t('plan-buy', { sum: tokens }), ['plan-buy', ...purchase], 'primary')]]
        : []),
      ...(forStars
        ? [
            [
              button(chat, chat.t('plan-buy', { sum: chat.money(BigInt(plan.priceStars!), 'XTR') }), [
                'plan-stars',
                code,
              ]),
            ],
          ]
        : []),
      ...(tokens ? [[button(chat, chat.t('plan-gift', { sum: tokens }), ['plan-gift', ...purchase])]] : []),
      back(chat, 'plans'),
    ],
  })
}

async function picturesAtOnce(chat: Chat, { limits }: Plan): Promise<number> {
  const { atOnce } = await chat.app.settings.get(pictureLimits)
  return Math.max(atOnce, limits[PICTURES_AT_ONCE] ?? 0)
}

/** The invoice is made only when somebody asks for it, so that looking at a plan leaves no payment behind. */
async function payWithStars(chat: Chat, [code = '']: string[]): Promise<Answer> {
  const plan = await readPlan(chat.app.db, code)
  const link =
    plan && (await planIsForStars(chat, plan)) && (await planStarsLink(chat, chat.app.settings, plan))
  if (!link) {
    await showPlan(chat, code)
    return 'stale'
  }
  const stars = chat.money(BigInt(plan.priceStars!), 'XTR')
  await show(chat, {
    text: chat.t('plan-stars', { name: escapeHtml(plan.name[chat.language]), stars }),
    keyboard: [
      [{ text: chat.t('buy-pay', { stars }), url: link, style: 'primary' }],
      back(chat, ['plan', code]),
    ],
  })
}

async function buy(chat: Chat, [code = '', draft = '', terms = '']: string[]): Promise<Answer> {
  const reference = idFrom('plan-buy', chat.bot.name, chat.personId, draft)
  try {
    await pay(chat, { personId: chat.personId, plan: code, terms, renews: true, reference })
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'balance.insufficient') throw error
    return await showShortage(chat, code, { id: reference })
  }
  await showPlans(chat)
  return { toast: chat.t('plan-bought') }
}

/** @throws UserError. Where the terms are no longer those on the button, the plan is shown as it is now instead */
async function pay(
  chat: Chat,
  what: { personId: bigint; plan: string; terms: string; renews: boolean; reference: string },
): Promise<void> {
  try {
    await payPlan(chat, { ...what, from: chat.ctx.from!.first_name })
  } catch (error) {
    if (error instanceof UserError && error.code === 'subscription.changed') {
      chat.session.awaiting = undefined
      await showPlan(chat, what.plan)
    }
    throw error
  }
}

/** Shows the missing sum and every way to pay just that. The plan begins by itself when the money has come. */
async function showShortage(
  chat: Chat,
  code: string,
  { id, to }: { id: string; to?: { id: bigint; name: string } },
): Promise<void> {
  const plan = await readPlan(chat.app.db, code)
  if (!plan?.priceTokens) throw new UserError('subscription.unknown')
  const { personId, bot, app } = chat
  const means = await meansFor(app.db, app.settings, { personId, bot: bot.name, price: plan.priceTokens })
  // The balance has grown since the key was made, so the plan is shown with a key that names roubles.
  if (means.missing === 0n) return await showPlan(chat, code)
  await awaitPlan(chat, { id, plan, ...(to && { to }) })
}

/** The person stopped or resumed the renewal, or did not pay it, in Telegram's own list of subscriptions. */
async function atTelegram(chat: Chat): Promise<boolean> {
  const change = chat.ctx.subscription
  if (!change) return false
  const { invoice_payload: payload, state } = change
  await chat.app.db.tx((tx) =>
    followTelegram(tx, { bot: chat.bot.name, personId: chat.personId, payload, state }),
  )
  return true
}

async function askFriend(chat: Chat, args: string[]): Promise<void> {
  chat.session.awaiting = { input: 'plan-gift', args }
  await show(chat, { text: chat.t('plan-gift-ask'), keyboard: [back(chat, ['plan', args[0] ?? ''])] })
}

async function gift(chat: Chat, [code = '', draft = '', terms = '']: string[]): Promise<void> {
  const text = chat.ctx.message?.text?.trim() ?? ''
  const friend = await readFriend(chat.app.db, chat.personId, text)
  // The same friend twice is one gift, also when the update is handled again.
  const reference = idFrom('plan-gift', chat.bot.name, chat.personId, draft, friend.id)
  chat.session.awaiting = undefined
  try {
    await pay(chat, { personId: friend.id, plan: code, terms, renews: false, reference })
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'balance.insufficient') throw error
    return await showShortage(chat, code, { id: reference, to: friend })
  }
  await show(chat, {
    text: chat.t('plan-gift-done', { name: escapeHtml(friend.name) }),
    keyboard: [back(chat, 'plans')],
  })
}

async function stop(chat: Chat, [id = '']: string[]): Promise<Answer> {
  await stopPlan(chat, id)
  await showPlans(chat)
  return { toast: chat.t('plan-stopped') }
}

const nameOf = (chat: Chat, plans: Plan[], code: string): string =>
  plans.find((plan) => plan.code === code)?.name[chat.language] ?? code
