import fastify from 'fastify'
import type { FastifyInstance, FastifyReply, onResponseHookHandler } from 'fastify'
import type { DoorContext } from '#shared/door.ts'
import { Transient, explain } from '#shared/errors.ts'
import { spareLongRequests } from '#shared/long-requests.ts'
import { doors } from '#shop/doors.ts'
import { healthRoutes } from './health.ts'
import { takeJsonFast } from './json-body.ts'
import { opsRoutes } from './ops.ts'
import { sandboxRoutes } from './sandbox.ts'
import { telegramRoutes } from './telegram.ts'

/** Larger bodies are refused with 413; those of Telegram and the providers have a few KiB. */
export const BODY_LIMIT = 1024 * 1024
/** A client that takes longer to send its request is cut off, unless its door gives it longer for a file. */
const REQUEST_TIMEOUT_MS = 10_000
/** An idle connection is kept this long; Telegram and proxies send the next request sooner. */
const IDLE_MS = 60_000
/** The most connections that are accepted: Telegram holds 100 per bot, and each costs memory. */
const MOST_CONNECTIONS = 10_000
/**
 * How often Node looks for clients that are too slow; with Node's default of 30 s such a client would stay up to four
 * times as long as allowed.
 */
const TIMEOUT_CHECK_MS = 1_000

/** Builds the HTTP server with all its doors; the caller listens and closes. */
export async function buildGateway(context: DoorContext): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: IDLE_MS,
    http: { headersTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: TIMEOUT_CHECK_MS },
    trustProxy: false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors(error, request, early) {
      const reply = early as unknown as FastifyReply
      const own = doors.find(({ early }) => early?.below.some((path) => request.url.startsWith(path)))?.early
      if (own) own.refuse(reply, error)
      else reply.code(error.statusCode ?? 500).send({ title: error.message })
    },
  })
  spareLongRequests(app.server)
  app.server.maxConnections = MOST_CONNECTIONS
  // Clients that only hold connections must not keep others out: when the limit is reached, idle connections are
  // closed.
  app.server.on('drop', () => app.server.closeIdleConnections())
  // Signatures are checked over bytes, so the doors get bytes and parse JSON themselves.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof Transient) {
      context.log.warn(
        { path: request.routeOptions.url, reason: explain(error) },
        'a door could not take something in, its sender shall try again',
      )
      return reply.code(503).header('retry-after', '2').send({ title: 'The queue is away, please try again' })
    }
    // JSON that is nested too deep to be stored. None of our senders sends it, and sending it again does not help, so
    // the answer is no 5xx.
    const status = (error as { statusCode?: number }).statusCode ?? (error instanceof RangeError ? 400 : 500)
    if (status >= 500)
      context.log.error({ path: request.routeOptions.url, err: error }, 'a request to a door failed')
    return reply.code(status).send({ title: status < 500 ? (error as Error).message : 'Internal error' })
  })
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ title: 'No such route' }))
  for (const door of doors.filter(({ measuresItself }) => measuresItself)) await door.mount(app, context)
  await telegramRoutes(app, context)
  // Measures the routes added after this line. Telegram's door, added before, measures itself, because the hook costs a
  // twentieth of an update. Each route has a hook that knows its name: to ask a request for its route costs as much as
  // the door itself.
  app.addHook('onRoute', (route) => {
    const measure: onResponseHookHandler = (_request, reply, done) => {
      context.metrics.webhookAck.observe(
        { door: route.url, status: reply.statusCode },
        reply.elapsedTime / 1000,
      )
      done()
    }
    route.onResponse = [measure, ...[route.onResponse ?? []].flat()]
  })
  await app.register(async (scope) => {
    takeJsonFast(scope)
    for (const door of doors.filter(({ measuresItself }) => !measuresItself)) await door.mount(scope, context)
  })
  await healthRoutes(app, context)
  await opsRoutes(app, context)
  await sandboxRoutes(app, context)
  return app
}
