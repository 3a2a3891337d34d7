/** A payer's card as a payment names it. Its id looks the same whether or not the card is kept. */
export interface Card {
  type: 'bank_card'
  id: string
  saved: boolean
  title: string
  card: { first6: string; last4: string; expiry_month: string; expiry_year: string; card_type: string }
}

export const cardOf = (id: string, saved: boolean): Card => ({
  type: 'bank_card',
  id,
  saved,
  title: 'Bank card *4477',
  card: { first6: '555555', last4: '4477', expiry_month: '12', expiry_year: '2030', card_type: 'MasterCard' },
})

export type Keeping =
  | { keeps: boolean; from?: undefined }
  | { from: Card; keeps?: undefined }
  | { wrong: string; parameter?: string; status?: number }

/** What a payment says of cards that are kept: it asks for one, is charged from one, or neither. */
export function keepingOf(
  fields: Record<string, unknown>,
  cards: readonly Card[],
  mayKeep: boolean,
): Keeping {
  const { save_payment_method: save, payment_method_data: data, payment_method_id: from } = fields
  if (save !== undefined && typeof save !== 'boolean')
    return { wrong: 'true or false', parameter: 'save_payment_method' }
  if (data !== undefined && (data as { type?: unknown }).type !== 'bank_card')
    return { wrong: 'This imitation has cards only', parameter: 'payment_method_data' }
  if ((save === true || from !== undefined) && !mayKeep)
    return {
      wrong: "This store can't make recurring payments. Contact the YooMoney manager to learn more",
      status: 403,
    }
  if (from === undefined) return { keeps: save === true }
  if (data !== undefined || fields['confirmation'] !== undefined)
    return { wrong: 'A charge has neither data nor a confirmation', parameter: 'confirmation' }
  const kept = cards.find((one) => one.id === from && one.saved)
  if (!kept) return { wrong: "Payment method doesn't exist or is not saved", parameter: 'payment_method_id' }
  return { from: kept }
}
