import type { Context } from '#shared/context.ts'
import { paymentProviders } from './providers/registry.ts'
import { switchedOff } from './settings.ts'
import { askWallet } from './wallets.ts'

/** The coins and networks in which this bot gives addresses now. */
export async function offeredWallets(
  { config, settings }: Pick<Context, 'config' | 'settings'>,
  bot: string,
) {
  const off = await settings.get(switchedOff, bot)
  const providers = [...paymentProviders(config.payments).values()]
  const [first] = providers.filter((one) => one.createWallet && !off.includes(one.name))
  return first && { provider: first.name, coins: first.supports.wallets }
}

/** Asks for the person's own address. @returns false when there is none in this coin and network */
export async function makeWalletOf(
  asker: {
    app: Pick<Context, 'db' | 'config' | 'settings'>
    bot: { name: string }
    personId: bigint
  },
  asset: string,
  network: string,
): Promise<boolean> {
  const { app, bot, personId } = asker
  const offer = await offeredWallets(app, bot.name)
  const coin = offer?.coins.find((one) => one.asset === asset && one.network === network)
  if (!offer || !coin) return false
  await app.db.tx((tx) =>
    askWallet(tx, {
      personId,
      bot: bot.name,
      provider: offer.provider,
      asset: coin.asset,
      network: coin.network,
    }),
  )
  return true
}
