import type { ConfigReader } from '#shared/config/reader.ts'

declare module '#shared/config/config.ts' {
  interface Config {
    fragment: ReturnType<typeof readReseller>
  }
}

/** How the Fragment reseller is reached. */
export function readReseller(read: ConfigReader, { gateway }: { gateway: { publicUrl?: string } }) {
  const callbackUrl = read.url('FRAGMENT_CALLBACK_URL') ?? gateway.publicUrl
  const apiKey = read.optional('FRAGMENT_API_KEY')
  const phoneNumber = read.optional('FRAGMENT_PHONE_NUMBER')
  const mnemonics = read.optional('FRAGMENT_MNEMONICS')
  const jwtToken = read.optional('FRAGMENT_JWT_TOKEN')
  // With a token the shop sells until the token ends; the doctor says so.
  if (!jwtToken)
    refuseHalf(read, [
      ['FRAGMENT_API_KEY', apiKey],
      ['FRAGMENT_PHONE_NUMBER', phoneNumber],
      ['FRAGMENT_MNEMONICS', mnemonics],
    ])
  return {
    apiUrl: read.url('FRAGMENT_API_URL') ?? 'https://api.fragment-api.com',
    apiKey,
    phoneNumber,
    mnemonics,
    jwtToken,
    shopId: read.optional('FRAGMENT_SHOP_ID'),
    /** Base of `response_url`; without it the reseller answers only when the purchase has ended. */
    callbackUrl,
    /**
     * How long a purchase call may take, ms. With a callback the reseller answers early; without one the answer is the
     * result.
     */
    callTimeoutMs: read.integer('FRAGMENT_TIMEOUT_MS', callbackUrl ? 90_000 : 300_000, {
      min: 100,
      max: 300_000,
    }),
    /** How often a running purchase is looked up at first, ms. */
    pollMs: read.integer('FRAGMENT_POLL_MS', 10_000, { min: 10, max: 600_000 }),
    /** From this age on, ms, an admin decides about a purchase in doubt; other shops also wait 30 minutes. */
    reviewAfterMs: read.integer('FRAGMENT_REVIEW_AFTER_MS', 1_800_000, { min: 100, max: 86_400_000 }),
    /** After several failures in a row, and after each trial that fails, nothing is bought for this long, ms: see `breaker.ts`. */
    pauseMs: read.integer('FRAGMENT_PAUSE_MS', 30_000, { min: 100, max: 600_000 }),
  }
}

/** Nobody can log in with a part of the credentials: orders would be taken and then wait. */
function refuseHalf(read: ConfigReader, credentials: readonly [name: string, value: string | undefined][]) {
  const named = (isSet: boolean) =>
    credentials.filter(([, value]) => Boolean(value) === isSet).map(([name]) => name)
  if (named(true).length === 0 || named(false).length === 0) return
  read.problem(
    `${named(true).join(' and ')} without ${named(false).join(' and ')}: only all three log in at Fragment; set the missing ones, or none of them and enter all three in the bot, /fragment, Credentials`,
  )
}
