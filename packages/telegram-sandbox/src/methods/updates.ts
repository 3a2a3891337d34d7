import { X509Certificate } from '../lib/crypto.ts'
import { bad, tooMany } from '../errors.ts'
import { bool, int, json, text, type Params } from '../params.ts'
import { poll } from '../polling.ts'
import { dropPending, type Webhook } from '../updates.ts'
import { startWebhook, stopWebhook, type Execute } from '../webhook.ts'
import { seconds, type World } from '../store.ts'
import type { Method } from './call.ts'

const PORTS = ['', '443', '80', '88', '8443']

function parsed(given: string): URL | undefined {
  try {
    return new URL(/^[a-z]+:\/\//i.test(given) ? given : `https://${given}`)
  } catch {
    return undefined
  }
}

const { isIP } = process.getBuiltinModule('node:net')

const RESERVED = /^(0|10|127|169\.254|172\.(1[6-9]|2\d|3[01])|192\.168|22[4-9]|23\d|24\d|25\d)\./

/**
 * Whether Telegram can send to it: the connection itself is only tried with the first update. With `insecureWebhooks`
 * loopback may be plain http on any port, and no name is resolved.
 * @returns the address of the host
 * @throws bad `bad webhook: ...`
 */
async function checkUrl(world: World, url: URL, ip: string): Promise<string> {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (loopback && world.settings.insecureWebhooks) return ip
  if (url.protocol !== 'https:') throw bad('bad webhook: An HTTPS URL must be provided for webhook')
  if (!PORTS.includes(url.port))
    throw bad('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443')
  if (ip !== '') {
    if (isIP(ip) !== 4) throw bad('bad webhook: Invalid IP address specified')
  } else if (!world.settings.insecureWebhooks) ip = await resolved(url.hostname)
  const address = ip || (isIP(url.hostname) === 4 ? url.hostname : '')
  if (RESERVED.test(address) || loopback)
    throw bad(`bad webhook: IP address ${address || url.hostname} is reserved`)
  return ip
}

/** What getaddrinfo calls it. */
const NOT_RESOLVED: Record<string, string> = {
  ENOTFOUND: 'Name or service not known',
  EAI_AGAIN: 'Temporary failure in name resolution',
  ENODATA: 'No address associated with hostname',
}

async function resolved(host: string): Promise<string> {
  const dns = process.getBuiltinModule('node:dns/promises')
  try {
    const found = await dns.lookup(host.replace(/^\[|\]$/g, ''), { all: true })
    const address = found.find(({ family }) => family === 4)?.address
    if (address !== undefined) return address
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    throw bad(`bad webhook: Failed to resolve host: ${NOT_RESOLVED[code] ?? code}`)
  }
  throw bad('bad webhook: IPv6-only addresses are not allowed')
}

const LONGEST_SECRET = 256
const LARGEST_CERTIFICATE_BYTES = 3 << 20

/** The certificate of the bot's own making, by which alone its server is known. @throws bad */
function certificateOf(p: Params): string | undefined {
  const file = p.files.get((text(p, 'certificate') ?? '').replace(/^attach:\/\//, '') || 'certificate')
  if (!file) return undefined
  const { length } = file.bytes
  if (length > LARGEST_CERTIFICATE_BYTES) throw bad(`certificate size is too big (${length} bytes)`)
  return file.bytes.toString('latin1')
}

function checkCertificate(pem: string): void {
  try {
    void new X509Certificate(pem)
  } catch {
    throw bad('bad webhook: Failed to set custom certificate file')
  }
}

function allowedOf(p: Params, before: string[] | undefined): string[] | undefined {
  const given = json(p, 'allowed_updates', 'allowed updates')
  if (given === undefined) return before
  if (!Array.isArray(given)) throw bad('expected an Array of String as allowed updates')
  return given.length === 0 ? undefined : given.map(String)
}

/** "Bot API", close and logOut: ten minutes each. */
const TEN_MINUTES_S = 600

/** Ends the bot's instance on this server, which the next call starts again; not soon after it has started. */
const close: Method = ({ world, bot }) => {
  const left = bot.launched + TEN_MINUTES_S - seconds(world)
  if (left > 0) throw tooMany(left)
  bot.launched = seconds(world)
  return true
}

/** The bot goes to a server of its own, and may come back in ten minutes. */
const logOut: Method = ({ world, bot }) => {
  bot.loggedOutUntil = seconds(world) + TEN_MINUTES_S
  return true
}

export function updateMethods(execute: Execute): Record<string, Method> {
  const setWebhook: Method = async ({ world, bot, p }) => {
    const given = text(p, 'url') ?? ''
    if (given === '') return remove(world, bot, p)
    const now = world.clock.now()
    if (now < bot.updates.nextSetWebhook) throw tooMany(1)
    bot.updates.nextSetWebhook = now + world.settings.setWebhookMs
    const secret = text(p, 'secret_token') ?? ''
    const ip = text(p, 'ip_address') ?? ''
    const maxConnections = int(p, 'max_connections', 40)
    const allowed = allowedOf(p, bot.updates.allowed)
    const url = parsed(given)
    const certificate = certificateOf(p)
    const old = bot.updates.webhook
    // The very same webhook again leaves everything as it is, waiting retries included.
    const same =
      old !== undefined &&
      old.url === url?.href &&
      old.secret === secret &&
      old.fixedIp === ip &&
      old.maxConnections === maxConnections &&
      old.certificate === undefined &&
      certificate === undefined
    if (same && !bool(p, 'drop_pending_updates')) {
      bot.updates.allowed = allowed
      return true
    }
    // Telegram takes the webhook away before it looks at the new one: a refused call leaves the bot without any.
    bot.updates.poller?.stop('terminated by setWebhook request')
    stopWebhook(bot)
    if (bool(p, 'drop_pending_updates')) dropPending(bot)
    if (!url) throw bad('invalid webhook URL specified')
    if (Buffer.byteLength(secret) > LONGEST_SECRET) throw bad('secret token is too long')
    if (!/^[A-Za-z0-9_-]*$/.test(secret)) throw bad('secret token contains unallowed characters')
    bot.updates.allowed = allowed
    if (certificate !== undefined) checkCertificate(certificate)
    const webhook: Webhook = {
      url: url.href,
      secret,
      maxConnections,
      ip: await checkUrl(world, url, ip),
      fixedIp: ip,
      ...(certificate !== undefined && { certificate }),
      inFlight: 0,
      ready: new Set(),
    }
    startWebhook(world, bot, webhook, execute)
    return true
  }

  const remove: (world: World, bot: Parameters<Method>[0]['bot'], p: Params) => true = (_world, bot, p) => {
    stopWebhook(bot)
    if (bool(p, 'drop_pending_updates')) dropPending(bot)
    return true
  }

  const deleteWebhook: Method = ({ world, bot, p }) => remove(world, bot, p)

  const getWebhookInfo: Method = ({ bot }) => {
    const { webhook, pending, allowed } = bot.updates
    return {
      url: webhook?.url ?? '',
      has_custom_certificate: webhook?.certificate !== undefined,
      pending_update_count: pending.size,
      ...(webhook && { max_connections: webhook.maxConnections }),
      ...(webhook?.ip && { ip_address: webhook.ip }),
      ...(webhook?.lastError && {
        last_error_date: webhook.lastError.date,
        last_error_message: webhook.lastError.message,
      }),
      ...(allowed && { allowed_updates: allowed }),
    }
  }

  const getUpdates: Method = ({ world, bot, p, gone }) => {
    const offset = int(p, 'offset')
    if (!bot.updates.webhook) bot.updates.allowed = allowedOf(p, bot.updates.allowed)
    return poll(world, bot, {
      offset,
      limit: int(p, 'limit', 100),
      timeout: int(p, 'timeout'),
      gone,
    })
  }

  return { setWebhook, deleteWebhook, getWebhookInfo, getUpdates, close, logOut }
}
