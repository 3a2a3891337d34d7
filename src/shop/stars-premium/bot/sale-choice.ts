import { UserError } from '#shared/errors.ts'
import { countOf, goodsWords, isKind, resoldGood, STARS } from '../good.ts'
import type { Kind, ResoldGood } from '../good.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { keptRecipients, recipientLines } from './sale-parts.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { showConfirmation } from './sale-confirm.ts'

/** Four rows of two keys: twenty packs are three pages, each of which a phone shows without scrolling. */
const PAGE = 8

/** How many Stars, or how many months. */
export const saleChoice: Feature = {
  buttons: {
    'sale-packs': async (chat, [kind, page]) => {
      if (isKind(kind)) await showChoice(chat, kind, Number(page) || 0)
    },
    // Keys of earlier releases name no kind of goods; they are about Stars.
    'sale-own': async (chat, [kind = STARS.kind]) => {
      const own = isKind(kind) ? resoldGood(kind).keys.own : undefined
      if (!isKind(kind) || !own) return
      keptRecipients(chat, kind)
      chat.session.awaiting = { input: 'sale-quantity', args: [kind] }
      await show(chat, { text: chat.t(own.ask), keyboard: [back(chat, ['sale-packs', kind, 0])] })
    },
    'sale-pick': async (chat, [kind, count]) => {
      if (isKind(kind))
        await showConfirmation(
          chat,
          await resoldGood(kind).pick(chat.app, chat.bot.name, Number(count)),
          keptRecipients(chat, kind),
        )
    },
  },
  inputs: {
    'sale-quantity': async (chat, [kind = STARS.kind]) => {
      const good = isKind(kind) ? resoldGood(kind) : undefined
      if (!good?.keys.own) throw new UserError('order.stale')
      const count = good.keys.own.read(chat.ctx.message?.text ?? '')
      const goods = await good.pick(chat.app, chat.bot.name, count)
      await showConfirmation(chat, goods, keptRecipients(chat, good.kind))
      chat.session.awaiting = undefined
    },
  },
}

/** The recipient's card, who they are and what cannot be undone, with the packs or terms below it. */
export async function showChoice(chat: Chat, kind: Kind, page: number): Promise<void> {
  const recipients = keptRecipients(chat, kind)
  chat.session.awaiting = undefined
  const keyboard = await choiceKeys(chat, resoldGood(kind), page)
  await show(chat, {
    text: [...recipientLines(chat, kind, recipients), '', chat.t(`sale-choose-${kind}`)].join('\n'),
    keyboard: [...keyboard, back(chat, ['sale', kind])],
    ...(recipients.length === 1 && recipients[0]!.photo && { picture: recipients[0]!.photo }),
  })
}

async function choiceKeys(chat: Chat, good: ResoldGood, page: number) {
  const { app, bot } = chat
  const { text, columns, own } = good.keys
  const offered = await good.offered(app, bot.name)
  if (offered.length === 0) throw new UserError('sale.stopped')
  const pages = Math.ceil(offered.length / PAGE)
  const at = Math.min(Math.max(0, page), pages - 1)
  const shown = offered.slice(at * PAGE, (at + 1) * PAGE)
  const keys = await Promise.all(
    shown.map(async ({ number, goods }) => {
      const price = chat.money(await good.price(app.settings, bot.name, goods), 'RUB')
      // A bot may have its own wording of the key, and the wordings for Premium use the variable `months`.
      const words = { ...goodsWords(goods), months: countOf(goods), price }
      return button(chat, chat.t(text, words), ['sale-pick', good.kind, number])
    }),
  )
  const rows = Array.from({ length: Math.ceil(keys.length / columns) }, (_, row) =>
    keys.slice(row * columns, (row + 1) * columns),
  )
  const pager = [
    ...(at > 0 ? [button(chat, '‹', ['sale-packs', good.kind, at - 1])] : []),
    button(chat, `${at + 1}/${pages}`, ['sale-packs', good.kind, (at + 1) % pages]),
    ...(at < pages - 1 ? [button(chat, '›', ['sale-packs', good.kind, at + 1])] : []),
  ]
  const ownKey = own ? [[button(chat, chat.t('sale-own'), ['sale-own', good.kind])]] : []
  return [...rows, ...(pages > 1 ? [pager] : []), ...ownKey]
}
