import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readReplicaAddress } from '../db/address.ts'
import { makeFolder } from '../folder.ts'
import { readBots } from './bots.ts'
import type { BotSettings } from './bots.ts'
import type { Environment, ConfigReader } from './reader.ts'

/**
 * Everything that operators set: read once, checked as a whole, frozen. The object is passed as an argument, never
 * imported. A room with settings of its own adds them to this type in its config.ts; src/shop/config.ts reads them
 * all.
 */
export interface Config extends CoreConfig {}

type CoreConfig = ReturnType<typeof readCore>

/** All problems of the settings, one sentence each. */
export class ConfigError extends Error {
  readonly problems: string[]

  constructor(problems: string[]) {
    super(problems.join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** The highest price of an invoice in Stars that Telegram is known to take; it refuses to make a higher one. */
export const MOST_STARS = 100_000

const TELEGRAM = 'https://api.telegram.org'
/** The ports of a webhook that Telegram takes; it refuses to set any other one. */
const WEBHOOK_PORTS = ['443', '80', '88', '8443']

const STARS_FOR_SALE =
  '50,75,100,150,250,350,500,750,1000,1500,2500,5000,10000,25000,35000,50000,100000,150000,500000,1000000'

/** What Telegram takes as the secret of a webhook. */
const WEBHOOK_WORD = [
  /^[\w-]{1,256}$/,
  '1 to 256 of A-Z a-z 0-9 _ -, because Telegram takes nothing else',
] as const

/**
 * Reads the settings that every role uses.
 * @param read collects the problems
 */
export function readCore(read: ConfigReader, say: (line: string) => void) {
  const dataDir = read.text('DATA_DIR', '.data')
  const publicUrl = publicAddress(read)
  const botMode = read.choice('BOT_MODE', ['webhook', 'polling'], publicUrl ? 'webhook' : 'polling')
  // A local Bot API server also delivers over http, for example to a load balancer in the same network.
  const allowHttpWebhook = read.flag('ALLOW_HTTP_WEBHOOK')
  if (publicUrl && !publicUrl.startsWith('https://') && !allowHttpWebhook) {
    read.problem('PUBLIC_URL must start with https://, because Telegram delivers to nothing else')
  }
  if (botMode === 'webhook' && !publicUrl && !allowHttpWebhook) {
    read.problem('BOT_MODE is webhook, so PUBLIC_URL must hold the https address of the gateway')
  }
  const apiRoot = read.url('TELEGRAM_API_ROOT') ?? TELEGRAM
  // A Bot API server of the operator's own delivers to any port.
  if (publicUrl?.startsWith('https://') && botMode === 'webhook' && apiRoot === TELEGRAM) {
    const { port } = new URL(publicUrl)
    if (!WEBHOOK_PORTS.includes(port || '443'))
      read.problem(
        `PUBLIC_URL has port ${port}, and Telegram delivers to ${WEBHOOK_PORTS.join(', ')} only: let a proxy listen on one of them, or set BOT_MODE=polling`,
      )
  }

  const config = {
    dataDir,
    logLevel: read.choice(
      'LOG_LEVEL',
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'info',
    ),
    gateway: {
      host:
        read.matching(
          'HOST',
          /^[\w.:-]+$/,
          'an address of this machine without a port, like 127.0.0.1 or 0.0.0.0',
        ) ?? '127.0.0.1',
      port: read.integer('PORT', 8080, { min: 0, max: 65_535 }),
      publicUrl,
      /** Where the sandbox's page is served from; unset outside sandbox mode. */
      sandboxUrl: read.url('SANDBOX_URL'),
      opsUser: read.optional('OPS_USER'),
      opsPassword: read.optional('OPS_PASSWORD'),
      /** Whether the board may pause and resume queues. */
      opsWrite: read.flag('OPS_WRITE'),
    },
    /** The port of a worker process's own /healthz, /readyz and /metrics; 0 = none. */
    healthPort: read.integer('HEALTH_PORT', 0, { min: 0, max: 65_535 }),
    databaseUrl: read.databaseUrl('DATABASE_URL', ['POSTGRES_DSN']),
    /** The database address of the role that owns the tables, used only for migrations; unset = DATABASE_URL. */
    migrateDatabaseUrl: read.databaseUrl('MIGRATE_DATABASE_URL', []),
    /** A standby for data that is only shown: lists, statistics, exports; unset = DATABASE_URL serves these too. */
    databaseReadUrl: read.databaseUrl('DATABASE_READ_URL', [], readReplicaAddress),
    /** A standby that lags by more seconds than this is not read. */
    databaseReadMaxAge: read.integer('DATABASE_READ_MAX_AGE_SECONDS', 10, { min: 1, max: 3_600 }),
    /** Whether the shop may run under a database role that could switch off the ledger's triggers. */
    allowOwnerRole: read.flag('ALLOW_OWNER_ROLE'),
    /**
     * `off` for a pooler that cannot keep prepared statements: PgBouncer before 1.21, or without
     * max_prepared_statements.
     */
    preparedStatements: read.choice('PREPARED_STATEMENTS', ['on', 'off'], 'on') === 'on',
    redisUrl: read.redisUrl('REDIS_URL'),
    /** Queues on other Redis servers than that of REDIS_URL. */
    redisQueues: read.redisQueues('REDIS_QUEUES'),
    /** Part of every key in Redis, so that two systems can share one server. */
    queuePrefix:
      read.matching(
        'QUEUE_PREFIX',
        /^[^\s{}\p{Cc}]{1,64}$/u,
        'up to 64 characters without spaces and braces, like tk',
      ) ?? 'tk',
    telegram: {
      apiRoot,
      mode: botMode,
      webhookSecret: read.matching('WEBHOOK_SECRET', ...WEBHOOK_WORD),
      /** A second secret that is accepted as well, while the secret is being changed. */
      webhookOtherSecret: read.matching('WEBHOOK_OTHER_SECRET', ...WEBHOOK_WORD),
      /** A bot's own send budget, messages a second; Telegram's limit for one bot is about 30. */
      sendRate: read.integer('TELEGRAM_SEND_RATE', 30, { min: 1, max: 10_000 }),
      /** Messages a second into one chat, short bursts pass; 0 = no limit of our own (a local Bot API server). */
      chatRate: read.integer('TELEGRAM_CHAT_RATE', 1, { min: 0, max: 1000 }),
    },
    bots: readBots(read),
    /** Where spans are sent, if anywhere. The variables have OpenTelemetry's names. */
    tracing: {
      endpoint: read.url('OTEL_EXPORTER_OTLP_ENDPOINT'),
      ratio: read.share('OTEL_TRACES_SAMPLER_ARG', 1),
    },
    economy: {
      priceBuyRub: read.money('PRICE_BUY_RUB', '10', 'RUB'),
      priceSellRub: read.money('PRICE_SELL_RUB', '8', 'RUB'),
      starsPacks: read.integers('STARS_PACKS', '1,3,5,10', { min: 1, max: 1_000_000 }),
      starsPerToken: read.integer('STARS_PER_TOKEN', 5, { min: 1, max: 10_000 }),
      tonRub: read.money('TON_RUB', '160', 'RUB'),
      usdtRub: read.money('USDT_RUB', '80', 'RUB'),
      starPriceRub: read.decimal('STAR_PRICE_RUB', '1.8'),
      /**
       * The numbers of Stars that people can buy for themselves and others; `starsPacks`, in contrast, are tokens paid
       * in Stars.
       */
      starsForSale: read.integers('STARS_FOR_SALE', STARS_FOR_SALE, { min: 50, max: 1_000_000 }, [
        'STAR_PACKS',
      ]),
      premiumPricesRub: read.premiumPrices('PREMIUM_PRICES_RUB', '3:799,6:1499,12:2499'),
    },
    texts: {
      newsChannelId: read.matching(
        'NEWS_CHANNEL_ID',
        /^(-\d{1,20}|@[A-Za-z]\w{3,31})$/,
        'the number of a channel, like -1001234567890, or its @name',
      ),
      newsChannelLink: read.url('NEWS_CHANNEL_LINK'),
      welcomeImageUrl: read.url('WELCOME_IMAGE_URL'),
      welcomeDescription: read.optional('WELCOME_DESCRIPTION'),
      offerUrl: read.url('PROFILE_OFFER_URL'),
      privacyUrl: read.url('PROFILE_PRIVACY_URL'),
      supportUrl: read.url('SUPPORT_URL'),
    },
    encryptionKey: encryptionKey(read, dataDir, say),
    /** A second key that opens and verifies as well, while the key is being changed: docs/backup.md. */
    encryptionOtherKey: keyOf(read, 'ENCRYPTION_OTHER_KEY'),
    /** The key that encrypts the files of `npm run backup`. */
    backupKey: keyOf(read, 'BACKUP_KEY'),
  }
  if (config.redisQueues && !config.redisUrl) {
    read.problem(
      'REDIS_QUEUES needs REDIS_URL: the queues that it does not name are there, and all that is no queue',
    )
  }
  for (const pack of config.economy.starsPacks) {
    const stars = pack * config.economy.starsPerToken
    if (stars > MOST_STARS)
      read.problem(
        `STARS_PACKS: ${pack} tokens at STARS_PER_TOKEN=${config.economy.starsPerToken} are ${stars} Stars, and Telegram takes at most ${MOST_STARS} for one invoice`,
      )
  }
  if (config.economy.priceSellRub > config.economy.priceBuyRub)
    read.problem(
      'PRICE_SELL_RUB is above PRICE_BUY_RUB: people would buy a token for less than it counts when they spend it',
    )
  if (config.databaseReadUrl && !config.databaseUrl)
    read.problem('DATABASE_READ_URL is the standby of a server of yours: set DATABASE_URL, too')
  for (const name of ['encryptionKey', 'encryptionOtherKey'] as const) {
    const [own, other] = [config.backupKey, config[name]].map((key) => Buffer.from(key ?? '', 'base64'))
    if (own!.length > 0 && own!.equals(other!))
      read.problem(
        `BACKUP_KEY is the same as ${name === 'encryptionKey' ? 'ENCRYPTION_KEY' : 'ENCRYPTION_OTHER_KEY'}: whoever finds one backup would have every secret in it; make another one`,
      )
  }
  if (Boolean(config.gateway.opsUser) !== Boolean(config.gateway.opsPassword)) {
    read.problem('OPS_USER and OPS_PASSWORD go together: set both, or neither to keep /ops on loopback')
  }
  return config
}

/** The address of the gateway: paths are put behind it, so nothing of its own may follow the path. */
function publicAddress(read: ConfigReader): string | undefined {
  const value = read.url('PUBLIC_URL')
  const { username, search, hash } = new URL(value ?? 'http://none')
  if (username || search || hash || value?.endsWith('?') || value?.endsWith('#'))
    read.problem('PUBLIC_URL must be an address without a user, ? and #, like https://shop.example.org')
  return value
}

function keyOf(read: ConfigReader, name: string): string | undefined {
  const given = read.optional(name)
  if (given && Buffer.from(given, 'base64').length !== 32) {
    read.problem(`${name} must be 32 bytes in base64; make one with: openssl rand -base64 32`)
  }
  return given
}

/** 32 bytes that protect secrets at rest and sign buttons. Kept in DATA_DIR when the operator gives none. */
function encryptionKey(read: ConfigReader, dataDir: string, say: (line: string) => void): string {
  const before = read.problems.length
  const given = keyOf(read, 'ENCRYPTION_KEY')
  // A key that could not be read exists somewhere, so no other one is made.
  if (given || read.problems.length > before) return given ?? ''
  const file = join(dataDir, 'encryption-key')
  if (existsSync(file)) return keptKey(read, file)
  const fresh = randomBytes(32).toString('base64')
  try {
    makeFolder(dataDir)
    // The file is written beside its place and then renamed: a full disk must not leave half a key behind.
    const whole = `${file}.${process.pid}`
    writeFileSync(whole, `${fresh}\n`, { mode: 0o600, flush: true })
    try {
      linkSync(whole, file)
    } finally {
      unlinkSync(whole)
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return keptKey(read, file)
    read.problem(
      `DATA_DIR ${dataDir} cannot be written, so no ENCRYPTION_KEY can be kept there: set ENCRYPTION_KEY`,
    )
    return fresh
  }
  say(`ENCRYPTION_KEY is not set: generated one in ${file}. Keep it with your backups, or set it yourself.`)
  return fresh
}

/** Checks a kept key: one that a full disk or a bad copy cut short would protect next to nothing. */
function keptKey(read: ConfigReader, file: string): string {
  const kept = readFileSync(file, 'utf8').trim()
  const bytes = Buffer.from(kept, 'base64').length
  if (bytes !== 32) {
    read.problem(
      `${file} holds ${bytes} bytes instead of a key of 32: put it back from your backup, or set ENCRYPTION_KEY; without the right key no stored secret can be read`,
    )
  }
  return kept
}

export type { BotSettings, Environment }
