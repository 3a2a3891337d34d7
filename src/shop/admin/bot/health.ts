import { sql as q } from 'kysely'
import { countDeadLetters } from '../letters.ts'
import { explain } from '#shared/errors.ts'
import { lastProof, prove, rememberProof } from '#shared/money/proof.ts'
import { queueNames } from '#shared/queue/queues.ts'
import { queueState } from '#shared/queue/states.ts'
import type { QueueState } from '#shared/queue/states.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'

/** A job that has waited this long is worth a warning. */
const LATE_SECONDS = 60
/** A proof is made every 5 minutes; three missed ones say that nobody proves. */
const STALE_PROOF_MS = 15 * 60_000

/** How the parts are: database, queues, what is owed, bots, ledger, and what other features report. */
export const adminHealth: Feature = {
  commands: {
    health: (chat) => (chat.isAdmin ? showHealth(chat) : tellAlive(chat)),
  },
  adminButtons: { 'a-health': (chat) => showHealth(chat), 'a-prove': proveNow },
  minimumRole: { 'a-health': 'read-only', 'a-prove': 'support' },
  admin: { sections: [{ text: 'admin-section-health', route: 'a-health', minimum: 'read-only' }] },
}

async function tellAlive(chat: Chat): Promise<void> {
  await show(chat, { text: chat.t('health-ok'), keyboard: [back(chat, 'menu')] })
}

async function showHealth(chat: Chat): Promise<void> {
  const parts = await Promise.all(
    [databaseLines, queueLines, botLines, ledgerLines, featureLines].map((read) => guarded(chat, read)),
  )
  await show(chat, {
    text: [chat.t('health-title'), '', ...parts.flat()].join('\n'),
    keyboard: [
      [button(chat, chat.t('health-refresh'), 'a-health'), button(chat, chat.t('health-prove'), 'a-prove')],
      back(chat, 'admin'),
    ],
  })
}

/** A part that does not answer is a line that says so. */
async function guarded(chat: Chat, read: (chat: Chat) => Promise<string[]>): Promise<string[]> {
  try {
    return await read(chat)
  } catch (error) {
    chat.log.warn({ reason: explain(error) }, 'a part that health asks does not answer')
    return [`🔴 ${chat.t('health-part-failed')}`]
  }
}

async function databaseLines(chat: Chat): Promise<string[]> {
  const startedAt = performance.now()
  const [outbox] = await chat.app.db.rows(q<{ owed: bigint; age: number }>`
    select count(*) as owed, coalesce(extract(epoch from now() - min(greatest(created_at, run_at))), 0)::float8 as age
    from outbox where state = 'owed' and run_at <= now()`)
  const ms = Math.round(performance.now() - startedAt)
  const dead = await countDeadLetters(chat.app.db)
  return [
    `🟢 ${chat.t('health-database', { ms })}`,
    `${light(outbox!.age)} ${chat.t('health-outbox', { owed: Number(outbox!.owed), age: duration(chat, outbox!.age) })}`,
    `${dead > 0 ? '🟡' : '🟢'} ${chat.t('health-letters', { count: dead })}`,
  ]
}

async function queueLines(chat: Chat): Promise<string[]> {
  const states = await Promise.all(queueNames.map((name) => queueState(chat.app, name)))
  const worst = Math.max(...states.map(({ oldestAgeSeconds }) => oldestAgeSeconds))
  const busy = states.filter(
    ({ counts }) =>
      counts.wait + counts.prioritized + counts.paused + counts.active + counts.delayed + counts.failed > 0,
  )
  const title = `${light(worst)} ${chat.t('health-queues', { kind: chat.app.backend.kind, age: duration(chat, worst) })}`
  if (busy.length === 0) return [title]
  return [
    title,
    `<blockquote expandable>${busy.map((state) => queueLine(chat, state)).join('\n')}</blockquote>`,
  ]
}

function queueLine(chat: Chat, { name, counts, oldestAgeSeconds }: QueueState): string {
  return chat.t('health-queue', {
    name,
    waiting: counts.wait + counts.prioritized + counts.due + counts.paused,
    active: counts.active,
    delayed: counts.delayed - counts.due,
    age: duration(chat, oldestAgeSeconds),
  })
}

async function botLines(chat: Chat): Promise<string[]> {
  const bots = await chat.app.db.rows(q<{ name: string; username: string | null; state: string }>`
    select name, username, state from bots where state <> 'removed' order by name`)
  return bots.map(({ name, username, state }) => {
    const who = username ? `@${username}` : name
    return `${state === 'active' ? '🟢' : '🔴'} ${chat.t('health-bot', { who, state: chat.t(`bot-state-${state}`) })}`
  })
}

async function ledgerLines(chat: Chat): Promise<string[]> {
  const proof = await lastProof(chat.app.db)
  if (!proof) return [`🟡 ${chat.t('health-unproven')}`]
  const date = chat.time(proof.at)
  if (!proof.ok) return [`🔴 ${chat.t('health-ledger-wrong', { date })}`]
  const stale = Date.now() - proof.at.getTime() > STALE_PROOF_MS
  return [`${stale ? '🟡' : '🟢'} ${chat.t('health-ledger', { date })}`]
}

async function featureLines(chat: Chat): Promise<string[]> {
  const lines = await Promise.all(
    chat.adminParts.map(({ health }) => (health ? guarded(chat, health) : Promise.resolve([]))),
  )
  return lines.flat()
}

async function proveNow(chat: Chat): Promise<Answer> {
  const proof = await prove(chat.app.db)
  await rememberProof(chat.app.db, proof)
  await showHealth(chat)
  return {
    alert: chat.t(proof.ok ? 'health-proven' : 'health-ledger-wrong', {
      postings: String(proof.postings),
      date: chat.time(new Date()),
    }),
  }
}

const light = (ageSeconds: number) => (ageSeconds > LATE_SECONDS ? '🔴' : ageSeconds > 10 ? '🟡' : '🟢')

function duration(chat: Chat, seconds: number): string {
  if (seconds < 1) return chat.t('duration-now')
  return seconds < 120
    ? chat.t('duration-seconds', { count: Math.round(seconds) })
    : chat.t('duration-minutes', { count: Math.round(seconds / 60) })
}
