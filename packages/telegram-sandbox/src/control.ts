import type { IncomingMessage, ServerResponse } from 'node:http'
import { streamEvents } from './lib/events.ts'
import { readBody, sendJson } from './lib/http.ts'
import { businessRoutes } from './control-business.ts'
import { chatRoutes } from './control-chats.ts'
import { groupWritingRoutes } from './control-group-writing.ts'
import { groupRoutes } from './control-groups.ts'
import { inlineRoutes } from './control-inline.ts'
import { moreRoutes } from './control-more.ts'
import { setupRoutes } from './control-setup.ts'
import { troubleRoutes } from './control-trouble.ts'
import { created } from './control-lib.ts'
import { isObj } from './params.ts'
import { Refused } from './refused.ts'
import { botNamed, type World } from './store.ts'

/** Photos come as base64 in JSON. */
const LARGEST_BODY_BYTES = 64 * 1024 * 1024

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': '*',
  'Access-Control-Allow-Headers': '*',
}

/** @param headers of every answer; by default every origin may read it */
export function createControl(world: World, headers: Record<string, string> = CORS) {
  const routes = Object.entries({
    ...setupRoutes,
    ...chatRoutes,
    ...groupRoutes,
    ...groupWritingRoutes,
    ...businessRoutes,
    ...inlineRoutes,
    ...moreRoutes,
    ...troubleRoutes,
  }).map(([name, route]) => {
    const [method = '', pattern = ''] = name.split(' ')
    const names = [...pattern.matchAll(/:(\w+)/g)].map((match) => match[1]!)
    return { method, names, path: new RegExp(`^${pattern.replace(/:\w+/g, '([^/]+)')}$`), route }
  })

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    if (request.method === 'OPTIONS') return void response.writeHead(204, headers).end()
    const path = url.pathname.slice('/control'.length)
    if (path === '/events') return events(world, request, response, url, headers)
    if (path.startsWith('/files/')) return file(world, response, path, headers)
    const asked = routes.find((one) => one.method === request.method && one.path.test(path))
    if (!asked) return sendJson(response, 404, { error: 'there is no such route' }, headers)
    try {
      const bytes = await readBody(request, LARGEST_BODY_BYTES)
      const body: unknown = bytes.length > 0 ? JSON.parse(bytes.toString('utf8')) : {}
      const values = asked.path.exec(path)!.slice(1).map(decodeURIComponent)
      const named = Object.fromEntries(asked.names.map((name, i) => [name, values[i]!]))
      const answer = await asked.route({ world, path: named, query: url.searchParams, body })
      const isNew = isObj(answer) && created in answer
      if (!response.destroyed)
        sendJson(response, isNew ? 201 : 200, isNew ? answer[created as unknown as string] : answer, headers)
    } catch (error) {
      const status = error instanceof Refused ? error.status : 400
      sendJson(response, status, { error: error instanceof Error ? error.message : String(error) }, headers)
    }
  }
}

function events(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  headers: Record<string, string>,
): void {
  const bot = url.searchParams.get('bot')
  const person = url.searchParams.get('person')
  const last = request.headers['last-event-id'] ?? url.searchParams.get('last_event_id')
  streamEvents(world.events, response, {
    ...(last !== null && last !== undefined && last !== '' && { lastSeen: Number(last) }),
    wanted: ({ data }) =>
      (!bot || data['bot'] === undefined || data['bot'] === bot) &&
      (!person || data['person'] === undefined || data['person'] === Number(person)),
    headers,
  })
}

function file(world: World, response: ServerResponse, path: string, headers: Record<string, string>): void {
  const [, , username = '', id = ''] = path.split('/')
  const found = botNamed(world, decodeURIComponent(username))?.files.get(id)
  if (!found) return sendJson(response, 404, { error: 'there is no such file' }, headers)
  response.writeHead(200, {
    'Content-Type': found.type,
    'Content-Length': found.bytes.length,
    'Cache-Control': 'max-age=3600',
    ...headers,
  })
  response.end(found.bytes)
}
