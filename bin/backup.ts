import './lib/require-node.ts'
import { migrateShop } from './lib/migrate-shop.ts'
import { dump, restore } from './lib/dump.ts'
import { CannotOpen } from './lib/sealed-file.ts'
import { fail, readSettings } from './lib/process.ts'
import { openDatabase } from './lib/servers.ts'

// npm run backup -- FOLDER writes every table into that folder; npm run backup -- FOLDER --restore fills an empty
// database from it.

const [folder, flag, ...rest] = process.argv.slice(2)
if (!folder || rest.length > 0 || (flag !== undefined && flag !== '--restore')) {
  fail(['Usage: npm run backup -- FOLDER [--restore]'])
}
const { config } = readSettings()
const servers = await openDatabase(config)
let problem: string | undefined
try {
  // Triggers rest while the database is filled, which only the owner of the tables may order.
  const owner = (config.databaseUrl && config.migrateDatabaseUrl) || servers.databaseUrl
  if (flag) await migrateShop({ databaseUrl: servers.databaseUrl, migrateDatabaseUrl: owner })
  const tables = flag
    ? await restore(owner, folder, config.backupKey)
    : await dump(servers.databaseUrl, folder, config.backupKey)
  const plain = flag || config.backupKey ? '' : ', in clear: set BACKUP_KEY to encrypt it'
  console.log(`${tables} tables ${flag ? 'restored from' : 'written to'} ${folder}${plain}`)
} catch (error) {
  if (!(error instanceof CannotOpen) && !isOfFiles(error)) throw error
  problem = (error as Error).message
} finally {
  await servers.stop()
}
if (problem) fail([`telekassa cannot ${flag ? 'restore' : 'write the backup'}: ${problem}`])

/** The folder is missing, closed, full or none: the system's own words name the file and say why. */
function isOfFiles(error: unknown): boolean {
  const { syscall, code } = error as NodeJS.ErrnoException
  return ['mkdir', 'open', 'write', 'read', 'stat', 'scandir'].includes(syscall ?? '') && code !== undefined
}
