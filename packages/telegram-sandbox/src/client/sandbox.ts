import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { binPath } from '../bin-path.ts'
import type { Settings } from '../settings.ts'
import { startTelegram } from '../start.ts'
import { usernameOf } from '../store.ts'
import { controlOf } from './control.ts'
import { personOf, type Person } from './person.ts'

export interface SandboxOptions {
  /** The token of the bot that people talk to where none is named. It need not come from BotFather. */
  token?: string
  /** Whether the simulator runs in a process of its own, for bots that must not share this event loop. */
  process?: boolean
  settings?: Partial<Settings>
  /** How long a person waits for an answer of a bot. */
  patienceMs?: number
  /** Registers the end of the simulator: vitest's `afterAll` or `onTestFinished`, node:test's `after` or `t.after`. */
  after?: (close: () => Promise<void>) => void
}

/** A simulated Telegram and the people in it. */
export interface Sandbox extends AsyncDisposable {
  /** The apiRoot (baseURL, base_url) for any Bot API client. */
  readonly url: string
  readonly token: string
  /** Makes one more bot. @returns its token */
  bot(username: string, name?: string): Promise<string>
  /**
   * The person with this id, who talks to the first bot or to the one named.
   * @param like more of them: first_name, username, language_code, is_premium
   */
  person(id: number, like?: PersonFields): Person
  /** Gives the first bot a game, as BotFather's /newgame does. */
  game(shortName: string, title?: string): Promise<void>
  group(id: number, type?: 'group' | 'supergroup' | 'channel', title?: string): Promise<void>
  /** Lets the next calls fail, or updates get lost (README, "Making trouble"). */
  fault(rule: object): Promise<void>
  /** Moves the sandbox's clock forward. */
  advance(ms: number): Promise<void>
  /** The calls of the bots: `{method, params, status, description?}`. */
  requests(method?: string): Promise<Record<string, unknown>[]>
  /** Calls any other route of the control API. */
  control<T>(method: string, path: string, body?: unknown): Promise<T>
  close(): Promise<void>
}

export interface PersonFields {
  first_name?: string
  last_name?: string
  username?: string
  language_code?: string
  is_premium?: boolean
  /** The username of the bot that the person talks to. */
  bot?: string
}

const TOKEN = '1000000:AAsandbox-sandbox-sandbox-sandbox-a'
const PATIENCE_MS = 5_000
const FIRST_FURTHER_BOT = 1_000_001

/** Starts a simulated Telegram: `await using sandbox = await openSandbox()`, or with `after` for a whole file. */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { token = TOKEN, patienceMs = PATIENCE_MS, settings = {} } = options
  const running = options.process
    ? await inItsOwnProcess()
    : await startTelegram({ settings: { anyToken: true } })
  const control = controlOf(running.url)
  const addBot = async (given: string, username: string, name: string) => {
    await control.call('POST', '/bots', { token: given, username, name })
    return given
  }
  let further = FIRST_FURTHER_BOT
  // Limits per second only slow most tests down. A test about limits sets them.
  await control.call('PUT', '/settings', {
    globalPerSecond: 0,
    chatPerSecond: 0,
    groupPerMinute: 0,
    ...settings,
  })
  const main = usernameOf(Number(token.split(':')[0]))
  await addBot(token, main, 'Bot')

  const made = new Map<number, Promise<unknown>>()
  const close = async () => {
    control.close()
    await running.close()
  }
  options.after?.(close)
  return {
    url: running.url,
    token,
    bot: (username, name = username) =>
      addBot(`${further++}:AAsandbox-sandbox-sandbox-sandbox-a`, username, name),
    person(id, { bot = main, ...like } = {}) {
      const exists = async () => {
        if (!made.has(id) || Object.keys(like).length > 0)
          made.set(id, control.call('POST', '/people', { id, first_name: `Person ${id}`, ...like }))
        await made.get(id)
        return bot
      }
      return personOf(control, id, exists, patienceMs)
    },
    game: (shortName, title) => control.call('POST', `/bots/${main}/games`, { short_name: shortName, title }),
    group: (id, type = 'supergroup', title = 'Group') => control.call('POST', '/chats', { id, type, title }),
    fault: (rule) => control.call('POST', '/faults', rule),
    advance: (ms) => control.call('PUT', '/clock', { advance_ms: ms }),
    requests: (method) => control.call('GET', `/requests${method ? `?method=${method}` : ''}`),
    control: (method, path, body) => control.call(method, path, body),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function inItsOwnProcess(): Promise<{ url: string; close(): Promise<void> }> {
  const child = spawn(process.execPath, [binPath()], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(() => {
      throw new Error('the sandbox ended before it listened')
    }),
  ])) as [string]
  return {
    url,
    async close() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
