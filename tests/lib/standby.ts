import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { startPostgres } from '../../bin/infra/postgres.ts'

/** Tests cut clients off on purpose. The standby's log has that news, and the output of the tests needs none of it. */
const log = { info() {}, warn() {} }

/** Files that a running server rewrites while it is copied; the copy makes them again by itself. */
const NOT_COPIED = /postgres\/(postmaster\.(pid|opts)|pg_wal\/.+|pg_(stat_tmp|dynshmem|notify|replslot)\/.+)$/

/**
 * Makes a standby that streams from this server. It uses PostgreSQL's low-level backup functions, because the
 * embedded server of npm comes without pg_basebackup.
 */
export async function startStandby(primary: { url: string; dataDir: string }, dataDir: string) {
  const folder = join(dataDir, 'postgres')
  const client = new pg.Client({ connectionString: primary.url })
  await client.connect()
  try {
    await client.query(`select pg_backup_start('standby', true)`)
    await cp(join(primary.dataDir, 'postgres'), folder, {
      recursive: true,
      filter: (path) => !NOT_COPIED.test(path),
    })
    const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)')
    await writeFile(join(folder, 'backup_label'), rows[0]!.labelfile)
  } finally {
    await client.end()
  }
  await mkdir(join(folder, 'pg_wal'), { recursive: true })
  const { hostname, port, username, password } = new URL(primary.url)
  await writeFile(join(folder, 'standby.signal'), '')
  await writeFile(
    join(folder, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=${hostname} port=${port} user=${username} password=${password}'\n`,
  )
  await rm(join(folder, 'postmaster.pid'), { force: true })
  return await startPostgres({ dataDir, log, fsync: false })
}
