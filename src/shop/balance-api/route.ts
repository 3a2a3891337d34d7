import type { z } from 'zod'
import type { CodeGuesses } from './guesses.ts'
import type { ApiKey, KeyScope } from './keys.ts'
import type { Config } from '#shared/config/config.ts'
import type { Db } from '#shared/db/db.ts'
import type { Assortment } from '#shared/good.ts'
import type { postTogether } from '#shared/money/post-together.ts'
import type { Secrets } from '#shared/secrets.ts'
import type { Settings } from '#shared/settings/settings.ts'

/** What the calls of the Balance API work with. */
export interface ApiContext {
  config: Config
  db: Db
  post: ReturnType<typeof postTogether>
  settings: Settings
  secrets: Secrets
  goods: Assortment
  guesses: CodeGuesses
}

/** A call after its key, scope, rate and inputs were checked. */
export interface ApiCall<Params, Query, Body> {
  api: ApiContext
  key: Pick<ApiKey, 'id' | 'bot' | 'mostPerEntry' | 'mostPerDay' | 'createdBy'>
  params: Params
  query: Query
  body: Body
  /** The headers Idempotency-Key and If-Match; undefined when the caller did not send them. */
  idempotencyKey: string | undefined
  ifMatch: string | undefined
}

export interface ApiAnswer {
  status: number
  body: unknown
  headers?: Record<string, string>
}

/** One call of the API. Its schemas are both its description and its check. */
export interface ApiRoute<Params = unknown, Query = unknown, Body = unknown> {
  method: 'GET' | 'PUT' | 'POST'
  /** The path, with {names} as in OpenAPI. */
  path: string
  /** The name of the operation in the description and in the client. */
  name: string
  summary: string
  scope: KeyScope
  params: z.ZodType<Params>
  query?: z.ZodType<Query>
  body?: z.ZodType<Body>
  idempotency?: 'required' | 'optional'
  ifMatch?: boolean
  /** Successful answers by their status. */
  answers: Record<number, { description: string; schema: z.ZodType; headers?: Record<string, string> }>
  /** Problems by their status, besides those that every call may have. */
  problems?: Record<number, string>
  run(call: ApiCall<Params, Query, Body>): Promise<ApiAnswer>
}

export function defineRoute<Params, Query, Body>(route: ApiRoute<Params, Query, Body>): ApiRoute {
  return route as unknown as ApiRoute
}
