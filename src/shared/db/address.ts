import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'

/** Where the database is: one server, or several of which one takes writes. */
export interface DatabaseAddress {
  hosts: { host: string; port: number }[]
  user: string | undefined
  password: string | undefined
  database: string | undefined
  ssl: false | ConnectionOptions
  /** Whether a server must be asked if it takes writes, because the address names several. */
  asksForWrites: boolean
}

/** The options of a connection to one of the servers. pg and MikroORM share them; only one option has another name. */
export type DatabaseWay = Pick<pg.ClientConfig, 'host' | 'port' | 'user' | 'password' | 'database' | 'ssl'>

const PORT = 5432
/**
 * Parameters that are accepted and ignored: poolers and hosters write them into addresses, and they change nothing
 * here.
 */
const IGNORED = /^(application_name|fallback_application_name|connect_timeout|keepalives\w*|channel_binding)$/
const KNOWN =
  /^(host|port|user|password|dbname|db|sslmode|ssl|sslrootcert|sslcert|sslkey|target_session_attrs)$/

/**
 * Reads an address as libpq's tools do: one server, several (`h1:5432,h2:5432`), a Unix socket (`?host=/run/postgresql`, or
 * the folder alone).
 * @throws with a sentence that quotes no part of the address but a parameter's name
 */
export function readDatabaseAddress(text: string): DatabaseAddress {
  return readAddress(text, false)
}

/** Reads the address of a server that is only read from: a standby will do, and of several servers any one. */
export function readReplicaAddress(text: string): DatabaseAddress {
  return readAddress(text, true)
}

function readAddress(text: string, onlyReads: boolean): DatabaseAddress {
  const { user, password, authority, path, parameters } = parts(text)
  const unknown = [...parameters.keys()].find((name) => !KNOWN.test(name) && !IGNORED.test(name))
  // The name is quoted only if it looks like one: a password with a question mark in it would be parsed as a parameter,
  // and must not be printed.
  if (unknown !== undefined && !/^[a-z_]{1,30}$/.test(unknown)) throw new Error('it is no address')
  if (unknown !== undefined) throw new Error(`its parameter ${unknown} is not supported: leave it out`)
  const given = (name: string) => parameters.get(name) || undefined
  const hosts = hostsOf(given('host') ?? authority, given('port'))
  const attributes = given('target_session_attrs') ?? (hosts.length > 1 && !onlyReads ? 'read-write' : 'any')
  const supported = onlyReads
    ? ['any', 'standby', 'prefer-standby', 'read-only']
    : ['any', 'read-write', 'primary']
  if (!supported.includes(attributes) && onlyReads)
    throw new Error(
      `target_session_attrs=${attributes} is not supported: this server is only read, so leave it out`,
    )
  if (!supported.includes(attributes))
    throw new Error(
      `target_session_attrs=${attributes} is not supported: the shop writes, so it is read-write, or left out`,
    )
  const local = hosts.every(({ host }) => host.startsWith('/'))
  return {
    hosts,
    user: given('user') ?? user,
    password: given('password') ?? password,
    database: given('dbname') ?? given('db') ?? path,
    // A socket has no TLS, whatever else the address says.
    ssl: local ? false : sslOf(given('sslmode') ?? given('ssl'), given),
    asksForWrites: !onlyReads && attributes !== 'any',
  }
}

function parts(text: string) {
  const none = { user: undefined, password: undefined }
  if (text.startsWith('/')) {
    const [authority = '', path] = text.split(' ')
    return { ...none, authority, path, parameters: new URLSearchParams() }
  }
  const socket = /^socket:(?:\/\/(?:([^@/]*)@)?)?([^?]+)(?:\?(.*))?$/.exec(text)
  const url = /^postgres(?:ql)?:\/\/(?:([^@/?#]*)@)?([^@/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(text)
  const [, login = '', authority = '', path = '', query = ''] = socket
    ? [socket[0], socket[1], socket[2], '', socket[3]]
    : (url ?? [])
  if (!socket && !url) throw new Error('it is no address')
  const [, user, password] = /^([^:]*)(?::(.*))?$/s.exec(login) ?? []
  const decoded = (part: string | undefined) => (part ? decodeURIComponent(part) : undefined)
  return {
    user: decoded(user),
    password: decoded(password),
    authority: decodeURIComponent(authority),
    path: decoded(path),
    parameters: new URLSearchParams(query),
  }
}

function hostsOf(list: string, ports: string | undefined): { host: string; port: number }[] {
  const given = ports?.split(',')
  return (list || 'localhost').split(',').map((one, index) => {
    const [, inside, plain, port] = /^(?:\[([^\]]+)\]|([^:]*|.*:.*:.*))(?::(\d+))?$/.exec(one) ?? []
    const host = one.startsWith('/') ? one : (inside ?? plain)
    const number = Number(port ?? given?.[index] ?? given?.[0] ?? PORT)
    if (!host || !(number > 0 && number < 65_536)) throw new Error('one of its hosts or ports is none')
    return { host, port: number }
  })
}

/**
 * TLS as libpq means it: `require` encrypts and accepts any certificate, `verify-full` accepts only one for this host.
 */
function sslOf(
  mode: string | undefined,
  given: (name: string) => string | undefined,
): false | ConnectionOptions {
  if (mode === undefined || mode === 'disable' || mode === 'false' || mode === '0') return false
  const read = (name: string) => {
    const path = given(name)
    return path === undefined || path === 'system' ? undefined : readFileSync(path, 'utf8')
  }
  const [ca, cert, key] = ['sslrootcert', 'sslcert', 'sslkey'].map(read)
  const own: ConnectionOptions = { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) }
  const anyName: ConnectionOptions = { checkServerIdentity: () => undefined }
  switch (mode) {
    case 'require':
    case 'no-verify':
      return ca && mode === 'require' ? { ...own, ...anyName } : { ...own, rejectUnauthorized: false }
    case 'verify-ca':
      if (!ca) throw new Error('sslmode=verify-ca needs sslrootcert, the file of the authority')
      return { ...own, ...anyName }
    case 'verify-full':
    case 'true':
    case '1':
      return own
    default:
      throw new Error(
        `sslmode=${mode} is not supported: write disable, require (any certificate), verify-ca or verify-full`,
      )
  }
}

/** The options for MikroORM and its migrator, which read no more than host, port, name and password from an address. */
export function ormWay({ host, port, user, password, database, ssl }: DatabaseWay) {
  const name = user ?? pg.defaults.user ?? 'postgres'
  return {
    host: host!,
    port: port!,
    user: name,
    ...(password !== undefined && { password: password as string }),
    dbName: database ?? name,
    driverOptions: { ssl },
  }
}

export function wayTo({ hosts, user, password, database, ssl }: DatabaseAddress, index = 0): DatabaseWay {
  const { host, port } = hosts[index % hosts.length]!
  // The certificate is checked against the host name that was asked for; an IP address or a socket has none.
  const named = ssl && !host.startsWith('/') && isIP(host) === 0 ? { ...ssl, servername: host } : ssl
  return {
    host,
    port,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    ssl: named,
  }
}

export const TAKES_NO_WRITES = `select current_setting('transaction_read_only') = 'on' as refuses`

/**
 * Options for a single connection: of several servers, the first that answers and takes writes.
 * @throws the error of the last server
 */
export async function wayToDatabase(databaseUrl: string): Promise<DatabaseWay> {
  const address = readDatabaseAddress(databaseUrl)
  if (address.hosts.length === 1) return wayTo(address)
  let last: unknown
  for (let index = 0; index < address.hosts.length; index++) {
    const way = wayTo(address, index)
    const client = new pg.Client({ ...way, connectionTimeoutMillis: 3_000, query_timeout: 3_000 })
    client.on('error', () => {})
    try {
      await client.connect()
      const { rows } = await client.query<{ refuses: boolean }>(TAKES_NO_WRITES)
      if (!address.asksForWrites || rows[0]?.refuses === false) return way
      last = new Error('none of its servers takes writes')
    } catch (error) {
      last = error
    } finally {
      client.end().catch(() => {})
    }
  }
  throw last
}
