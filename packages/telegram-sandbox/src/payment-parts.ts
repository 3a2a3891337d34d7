export interface Invoice {
  slug: string
  botId: number
  title: string
  description: string
  payload: string
  /** XTR is Stars; everything else goes through a provider. */
  currency: string
  amount: number
  subscriptionPeriod?: number
  /** What the buyer has to tell. */
  needs: ('name' | 'phone_number' | 'email' | 'shipping_address')[]
  /** Whether the price of the delivery depends on the address. */
  isFlexible: boolean
  maxTip: number
  photoUrl?: string
  paid: number
}

export interface Payment {
  chargeId: string
  botId: number
  person: number
  payload: string
  amount: number
  date: number
  refunded: boolean
  currency: string
  invoice: Invoice
  /** The part of the affiliate, in billionths of a Star; the bot gets the rest. */
  share?: { user: number; perMille: number; nanostars: number }
  subscription?: { id: string; expires: number; canceled: boolean }
}

/** What a bot answers to a question before a payment. */
export interface CheckoutAnswer {
  ok: boolean
  error?: string
  options?: { id: string; amount: number }[]
}
