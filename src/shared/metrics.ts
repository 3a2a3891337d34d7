import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { createVitals } from './vitals.ts'

export type Metrics = ReturnType<typeof createMetrics>

const SECONDS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

/** What one process counts. Labels never carry a person, chat, order or job: their number has no end. */
export function createMetrics() {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  // Three default gauges have names like counters, which promtool refuses; the same figures by type remain.
  for (const kind of ['handles', 'requests', 'resources'])
    registry.removeSingleMetric(`nodejs_active_${kind}_total`)
  const registers = [registry]
  const prefix = 'telekassa_'
  return {
    registry,
    ...createVitals(registry),
    jobs: new Counter({
      name: `${prefix}jobs_total`,
      help: 'Jobs that ended, by outcome: completed, retried, later, dead, stalled',
      labelNames: ['queue', 'name', 'outcome'],
      registers,
    }),
    jobWait: new Histogram({
      name: `${prefix}job_wait_seconds`,
      help: 'From when a job was due until a worker took it',
      labelNames: ['queue', 'name'],
      buckets: SECONDS,
      registers,
    }),
    jobDuration: new Histogram({
      name: `${prefix}job_duration_seconds`,
      help: 'How long handlers ran',
      labelNames: ['queue', 'name', 'outcome'],
      buckets: SECONDS,
      registers,
    }),
    webhookAck: new Histogram({
      name: `${prefix}webhook_ack_seconds`,
      help: 'How long a door took to answer, by door and status',
      labelNames: ['door', 'status'],
      buckets: SECONDS,
      registers,
    }),
    doorRefused: new Counter({
      name: `${prefix}door_refused_total`,
      help: 'Requests a door turned away: wrong secret, bad signature, not an update, too large',
      labelNames: ['door', 'reason'],
      registers,
    }),
    telegramRequests: new Counter({
      name: `${prefix}telegram_requests_total`,
      help: 'Calls of the Bot API by outcome',
      labelNames: ['method', 'outcome'],
      registers,
    }),
    providerRequests: new Counter({
      name: `${prefix}provider_requests_total`,
      help: 'Calls to payment providers, picture providers and the reseller, by outcome',
      labelNames: ['provider', 'operation', 'outcome'],
      registers,
    }),
    ledgerProofOk: new Gauge({
      name: `${prefix}ledger_proof_ok`,
      help: '1 when the last proof of the ledger added up',
      registers,
    }),
    ledgerProofTimestamp: new Gauge({
      name: `${prefix}ledger_proof_timestamp_seconds`,
      help: 'When the ledger was last proven',
      registers,
    }),
    auditWrongLines: new Gauge({
      name: `${prefix}audit_log_wrong_lines`,
      help: 'Lines of the audit log that the last proof of the whole ledger found changed, put in or taken out',
      registers,
    }),
    providerCredits: new Gauge({
      name: `${prefix}provider_credits`,
      help: "What is left on a provider's account, in its own unit",
      labelNames: ['provider'],
      registers,
    }),
    queueJobs: new Gauge({
      name: `${prefix}queue_jobs`,
      help: 'Jobs in a queue by state; due = delayed ones whose time has come, which nobody takes',
      labelNames: ['queue', 'state'],
      registers,
    }),
    queueOldestAge: new Gauge({
      name: `${prefix}queue_oldest_age_seconds`,
      help: 'Age of the oldest job that could run now',
      labelNames: ['queue'],
      registers,
    }),
    outboxPending: new Gauge({
      name: `${prefix}outbox_pending`,
      help: 'Jobs that transactions owe and no queue has yet',
      registers,
    }),
    outboxOldestAge: new Gauge({
      name: `${prefix}outbox_oldest_age_seconds`,
      help: 'Age of the oldest job owed and due',
      registers,
    }),
    deadLetters: new Gauge({
      name: `${prefix}dead_letters`,
      help: 'Jobs that were given up and wait for a person',
      labelNames: ['queue'],
      registers,
    }),
  }
}
