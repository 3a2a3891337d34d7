import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { defaults } from '../../sandbox/fragment/settings.ts'
import { environment, type VendorName, webhookPath } from '../../sandbox/payments/start.ts'
import { fates, VENDORS } from './plan.ts'
import type { ProcessSpec } from './processes.ts'
import { reservePort } from '../lib/port.ts'

/** The owner of the second bot, and of no other bot. */
export const RIVAL = 2
export const BOT = { username: 'chaos_bot', token: `7000000042:AA${'c'.repeat(33)}` }
/** The bot of another owner on the same database; villains.ts uses it. */
export const SECOND_BOT = { username: 'second_chaos_bot', token: `7000000043:AA${'s'.repeat(33)}` }
/** The run itself needs the key as well, because the owner's stock is sealed when the run fills the shelf. */
export const ENCRYPTION_KEY = randomBytes(32).toString('base64')
const HMAC_KEY = 'chaos-images-callbacks'
const WORKERS = ['bot', 'billing', 'fragment', 'images', 'broadcasts', 'exports', 'upkeep']

/**
 * Short waits, so that a step for which production allows half an hour is over in seconds. The rules are
 * production's.
 */
const IMPATIENT = {
  FRAGMENT_TIMEOUT_MS: '4000',
  FRAGMENT_POLL_MS: '500',
  FRAGMENT_REVIEW_AFTER_MS: '20000',
  IMAGE_POLL_MS: '300',
  IMAGE_DEADLINE_MS: '30000',
  IMAGE_START_TIMEOUT_MS: '8000',
  IMAGE_START_RATE: '1000',
}

export interface Ports {
  telegram: number
  gateways: number[]
  /** The port of the balancer in front of both gateways, where Telegram and the vendors send. */
  balancer: number
  /** The port of the front of Telegram, which the shop calls. */
  telegramFront: number
  reseller: number
  pictures: number
  vendors: Record<string, number>
}

export async function findPorts(): Promise<Ports> {
  const vendors: Record<string, number> = {}
  for (const name of VENDORS) vendors[name] = await reservePort()
  return {
    telegram: await reservePort(),
    gateways: [await reservePort(), await reservePort()],
    balancer: await reservePort(),
    telegramFront: await reservePort(),
    reseller: await reservePort(),
    pictures: await reservePort(),
    vendors,
  }
}

export const at = (port: number): string => `http://127.0.0.1:${port}`

/**
 * Telegram itself, which is never killed because it keeps its books in memory. The front before it is killed
 * instead.
 */
export function telegramSpec(ports: Ports): ProcessSpec {
  const args = ['--port', String(ports.telegram)]
  return { name: 'telegram', file: 'packages/telegram-sandbox/src/bin.ts', args, env: {}, ready: /^http/m }
}

/**
 * The servers outside, and the balancer and the front between them and the shop. Each may be killed, and
 * comes back on its port with its books.
 */
export function outsideSpecs(ports: Ports, folder: string): ProcessSpec[] {
  const supplier = (name: string, port: number, settings: object): ProcessSpec => ({
    name,
    file: 'tests/chaos/supplier.ts',
    args: [name, String(port), join(folder, `${name}.books`), JSON.stringify(settings)],
    env: {},
    ready: /^ready/m,
  })
  const front = (name: string, port: number, behind: number[]): ProcessSpec => ({
    name,
    file: 'tests/chaos/front.ts',
    args: [port, ...behind].map(String),
    env: {},
    ready: /^ready/m,
  })
  const webhook = (name: VendorName) => `${at(ports.balancer)}/webhooks/${webhookPath(name)}`
  return [
    front('balancer', ports.balancer, ports.gateways),
    front('telegram-front', ports.telegramFront, [ports.telegram]),
    supplier('reseller', ports.reseller, { stepMs: 60, walletTon: '100000000' }),
    supplier('pictures', ports.pictures, {
      credits: 1e9,
      startLimit: { tasks: 0, perMs: 1 },
      hmacKey: HMAC_KEY,
      fate: { waitMs: 100, queueMs: 100, drawMs: 400, file: 'plain', fileDelayMs: 0 },
      fates,
    }),
    ...VENDORS.map((name) =>
      supplier(name, ports.vendors[name]!, {
        webhookUrl: webhook(name),
        retryBaseMs: 200,
        retryMaxMs: 5_000,
      }),
    ),
  ]
}

/**
 * The value of REDIS_QUEUES. The chats are spread over all servers, and queues that follow money are not on
 * the server of REDIS_URL.
 */
export function queuesOver(urls: readonly string[]): string {
  return JSON.stringify({ updates: urls, billing: urls[1], notices: urls.at(-1) })
}

/**
 * Two gateways and two replicas of every worker.
 * @param compact puts all workers of a replica into one process, because a test has no time to start more
 */
export function shopSpecs(
  ports: Ports,
  servers: { databaseUrl: string; unprepared: boolean; redisUrls: string[]; dataDir: string },
  compact: boolean,
): ProcessSpec[] {
  const urls = Object.fromEntries(Object.entries(ports.vendors).map(([name, port]) => [name, at(port)]))
  const env: Record<string, string> = {
    ...environment(urls),
    ...IMPATIENT,
    DATABASE_URL: servers.databaseUrl,
    ...(servers.unprepared && { PREPARED_STATEMENTS: 'off' }),
    REDIS_URL: servers.redisUrls[0]!,
    ...(servers.redisUrls.length > 1 && { REDIS_QUEUES: queuesOver(servers.redisUrls) }),
    DATA_DIR: servers.dataDir,
    BOTS: JSON.stringify([
      { name: 'main', token: BOT.token, admins: ['1'] },
      { name: 'second', token: SECOND_BOT.token, admins: [String(RIVAL)] },
    ]),
    TELEGRAM_API_ROOT: at(ports.telegramFront),
    TELEGRAM_SEND_RATE: '10000',
    TELEGRAM_CHAT_RATE: '0',
    BOT_MODE: 'webhook',
    ALLOW_HTTP_WEBHOOK: 'true',
    PUBLIC_URL: at(ports.balancer),
    ENCRYPTION_KEY,
    LOG_LEVEL: 'info',
    FRAGMENT_API_URL: `${at(ports.reseller)}/v1`,
    FRAGMENT_API_KEY: defaults.apiKey,
    FRAGMENT_PHONE_NUMBER: defaults.phoneNumber,
    FRAGMENT_MNEMONICS: defaults.mnemonics.join(' '),
    IMAGE_API_URL: at(ports.pictures),
    IMAGE_API_TOKEN: 'kie-sandbox-token',
    IMAGE_WEBHOOK_URL: `${at(ports.balancer)}/webhooks/images`,
    IMAGE_WEBHOOK_KEY: HMAC_KEY,
  }
  const worker = (name: string, roles: string[]): ProcessSpec => ({
    name,
    file: 'bin/worker.ts',
    args: roles,
    env: { ...env, PORT: '0' },
    ready: /workers are ready/,
  })
  return [
    ...ports.gateways.map((port, index) => ({
      name: `gateway-${index + 1}`,
      file: 'bin/gateway.ts',
      args: [],
      env: { ...env, PORT: String(port) },
      ready: /gateway is ready/,
    })),
    ...[1, 2].flatMap((replica) =>
      compact
        ? [worker(`workers-${replica}`, WORKERS)]
        : WORKERS.map((role) => worker(`${role}-${replica}`, [role])),
    ),
  ]
}
