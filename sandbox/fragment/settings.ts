/** How this copy of the reseller behaves. Everything can be changed while it runs. */
export interface Settings {
  apiKey: string
  /** 11 digits, no plus. */
  phoneNumber: string
  mnemonics: string[]
  walletVersion: string
  tokenLifeMs: number
  /**
   * Whether tokens have the claim `exp`. The vendor does not document it, so it is left out unless a test asks for
   * it.
   */
  tokenTellsExpiry: boolean
  /** The answer to an expired or unknown token. Nobody knows which of the two the vendor sends. */
  expiredStatus: 401 | 403
  newLoginEndsOldTokens: boolean
  /** How long a login takes, in ms: long enough for a storm of logins to show. */
  loginMs: number
  /** `old` answers without status, with `username` and `ton_price`, and always at once. */
  orderShape: 'new' | 'old'
  walletShape: 'new' | 'old'
  walletTon: string
  walletUsdt: string
  walletAddress: string
  /** The pause before each step of PENDING -> BLOCKCHAIN_SENT -> COMPLETED, in ms. */
  stepMs: number
  callbacks: 'once' | 'twice' | 'never' | 'before-reply'
  callbackDelayMs: number
  callbackOn: 'final' | 'every-status'
  /** Prices in TON. */
  starPrice: string
  premiumPrices: Record<3 | 6 | 12, string>
  fee: string
  usdtPerTon: number
  listsPrices: boolean
  tellsPremium: boolean
  /** How many orders a second are taken before 429; 0 for no limit. */
  ordersPerSecond: number
  retryAfter: string
}

export const defaults: Settings = {
  apiKey: 'sandbox-api-key',
  phoneNumber: '79990000001',
  mnemonics: Array.from({ length: 24 }, (_, index) => `word${index + 1}`),
  walletVersion: 'V4R2',
  tokenLifeMs: 3_600_000,
  tokenTellsExpiry: false,
  expiredStatus: 401,
  newLoginEndsOldTokens: false,
  loginMs: 0,
  orderShape: 'new',
  walletShape: 'new',
  walletTon: '5000',
  walletUsdt: '1000',
  walletAddress: 'UQsandboxsandboxsandboxsandboxsandboxsandboxsandbox',
  stepMs: 20,
  callbacks: 'once',
  callbackDelayMs: 0,
  callbackOn: 'final',
  starPrice: '0.0075',
  premiumPrices: { 3: '4.5', 6: '8', 12: '13.5' },
  fee: '0.02',
  usdtPerTon: 2,
  listsPrices: true,
  tellsPremium: true,
  ordersPerSecond: 0,
  retryAfter: '1',
}
