export interface Invoice {
  slug: string
  botId: number
  title: string
  description: string
  payload: string
  amount: number
  subscriptionPeriod?: number
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
  invoice: Invoice
  subscription?: { id: string; expires: number; canceled: boolean }
}
