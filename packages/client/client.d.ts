import type { operations } from './description.js'

type Json<Message> = Message extends { content: { 'application/json': infer Value } } ? Value : undefined
type Success = 200 | 201
/** What goes into each call and what comes back, by the name of the call. */
export type Operations = {
  [Name in keyof operations]: {
    body: operations[Name] extends { requestBody: infer Sent } ? Json<Sent> : undefined
    query: operations[Name] extends { parameters: { query?: infer Asked } } ? NonNullable<Asked> : undefined
    answer: Json<operations[Name]['responses'][Success & keyof operations[Name]['responses']]>
  }
}

type Id = string | bigint | number
type Answer<Name extends keyof Operations> = Promise<Operations[Name]['answer']>
type Body<Name extends keyof Operations> = Operations[Name]['body']
/** A parameter that is undefined or null is left out, so nextCursor may be passed on as it came. */
type Query<Name extends keyof Operations> = {
  [Parameter in keyof Operations[Name]['query']]?: Operations[Name]['query'][Parameter] | null
}

/** A refusal of the API: `status` of HTTP, `code` for programs, the message for people. */
export declare class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly problem: { type: string; title: string; status: number; detail: string; code: string }
}

export interface Client {
  getUser(id: Id): Answer<'getUser'>
  putUser(id: Id, profile?: Body<'putUser'>): Answer<'putUser'>
  getBalance(id: Id): Answer<'getBalance'>
  /**
   * Amounts are signed decimal text. With an idempotency key of your own the change is made once, also over
   * restarts.
   */
  postEntry(id: Id, entry: Body<'postEntry'>, idempotencyKey?: string): Answer<'postEntry'>
  /** The newest first. `cursor` is the nextCursor of the page before; undefined or null for the first page. */
  getEntries(id: Id, page?: Query<'getEntries'>): Answer<'getEntries'>
  getSession(id: Id): Answer<'getSession'>
  /** With the version that you read nobody else's change is overwritten: ApiProblem 412 instead. */
  putSession(id: Id, session: Body<'putSession'>, version?: number): Answer<'putSession'>
  postActivity(id: Id, activity: Body<'postActivity'>, idempotencyKey?: string): Answer<'postActivity'>
  /** What the person did in your bot, newest first. */
  getActivities(id: Id, page?: Query<'getActivities'>): Answer<'getActivities'>
  redeemPromocode(code: string, id: Id, idempotencyKey?: string): Answer<'redeemPromocode'>
  /** Says what a code that the shop sold is good for, without using the code. */
  checkCode(code: string): Answer<'checkCode'>
  /**
   * Uses the code, once: ApiProblem 409 `code-used` if somebody has used it before. With an idempotency key of
   * your own the call may be repeated over restarts.
   */
  redeemCode(code: string, usedFor?: string, idempotencyKey?: string): Answer<'redeemCode'>
}

export declare function createClient(options: {
  /** The address of the gateway, for example https://shop.example.com */
  url: string
  /** The key that `npm run api-key -- create my-bot` has shown. */
  key: string
  fetch?: typeof globalThis.fetch
  /** How long one try may take; 10 s by default. */
  timeoutMs?: number
}): Client
