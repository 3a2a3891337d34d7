import './lib/require-node.ts'
import { openDb } from '#shared/db/db.ts'
import { explain } from '#shared/errors.ts'
import { resealSecrets } from '#shared/vault.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { fail, readSettings } from './lib/process.ts'
import { openDatabase } from './lib/servers.ts'

// Seals the secrets of the database anew with ENCRYPTION_KEY. They may be sealed with that key or with
// ENCRYPTION_OTHER_KEY.

const { config } = readSettings()
const servers = await openDatabase(config)
try {
  const db = await openDb(servers.databaseUrl, { max: 1, name: 'reseal', prepared: false })
  try {
    const count = await resealSecrets(db, secretsFrom(config))
    console.log(`${count} secrets are sealed with ENCRYPTION_KEY`)
  } finally {
    await db.close()
  }
} catch (error) {
  fail([`Nothing was changed: ${explain(error)}`])
} finally {
  await servers.stop()
}
