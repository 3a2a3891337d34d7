import { UserError } from '#shared/errors.ts'
import { type Months, parseStars, PREMIUM_MONTHS } from '../input.ts'
import { salePrice } from '../quote.ts'
import { premiumPrices, starPacks } from '../settings.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { isKind, keptRecipients, type Kind, recipientLines } from './sale-parts.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { showConfirmation } from './sale-confirm.ts'

/** Four rows of two, so that twenty packs are three pages that fit a phone without scrolling. */
const PAGE = 8

/** How many Stars, or how many months. */
export const saleChoice: Feature = {
  buttons: {
    'sale-packs': async (chat, [kind, page]) => {
      if (isKind(kind)) await showChoice(chat, kind, Number(page) || 0)
    },
    'sale-own': async (chat) => {
      keptRecipients(chat, 'stars')
      chat.session.awaiting = { input: 'sale-quantity', args: [] }
      await show(chat, { text: chat.t('sale-quantity'), keyboard: [back(chat, ['sale-packs', 'stars', 0])] })
    },
    'sale-pick': async (chat, [kind, count]) => {
      if (isKind(kind)) await showConfirmation(chat, goods(kind, Number(count)), keptRecipients(chat, kind))
    },
  },
  inputs: {
    'sale-quantity': async (chat) => {
      const quantity = parseStars(chat.ctx.message?.text ?? '')
      await showConfirmation(chat, { kind: 'stars', quantity }, keptRecipients(chat, 'stars'))
      chat.session.awaiting = undefined
    },
  },
}

function goods(kind: Kind, count: number) {
  return kind === 'stars'
    ? { kind: 'stars' as const, quantity: count }
    : { kind: 'premium' as const, months: count as Months }
}

/** The recipient's card, who they are and what cannot be undone, with the packs or terms below it. */
export async function showChoice(chat: Chat, kind: Kind, page: number): Promise<void> {
  const recipients = keptRecipients(chat, kind)
  chat.session.awaiting = undefined
  const keyboard = kind === 'stars' ? await packKeys(chat, page) : await termKeys(chat)
  await show(chat, {
    text: [...recipientLines(chat, kind, recipients), '', chat.t(`sale-choose-${kind}`)].join('\n'),
    keyboard: [...keyboard, back(chat, ['sale', kind])],
    ...(recipients.length === 1 && recipients[0]!.photo && { picture: recipients[0]!.photo }),
  })
}

async function packKeys(chat: Chat, page: number) {
  const packs = await chat.app.settings.get(starPacks, chat.bot.name)
  const pages = Math.ceil(packs.length / PAGE)
  const at = Math.min(Math.max(0, page), pages - 1)
  const shown = packs.slice(at * PAGE, (at + 1) * PAGE)
  const keys = await Promise.all(
    shown.map(async (quantity) => {
      const price = await salePrice(chat.app.settings, chat.bot.name, { kind: 'stars', quantity })
      const text = chat.t('sale-pack', { count: quantity, price: chat.money(price, 'RUB') })
      return button(chat, text, ['sale-pick', 'stars', quantity])
    }),
  )
  const rows = Array.from({ length: Math.ceil(keys.length / 2) }, (_, row) =>
    keys.slice(row * 2, row * 2 + 2),
  )
  const pager = [
    ...(at > 0 ? [button(chat, '‹', ['sale-packs', 'stars', at - 1])] : []),
    button(chat, `${at + 1}/${pages}`, ['sale-packs', 'stars', (at + 1) % pages]),
    ...(at < pages - 1 ? [button(chat, '›', ['sale-packs', 'stars', at + 1])] : []),
  ]
  return [...rows, ...(pages > 1 ? [pager] : []), [button(chat, chat.t('sale-own'), 'sale-own')]]
}

async function termKeys(chat: Chat) {
  const prices = await chat.app.settings.get(premiumPrices, chat.bot.name)
  const offered = PREMIUM_MONTHS.filter((months) => prices[String(months) as '3'] !== undefined)
  if (offered.length === 0) throw new UserError('sale-stopped')
  return Promise.all(
    offered.map(async (months) => {
      const price = await salePrice(chat.app.settings, chat.bot.name, { kind: 'premium', months })
      const text = chat.t('sale-term', { months, price: chat.money(price, 'RUB') })
      return [button(chat, text, ['sale-pick', 'premium', months])]
    }),
  )
}
