import { createReadStream, createWriteStream } from 'node:fs'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { wayToDatabase } from '#shared/db/address.ts'
import { makeFolder } from '#shared/folder.ts'
import { CannotOpen, isSealed, opening, sealing } from './sealed-file.ts'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'

/** The list of a dump's tables is written last, and only its files belong to the dump. */
const LIST = 'tables.json'

interface Listed {
  table: string
  file: string
}

/**
 * Writes every table as it is at one moment, in the text of PostgreSQL's own COPY, one file each. This needs no
 * pg_dump of the server's version. Where the folder has a dump already, that one stays whole until the new one is
 * complete: a mixture of two would have money that nobody paid. A complete dump is recorded in the database, as
 * deploy/backup/backup.sh does: the doctor and an alert read that record.
 * @param key BACKUP_KEY: every file is encrypted with it; without it the files are plain
 */
export async function dump(databaseUrl: string, folder: string, key?: string): Promise<number> {
  makeFolder(folder)
  return withClient(databaseUrl, async (client) => {
    await client.query('begin isolation level repeatable read read only')
    const moment = new Date().toISOString().replaceAll(/\D/g, '')
    const tables = (await tablesOf(client)).map((table): Listed => ({
      table,
      file: `${table}.${moment}.copy`,
    }))
    for (const { table, file } of tables) {
      const rows = client.query(copyTo(`copy ${client.escapeIdentifier(table)} to stdout`))
      await pipeline([rows, ...sealed(key, file), written(folder, file)])
    }
    await client.query('commit')
    const list = `${LIST}.${moment}`
    await pipeline([
      Readable.from([Buffer.from(JSON.stringify(tables))]),
      ...sealed(key, LIST),
      written(folder, list),
    ])
    await rename(join(folder, list), join(folder, LIST))
    await removeOlder(folder, moment)
    await client.query(
      `insert into cursors (name, value) values ('backup', $1)
       on conflict (name) do update set value = excluded.value, updated_at = now()`,
      [basename(folder)],
    )
    return tables.length
  })
}

/**
 * Fills a freshly migrated database in one transaction. Triggers rest meanwhile, because both entries and the
 * wallets that follow from them are in the dump. That takes the rights of a superuser.
 * @throws when the database has people already, when processes of the shop are connected to it, or when the key does
 * not open the dump: then nothing has been changed
 */
export async function restore(databaseUrl: string, folder: string, key?: string): Promise<number> {
  const isClosed = await sealedHead(join(folder, LIST))
  if (isClosed && !key)
    throw new CannotOpen('this backup is encrypted: set BACKUP_KEY to the key it was made with')
  // Either all files of a backup are encrypted or none: a plain file among encrypted ones comes from somebody else.
  const opened = isClosed ? key : undefined
  const tables = await listOf(folder, opened)
  return withClient(databaseUrl, async (client) => {
    const used = await client.query('select 1 from persons limit 1')
    if (used.rowCount) throw new CannotOpen('this database is in use: restore into an empty one')
    const others = await client.query(`
      select 1 from pg_stat_activity where datname = current_database() and application_name like 'telekassa-%'`)
    if (others.rowCount)
      throw new CannotOpen('the shop is running on this database: stop gateway and workers first')
    await client.query('begin')
    await client.query('set local session_replication_role = replica')
    for (const { table, file } of tables) {
      const quoted = client.escapeIdentifier(table)
      await client.query(`delete from ${quoted}`)
      const into = client.query(copyFrom(`copy ${quoted} from stdin`))
      await pipeline([createReadStream(join(folder, file)), ...unsealed(opened, file), into])
    }
    await client.query(`
      do $$ declare one record; begin
        for one in select table_name as t, column_name as c from information_schema.columns
                   where table_schema = 'public' and is_identity = 'YES' loop
          execute format('select setval(pg_get_serial_sequence(%L, %L), (select coalesce(max(%I), 0) + 1 from %I), false)',
                         one.t, one.c, one.c, one.t);
        end loop;
      end $$`)
    await client.query('commit')
    return tables.length
  })
}

const sealed = (key: string | undefined, name: string) => (key ? [sealing(key, name)] : [])
const unsealed = (key: string | undefined, name: string) => (key ? [opening(key, name)] : [])
/** The file is on the disk when the stream has ended. */
const written = (folder: string, name: string) =>
  createWriteStream(join(folder, name), { mode: 0o600, flush: true })

/** Removes the files of the dump before, and of dumps that were cut off. */
async function removeOlder(folder: string, moment: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [found, ofTable, ofList] = /^\w+(?:\.(\d{17}))?\.copy$|^tables\.json\.(\d{17})$/.exec(name) ?? []
    if (found && (ofTable ?? ofList ?? '') < moment) await rm(join(folder, name))
  }
}

async function sealedHead(path: string): Promise<boolean> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    return bytesRead === 4 && isSealed(buffer)
  } finally {
    await handle.close()
  }
}

/** Older dumps list the names of tables alone. */
async function listOf(folder: string, key: string | undefined): Promise<Listed[]> {
  const chunks: Buffer[] = []
  const collect = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  await pipeline([createReadStream(join(folder, LIST)), ...unsealed(key, LIST), collect])
  const list = JSON.parse(Buffer.concat(chunks).toString('utf8')) as (string | Listed)[]
  return list.map((one) => (typeof one === 'string' ? { table: one, file: `${one}.copy` } : one))
}

/** Every table but the list of migrations, which the new database has already. */
async function tablesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'migrations' order by 1`)
  return rows.map(({ name }) => name)
}

async function withClient<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(await wayToDatabase(databaseUrl))
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
