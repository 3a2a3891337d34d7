import type { Random } from './random.ts'
import { BOT } from './world.ts'
import type { World } from './world.ts'

type Trouble = 'kill' | 'restart' | 'redis-kill' | 'redis-wipe' | 'postgres-restart'

/** How often each happens: processes die more often than servers. */
const TROUBLES: readonly Trouble[] = [
  'kill',
  'kill',
  'kill',
  'restart',
  'redis-kill',
  'redis-wipe',
  'postgres-restart',
]

/** The first ones are fixed, so that a short run has one of each kind. */
const FIRST: readonly Trouble[] = ['kill', 'redis-wipe', 'kill', 'postgres-restart', 'redis-kill', 'restart']

/** Does one thing by the seed. @returns what it was, for the log */
export async function trouble(world: World, random: Random, number: number): Promise<string> {
  const what = FIRST[number] ?? random.pick(TROUBLES)
  const index = random.below(world.fleet.length)
  if (what === 'kill') return `kill -9 ${await world.kill(index)}`
  if (what === 'restart') return `SIGTERM ${await world.rollingRestart(index)}`
  if (what === 'redis-kill') await world.killRedis()
  if (what === 'redis-wipe') await world.wipeRedis()
  if (what === 'postgres-restart') await world.restartPostgres()
  return what
}

/** What the reseller does to a buyer's order, by the seed; half of them are served well. */
const SUPPLY: readonly object[][] = [
  [],
  [],
  [],
  [],
  [{ kind: 'drop-after' }],
  [{ kind: 'drop-before' }],
  [{ kind: 'status-after', status: 502, html: true }],
  [{ kind: 'status-before', status: 500 }],
  [{ kind: 'delay-after', ms: 2_500 }],
  [{ kind: 'garbage-after' }],
  [{ kind: 'throttle', retryAfter: '1' }],
  [{ kind: 'coded', code: '20', error: 'Recipient not found' }],
  [{ kind: 'fail-later' }],
  [{ kind: 'callback', mode: 'never' }],
  [{ kind: 'callback', mode: 'twice' }],
  [{ kind: 'callback', mode: 'before-reply' }],
  [{ kind: 'callback', mode: 'late', delayMs: 1_500 }],
]

export async function troubleSupply(world: World, random: Random, person: number): Promise<void> {
  const faults = random.pick(SUPPLY).map((what) => ({ on: 'order', username: `buyer_${person}`, what }))
  if (faults.length > 0) await world.supplier('faults', faults)
}

/** What Telegram does to a buyer's updates and the bot's calls. */
const TELEGRAM: readonly object[][] = [
  [],
  [],
  [{ on: 'update', do: { duplicate: 2 } }],
  [{ on: 'update', kind: 'successful_payment', do: { duplicate: 4 } }],
  [{ on: 'update', kind: 'successful_payment', do: { lose: true } }],
  [{ on: 'update', do: { swap: true } }],
  [{ on: 'update', do: { delay_ms: 700 } }],
]

export async function troubleTelegram(world: World, random: Random, person: number): Promise<void> {
  for (const rule of random.pick(TELEGRAM)) {
    await world.control('/faults', 'POST', { ...rule, bot: BOT.username, person })
  }
}
