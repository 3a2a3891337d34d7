import type { IncomingMessage, ServerResponse } from 'node:http'
import { readBody, TooLarge } from './lib/http.ts'
import { ApiError } from './errors.ts'
import type { CallFault } from './faults.ts'
import type { Method } from './methods/call.ts'
import { chats } from './methods/chat.ts'
import { copying } from './methods/copy.ts'
import { editing } from './methods/edit.ts'
import { checked } from './fields.ts'
import { generalTopic } from './methods/general-topic.ts'
import { ephemeral } from './methods/ephemeral.ts'
import { games } from './methods/games.ts'
import { gifts } from './methods/gifts.ts'
import { livePhotos } from './methods/live-photo.ts'
import { location } from './methods/location.ts'
import { managedBots } from './methods/managed.ts'
import { paidMedia } from './methods/paid-media.ts'
import { passport } from './methods/passport.ts'
import { inlineMode } from './methods/inline.ts'
import { polls } from './methods/polls.ts'
import { prepared } from './methods/prepared.ts'
import { richMessages } from './methods/rich.ts'
import { reactions } from './methods/reactions.ts'
import { businessAccounts } from './methods/business.ts'
import { checklists } from './methods/checklists.ts'
import { stories } from './methods/stories.ts'
import { unheld } from './methods/unheld.ts'
import { invites } from './methods/invites.ts'
import { ruling } from './methods/members.ts'
import { further } from './methods/more.ts'
import { paying } from './methods/payments.ts'
import { topics } from './methods/topics.ts'
import { profile } from './methods/profile.ts'
import { sending } from './methods/send.ts'
import { stickers } from './methods/stickers.ts'
import { stickerSets } from './methods/sticker-sets.ts'
import { suggestedPosts } from './methods/suggested.ts'
import { updateMethods } from './methods/updates.ts'
import type { Execute } from './webhook.ts'
import { parseMultipart } from './multipart.ts'
import { isObj, type Obj, type Params } from './params.ts'
import { addBot, seconds, usernameOf, type Bot, type CallRecord, type World } from './store.ts'

/** The server refuses larger requests with 413; files go up to 50 MB. */
const LARGEST_REQUEST_BYTES = 51 * 1024 * 1024

interface Reply {
  status: number
  body: Obj
  retryAfter?: number
}

export interface Api {
  handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void>
}

/** Every method that works here. */
export const methodsOf = (execute: Execute): Record<string, Method> => ({
  ...profile,
  ...sending,
  ...editing,
  ...copying,
  ...chats,
  ...invites,
  ...ruling,
  ...topics,
  ...generalTopic,
  ...reactions,
  ...location,
  ...gifts,
  ...paidMedia,
  ...inlineMode,
  ...passport,
  ...prepared,
  ...managedBots,
  ...games,
  ...richMessages,
  ...polls,
  ...livePhotos,
  ...ephemeral,
  ...suggestedPosts,
  ...stickers,
  ...stickerSets,
  ...unheld,
  ...businessAccounts,
  ...checklists,
  ...stories,
  ...further,
  ...paying,
  ...updateMethods(execute),
})

export function createApi(world: World): Api {
  const methods = new Map<string, [string, Method]>()
  const execute = (bot: Bot, method: string, values: Obj) =>
    run(bot, method, { values, files: new Map() }, world.closing.signal, 'webhook reply')
  for (const [name, method] of Object.entries(methodsOf(execute)))
    methods.set(name.toLowerCase(), [name, method])

  async function run(bot: Bot, asked: string, p: Params, gone: AbortSignal, via: string, fault?: CallFault) {
    const started = performance.now()
    const [name, method] = methods.get(asked.toLowerCase()) ?? [asked, undefined]
    const reply = await work(bot, name, method, p, gone, fault)
    record(bot, name, p, reply, performance.now() - started, via, fault)
    return reply
  }

  async function work(
    bot: Bot,
    name: string,
    method: Method | undefined,
    p: Params,
    gone: AbortSignal,
    fault?: CallFault,
  ): Promise<Reply> {
    try {
      if (fault?.revoke !== undefined) bot.revoked = fault.revoke
      if (bot.revoked) throw new ApiError(401, 'Unauthorized')
      if ((bot.loggedOutUntil ?? 0) > seconds(world)) throw new ApiError(400, 'Logged out')
      if (fault?.retry_after !== undefined)
        throw new ApiError(429, `Too Many Requests: retry after ${fault.retry_after}`, {
          retry_after: fault.retry_after,
        })
      if (fault?.status !== undefined && !fault.after) throw faultError(fault)
      if (!method) throw new ApiError(404, 'Not Found: method not found')
      const result = await method({ world, bot, p: checked(name, p), gone })
      if (fault?.status !== undefined) throw faultError(fault)
      return { status: 200, body: { ok: true, result } }
    } catch (error) {
      if (!(error instanceof ApiError)) {
        console.error(error)
        return failure(new ApiError(500, 'Internal Server Error: restart'))
      }
      return failure(error)
    }
  }

  function record(
    bot: Bot,
    method: string,
    p: Params,
    reply: Reply,
    ms: number,
    via: string,
    fault?: CallFault,
  ): void {
    const id = ++world.lastRequest
    const files = [...p.files].map(([name, file]) => [
      name,
      { file_name: file.name, size: file.bytes.length },
    ])
    const description = reply.body['description']
    const entry: CallRecord = {
      id,
      at: world.clock.now(),
      bot: bot.username,
      method,
      params: files.length > 0 ? { ...p.values, ...(Object.fromEntries(files) as Obj) } : p.values,
      status: reply.status,
      ms: Math.round(ms),
      ok: reply.body['ok'],
      ...(description !== undefined && { description }),
      ...(method !== 'getUpdates' && reply.body['ok'] === true && { result: reply.body['result'] }),
      ...(fault && { fault }),
      via,
    }
    world.requests.push(entry)
    const keep = world.settings.keepRequests
    if (world.requests.length > 2 * keep) world.requests = world.requests.slice(-keep)
    world.events.emit('call', {
      id,
      at: entry['at'],
      bot: bot.username,
      ...(Number(p.values['chat_id']) > 0 && { person: Number(p.values['chat_id']) }),
      method,
      status: reply.status,
      ms: entry['ms'],
      ...(description !== undefined && { description }),
      ...(fault && { fault }),
    })
  }

  const pass = async (ms: number): Promise<void> => {
    if (ms > 0) await new Promise<void>((resolve) => void world.clock.after(ms, resolve))
  }
  const jitter = (method: string): number =>
    method === 'getUpdates' ? 0 : Math.random() * world.settings.jitterMs

  async function handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const [, token = '', method] = /^\/bot([^/]+)\/(?:test\/)?([^/]*)\/?$/.exec(url.pathname) ?? []
    const bot = botOf(world, token)
    if (method === undefined || !token.includes(':'))
      return answer(response, failure(new ApiError(404, 'Not Found')))
    const p = await paramsOf(request, url)
    if (p instanceof ApiError) return answer(response, failure(p))
    if (!bot || bot.token !== decodeURIComponent(token))
      return answer(response, failure(new ApiError(401, 'Unauthorized')))

    const gone = new AbortController()
    response.on('close', () => gone.abort())
    const chat = Number(p.values['chat_id'] ?? p.values['user_id'])
    const fault = world.faults.forCall({ bot: bot.username, method, ...(chat && { chat }) })
    if (fault?.drop === 'before') {
      record(bot, method, p, { status: 0, body: { ok: false } }, 0, 'http', fault)
      await pass(fault.delay_ms ?? 0)
      request.socket.destroy()
      return
    }
    await pass((fault?.arrive_ms ?? 0) + jitter(method))
    const reply = await run(bot, method, p, gone.signal, 'http', fault)
    await pass((fault?.delay_ms ?? 0) + world.settings.latencyMs + jitter(method))
    if (fault?.drop === 'after') {
      request.socket.destroy()
      return
    }
    if (fault?.body !== undefined) {
      response.writeHead(fault.status ?? 200, { 'Content-Type': 'text/html' }).end(fault.body)
      return
    }
    answer(response, reply)
  }

  return { handle }
}

/** With the option `anyToken` a bot begins to exist when it calls, as if BotFather had made it. */
function botOf(world: World, token: string): Bot | undefined {
  const id = Number(token.split(':')[0])
  if (world.bots.has(id) || !world.settings.anyToken || !/^\d+:[\w-]+$/.test(token)) return world.bots.get(id)
  const bot = addBot(world, { token, username: usernameOf(id), name: `Bot ${id}` })
  world.events.emit('bot', { at: world.clock.now(), bot: bot.username })
  return bot
}

const faultError = (fault: CallFault) =>
  new ApiError(
    fault.status!,
    fault.description ?? (fault.status! >= 500 ? 'Bad Gateway' : 'Bad Request: fault'),
  )

function failure(error: ApiError): Reply {
  return {
    status: error.status,
    body: {
      ok: false,
      error_code: error.status,
      description: error.message,
      ...(error.parameters && { parameters: error.parameters }),
    },
    ...(error.status === 429 && { retryAfter: Number(error.parameters?.['retry_after']) }),
  }
}

function answer(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return
  const bytes = Buffer.from(JSON.stringify(reply.body))
  response.writeHead(reply.status, {
    'Content-Type': 'application/json',
    'Content-Length': bytes.length,
    ...(reply.retryAfter && { 'Retry-After': reply.retryAfter }),
  })
  response.end(bytes)
}

async function paramsOf(request: IncomingMessage, url: URL): Promise<Params | ApiError> {
  const values: Obj = Object.fromEntries(url.searchParams)
  const files: Params['files'] = new Map()
  let body: Buffer
  try {
    body = await readBody(request, LARGEST_REQUEST_BYTES)
  } catch (error) {
    if (error instanceof TooLarge) return new ApiError(413, 'Request Entity Too Large')
    throw error
  }
  if (body.length === 0) return { values, files }
  const type = request.headers['content-type'] ?? ''
  if (type.startsWith('application/json')) {
    try {
      const parsed: unknown = JSON.parse(body.toString('utf8'))
      if (!isObj(parsed)) throw new Error('not an object')
      return { values: { ...values, ...parsed }, files }
    } catch {
      return new ApiError(400, "Bad Request: can't parse JSON object")
    }
  }
  if (type.startsWith('multipart/form-data')) {
    const parts = parseMultipart(body, type)
    if (!parts) return new ApiError(400, 'Bad Request: wrong multipart/form-data')
    return { values: { ...values, ...parts.values }, files: parts.files }
  }
  if (type.startsWith('application/x-www-form-urlencoded'))
    return { values: { ...values, ...Object.fromEntries(new URLSearchParams(body.toString('utf8'))) }, files }
  return { values, files }
}
