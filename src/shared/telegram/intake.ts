import type { Message, Update } from 'grammy/types'
import { starsArrived, starsPaid, starsRefunded } from '../queue/jobs/stars.ts'
import type { StarsCharge } from '../queue/jobs/stars.ts'
import { telegramCheckout, telegramUpdate } from '../queue/jobs/telegram.ts'
import type { Producer } from '../queue/producer.ts'
import type { Secrets } from '../secrets.ts'
import { doorSpan, ofInvoice, traced } from '../trace/trace.ts'
import type { TraceSubject, Tracer } from '../trace/trace.ts'

/** What the bots ask Telegram for; everything else is not sent to us at all. */
export const ALLOWED_UPDATES = [
  'message',
  'edited_message',
  'callback_query',
  'pre_checkout_query',
  'my_chat_member',
  'chat_member',
  'subscription',
] as const

export interface Intake {
  producer: Producer
  tracer?: Tracer
}

export function isUpdate(value: unknown): value is Update {
  const id = (value as Update | undefined)?.update_id
  return typeof value === 'object' && value !== null && Number.isSafeInteger(id) && id! >= 0
}

/**
 * Puts an update on the queue of its kind: a pre-checkout has 10 s and goes before everything else, money goes to
 * billing, the rest keeps the order of its chat. An update of a shape that we do not know goes the common way.
 * @throws Transient when the queue does not take it
 */
export function enqueueUpdate(door: Intake, bot: string, update: Update): Promise<void> {
  return traced(
    door.tracer,
    () =>
      doorSpan('telegram update', subjectOf(update), {
        'telekassa.bot': bot,
        'telekassa.update': update.update_id,
      }),
    () => enqueue(door.producer, bot, update),
  )
}

function subjectOf({ message, pre_checkout_query }: Update): TraceSubject {
  const money = pre_checkout_query ?? message?.successful_payment ?? message?.refunded_payment
  return ofInvoice(money?.invoice_payload)
}

async function enqueue(producer: Producer, bot: string, update: Update): Promise<void> {
  if (update.pre_checkout_query) return producer.add(telegramCheckout, { bot, update })
  const paid = charge(bot, update, update.message?.successful_payment)
  if (paid) {
    await producer.add(starsPaid, paid)
    return producer.add(starsArrived, paid)
  }
  const refunded = charge(bot, update, update.message?.refunded_payment)
  if (refunded) return producer.add(starsRefunded, refunded)
  return producer.add(telegramUpdate, { bot, update })
}

/** What @BotFather gives: nothing else that people type looks like it. */
const TOKEN = /\d{6,20}:[A-Za-z0-9_-]{30,100}/
const SHORTEST = 37
const SEALED = 'sealed:'
const SEALED_FOR = 'a token that somebody typed'
/** The fields of Telegram's objects that hold what somebody wrote. */
const WRITTEN = new Set(['text', 'caption', 'url', 'query'])

/**
 * A text with a bot's token in it is encrypted whole before the update waits anywhere, because queues keep their jobs in
 * clear: also in an edited message, a caption, a quoted or answered message, and with other words around it.
 */
export function sealToken(secrets: Secrets, update: Update): Update {
  return sealed(secrets, update) as Update
}

/** The value itself where nothing in it is sealed: that is nearly every update. */
function sealed(secrets: Secrets, value: unknown, field = ''): unknown {
  if (typeof value === 'string') {
    if (value.length < SHORTEST || !WRITTEN.has(field) || !TOKEN.test(value)) return value
    return SEALED + secrets.encrypt(SEALED_FOR, value).toString('base64url')
  }
  if (typeof value !== 'object' || value === null) return value
  let copy: Record<string, unknown> | unknown[] | undefined
  for (const [key, one] of Object.entries(value)) {
    const other = sealed(secrets, one, Array.isArray(value) ? field : key)
    if (other === one) continue
    copy ??= Array.isArray(value) ? [...(value as unknown[])] : { ...value }
    ;(copy as Record<string, unknown>)[key] = other
  }
  return copy ?? value
}

/** The token in a text that was sealed at the door. @returns undefined when there is none */
export function openToken(secrets: Secrets, text: string | undefined): string | undefined {
  if (!text?.startsWith(SEALED)) return undefined
  try {
    return TOKEN.exec(secrets.decrypt(SEALED_FOR, Buffer.from(text.slice(SEALED.length), 'base64url')))?.[0]
  } catch {
    return undefined
  }
}

interface MoneyMoved {
  currency: string
  total_amount: number
  invoice_payload: string
  telegram_payment_charge_id: string
}

function charge(
  bot: string,
  { message, update_id }: Update,
  moved: MoneyMoved | undefined,
): StarsCharge | undefined {
  if (!message || moved?.currency !== 'XTR') return undefined
  const { chat, from } = message as Partial<Message>
  const personId = String(chat?.type === 'private' ? chat.id : from?.id)
  const parsed = starsPaid.payload.safeParse({
    bot,
    personId,
    chargeId: moved.telegram_payment_charge_id,
    stars: moved.total_amount,
    payload: moved.invoice_payload,
    updateId: update_id,
  })
  return parsed.data
}
