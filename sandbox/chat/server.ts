import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import httpProxy from '@fastify/http-proxy'
import fastifyStatic from '@fastify/static'
import Fastify from 'fastify'
import { createPeople, pressStart } from './people.ts'
import type { Mishap, Speed } from '../mishaps.ts'
import type { Persona, Words } from './personas.ts'
import { readProduct } from './product.ts'

/** A switch of the product that the page offers beside the faults, for example "stop the billing worker". */
export interface Control {
  id: string
  label: Words
  /** What a reader should see happen. */
  expected: Words
  /** @returns a text for the reader */
  run(): Promise<{ text: Words } | void>
}

export interface ChatOptions {
  /** Base URL of the Telegram simulator. */
  telegramUrl: string
  /** Base URL of the product's gateway; a function where it is known later. Its /readyz and /metrics are shown. */
  productUrl?: string | (() => string | undefined)
  personas: Persona[]
  /** Usernames of the bots, the first one is shown first. */
  bots: string[]
  controls?: Control[]
  /** Switches of the providers. */
  mishaps?: Mishap[]
  speed?: Speed
  host?: string
  /** 0 = any free port. */
  port?: number
}

const PUBLIC = fileURLToPath(new URL('public', import.meta.url))
/** For machines that have no emoji of their own; browsers with emoji never load it. */
const EMOJI = fileURLToPath(new URL('.', import.meta.resolve('@fontsource-variable/noto-emoji/package.json')))
const MAX_BODY_BYTES = 20 * 1024 * 1024

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self'",
  "connect-src 'self'",
  "font-src 'self'",
  // The shop's own Mini App, through the same gateway.
  "frame-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
/** Files that people and bots sent are shown or saved, they never run as pages of this origin. */
const FILE_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  "media-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * Serves the chat page under /sandbox and the simulator's control API under /sandbox/api/telegram.
 * @returns the base URL and `close`
 */
export async function startChat(options: ChatOptions): Promise<{ url: string; close(): Promise<void> }> {
  const { telegramUrl, personas, bots, controls = [], mishaps = [], speed } = options
  const app = Fastify({ bodyLimit: MAX_BODY_BYTES, forceCloseConnections: true })
  const page = await readFile(`${PUBLIC}/index.html`, 'utf8')
  await createPeople(telegramUrl, personas)

  app.addHook('onRequest', async (request, reply) => {
    if (request.method === 'GET' || request.method === 'HEAD') return
    if (request.headers['sec-fetch-site'] === 'cross-site')
      await reply.code(403).send({ error: 'only the sandbox page itself may do this' })
  })
  app.addHook('onSend', async (_request, reply) => {
    void reply.header('X-Content-Type-Options', 'nosniff').header('Referrer-Policy', 'no-referrer')
    if (!reply.hasHeader('Content-Security-Policy')) void reply.header('Content-Security-Policy', PAGE_POLICY)
  })

  for (const path of ['/sandbox', '/sandbox/'])
    app.get(path, async (_request, reply) =>
      reply.type('text/html').header('Cache-Control', 'no-cache').send(page),
    )
  await app.register(fastifyStatic, { root: PUBLIC, prefix: '/sandbox/', index: false, wildcard: false })
  await app.register(fastifyStatic, {
    root: EMOJI,
    prefix: '/sandbox/emoji/',
    index: false,
    decorateReply: false,
  })

  app.get('/sandbox/api/config', () => ({
    bots,
    personas,
    controls: controls.map(({ id, label, expected }) => ({ id, label, expected })),
    mishaps: mishaps.map(({ id, group, title, expected }) => ({ id, group, title, expected })),
    hasSpeed: speed !== undefined,
  }))
  app.get('/sandbox/api/mishaps', async () => {
    const states = await Promise.all(mishaps.map(async (one) => ({ id: one.id, on: await one.isOn() })))
    return { on: states.filter(({ on }) => on).map(({ id }) => id), speed: speed?.get() ?? 1 }
  })
  app.post<{ Params: { id: string }; Body: { on: boolean } }>(
    '/sandbox/api/mishaps/:id',
    { schema: { body: { type: 'object', required: ['on'], properties: { on: { type: 'boolean' } } } } },
    async (request, reply) => {
      const mishap = mishaps.find((one) => one.id === request.params.id)
      if (!mishap) return reply.code(404).send({ error: 'no such switch' })
      await mishap.set(request.body.on)
      return { on: await mishap.isOn() }
    },
  )
  app.delete('/sandbox/api/mishaps', async () => {
    for (const mishap of mishaps) if (await mishap.isOn()) await mishap.set(false)
    return { on: [] }
  })
  app.post<{ Body: { factor: 1 | 10 } }>(
    '/sandbox/api/speed',
    { schema: { body: { type: 'object', required: ['factor'], properties: { factor: { enum: [1, 10] } } } } },
    async (request, reply) => {
      if (!speed) return reply.code(404).send({ error: 'nothing here has a speed' })
      await speed.set(request.body.factor)
      return { speed: speed.get() }
    },
  )
  app.get('/sandbox/api/product', () => {
    const { productUrl } = options
    return readProduct(typeof productUrl === 'function' ? productUrl() : productUrl)
  })
  app.post<{ Params: { id: string } }>('/sandbox/api/controls/:id', async (request, reply) => {
    const control = controls.find((one) => one.id === request.params.id)
    if (!control) return reply.code(404).send({ error: 'no such control' })
    return (await control.run()) ?? {}
  })
  app.post<{ Body: { bot: string; count: number } }>(
    '/sandbox/api/crowd',
    {
      schema: {
        body: {
          type: 'object',
          required: ['bot', 'count'],
          properties: { bot: { enum: bots }, count: { type: 'integer', minimum: 1, maximum: 5000 } },
        },
      },
    },
    async (request) => {
      await pressStart(telegramUrl, request.body.bot, request.body.count)
      return { started: request.body.count }
    },
  )
  app.post('/sandbox/api/clear-chats', async () => {
    await fetch(`${telegramUrl}/control/reset`, { method: 'POST' })
    await createPeople(telegramUrl, personas)
    return { cleared: true }
  })

  await app.register(httpProxy, {
    upstream: telegramUrl,
    prefix: '/sandbox/api/telegram',
    rewritePrefix: '/control',
    // The event stream is silent while nobody does anything.
    undici: { bodyTimeout: 0, headersTimeout: 90_000 },
    replyOptions: {
      rewriteHeaders: ownHeaders,
    },
  })

  const url = await app.listen({ host: options.host ?? '127.0.0.1', port: options.port ?? 0 })
  return { url, close: () => app.close() }
}

/** Only this origin may read the answers, whatever the simulator allows. */
function ownHeaders(headers: Record<string, unknown>) {
  const kept = { ...headers, 'content-security-policy': FILE_POLICY } as Record<string, string | string[]>
  delete kept['access-control-allow-origin']
  return kept
}
