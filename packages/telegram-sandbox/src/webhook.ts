import type { Agent, request } from 'node:http'
import type { LookupFunction } from 'node:net'
import { http } from './lib/http.ts'
import type { Obj } from './params.ts'
import { isObj } from './params.ts'
import type { Bot, World } from './store.ts'
import { remove, report, type Queue, type Update, type Webhook } from './updates.ts'

/** Executes a method that came as the answer to a webhook. */
export type Execute = (bot: Bot, method: string, values: Obj) => Promise<unknown>

const keepAlive = { keepAlive: true, maxSockets: 100 }
interface Transport {
  request: typeof request
  agent: Agent
}
const plain: Transport = { request: http.request, agent: new http.Agent(keepAlive) }
let tls: Transport | undefined
/** The TLS module costs 6 MiB and most webhooks here are on this machine, so it is loaded only if it is needed. */
function secured(): Transport {
  const https = process.getBuiltinModule('node:https')
  return (tls ??= { request: https.request, agent: new https.Agent(keepAlive) })
}

/** Methods that are not executed when they come as an answer ("telegram-bot-api", WebhookActor). */
const NOT_AS_ANSWER = ['setwebhook', 'deletewebhook', 'close', 'logout']

const LONGEST_RETRY_AFTER_MS = 3_600_000
/** After 23 hours of nothing but 410 the webhook is removed. */
const GONE_MS = 23 * 60 * 60 * 1000
const LARGEST_ANSWER_BYTES = 1024 * 1024

/** Starts delivering to `bot.updates.webhook`; each queue one at a time, queues in parallel. */
export function startWebhook(world: World, bot: Bot, webhook: Webhook, execute: Execute): void {
  bot.updates.webhook = webhook
  const active = () => bot.updates.webhook === webhook && !world.closing.signal.aborted

  const kick = () => {
    for (const queue of webhook.ready) {
      if (!active() || webhook.inFlight >= webhook.maxConnections) return
      webhook.ready.delete(queue)
      const update = nextLiving(queue)
      if (update && !queue.busy) void send(queue, update)
    }
  }

  const nextLiving = (queue: Queue) => {
    for (;;) {
      const update = queue.list[0]
      if (!update || update.expires > world.clock.now()) return update
      remove(bot, update)
      report(world, bot, update, 'expired')
    }
  }

  const send = async (queue: Queue, update: Update) => {
    queue.busy = true
    webhook.inFlight++
    update.attempts++
    const outcome = await post(world, webhook, update)
    webhook.inFlight--
    queue.busy = false
    const stillThere = bot.updates.pending.has(update)
    if (outcome.status !== 410) delete webhook.goneSince
    else if (world.clock.now() > (webhook.goneSince ??= world.clock.now()) + GONE_MS && active())
      stopWebhook(bot)
    if (outcome.status >= 200 && outcome.status < 300) {
      remove(bot, update)
      report(world, bot, update, 'delivered', {
        via: 'webhook',
        attempt: update.attempts,
        status: outcome.status,
      })
      executeAnswer(bot, outcome.body, execute)
    } else {
      const error = outcome.error ?? `Wrong response from the webhook: ${outcome.status} ${outcome.reason}`
      webhook.lastError = { date: Math.floor(world.clock.now() / 1000), message: error }
      report(world, bot, update, 'failed', {
        via: 'webhook',
        attempt: update.attempts,
        status: outcome.status,
        error,
      })
      if (active() && stillThere) {
        queue.busy = true
        queue.cancelRetry = world.clock.after(waitMs(world, update, outcome.retryAfterMs), () => {
          queue.busy = false
          if (active() && queue.list.length > 0) webhook.ready.add(queue)
          kick()
        })
      }
    }
    if (outcome.status < 200 || outcome.status >= 300) update.failures++
    if (!queue.busy && queue.list.length > 0) webhook.ready.add(queue)
    if (!queue.busy && queue.list.length === 0 && bot.updates.queues.get(queue.key) === queue)
      bot.updates.queues.delete(queue.key)
    kick()
  }

  for (const queue of bot.updates.queues.values()) if (!queue.busy) webhook.ready.add(queue)
  bot.updates.kick = kick
  kick()
}

export function stopWebhook(bot: Bot): void {
  bot.updates.webhook = undefined
  bot.updates.kick = () => bot.updates.poller?.wake()
  for (const queue of bot.updates.queues.values()) {
    queue.cancelRetry?.()
    queue.busy = false
  }
}

/**
 * How long to wait before the next try: nothing, then 2, 4, 8... s up to a random 60-120 s. A Retry-After of at
 * most an hour goes first.
 */
function waitMs(world: World, update: Update, retryAfterMs: number | undefined): number {
  if (retryAfterMs !== undefined) return Math.min(LONGEST_RETRY_AFTER_MS, retryAfterMs)
  if (update.attempts === 1) return 0
  const { retryBaseMs, retryMaxMs } = world.settings
  return Math.min(retryBaseMs * 2 ** (update.attempts - 2), retryMaxMs * (1 + Math.random()))
}

function executeAnswer(bot: Bot, body: string, execute: Execute): void {
  let answer: unknown
  try {
    answer = JSON.parse(body)
  } catch {
    return
  }
  if (!isObj(answer) || typeof answer['method'] !== 'string') return
  const { method, ...values } = answer as Obj & { method: string }
  const name = method.toLowerCase()
  if (NOT_AS_ANSWER.includes(name) || name.startsWith('get')) return
  void execute(bot, method, values)
}

/** Sends to the address that the bot gave, whatever its host is called. */
const lookupOf =
  (ip: string): LookupFunction =>
  (_host, options, done) =>
    options.all ? done(null, [{ address: ip, family: 4 }]) : done(null, ip, 4)

interface Outcome {
  status: number
  reason: string
  body: string
  retryAfterMs?: number
  error?: string
}

function post(world: World, webhook: Webhook, update: Update): Promise<Outcome> {
  return new Promise((resolve) => {
    const fail = (error: string) => resolve({ status: 0, reason: '', body: '', error })
    const bytes = Buffer.from(JSON.stringify(update.body))
    const { request: open, agent } = webhook.url.startsWith('https:') ? secured() : plain
    const request = open(
      webhook.url,
      {
        method: 'POST',
        agent,
        ...(webhook.certificate !== undefined && { ca: webhook.certificate }),
        ...(webhook.fixedIp !== '' && { lookup: lookupOf(webhook.fixedIp) }),
        timeout: world.settings.webhookTimeoutMs,
        signal: world.closing.signal,
        headers: {
          'Content-Type': 'application/json',
          'Content-Length': bytes.length,
          ...(webhook.secret && { 'X-Telegram-Bot-Api-Secret-Token': webhook.secret }),
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        let size = 0
        response.on('data', (chunk: Buffer) => {
          size += chunk.length
          if (size <= LARGEST_ANSWER_BYTES) chunks.push(chunk)
        })
        response.on('error', (error) => fail(`Read error: ${error.message}`))
        response.on('end', () => {
          const after = Number(response.headers['retry-after'])
          resolve({
            status: response.statusCode ?? 0,
            reason: response.statusMessage ?? '',
            body: Buffer.concat(chunks).toString('utf8'),
            ...(after > 0 && { retryAfterMs: after * 1000 }),
          })
        })
      },
    )
    request.on('timeout', () => request.destroy(new Error('Connection timed out')))
    request.on('error', (error: NodeJS.ErrnoException) =>
      fail(error.code === 'ECONNREFUSED' ? 'Connection refused' : error.message),
    )
    request.end(bytes)
  })
}
