import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Control, shopExtra } from './chat/extra.ts'
import { personas } from './chat/personas.ts'
import { startFragment } from './fragment/server.ts'
import { defaults as fragmentSettings } from './fragment/settings.ts'
import { startKie } from './pictures/kie.ts'
import { createMishaps, createSpeed } from './mishaps.ts'
import { startPayments } from './payments/start.ts'
import { bringPeople, keepTelegram, keptStars } from './kept.ts'
import { startTelegram, type Telegram } from '@telekassa/telegram-sandbox'

/** `name` is what the product calls the bot, `title` what people see. */
export interface SandboxBot {
  name: string
  username: string
  title: string
  token: string
}

export const bots: SandboxBot[] = [
  { name: 'main', username: 'telekassa_bot', title: 'Telekassa', token: token(7_000_000_001) },
  { name: 'second', username: 'telekassa_two_bot', title: 'Telekassa Two', token: token(7_000_000_002) },
]

/** Numbers of messages count the seconds from here on, so that they stay far below 2^31. */
const EPOCH_S = 1_750_000_000
/** A font of emoji for machines without one; a browser that has emoji never loads it. */
const EMOJI = dirname(fileURLToPath(import.meta.resolve('@fontsource-variable/noto-emoji/package.json')))
const PICTURE_TOKEN = 'sandbox-pictures'
const PICTURE_HMAC_KEY = 'sandbox-pictures-callbacks'

export interface SandboxOptions {
  /** The base URL of the gateway, which providers call back, and whose /readyz and /metrics the page reads. */
  shopUrl: string
  /** The folder in which the simulators keep invoices, Stars of bots and people over a restart. */
  dataDir?: string
  /** Switches of the product that the page shows beside the faults. */
  controls?: Control[]
  /** The bots on this Telegram, if they are others than the sandbox's own. */
  bots?: readonly SandboxBot[]
}

export interface Sandbox {
  /** Settings under which the product talks to the simulators; SANDBOX_URL is the chat page's server. */
  env: Record<string, string>
  close(): Promise<void>
}

/** Everything outside the product, on free ports of this machine: Telegram, the providers, and the chat page. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const started: { close(): Promise<void> }[] = []
  const keep = async <T extends { close(): Promise<void> }>(starting: Promise<T>) => {
    const running = await starting
    started.push(running)
    return running
  }
  const close = async () => {
    await Promise.all(started.reverse().map((one) => one.close()))
  }
  try {
    const payments = await keep(
      startPayments({ shopUrl: options.shopUrl, confirmMs: 2_000, ...folder(options) }),
    )
    const fragment = await keep(startFragment({ settings: { stepMs: 1_500 } }))
    // Fragment knows the personas by the names that they have in the chat.
    for (const { username, first_name: name } of personas)
      if (username) fragment.state.profiles.set(username, { exists: true, name, hasPremium: false })
    const pictures = await keep(startKie({ settings: { token: PICTURE_TOKEN, hmacKey: PICTURE_HMAC_KEY } }))
    const providers = {
      fragment: fragment.state,
      payments: Object.values(payments.vendors),
      pictures: pictures.url,
    }
    // The shop remembers messages over a restart and this Telegram does not, so no message may get the number of
    // an earlier one.
    const lastMessageId = Math.floor(Date.now() / 1000) - EPOCH_S
    const own = options.bots ?? bots
    const usernames = own.map((bot) => bot.username)
    const stars = keptStars(options.dataDir)
    const telegram: Telegram = await keep(
      startTelegram({
        bots: own.map(({ title, ...bot }) => ({
          ...bot,
          name: title,
          stars: stars[bot.username] ?? 0,
          lastMessageId,
        })),
        chat: {
          personas,
          bots: usernames,
          emoji: EMOJI,
          extra: shopExtra({
            telegramUrl: () => telegram.url,
            productUrl: options.shopUrl,
            bots: usernames,
            controls: options.controls ?? [],
            mishaps: createMishaps(providers),
            speed: createSpeed(providers),
          }),
        },
      }),
    )
    if (options.dataDir) await bringPeople(telegram.url, options.dataDir)
    const keeper = options.dataDir ? keepTelegram(telegram.url, options.dataDir) : undefined
    return {
      env: {
        SANDBOX_URL: telegram.url,
        ...telegramEnv(telegram.url, own),
        ...payments.env,
        ...fragmentEnv(fragment.url, options.shopUrl),
        IMAGE_API_URL: pictures.url,
        IMAGE_API_TOKEN: PICTURE_TOKEN,
        IMAGE_WEBHOOK_URL: `${options.shopUrl}/webhooks/images`,
        IMAGE_WEBHOOK_KEY: PICTURE_HMAC_KEY,
      },
      async close() {
        await keeper?.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

const folder = ({ dataDir }: SandboxOptions) => (dataDir ? { dataDir: join(dataDir, 'payments') } : {})

function telegramEnv(url: string, own: readonly SandboxBot[]): Record<string, string> {
  const admins = personas.filter((one) => one.admin).map((one) => one.id)
  return {
    TELEGRAM_API_ROOT: url,
    BOTS: JSON.stringify(own.map(({ name, token }) => ({ name, token, admins }))),
  }
}

function fragmentEnv(url: string, shopUrl: string): Record<string, string> {
  return {
    FRAGMENT_API_URL: url,
    FRAGMENT_CALLBACK_URL: shopUrl,
    FRAGMENT_API_KEY: fragmentSettings.apiKey,
    FRAGMENT_PHONE_NUMBER: fragmentSettings.phoneNumber,
    FRAGMENT_MNEMONICS: fragmentSettings.mnemonics.join(' '),
  }
}

/** A token of the right form that opens nothing anywhere. */
function token(id: number): string {
  return `${id}:AA${'sandbox'.repeat(5).slice(0, 33)}`
}
