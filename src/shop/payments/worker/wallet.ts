import { databaseIsDown } from '#shared/db/errors.ts'
import { Rejected, explain } from '#shared/errors.ts'
import { owePersonNotice } from '#shared/notices.ts'
import { forgetWish, keepAddress, readDepositWallet } from '../wallets.ts'
import type { DepositWallet } from '../wallets.ts'
import type { Run } from '#shared/queue/executor.ts'
import { done, reject, type Verdict } from '#shared/queue/job.ts'
import type { ProviderContext } from './context.ts'

interface Asking {
  reference: string
  asking?: string | undefined
}

/**
 * Gets a person's permanent address. Asking again is safe: the reference gives the same address. However it ends, the
 * person is told, because they were promised a message; operators find what failed among the dead letters.
 */
export async function onMakeWallet(
  context: ProviderContext,
  job: Asking,
  run: Pick<Run, 'lastTry'>,
): Promise<Verdict> {
  const wallet = await readDepositWallet(context.db, job.reference)
  if (!wallet || wallet.address) return done
  const provider = context.payments.get(wallet.provider)
  if (!provider?.createWallet) {
    await tellRefused(context, wallet, job)
    return reject(`${wallet.provider} has no permanent addresses`)
  }
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
    const isNo = error instanceof Rejected
    if (isNo || (run.lastTry && !databaseIsDown(error))) await tellRefused(context, wallet, job)
    if (isNo) return reject(explain(error))
    throw error
  }
}

/** If a reply was lost, the provider has an address that nobody was shown: asking again gives that one. */
async function tellRefused(
  context: Pick<ProviderContext, 'db'>,
  { reference, personId, bot, asset, network }: DepositWallet,
  { asking = '' }: Asking,
): Promise<void> {
  await context.db.tx(async (tx) => {
    if (!(await forgetWish(tx, reference))) return
    await owePersonNotice(tx, {
      key: `wallet-refused-${reference}-${asking}`,
      bot,
      personId,
      text: 'wallet-refused',
      params: { asset, network },
      buttons: [[['wallet-again', 'wallet-make', asset, network]], [['wallet-other', 'top-up']]],
    })
  })
}
