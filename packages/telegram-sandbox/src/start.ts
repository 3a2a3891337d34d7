import { listen, sendJson } from './lib/http.ts'
import { createApi } from './api.ts'
import type { ChatPage } from './chat.ts'
import { createControl } from './control.ts'
import { changeSettings, type Settings } from './settings.ts'
import { addBot, createWorld, type NewBot } from './store.ts'

export interface TelegramOptions {
  /** The port; 0 or nothing for any free one. */
  port?: number
  host?: string
  bots?: NewBot[]
  settings?: Partial<Settings>
  /** Where the clock starts, ms. */
  now?: number
  /** Serves also a chat in the browser, at `/sandbox` of the same address. */
  chat?: ChatPage
}

export interface Telegram {
  /** The apiRoot for a Bot API client; the control API is under `/control`. */
  url: string
  close(): Promise<void>
}

/** Starts a Bot API server with its control API (README.md). */
export async function startTelegram(options: TelegramOptions = {}): Promise<Telegram> {
  const world = createWorld(options.now === undefined ? {} : { now: options.now })
  changeSettings(world.settings, { ...options.settings })
  for (const bot of options.bots ?? []) addBot(world, bot)
  const api = createApi(world)
  const control = createControl(world)
  // The chat is loaded only if it is asked for, because most tests have nobody who looks.
  const chat = options.chat && (await import('./chat.ts')).createChat(world, options.chat)
  const server = await listen((request, response) => {
    const url = new URL(request.url ?? '/', 'http://simulator')
    if (url.pathname.startsWith('/bot')) return api.handle(request, response, url)
    if (url.pathname.startsWith('/control/')) return control(request, response, url)
    if (chat && /^\/sandbox(\/|$)/.test(url.pathname)) return chat(request, response, url)
    const file = /^\/file\/bot([^/]+)\/(.+)$/.exec(url.pathname)
    if (file) {
      const bot = [...world.bots.values()].find(
        (one) => one.token === decodeURIComponent(file[1]!) && !one.revoked,
      )
      if (!bot) return sendJson(response, 401, { ok: false, error_code: 401, description: 'Unauthorized' })
      const found = [...bot.files.values()].find((one) => one.path === file[2])
      if (!found)
        return sendJson(response, 404, {
          ok: false,
          error_code: 404,
          description: 'Not Found: file not found',
        })
      response.writeHead(200, {
        'Content-Type': 'application/octet-stream',
        'Content-Length': found.bytes.length,
      })
      response.end(found.bytes)
      return
    }
    sendJson(response, 404, { ok: false, error_code: 404, description: 'Not Found' })
  }, options)
  world.url = server.url
  return {
    url: server.url,
    async close() {
      world.closing.abort()
      for (const bot of world.bots.values()) bot.updates.webhook = undefined
      world.clock.stop()
      await server.close()
    },
  }
}
