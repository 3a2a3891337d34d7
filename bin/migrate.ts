import './lib/require-node.ts'
import { migrate } from '../src/shared/db/migrate.ts'
import { fail, readSettings } from './lib/process.ts'

const { config } = readSettings()
if (!config.databaseUrl)
  fail(['DATABASE_URL is not set. (npm start migrates its embedded database by itself.)'])
try {
  const applied = await migrate(config.databaseUrl)
  console.log(applied.length > 0 ? `applied: ${applied.join(', ')}` : 'the schema is up to date')
} catch (error) {
  fail([`The migration failed, those before it stay: ${(error as Error).message}`])
}
