import { ageWords, guardedLines, healthLines, lightOf, queueLines } from '../health.ts'
import { prove, rememberProof } from '#shared/money/proof.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, pairs, show } from '#workers/bot/screen.ts'

/** The state of the parts: database, queues, outbox, bots, ledger, and the parts that other features report. */
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
  const failed = () => `🔴 ${chat.t('health-part-failed')}`
  const [lines, queues, ...parts] = await Promise.all([
    healthLines(chat.app, chat),
    guardedLines(chat.app, () => queueWords(chat), failed),
    ...chat.adminParts.map(({ health }) =>
      health ? guardedLines(chat.app, () => health(chat), failed) : Promise.resolve([]),
    ),
  ])
  await show(chat, {
    text: [
      chat.t('health-title'),
      '',
      ...lines.map(({ light, text }) => `${light} ${text}`),
      ...queues,
      ...parts.flat(),
    ].join('\n'),
    keyboard: [
      ...pairs([
        button(chat, chat.t('health-refresh'), 'a-health'),
        button(chat, chat.t('health-prove'), 'a-prove'),
      ]),
      back(chat, 'admin'),
    ],
  })
}

const STORES = { redis: 'Redis', postgres: 'PostgreSQL' } as const

async function queueWords(chat: Chat): Promise<string[]> {
  const lines = await queueLines(chat.app)
  const worst = Math.max(...lines.map(({ ageSeconds }) => ageSeconds))
  const busy = lines.filter((one) => one.waiting + one.active + one.delayed + one.failed > 0)
  const title = `${lightOf(worst)} ${chat.t('health-queues', { kind: STORES[chat.app.backend.kind], age: ageWords(chat, worst) })}`
  if (busy.length === 0) return [title]
  const words = busy.map((one) =>
    chat.t('health-queue', {
      ...one,
      name: chat.t(`queue-${one.name}`),
      age: ageWords(chat, one.ageSeconds),
    }),
  )
  return [title, `<blockquote expandable>${words.join('\n')}</blockquote>`]
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
