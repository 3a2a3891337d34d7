import './lib/require-node.ts'
import { parseArgs } from 'node:util'
import { SCOPES, createKey, listKeys, revokeKey } from '../src/shared/api/keys.ts'
import type { Scope } from '../src/shared/api/keys.ts'
import { openDb } from '../src/shared/db/db.ts'
import { fail, readSettings } from './lib/process.ts'

// Keys of the Balance API: npm run api-key -- create my-bot | list | revoke <id>

const USAGE = [
  'Usage: npm run api-key -- create BOT [--scopes read,write,sessions] [--per-minute 6000] [--name TEXT]',
  '       npm run api-key -- list',
  '       npm run api-key -- revoke ID',
  'BOT is a name of 1-32 of a-z 0-9 _ -; it may be a bot of another project.',
]

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    scopes: { type: 'string', default: SCOPES.join(',') },
    'per-minute': { type: 'string', default: '6000' },
    name: { type: 'string', default: '' },
  },
})
const [action = '', subject = ''] = positionals
const { config } = readSettings()
if (!config.databaseUrl) fail(['DATABASE_URL is not set: the keys are kept in the database.'])
const db = await openDb(config.databaseUrl, { max: 1, name: 'api-key' })
try {
  if (action === 'create') await create(subject)
  else if (action === 'list') await list()
  else if (action === 'revoke' && (await revokeKey(db, subject))) console.log(`revoked: ${subject}`)
  else fail(action === 'revoke' ? [`There is no valid key ${subject}.`] : USAGE)
} finally {
  await db.close()
}

async function create(bot: string): Promise<void> {
  const scopes = values.scopes.split(',').map((scope) => scope.trim()) as Scope[]
  const perMinute = Number(values['per-minute'])
  const wrong = scopes.filter((scope) => !SCOPES.includes(scope))
  if (!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(bot)) fail(USAGE)
  if (wrong.length > 0) fail([`There is no scope ${wrong.join(', ')}: ${SCOPES.join(', ')}`])
  if (!Number.isInteger(perMinute) || perMinute < 1 || perMinute > 1_000_000) {
    fail(['--per-minute is a whole number from 1 to 1000000'])
  }
  const { id, key } = await db.tx((tx) => createKey(tx, { bot, name: values.name, scopes, perMinute }))
  console.log(key)
  console.error(`Key ${id} of ${bot} (${scopes.join(', ')}). It is shown this once: keep it safe.`)
}

async function list(): Promise<void> {
  for (const key of await listKeys(db)) {
    const state = key.revokedAt ? `revoked ${key.revokedAt.toISOString()}` : 'valid'
    const used = key.lastUsedAt ? key.lastUsedAt.toISOString() : 'never'
    console.log(
      [key.id, key.bot, key.scopes.join(','), `${key.perMinute}/min`, state, `used ${used}`, key.name].join(
        '  ',
      ),
    )
  }
}
