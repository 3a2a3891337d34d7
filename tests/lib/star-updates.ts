/** The content of the message in which Telegram tells a bot of paid or returned Stars. */
export const starsOf = (charge: string, stars: number, payload: string) => ({
  currency: 'XTR',
  total_amount: stars,
  invoice_payload: payload,
  telegram_payment_charge_id: charge,
  provider_payment_charge_id: '1_0',
})

/** A message that Telegram itself writes into somebody's chat, as an update for `shop.inject`. */
export const service = (person: { id: number }, content: object) => ({
  message: {
    message_id: 900_000 + Math.floor(Math.random() * 90_000),
    date: Math.floor(Date.now() / 1000),
    chat: { id: person.id, type: 'private', first_name: 'P' },
    from: { id: person.id, is_bot: false, first_name: 'P', language_code: 'en' },
    ...content,
  },
})
