import type { Context } from '../context.ts'
import { prove, rememberProof } from './proof.ts'
import { oweAdminAlert } from '../notices.ts'
import { done } from '../queue/job.ts'
import type { Verdict } from '../queue/job.ts'

/** Proves the ledger, sets the gauges that alerts watch, and tells admins once a day while it does not add up. */
export async function proveAndTell(app: Pick<Context, 'db' | 'log' | 'metrics' | 'bots'>): Promise<Verdict> {
  const proof = await prove(app.db)
  await rememberProof(app.db, proof)
  app.metrics.ledgerProofOk.set(proof.ok ? 1 : 0)
  app.metrics.ledgerProofTimestamp.set(Date.now() / 1000)
  app.metrics.ledgerImbalance.reset()
  for (const { asset, sum } of proof.unbalanced) {
    app.metrics.ledgerImbalance.set({ currency: asset }, Number(sum))
  }
  if (proof.ok) return done
  const pairs = (list: { personId: bigint; asset: string }[]) =>
    list.map((one) => `${one.personId} ${one.asset}`)
  app.log.error(
    { unbalanced: proof.unbalanced, wallets: pairs(proof.wrongWallets), holds: pairs(proof.wrongHolds) },
    'the ledger does not add up',
  )
  const day = new Date().toISOString().slice(0, 10)
  await app.db.tx((tx) =>
    oweAdminAlert(tx, app.bots.values(), { key: `ledger-${day}`, text: 'alert-ledger' }),
  )
  return done
}
