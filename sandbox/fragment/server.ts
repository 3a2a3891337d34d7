import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { authenticate, checkToken } from './auth.ts'
import { control } from './control.ts'
import { type Place, takeFaults } from './faults.ts'
import { keepJournal } from './journal.ts'
import { photo, prices, user, wallet } from './lookups.ts'
import { view } from './orders.ts'
import { before, HTML, type Lost, sell } from './sale.ts'
import type { Settings } from './settings.ts'
import { type Answer, newState, type Seen, type State } from './state.ts'

/** A stand-in for the Fragment reseller, with the behaviour and the faults that its users describe. */
export async function startFragment(
  options: {
    port?: number
    settings?: Partial<Settings>
    /** The file that keeps the books over a restart, also over kill -9. */
    file?: string
  } = {},
) {
  const state = newState(options.settings)
  if (options.file) keepJournal(state, options.file)
  const server = http.createServer((request, response) => {
    void serve(state, request, response).catch((error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error))
    })
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    state,
    /** The value for FRAGMENT_API_URL. */
    url: `${state.url}/v1`,
    async close() {
      for (const order of state.orders.values()) clearTimeout(order.timer)
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  const path = new URL(request.url ?? '/', 'http://x').pathname
  if (path.startsWith('/control/')) {
    return write(response, await control(state, path.slice(9), text ? JSON.parse(text) : {}))
  }
  if (path.startsWith('/photo/')) {
    return write(response, { status: 200, png: photo(path.slice(7).replace(/\.png$/, '')) })
  }
  const seen: Seen = {
    at: new Date().toISOString(),
    method: request.method ?? '',
    path,
    authorization: request.headers.authorization ?? null,
    body: text,
    status: null,
  }
  state.requests.push(seen)
  const answer = await route(state, request, path, text)
  seen.status = typeof answer === 'string' ? answer : answer.status
  if (answer === 'dropped') return void request.socket.destroy()
  if (answer === 'silent') return
  write(response, answer)
}

function write(response: ServerResponse, answer: Answer): void {
  const type = answer.png ? 'image/png' : answer.html === undefined ? 'application/json' : 'text/html'
  response.writeHead(answer.status, { 'content-type': type, ...answer.headers })
  response.end(answer.png ?? answer.html ?? JSON.stringify(answer.json))
}

async function route(
  state: State,
  request: IncomingMessage,
  path: string,
  text: string,
): Promise<Answer | Lost> {
  const method = request.method ?? ''
  if (!path.endsWith('/')) {
    return method === 'GET'
      ? { status: 301, html: '', headers: { location: `${path}/` } }
      : { status: 404, html: HTML.replaceAll('Bad Gateway', 'Not Found') }
  }
  const body = parse(text)
  const name = /^\/v1\/misc\/user\/([^/]*)\/$/.exec(path)?.[1]
  const id = /^\/v1\/order\/([0-9a-f-]{36})\/$/.exec(path)?.[1]
  const place = placeOf(method, path, name, id)
  if (!place) return { status: 404, json: { detail: 'Not found.' } }
  const username = name ?? (typeof body?.username === 'string' ? body.username : undefined)
  const faults = takeFaults(state, place, username)
  const early = await before(state, faults)
  if (early) return early
  if (place === 'prices') return prices(state)
  if (place === 'auth') {
    // A bad header is refused even here, where no header is needed, so a client must not send one.
    const refusal = request.headers.authorization && checkToken(state, request.headers.authorization)
    if (refusal) return refusal
  } else {
    const refusal = checkToken(state, request.headers.authorization)
    if (refusal) return refusal
  }
  if (place === 'wallet') return wallet(state)
  if (place === 'user') return user(state, decodeURIComponent(name!))
  if (place === 'get-order') {
    const order = state.orders.get(id!)
    return order ? { status: 200, json: view(state, order) } : { status: 404, json: { detail: 'Not found.' } }
  }
  if (!body) return { status: 400, json: { detail: 'JSON parse error' } }
  if (place === 'auth') return authenticate(state, body)
  return sell(state, place === 'stars' ? 'STARS' : 'PREMIUM', body, faults)
}

function placeOf(method: string, path: string, name?: string, id?: string): Place | undefined {
  if (method === 'POST') {
    if (path === '/v1/auth/authenticate/') return 'auth'
    if (path === '/v1/order/stars/') return 'stars'
    return path === '/v1/order/premium/' ? 'premium' : undefined
  }
  if (method !== 'GET') return undefined
  if (path === '/v1/misc/prices/') return 'prices'
  if (path === '/v1/misc/wallet/') return 'wallet'
  if (name !== undefined) return 'user'
  return id === undefined ? undefined : 'get-order'
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text || '{}')
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
