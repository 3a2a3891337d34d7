import { sql as q } from 'kysely'
import type { Config } from '#shared/config/config.ts'
import type { Db } from '#shared/db/db.ts'
import { explain, Transient } from '#shared/errors.ts'
import { asLogin, resellerConnection, readCredentials } from '#shop/stars-premium/connection.ts'
import { inWordsOf, saleStops } from '#shop/stars-premium/sale-stops.ts'
import { resellerTerms } from '#shop/stars-premium/settings.ts'
import { databaseTokenStore } from '#shop/stars-premium/token-store.ts'
import { formatAmount, parseAmount } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { LoginFailed } from '#shop/stars-premium/reseller/errors.ts'
import { readResellerWallet } from '#shop/stars-premium/reseller/misc.ts'
import { secretsFrom } from '#shared/secrets.ts'
import { createSettings } from '#shared/settings/settings.ts'
import { fail, ok, warn } from './findings.ts'
import type { Finding } from './findings.ts'
import { shorten } from '#shared/storable.ts'

const CHECK = 'fragment'
/** A purchase in doubt for longer than this waits for an admin. */
const DOUBT_MINUTES = 60

/**
 * Checks the reseller of Stars and Premium: credentials, token, our wallet there, callbacks, stops and orders in
 * doubt.
 */
export async function checkFragment(db: Db, config: Config): Promise<Finding[]> {
  const access = await checkCredentials(db, config)
  const isUsable = access.every(({ level }) => level !== 'fail')
  return [
    ...access,
    ...(isUsable && access.length > 0
      ? [...(await checkToken(db, config)), await checkWallet(db, config)]
      : []),
    ...(access.length > 0 ? [checkCallbacks(config)] : []),
    ...(await saleStops(db)).map(({ reason, details, since }) =>
      warn(
        CHECK,
        `Stars and Premium are not for sale since ${since.toISOString()}: ${reason} (${shorten(inWordsOf('en', details), 150)}); docs/runbook.md has a paragraph for each reason`,
      ),
    ),
    ...(await checkDoubt(db)),
  ]
}

/** @returns nothing where the shop does not use the reseller */
async function checkCredentials(db: Db, config: Config): Promise<Finding[]> {
  const secrets = secretsFrom(config)
  try {
    const found = await readCredentials(db, secrets, config.fragment)
    await databaseTokenStore(db, secrets).get()
    const names = { apiKey: 'API key', phoneNumber: 'phone number', mnemonics: 'wallet words' }
    const missing = Object.entries(names).filter(([field]) => !found[field as keyof typeof found])
    const { walletVersion } = await createSettings(db, config).get(resellerTerms)
    if (asLogin(found, walletVersion)) return [ok(CHECK, 'the credentials are there and can be read')]
    if (config.fragment.jwtToken)
      return [
        warn(
          CHECK,
          'only FRAGMENT_JWT_TOKEN is set: when it ends nobody can log in; add key, phone and words',
        ),
      ]
    if (missing.length === 3) return []
    const list = missing.map(([, name]) => name).join(', ')
    return [fail(CHECK, `half set up, missing: ${list}; enter them in the bot, /fragment, Credentials`)]
  } catch (error) {
    return [
      fail(
        CHECK,
        `the kept credentials cannot be decrypted (${explain(error)}): start with the ENCRYPTION_KEY they were kept with, or enter them anew in the bot, /fragment, Credentials`,
      ),
    ]
  }
}

async function checkToken(db: Db, config: Config): Promise<Finding[]> {
  const token = await databaseTokenStore(db, secretsFrom(config)).get()
  if (!token?.jwt) return [ok(CHECK, 'no token yet: the first call logs in')]
  if (token.failures > 0)
    return [
      fail(
        CHECK,
        `the last ${token.failures} logins failed: ${shorten(token.failure ?? '', 200)}; check key, phone, words and wallet version in /fragment, or run npm run fragment:token`,
      ),
    ]
  const [kept] = await db.rows(q<{ hours: number }>`
    select extract(epoch from now() - updated_at)::float8 / 3600 as hours from secrets where name = 'fragment-token'`)
  const age = `${Math.floor(kept!.hours)} h old`
  return [
    token.refused
      ? warn(CHECK, `the token is ${age} and was refused: the next call logs in`)
      : ok(CHECK, `the token is ${age}`),
  ]
}

/** Only this check asks the reseller. It logs in when the token needs it, as any worker would. */
async function checkWallet(db: Db, config: Config): Promise<Finding> {
  const settings = createSettings(db, config)
  const secrets = secretsFrom(config)
  const terms = await settings.get(resellerTerms)
  const asset: Asset = terms.currency === 'ton' ? 'TON' : 'USDT'
  try {
    const { balances } = await readResellerWallet(
      await resellerConnection({ db, config, secrets, settings })(),
    )
    const balance = balances.find((one) => one.asset === asset)?.amount ?? 0n
    const has = `${formatAmount(balance, asset).replace(/\.?0+$/, '')} ${asset} in the wallet`
    if (balance < parseAmount(terms.stopBalance, asset))
      return fail(
        CHECK,
        `${has}, nothing is sold below ${terms.stopBalance}: fill it up, the sale goes on by itself`,
      )
    return balance < parseAmount(terms.warnBalance, asset)
      ? warn(CHECK, `${has}, less than ${terms.warnBalance}: fill it up before the sale stops`)
      : ok(CHECK, has)
  } catch (error) {
    if (error instanceof LoginFailed)
      return fail(
        CHECK,
        `${explain(error)}; check the credentials in /fragment, or run npm run fragment:token`,
      )
    if (error instanceof Transient)
      return warn(CHECK, `the reseller cannot be asked: ${explain(error)}; paid orders wait until it answers`)
    return fail(CHECK, `the reseller refuses to show our wallet: ${explain(error)}`)
  }
}

function checkCallbacks({ fragment }: Config): Finding {
  return fragment.callbackUrl
    ? ok(CHECK, `the reseller calls back at ${fragment.callbackUrl}`)
    : warn(
        CHECK,
        'no PUBLIC_URL or FRAGMENT_CALLBACK_URL: a purchase whose reply is lost can be settled by an admin only',
      )
}

async function checkDoubt(db: Db): Promise<Finding[]> {
  const rows = await db.rows(q<{ id: string }>`
    select id from orders where good in ('stars', 'premium') and state in ('unknown', 'review')
      and updated_at < now() - ${DOUBT_MINUTES} * interval '1 minute' order by updated_at`)
  if (rows.length === 0) return []
  const some = rows.slice(0, 3).map(({ id }) => id)
  return [
    warn(
      CHECK,
      `${rows.length} purchases are in doubt for more than ${DOUBT_MINUTES} minutes (${some.join(', ')}): decide them in the bot, /fragment, under review; never repeat them by hand`,
    ),
  ]
}
