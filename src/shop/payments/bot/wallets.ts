import { makeWalletOf, offeredWallets } from '../offered-wallets.ts'
import { walletsOf } from '../wallets.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'

/** Permanent addresses of a person, one per coin and network. Coins that come to an address are credited by themselves. */
export const wallets: Feature = {
  commands: { wallets: (chat) => showWallets(chat) },
  buttons: { wallets: (chat) => showWallets(chat), 'wallet-make': make },
}

async function showWallets(chat: Chat): Promise<void> {
  const [mine, offer] = await Promise.all([
    walletsOf(chat.app.db, chat.personId),
    offeredWallets(chat.app, chat.bot.name),
  ])
  const lines = mine.map(({ asset, network, address, late }) =>
    address
      ? chat.t('wallet-line', { asset, network, address })
      : chat.t(late ? 'wallet-line-late' : 'wallet-line-soon', { asset, network }),
  )
  const missing = (offer?.coins ?? []).filter(
    (coin) => !mine.some((one) => one.asset === coin.asset && one.network === coin.network),
  )
  await show(chat, {
    text: [chat.t('wallets-title'), ...lines, ...(offer ? [] : [chat.t('wallets-none')])].join('\n\n'),
    keyboard: [
      ...mine.flatMap(({ asset, network, address }) =>
        address ? [[{ text: chat.t('wallet-copy', { asset, network }), copy_text: { text: address } }]] : [],
      ),
      ...missing.map(({ asset, network }) => [
        button(chat, chat.t('wallet-make', { asset, network }), ['wallet-make', asset, network]),
      ]),
      back(chat, 'top-up'),
    ],
  })
}

async function make(chat: Chat, [asset = '', network = '']: string[]): Promise<Answer> {
  if (!(await makeWalletOf(chat, asset, network))) return await showWallets(chat)
  chat.app.relay.kick()
  await showWallets(chat)
  return { toast: chat.t('wallet-making') }
}
