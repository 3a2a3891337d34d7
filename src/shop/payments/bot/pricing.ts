import { priceBuyRub, priceSellRub } from '#shared/settings/economy.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { packsOnSale } from '../packs.ts'

/** What a token costs and what it is worth. */
export const pricing: Feature = {
  commands: { pricing: showPricing },
  buttons: { pricing: showPricing },
}

async function showPricing(chat: Chat): Promise<void> {
  const { settings } = chat.app
  const [{ packs, rate }, buyRub, sellRub] = await Promise.all([
    packsOnSale(settings, chat.bot.name),
    settings.get(priceBuyRub, chat.bot.name),
    settings.get(priceSellRub, chat.bot.name),
  ])
  const lines = packs.map(
    (tokens) => `• ${chat.money(BigInt(tokens), 'TOK')} — ${chat.money(BigInt(tokens * rate), 'XTR')}`,
  )
  await show(chat, {
    text: [
      chat.t('pricing-title'),
      ...lines,
      '',
      chat.t('pricing-reference', { buy: chat.money(buyRub, 'RUB'), sell: chat.money(sellRub, 'RUB') }),
    ].join('\n'),
    keyboard: [[button(chat, chat.t('menu-buy'), 'buy', 'primary')], back(chat, 'menu')],
  })
}
