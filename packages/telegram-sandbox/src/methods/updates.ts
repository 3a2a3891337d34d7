import { bad, tooMany } from '../errors.ts'
import { bool, int, json, text, type Params } from '../params.ts'
import { poll } from '../polling.ts'
import { dropPending, type Webhook } from '../updates.ts'
import { startWebhook, stopWebhook, type Execute } from '../webhook.ts'
import { seconds, type World } from '../store.ts'
import type { Method } from './call.ts'

const PORTS = ['', '443', '80', '88', '8443']

/** @throws bad `bad webhook: ...`. With `insecureWebhooks` loopback may be plain http on any port. */
function checkUrl(world: World, given: string): string {
  let url: URL
  try {
    url = new URL(/^[a-z]+:\/\//i.test(given) ? given : `https://${given}`)
  } catch {
    throw bad('invalid webhook URL specified')
  }
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (loopback && world.settings.insecureWebhooks) return url.href
  if (url.protocol !== 'https:') throw bad('bad webhook: An HTTPS URL must be provided for webhook')
  if (!PORTS.includes(url.port))
    throw bad('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443')
  if (/^(127\.|10\.|192\.168\.|localhost$)/.test(url.hostname))
    throw bad(`bad webhook: IP address ${url.hostname} is reserved`)
  return url.href
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
  const setWebhook: Method = ({ world, bot, p }) => {
    const given = text(p, 'url') ?? ''
    if (given === '') return remove(world, bot, p)
    const now = world.clock.now()
    if (now < bot.updates.nextSetWebhook) throw tooMany(1)
    bot.updates.nextSetWebhook = now + world.settings.setWebhookMs
    const secret = text(p, 'secret_token') ?? ''
    if (!/^[A-Za-z0-9_-]*$/.test(secret)) throw bad('secret token contains unallowed characters')
    const url = checkUrl(world, given)
    const maxConnections = int(p, 'max_connections', 40)
    const allowed = allowedOf(p, bot.updates.allowed)
    const old = bot.updates.webhook
    // The very same webhook again leaves everything as it is, waiting retries included.
    const same = old?.url === url && old.secret === secret && old.maxConnections === maxConnections
    if (same && !bool(p, 'drop_pending_updates')) {
      bot.updates.allowed = allowed
      return true
    }
    bot.updates.poller?.stop('terminated by setWebhook request')
    stopWebhook(bot)
    if (bool(p, 'drop_pending_updates')) dropPending(bot)
    bot.updates.allowed = allowed
    const webhook: Webhook = {
      url,
      secret,
      maxConnections,
      ip: text(p, 'ip_address') ?? '',
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
      has_custom_certificate: false,
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
