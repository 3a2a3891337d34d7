import type { Context } from '../context.ts'
import { prove, rememberProof } from './proof.ts'
import { proveNew, provenSince } from './prove-new.ts'
import { oweAdminAlert } from '../notices.ts'
import { done } from '../queue/job.ts'
import type { Verdict } from '../queue/job.ts'

/** Proves what is new in the ledger, or all of it when that is due, sets the gauges that alerts watch, and tells admins once a day while it does not add up. */
export async function proveAndTell(app: Pick<Context, 'db' | 'log' | 'metrics' | 'bots'>): Promise<Verdict> {
  const since = await provenSince(app.db)
  const proof = since === undefined ? await prove(app.db) : await proveNew(app.db, since)
  await rememberProof(app.db, proof)
  app.metrics.ledgerProofOk.set(proof.ok ? 1 : 0)
  app.metrics.ledgerProofTimestamp.set(Date.now() / 1000)
  // A proof of new postings does not check old audit lines, so the gauge keeps the last whole proof's result.
  if (proof.of === 'all') app.metrics.auditWrongLines.set(proof.wrongLines.length)
  app.metrics.ledgerImbalance.reset()
  for (const { asset, sum } of proof.unbalanced) {
    app.metrics.ledgerImbalance.set({ currency: asset }, Number(sum))
  }
  const day = new Date().toISOString().slice(0, 10)
  if (proof.wrongLines.length > 0) {
    const lines = proof.wrongLines.join(', ')
    app.log.error({ lines }, 'somebody changed the audit log')
    await app.db.tx((tx) =>
      oweAdminAlert(tx, app.bots.values(), {
        key: `audit-log-${day}`,
        text: 'alert-audit-log',
        params: { lines },
      }),
    )
  }
  if (proof.ok) return done
  const pairs = (list: { personId: bigint; asset: string }[]) =>
    list.map((one) => `${one.personId} ${one.asset}`)
  app.log.error(
    { unbalanced: proof.unbalanced, wallets: pairs(proof.wrongWallets), holds: pairs(proof.wrongHolds) },
    'the ledger does not add up',
  )
  await app.db.tx((tx) =>
    oweAdminAlert(tx, app.bots.values(), { key: `ledger-${day}`, text: 'alert-ledger' }),
  )
  return done
}
