import { Rejected } from '#shared/errors.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { keepAddress, readDepositWallet } from '../wallets.ts'
import { done, reject, type Verdict } from '#shared/queue/job.ts'
import type { ProviderContext } from './context.ts'

/** Gets a person's permanent address. Asking again is safe: the reference gives the same address. */
export async function onMakeWallet(context: ProviderContext, job: { reference: string }): Promise<Verdict> {
  const wallet = await readDepositWallet(context.db, job.reference)
  if (!wallet || wallet.address) return done
  const provider = context.payments.get(wallet.provider)
  if (!provider?.createWallet) return reject(`${wallet.provider} has no permanent addresses`)
  const { reference, asset, network, personId, bot } = wallet
  try {
    const made = await provider.createWallet({ reference, asset, network })
    await context.db.tx(async (tx) => {
      if (!(await keepAddress(tx, reference, made.wallet, made.address))) return
      await owePersonNotice(tx, {
        key: `wallet-${reference}`,
        bot,
        personId,
        text: 'wallet-ready',
        params: { address: made.address, asset, network },
        buttons: [[['wallet-open', 'wallets']]],
      })
    })
    return done
  } catch (error) {
    if (error instanceof Rejected) return reject(error.message)
    throw error
  }
}
