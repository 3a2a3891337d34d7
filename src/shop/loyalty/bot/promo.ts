import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { newId } from '#shared/ids.ts'
import { createLimit } from '#shared/limits.ts'
import type { Limit } from '#shared/limits.ts'
import { checkPromo, normalCode, redeemPromo } from '../promo/promo.ts'
import type { Campaign } from '../promo/promo.ts'
import { readPlan } from '../subscriptions/plans.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { shorten } from '#shared/storable.ts'

/** Guessing codes is hopeless: so many wrong ones a person may type in ten minutes. */
const TRIES = 8
const TRIES_SECONDS = 600
/** Characters: beside a code of 40 there is no room for more in a button. */
const DRAFT = 4

/** A promo code: typed or from a link, its effect shown first, then applied. */
export const promo: Feature = {
  commands: { promo: (chat, argument) => (argument ? offer(chat, argument) : ask(chat)) },
  buttons: { promo: (chat) => ask(chat), 'promo-use': use },
  inputs: { promo: (chat) => offer(chat, chat.ctx.message?.text ?? '') },
  links: {
    p: async (chat, value) => {
      await offer(chat, value)
      return true
    },
  },
}

const limits = new WeakMap<object, Limit>()
function triesOf(chat: Chat): Limit {
  const { backend } = chat.app
  const limit =
    limits.get(backend) ?? createLimit(backend, { name: 'promo', points: TRIES, seconds: TRIES_SECONDS })
  limits.set(backend, limit)
  return limit
}

async function ask(chat: Chat): Promise<void> {
  chat.session.awaiting = { input: 'promo', args: [] }
  await show(chat, { text: chat.t('promo-ask'), keyboard: [back(chat, 'menu')] })
}

async function offer(chat: Chat, text: string): Promise<void> {
  if ((await triesOf(chat).take(String(chat.personId))) > 0) throw new UserError('promo.tries')
  const code = shorten(normalCode(text), 40)
  const campaign = await checkPromo(chat.app.db, { code, personId: chat.personId, bot: chat.bot.name })
  chat.session.awaiting = undefined
  await show(chat, {
    text: chat.t('promo-offer', { code: escapeHtml(code), effect: await effect(chat, campaign) }),
    keyboard: [
      [button(chat, chat.t('promo-apply'), ['promo-use', code, newId().slice(0, DRAFT)], 'primary')],
      back(chat, 'menu'),
    ],
  })
}

async function use(
  chat: Chat,
  [code = '', draft = chat.ctx.callbackQuery?.id ?? '']: string[],
): Promise<Answer> {
  const { personId, bot } = chat
  // One offer is one use, however often it is pressed or the press is handled, also where several uses are allowed.
  const key = `press-${personId}-${draft}`
  const { campaign } = await chat.app.db.tx((tx) => redeemPromo(tx, { code, personId, bot: bot.name, key }))
  await show(chat, {
    text: chat.t('promo-done', { effect: await effect(chat, campaign) }),
    keyboard: [[button(chat, chat.t('menu-balance'), 'balance')], back(chat, 'menu')],
  })
}

async function effect(chat: Chat, campaign: Campaign): Promise<string> {
  const { kind, value, asset, product, plan: code, minimum, maximumBonus } = campaign
  const sum = (amount: bigint) => chat.money(amount, asset ?? 'TOK')
  switch (kind) {
    case 'tokens':
      return chat.t('promo-effect-money', { sum: chat.money(value, 'TOK') })
    case 'amount':
      return chat.t('promo-effect-money', { sum: sum(value) })
    case 'percent':
      return [
        chat.t('promo-effect-percent', { percent: String(value) }),
        ...(minimum > 0n ? [chat.t('promo-effect-minimum', { sum: sum(minimum) })] : []),
        ...(maximumBonus === null ? [] : [chat.t('promo-effect-maximum', { sum: sum(maximumBonus) })]),
      ].join(' ')
    case 'discount':
      return chat.t('promo-effect-discount', {
        percent: String(value),
        product: product === 'any' ? chat.t('promo-any') : chat.t(`operation-${product}`),
      })
    case 'days': {
      const plan = await readPlan(chat.app.db, code!)
      return chat.t('promo-effect-days', {
        days: String(value),
        plan: escapeHtml(plan?.name[chat.language] ?? code!),
      })
    }
  }
}
