import type { ConfigReader } from '#shared/config/reader.ts'

declare module '#shared/config/config.ts' {
  interface Config {
    fragment: ReturnType<typeof readReseller>
  }
}

/** How the Fragment reseller is reached. */
export function readReseller(read: ConfigReader, { gateway }: { gateway: { publicUrl?: string } }) {
  const callbackUrl = read.url('FRAGMENT_CALLBACK_URL') ?? gateway.publicUrl
  return {
    apiUrl: read.url('FRAGMENT_API_URL') ?? 'https://api.fragment-api.com',
    apiKey: read.optional('FRAGMENT_API_KEY'),
    phoneNumber: read.optional('FRAGMENT_PHONE_NUMBER'),
    mnemonics: read.optional('FRAGMENT_MNEMONICS'),
    jwtToken: read.optional('FRAGMENT_JWT_TOKEN'),
    shopId: read.optional('FRAGMENT_SHOP_ID'),
    /** Base of `response_url`; without one the reseller answers when it is finished. */
    callbackUrl,
    /** How long an order's answer is waited for: with a callback it is early, without one it is the result. */
    callTimeoutMs: read.integer('FRAGMENT_TIMEOUT_MS', callbackUrl ? 90_000 : 300_000, {
      min: 100,
      max: 300_000,
    }),
    /** Purchases under way are asked about at this pace at first. */
    pollMs: read.integer('FRAGMENT_POLL_MS', 10_000, { min: 10, max: 600_000 }),
    /** From this age on a purchase in doubt is an admin's to decide; 30 minutes is what others wait. */
    reviewAfterMs: read.integer('FRAGMENT_REVIEW_AFTER_MS', 1_800_000, { min: 100, max: 86_400_000 }),
    /** After some failures in a row nothing is bought for so long, see `breaker.ts`. */
    pauseMs: read.integer('FRAGMENT_PAUSE_MS', 30_000, { min: 100, max: 600_000 }),
  }
}
