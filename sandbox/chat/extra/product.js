import { api } from './api.js'
import { emit } from '../js/bus.js'

const POLL_MS = 2_000
let latest

/** The shop's state as the sandbox server read it last: {state, ready, metrics: [{name, labels, value}]}. */
export const latestNumbers = () => latest

/** Asks for the shop's numbers every two seconds while somebody looks at the page. */
export async function watchProduct() {
  for (;;) {
    if (!document.hidden) {
      latest = await api.product().catch(() => ({ state: 'away', metrics: [] }))
      emit('numbers')
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

const named = (numbers, name) => (numbers?.metrics ?? []).filter((m) => m.name === name)
export const total = (numbers, name) => named(numbers, name).reduce((sum, m) => sum + m.value, 0)
export const has = (numbers, name) => named(numbers, name).length > 0

/** How much a counter grew between two readings, by one label: a Map of label value to growth, without zeros. */
export function growth(before, after, name, label) {
  const result = new Map()
  for (const metric of named(after, name)) {
    const key = metric.labels[label] ?? ''
    result.set(key, (result.get(key) ?? 0) + metric.value)
  }
  for (const metric of named(before, name)) {
    const key = metric.labels[label] ?? ''
    result.set(key, (result.get(key) ?? 0) - metric.value)
  }
  for (const [key, value] of result) if (!(value > 0)) result.delete(key)
  return result
}

/** One row per queue: {queue, waiting, active, delayed, failed, oldest (s)}. */
export function queueRows(numbers) {
  const rows = new Map()
  const row = (queue) => {
    if (!rows.has(queue)) rows.set(queue, { queue, waiting: 0, active: 0, delayed: 0, failed: 0, oldest: 0 })
    return rows.get(queue)
  }
  for (const { labels, value } of named(numbers, 'telekassa_queue_jobs')) {
    const into = {
      wait: 'waiting',
      waiting: 'waiting',
      prioritized: 'waiting',
      active: 'active',
      delayed: 'delayed',
      failed: 'failed',
    }
    const field = into[labels.state]
    if (field) row(labels.queue)[field] += value
  }
  for (const { labels, value } of named(numbers, 'telekassa_queue_oldest_age_seconds')) {
    row(labels.queue).oldest = Math.max(row(labels.queue).oldest, value)
  }
  return [...rows.values()].sort((a, b) => a.queue.localeCompare(b.queue))
}
