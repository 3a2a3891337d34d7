import './lib/require-node.ts'
import { parseArgs } from 'node:util'
import { KEY_SCOPES, createKey, usualLimits, listKeys, revokeKey } from '#shop/balance-api/keys.ts'
import type { ApiKey, KeyScope } from '#shop/balance-api/keys.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { openDb } from '#shared/db/db.ts'
import { formatAmount } from '#shared/money.ts'
import { migrate } from '#shared/db/migrate.ts'
import { shorten } from '#shared/storable.ts'
import { fail, readSettings } from './lib/process.ts'
import { openDatabase } from './lib/servers.ts'

// Makes, lists and revokes keys of the Balance API: npm run api-key -- create my-bot | list | revoke <id>

const USAGE = [
  'Usage: npm run api-key -- create BOT [--scopes read,write,sessions,codes] [--per-minute 6000] [--name TEXT]',
  '         [--days 365] [--per-entry 10000] [--per-day 200000]: limits in roubles of any asset, 0 = none; as the settings say',
  '       npm run api-key -- list',
  '       npm run api-key -- revoke ID',
  'BOT is a name of 1-32 of a-z 0-9 _ -; it may be a bot of another project.',
]

/** A hundred years, and sums that a balance can hold: beyond them neither a date nor an amount can be stored. */
const LIMITS = {
  days: { most: 36_500, of: 'days' },
  'per-entry': { most: 9_999_999_999, of: 'roubles' },
  'per-day': { most: 9_999_999_999, of: 'roubles' },
}

const { positionals, values } = readArguments()
const [action = '', subject = ''] = positionals
const { config } = readSettings()
if (!['create', 'list', 'revoke'].includes(action)) fail(USAGE)
const wanted = action === 'create' ? readWanted(subject) : undefined
const servers = await openDatabase(config)
// An embedded database that was never started has no tables yet.
if (!config.databaseUrl) await migrate(servers.databaseUrl)
const db = await openDb(servers.databaseUrl, { max: 1, name: 'api-key', prepared: false })
try {
  if (wanted) await create(wanted)
  else if (action === 'list') await list()
  else if (await revokeKey(db, subject)) console.log(`revoked: ${subject}`)
  else {
    console.error(`There is no valid key ${subject}.`)
    process.exitCode = 1
  }
} finally {
  await db.close()
  await servers.stop()
}

function readWanted(bot: string) {
  const scopes = values.scopes.split(',').map((scope) => scope.trim()) as KeyScope[]
  const perMinute = Number(values['per-minute'])
  const wrong = scopes.filter((scope) => !KEY_SCOPES.includes(scope))
  if (!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(bot)) fail(USAGE)
  if (wrong.length > 0) fail([`There is no scope ${wrong.join(', ')}: ${KEY_SCOPES.join(', ')}`])
  if (!Number.isInteger(perMinute) || perMinute < 1 || perMinute > 1_000_000) {
    fail([`--per-minute is a whole number from 1 to 1000000, not "${shorten(values['per-minute'], 40)}"`])
  }
  const days = limitOf('days')
  const roubles = (name: 'per-entry' | 'per-day') => {
    const limit = limitOf(name)
    return limit === undefined ? undefined : limit === 0 ? null : BigInt(limit) * 100n
  }
  const own = {
    ...(days !== undefined && { expiresAt: days === 0 ? null : new Date(Date.now() + days * 86_400_000) }),
    mostPerEntry: roubles('per-entry'),
    mostPerDay: roubles('per-day'),
  }
  return { key: { bot, name: values.name, scopes, perMinute }, own }
}

function limitOf(name: 'days' | 'per-entry' | 'per-day'): number | undefined {
  const text = values[name]
  if (text === undefined) return undefined
  const { most, of } = LIMITS[name]
  if (!/^\d{1,10}$/.test(text) || Number(text) > most)
    fail([
      `--${name} is a whole number of ${of} from 1 to ${most}, or 0 for no limit, not "${shorten(text, 40)}"`,
    ])
  return Number(text)
}

async function create({ key, own }: ReturnType<typeof readWanted>): Promise<void> {
  const usual = await usualLimits(createSettings(db, config))
  const limits = {
    expiresAt: own.expiresAt === undefined ? usual.expiresAt : own.expiresAt,
    mostPerEntry: own.mostPerEntry === undefined ? usual.mostPerEntry : own.mostPerEntry,
    mostPerDay: own.mostPerDay === undefined ? usual.mostPerDay : own.mostPerDay,
  }
  const made = await db.tx((tx) => createKey(tx, { ...key, ...limits }))
  console.log(made.key)
  console.error(
    `Key ${made.id} of ${key.bot} (${key.scopes.join(', ')}). It is shown this once: keep it safe.`,
  )
}

function limitsOf({ mostPerEntry, mostPerDay }: Pick<ApiKey, 'mostPerEntry' | 'mostPerDay'>): string {
  const roubles = (most: bigint | null) => (most === null ? 'no limit' : `${formatAmount(most, 'RUB')} RUB`)
  return `${roubles(mostPerEntry)}/entry  ${roubles(mostPerDay)}/day`
}

async function list(): Promise<void> {
  for (const key of await listKeys(db)) {
    const ends = key.expiresAt ? `valid until ${key.expiresAt.toISOString()}` : 'valid'
    const state = key.revokedAt ? `revoked ${key.revokedAt.toISOString()}` : ends
    const used = key.lastUsedAt ? key.lastUsedAt.toISOString() : 'never'
    console.log(
      [
        key.id,
        key.bot,
        key.scopes.join(','),
        `${key.perMinute}/min`,
        limitsOf(key),
        state,
        `used ${used}`,
        key.name,
      ].join('  '),
    )
  }
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        scopes: { type: 'string', default: KEY_SCOPES.join(',') },
        'per-minute': { type: 'string', default: '6000' },
        name: { type: 'string', default: '' },
        days: { type: 'string' },
        'per-entry': { type: 'string' },
        'per-day': { type: 'string' },
      },
    })
  } catch (error) {
    // Node names the option that it does not know.
    fail([(error as Error).message, ...USAGE])
  }
}
