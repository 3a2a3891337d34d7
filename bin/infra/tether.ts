import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The number of an account without rights, because containers do not always have the name `nobody`. */
const NOBODY = 65534

/**
 * How to run a server: `prefix` goes before its command line, `owner` is the account that its files must belong to
 * (undefined = our own account).
 */
export interface Launch {
  prefix: string[]
  owner?: number
  /** The server cannot pass folders that are closed to others, so DATA_DIR must let it through. */
  stopped?: boolean
}

/**
 * Ties a child to this process: when this process dies, kill -9 included, the kernel sends the child `signal`. If
 * this process dies before the tie is made, the shell between notices that the child has another parent and ends at
 * once.
 */
function tether(signal: string, setpriv: string[] = []): string[] {
  const check = `[ "$PPID" = ${process.pid} ] || exit 1; exec "$@"`
  return ['setpriv', ...setpriv, '--pdeathsig', signal, 'sh', '-c', check, 'sh']
}

/** Runs a program under our own account, tied to us where setpriv exists (Linux). */
export async function tied(program: string, signal: string): Promise<Launch> {
  return firstThatWorks(program, [{ prefix: tether(signal) }, { prefix: [] }])
}

/**
 * Finds an account for PostgreSQL, which refuses to run as root, and whose initdb refuses a number without an
 * account. In this order: our own account, if PostgreSQL accepts it; a user namespace in which we have another
 * number (this needs no account and no chown, and works below folders that are closed to others); for root in
 * containers that forbid namespaces (Docker's default), user 65534, if possible with the right to pass closed
 * folders.
 */
export async function tiedAsOrdinaryUser(program: string, signal: string): Promise<Launch> {
  const accounts = await accountNumbers()
  const me = process.getuid?.()
  if (me === undefined || (me !== 0 && accounts.includes(me))) return tied(program, signal)

  const other = accounts.find((number) => number !== 0) ?? NOBODY
  const namespace = ['unshare', '--user', `--map-user=${other}`, `--map-group=${other}`]
  const inNamespace = { prefix: [...namespace, ...tether(signal)] }
  if (me !== 0) return firstThatWorks(program, [inNamespace, { prefix: tether(signal) }, { prefix: [] }])

  const nobody = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups']
  const passing = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override']
  // initdb asks access(2) whether it may run postgres. For that question Linux forgets every right of an account
  // that is not root (capabilities (7), SECBIT_NO_SETUID_FIXUP). Without this option a checkout in a closed folder,
  // as mktemp makes it, would be out of reach.
  const asking = ['--securebits=+no_setuid_fixup']
  return firstThatWorks(program, [
    inNamespace,
    { prefix: tether(signal, [...nobody, ...asking, ...passing]), owner: NOBODY },
    { prefix: tether(signal, [...nobody, ...passing]), owner: NOBODY },
    { prefix: tether(signal, nobody), owner: NOBODY, stopped: true },
  ])
}

async function accountNumbers(): Promise<number[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => (line.includes(':') ? [Number(line.split(':')[2])] : []))
}

async function firstThatWorks(program: string, candidates: Launch[]): Promise<Launch> {
  const reasons: string[] = []
  for (const candidate of candidates) {
    const [command, ...args] = [...candidate.prefix, program, '--version']
    try {
      await run(command!, args)
      return candidate
    } catch (error) {
      reasons.push(error instanceof Error ? error.message.trim() : String(error))
    }
  }
  throw new Error(
    `${program} cannot be started here; start telekassa as an ordinary user, or set DATABASE_URL and REDIS_URL ` +
      `(tried: ${reasons.join('; ')})`,
  )
}
