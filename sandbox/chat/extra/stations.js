import { t } from '../js/words.js'
import { growth, has, total } from './product.js'

/** How much the shop's numbers grew in the seconds of an update, from its arrival to the calls to Telegram. */
export function stationsOf({ before, after }) {
  const known = after?.state === 'up' && before?.state === 'up'
  const silent = { state: 'idle', words: [t('noMetrics')] }
  return [
    { title: 'stationQueue', ...(known ? queued(before, after) : silent) },
    { title: 'stationWorker', ...(known ? worked(before, after) : silent) },
    { title: 'stationLedger', ...(known ? proven(after) : silent) },
    { title: 'stationOutbox', ...(known ? outbox(after) : silent) },
  ]
}

function queued(before, after) {
  const jobs = growth(before, after, 'telekassa_job_wait_seconds_count', 'queue')
  if (jobs.size === 0) return { state: 'idle', words: [t('noChange')] }
  const waited = growth(before, after, 'telekassa_job_wait_seconds_sum', 'queue')
  const words = [...jobs].map(
    ([queue, n]) =>
      `${queue}: ${t('queueWait', { n, ms: Math.round(((waited.get(queue) ?? 0) / n) * 1000) })}`,
  )
  return { state: 'done', words }
}

function worked(before, after) {
  const jobs = growth(before, after, 'telekassa_jobs_total', 'name')
  if (jobs.size === 0) return { state: 'idle', words: [t('noChange')] }
  const ran = growth(before, after, 'telekassa_job_duration_seconds_sum', 'name')
  const words = [...jobs].map(([name, n]) =>
    t('workerRun', { names: n > 1 ? `${name} × ${n}` : name, ms: Math.round((ran.get(name) ?? 0) * 1000) }),
  )
  const retried = growth(before, after, 'telekassa_jobs_total', 'outcome')
  for (const outcome of ['retried', 'dead', 'stalled'])
    if (retried.get(outcome)) words.push(`${outcome} × ${retried.get(outcome)}`)
  return { state: 'done', words }
}

function proven(after) {
  const holds = total(after, 'telekassa_ledger_proof_ok') > 0
  return { state: 'idle', words: [t(holds ? 'ledgerProven' : 'noMetrics')] }
}

function outbox(after) {
  if (!has(after, 'telekassa_outbox_pending')) return { state: 'idle', words: [t('noMetrics')] }
  const waiting = total(after, 'telekassa_outbox_pending')
  return waiting === 0
    ? { state: 'idle', words: [t('noChange')] }
    : { state: 'now', words: [t('outboxNow', { n: waiting })] }
}
