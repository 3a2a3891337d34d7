import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'
import { createControl } from './control.ts'
import { addPeople } from './control-setup.ts'
import { emptyChats } from './control-trouble.ts'
import { personas as somebody, type Persona } from './chat-people.ts'
import { sendJson } from './lib/http.ts'
import type { World } from './store.ts'

/** The page: plain HTML, CSS and ES modules, without a build. */
const PAGE = join(import.meta.dirname, 'page')
/** Everything of the page is below this path, on the address of the Bot API. */
export const CHAT_PATH = '/sandbox'

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

export interface ChatPage {
  /** Who the reader can be; without it four people, two of whom speak Russian. */
  personas?: readonly Persona[]
  /** Usernames of the bots in the order of the page; if left out, in the order in which they came. */
  bots?: readonly string[]
  /** A folder of `@fontsource-variable/noto-emoji`, for machines that have no emoji of their own. */
  emoji?: string
  /** What the makers of a bot add to the page. */
  extra?: Extra
}

export interface Extra {
  /** A folder that is served as `/sandbox/extra/`; its `extra.js` exports `extra` (src/page/js/extra.js says what of it the page uses). */
  root: string
  /** What `GET /sandbox/api/config` answers besides personas and bots. */
  config(): object
  /**
   * Answers further requests below `/sandbox/api/`.
   * @returns false for a route that it does not know
   */
  handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean>
}

/** A Mini App may come from any address, because any bot may have one. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self'",
  "connect-src 'self'",
  "font-src 'self'",
  "frame-src 'self' http: https:",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Files that people and bots sent are shown or saved, and none of them may run as a page of this origin. */
const FILE_POLICY = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src 'self' data:",
  "media-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const OWN_HEADERS = { 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' }

/** Answers what is asked below `/sandbox`: the page, its files, and what it asks of the world. */
export function createChat(world: World, page: ChatPage) {
  const personas = page.personas ?? somebody
  // Only this page may read the answers, so the header that lets every origin read them is left out.
  const control = createControl(world, { ...OWN_HEADERS, 'Content-Security-Policy': FILE_POLICY })
  const files = filesOf({ '': PAGE, 'emoji/': page.emoji, 'extra/': page.extra?.root })
  addPeople({ world, path: {}, query: new URLSearchParams(), body: personas.map(profileOf) })

  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const path = decoded(url.pathname.slice(CHAT_PATH.length + 1))
    if (path === undefined) return sendJson(response, 400, { error: 'the address cannot be read' })
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead && request.headers['sec-fetch-site'] === 'cross-site')
      return sendJson(response, 403, { error: 'only the sandbox page itself may do this' })
    if (path.startsWith('api/telegram/')) {
      url.pathname = `/control/${url.pathname.slice(`${CHAT_PATH}/api/telegram/`.length)}`
      return control(request, response, url)
    }
    if (path === 'api/config' && isRead)
      return sendJson(response, 200, {
        bots: page.bots ?? [],
        personas,
        apiRoot: world.url,
        ...(page.extra && { extra: 'extra/extra.js', ...page.extra.config() }),
      })
    if (path === 'api/clear-chats' && request.method === 'POST') {
      emptyChats(world)
      return sendJson(response, 200, { cleared: true })
    }
    if (path.startsWith('api/') && (await page.extra?.handle(request, response, path.slice('api/'.length))))
      return
    const file = files.get(path === '' ? 'index.html' : path)
    if (file && isRead) return sendFile(response, file)
    // A machine with emoji of its own needs no font, but the page asks for the style sheet all the same.
    if (path === 'emoji/index.css') return void response.writeHead(200, { 'Content-Type': 'text/css' }).end()
    sendJson(response, 404, { error: 'there is no such page' })
  }
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

/** Every file by the path under which it is served: a path that is not in the list leads nowhere. */
function filesOf(folders: Record<string, string | undefined>): Map<string, string> {
  const files = new Map<string, string>()
  for (const [prefix, root] of Object.entries(folders))
    for (const name of root ? readdirSync(root, { recursive: true, encoding: 'utf8' }) : [])
      if (extname(name) in TYPES) files.set(prefix + name.replaceAll(sep, '/'), join(root!, name))
  return files
}

function sendFile(response: ServerResponse, file: string): void {
  const bytes = readFileSync(file)
  response.writeHead(200, {
    'Content-Type': TYPES[extname(file)],
    'Content-Length': bytes.length,
    'Cache-Control': 'no-cache',
    'Content-Security-Policy': policy,
    ...OWN_HEADERS,
  })
  response.end(bytes)
}

const profileOf = ({ id, first_name, username, language_code }: Persona) => ({
  id,
  first_name,
  ...(username && { username }),
  language_code,
})
