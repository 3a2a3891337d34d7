import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { secretsFrom } from '#shared/secrets.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { isStorable, shorten } from '#shared/storable.ts'
import type { Door, DoorContext } from '#shared/door.ts'
import { getActivities, postActivity, redeemCode } from './activities.ts'
import { checkCode, redeemOwnCode } from './codes.ts'
import { describeApi } from './describe.ts'
import { postTogether } from '#shared/money/post-together.ts'
import { createCodeGuesses } from './guesses.ts'
import { createGuard } from './guard.ts'
import type { Key } from './guard.ts'
import { getBalance, getEntries, postEntry } from './money.ts'
import { Problem, problemBody, problemOf } from './problem.ts'
import type { ApiContext, ApiRoute, ApiCall } from './route.ts'
import { getSession, putSession } from './sessions.ts'
import { getUser, putUser } from './users.ts'

/** A session and its statistics may have 64 KiB each, and escapes of their letters may make them longer. */
const BODY_LIMIT = 512 * 1024

/** The address of the API for its description. Without a public address callers are on this machine. */
const serverOf = ({ gateway }: DoorContext['config']): string =>
  gateway.publicUrl?.replace(/\/+$/, '') ?? `http://127.0.0.1:${gateway.port}`

/** Every call of the Balance API. */
export const apiRoutes: readonly ApiRoute[] = [
  getUser,
  putUser,
  getBalance,
  postEntry,
  getEntries,
  getSession,
  putSession,
  postActivity,
  getActivities,
  redeemCode,
  checkCode,
  redeemOwnCode,
]

/**
 * Serves `/v1/...` and `GET /v1/openapi.json`. This is the only door that writes to the ledger itself: its callers
 * need the outcome, and a posting with a unique reference is as safe to repeat as a job. It measures itself, because
 * a hook of fastify would cost each call three times as much.
 */
async function balanceApi(app: FastifyInstance, context: DoorContext): Promise<void> {
  const api: ApiContext = {
    config: context.config,
    db: context.db,
    post: postTogether(context.db),
    settings: createSettings(context.db, context.config),
    secrets: secretsFrom(context.config),
    goods: context.goods,
    guesses: createCodeGuesses(context.backend),
  }
  const guard = createGuard(context.db, context.backend)
  const description = JSON.stringify(describeApi(apiRoutes, serverOf(context.config)))

  const measure = (door: string, status: number, begun: number) =>
    context.metrics.webhookAck.observe({ door, status }, (performance.now() - begun) / 1000)
  const refuse = (reply: FastifyReply, door: string, error: unknown, begun: number) => {
    const problem =
      problemOf(error) ?? new Problem(500, 'internal', 'This is our fault and we have been told')
    if (problem.status === 500)
      context.log.error({ path: door, err: error }, 'a call of the Balance API failed')
    measure(door, problem.status, begun)
    return sendProblem(reply, problem)
  }

  await app.register(async (scope) => {
    // Answers failures before the handler, such as a body that is too large or cut off.
    scope.setErrorHandler((error, request, reply) =>
      refuse(reply, request.routeOptions.url ?? '/v1/*', error, performance.now()),
    )
    scope.get('/v1/openapi.json', (_request, reply) => reply.type('application/json').send(description))
    for (const route of apiRoutes) {
      const url = route.path.replace(/\{(\w+)\}/g, ':$1')
      scope.route({
        method: route.method,
        url,
        bodyLimit: BODY_LIMIT,
        handler: async (request, reply) => {
          const begun = performance.now()
          try {
            // For a known key the guard answers without a promise, which saves a turn of the event loop.
            const passed = guard(request, route)
            const key = passed instanceof Promise ? await passed : passed
            const answer = await route.run(callOf(api, key, route, request))
            reply.code(answer.status).type('application/json')
            if (answer.headers) reply.headers(answer.headers)
            measure(url, answer.status, begun)
            // The handler returns the text and not the reply, because fastify would wait with listeners until a
            // returned reply is sent.
            return JSON.stringify(answer.body)
          } catch (error) {
            return refuse(reply, url, error, begun)
          }
        },
      })
    }
    for (const url of ['/v1', '/v1/*']) {
      scope.all(url, (_request, reply) =>
        refuse(reply, '/v1/*', new Problem(404, 'route-unknown', 'No such route'), performance.now()),
      )
    }
  })
}

/** Answers what fastify refuses before it looks for a route, such as a path that is no URL. */
function refuseEarly(reply: FastifyReply, error: unknown): void {
  void sendProblem(reply, problemOf(error) ?? new Problem(400, 'request-invalid', 'It is no request'))
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(problem)))
}

function callOf(
  api: ApiContext,
  key: Key,
  route: ApiRoute,
  request: FastifyRequest,
): ApiCall<unknown, unknown, unknown> {
  return {
    api,
    key,
    idempotencyKey: route.idempotency && idempotencyKeyOf(route, request),
    ifMatch: route.ifMatch ? headerOf(request, 'if-match') : undefined,
    params: checked(route.params, request.params, 'path'),
    query: route.query && checked(route.query, request.query, 'query'),
    body: route.body && checked(route.body, jsonOf(request.body), 'body'),
  }
}

function idempotencyKeyOf(route: ApiRoute, request: FastifyRequest): string | undefined {
  const key = headerOf(request, 'idempotency-key')
  if (route.idempotency === 'required' && key === undefined) {
    throw new Problem(400, 'idempotency-key-missing', 'This call needs the header Idempotency-Key')
  }
  if (key !== undefined && !/^[\x20-\x7e]{1,200}$/.test(key)) {
    throw new Problem(400, 'idempotency-key-invalid', 'Idempotency-Key is 1 to 200 printable characters')
  }
  return key
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function checked<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const parsed = nestedSanely(() => schema.safeParse(value))
  if (parsed.success) return parsed.data
  const words = parsed.error.issues.map(({ path, message }) => `${[place, ...path].join('.')}: ${message}`)
  throw new Problem(400, 'request-invalid', shorten(words.join('; '), 1_000))
}

function jsonOf(body: unknown): unknown {
  const text = Buffer.isBuffer(body) ? body.toString('utf8') : ''
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Problem(400, 'json-invalid', 'The body is not JSON')
  }
  // Only an escape can bring a character that PostgreSQL does not store, so a body without escapes is not looked
  // through.
  if (text.includes('\\u') && !nestedSanely(() => isStorable(value))) {
    throw new Problem(400, 'text-invalid', 'A text has a NUL or half of a surrogate pair in it')
  }
  return value
}

/** No caller's program sends a value that is nested deeper than the call stack, so the failure means a bad body. */
function nestedSanely<T>(look: () => T): T {
  try {
    return look()
  } catch (error) {
    if (error instanceof RangeError) throw new Problem(400, 'request-invalid', 'The body is nested too deep')
    throw error
  }
}

export const balanceApiDoor: Door = {
  mount: balanceApi,
  measuresItself: true,
  early: { below: ['/v1/'], refuse: refuseEarly },
}
