import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { createSettings } from '../../shared/settings/settings.ts'
import type { GatewayContext } from '../gateway.ts'
import { postActivity, redeemCode } from './activities.ts'
import { describeApi } from './describe.ts'
import { createGuard } from './guard.ts'
import { getBalance, getEntries, postEntry } from './money.ts'
import { Problem, problemBody, problemOf } from './problem.ts'
import type { ApiContext, ApiRoute } from './route.ts'
import { getSession, putSession } from './sessions.ts'
import { getUser, putUser } from './users.ts'

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
  redeemCode,
]

/**
 * `/v1/...` and `GET /v1/openapi.json`. The one door that writes to the ledger itself: its callers need the outcome,
 * and a posting with a unique reference is as safe to repeat as a job.
 */
export async function balanceApi(app: FastifyInstance, context: GatewayContext): Promise<void> {
  const api: ApiContext = {
    config: context.config,
    db: context.db,
    settings: createSettings(context.db, context.config),
  }
  const guard = createGuard(context.db, context.backend)
  const description = JSON.stringify(describeApi(apiRoutes))

  await app.register(async (scope) => {
    scope.setErrorHandler((error, request, reply) => {
      const problem =
        problemOf(error) ?? new Problem(500, 'internal', 'This is our fault and we have been told')
      if (problem.status === 500)
        context.log.error({ path: request.routeOptions.url, err: error }, 'api: failed')
      return sendProblem(reply, problem)
    })
    scope.get('/v1/openapi.json', (_request, reply) => reply.type('application/json').send(description))
    for (const route of apiRoutes) {
      scope.route({
        method: route.method,
        url: route.path.replace(/\{(\w+)\}/g, ':$1'),
        handler: async (request, reply) => {
          const key = await guard(request, route)
          const answer = await route.run({ api, key, ...inputs(route, request) })
          reply.code(answer.status).headers(answer.headers ?? {})
          return reply.type('application/json').send(JSON.stringify(answer.body))
        },
      })
    }
    scope.all('/v1/*', (_request, reply) =>
      sendProblem(reply, new Problem(404, 'route-unknown', 'No such route')),
    )
  })
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .type('application/problem+json')
    .send(JSON.stringify(problemBody(problem)))
}

function inputs(route: ApiRoute, request: FastifyRequest) {
  const idempotencyKey = headerOf(request, 'idempotency-key')
  if (route.idempotency === 'required' && idempotencyKey === undefined) {
    throw new Problem(400, 'idempotency-key-missing', 'This call needs the header Idempotency-Key')
  }
  if (idempotencyKey !== undefined && !/^[\x20-\x7e]{1,200}$/.test(idempotencyKey)) {
    throw new Problem(400, 'idempotency-key-invalid', 'Idempotency-Key is 1 to 200 printable characters')
  }
  return {
    params: checked(route.params, request.params, 'path'),
    query: route.query ? checked(route.query, request.query, 'query') : undefined,
    body: route.body ? checked(route.body, jsonOf(request.body), 'body') : undefined,
    idempotencyKey,
    ifMatch: headerOf(request, 'if-match'),
  }
}

function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function checked<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const words = parsed.error.issues.map(({ path, message }) => `${[place, ...path].join('.')}: ${message}`)
  throw new Problem(400, 'request-invalid', words.join('; ').slice(0, 1_000))
}

function jsonOf(body: unknown): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString('utf8') : '')
  } catch {
    throw new Problem(400, 'json-invalid', 'The body is not JSON')
  }
}
