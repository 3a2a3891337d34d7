import './lib/require-node.ts'
import { keepInDotEnv } from './lib/dot-env.ts'
import { fail, loadDotEnv, readSettings } from './lib/process.ts'
import { runningDatabase } from './lib/servers.ts'
import { openDb } from '#shared/db/db.ts'
import { explain } from '#shared/errors.ts'
import { asLogin } from '#shop/stars-premium/connection.ts'
import { databaseTokenStore } from '#shop/stars-premium/token-store.ts'
import { rootOf } from '#shop/stars-premium/reseller/client.ts'
import { login } from '#shop/stars-premium/reseller/login.ts'
import { NO_TOKEN } from '#shop/stars-premium/reseller/token-store.ts'
import { secretsFrom } from '#shared/secrets.ts'

// Logs in at the reseller once and keeps the token in .env. Where there is a database, running workers get the token
// from there.

loadDotEnv()
const { config } = readSettings()
const [version = 'V4R2'] = process.argv.slice(2)
const credentials = asLogin(config.fragment, version)
if (!credentials) {
  const missing = [
    ['FRAGMENT_API_KEY', config.fragment.apiKey],
    ['FRAGMENT_PHONE_NUMBER', config.fragment.phoneNumber],
    ['FRAGMENT_MNEMONICS', config.fragment.mnemonics],
  ]
  const names = missing.filter(([, value]) => !value).map(([name]) => name)
  fail([
    `${names.join(', ')} not set: the Fragment token is obtained from key, phone number and wallet words.`,
  ])
}
const fresh = await login(rootOf(config.fragment.apiUrl), credentials).catch((error: unknown) =>
  fail([
    `Fragment did not log in: ${explain(error)}`,
    ...(/version/i.test(explain(error))
      ? ['Name another wallet version: npm run fragment:token -- V5R1']
      : []),
  ]),
)
await keepInDotEnv('.env', 'FRAGMENT_JWT_TOKEN', fresh.jwt)
const databaseUrl = runningDatabase(config)
if (databaseUrl) {
  try {
    const db = await openDb(databaseUrl, { max: 2, name: 'fragment-token', prepared: false })
    const store = databaseTokenStore(db, secretsFrom(config))
    await store.withLock(() => store.save({ ...NO_TOKEN, ...fresh }))
    await db.close()
  } catch (error) {
    console.error(
      `The database did not take it (${explain(error)}); workers read it from .env when they start.`,
    )
  }
}
console.log(`FRAGMENT_JWT_TOKEN is in .env, it ends with ${fresh.jwt.slice(-6)}`)
