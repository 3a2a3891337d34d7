import { sql as q } from 'kysely'
import { lockPerson } from '#shared/people.ts'
import { picturesSql } from './tables.ts'
import { PICTURE } from './good.ts'
import type { Db, Sql } from '#shared/db/db.ts'
import type { CardPlace } from '#shared/money/cards.ts'
import { UserError } from '#shared/errors.ts'
import { buyLackingTokens } from '#shared/money/exchange.ts'
import { release, reserve } from '#shared/money/holds.ts'
import { moveOrder, setOrderCard } from '#shared/money/orders.ts'
import { owe } from '#shared/queue/outbox.ts'
import { nextPicture } from './jobs.ts'
import { type Picture, readPicture, setPrice, usage } from './pictures.ts'
import { atOnceOf } from './settings.ts'
import type { PictureLimits } from './settings.ts'
import { shorten } from '#shared/storable.ts'
import { NOW } from '#shared/db/build.ts'

export interface Confirmation {
  /** The price that the person saw on the button, in tokens. */
  price: bigint
  /** The button said that it costs nothing: the day's free pictures may be used up by now, in another message or bot. */
  isFree?: boolean
  limits: PictureLimits
  refusedWords: readonly string[]
  /**
   * The message in which the picture is drawn; null = the picture comes as a message of its own; absent = it is drawn where
   * its order is shown by then.
   */
  card?: CardPlace | null
  /** Kopecks of the balance that may buy the missing tokens, and what one token costs. */
  roubles?: { agreed: bigint; rate: bigint }
  /** Who acts, if it is not the person who pressed. */
  actor?: string
}

export type Confirmed =
  | { is: 'queued'; picture: Picture }
  /** The same button was pressed before. */
  | { is: 'already'; picture: Picture }

/**
 * Pays for a draft: one commit holds the tokens, moves the order to `reserved` and owes the job that starts the
 * picture.
 * @throws UserError `image.*` when a limit or a forbidden word stands against it, `price.changed`, `balance.insufficient`
 */
export async function confirmPicture(
  db: Db,
  orderId: string,
  personId: bigint,
  confirmation: Confirmation,
): Promise<Confirmed> {
  return db.tx(async (tx) => {
    // Confirmations of one person come one after another, so that the counts of the day's limits are true.
    await lockPerson(tx, personId)
    const draft = await readPicture(tx, orderId)
    if (!draft || draft.personId !== personId) throw new UserError('image.gone')
    const waited = draft.state === 'awaiting_payment'
    if (draft.state !== 'draft' && !waited) return { is: 'already', picture: draft }
    if (draft.prompt.trim() === '') throw new UserError('image.no-prompt')
    const word = refusedWord(draft.prompt, confirmation.refusedWords)
    if (word !== undefined) throw new UserError('image.refused-word')
    const { limits } = confirmation
    const { open, today, freeToday } = await usage(tx, personId)
    const most = (await atOnceOf(tx, personId, limits)) + limits.waiting
    if (open >= most) throw new UserError('image.too-many', { most })
    if (today >= limits.perDay) throw new UserError('image.day-is-over', { most: limits.perDay })

    const free = confirmation.price === 0n || freeToday < limits.freePerDay
    if (confirmation.isFree && !free) throw new UserError('price.changed')
    const price = free ? 0n : confirmation.price
    await setPrice(tx, orderId, price)
    const actor = confirmation.actor ?? `person:${personId}`
    const moved = await moveOrder(tx, orderId, 'reserved', { actor, from: ['draft', 'awaiting_payment'] })
    // The order was given up, or its time ran out, after it was read above: tokens set aside for it would stay so for ever.
    if (!moved) throw new UserError('image.gone')
    if (price > 0n) {
      const { roubles } = confirmation
      if (roubles)
        await buyLackingTokens(tx, { reference: orderId, personId, bot: draft.bot, price, ...roubles })
      await reserve(tx, { reference: orderId, personId, asset: 'TOK', amount: price, bot: draft.bot })
    }
    await tx.rows(
      picturesSql
        .updateTable('generations')
        .set({ stage: 'queued', queued_at: q`clock_timestamp()`, free })
        .where('order_id', '=', orderId),
    )
    const shown = moved.card ? { bot: draft.bot, ...moved.card } : null
    const { card = shown } = confirmation
    if (card) await setOrderCard(tx, orderId, card)
    await PICTURE.order.fulfil(tx, orderId)
    return { is: 'queued', picture: (await readPicture(tx, orderId))! }
  })
}

/**
 * Cancels a picture that waits.
 * @returns false when it is being drawn already, or over
 */
export async function cancelPicture(db: Db, orderId: string, personId: bigint): Promise<boolean> {
  return db.tx(async (tx) => {
    const picture = await readPicture(tx, orderId)
    if (picture?.personId !== personId) return false
    const actor = `person:${personId}`
    const moved = await moveOrder(tx, orderId, 'cancelled', { actor, from: ['reserved'] })
    if (!moved) return false
    if (moved.price > 0n) await release(tx, orderId, 'cancelled')
    await tx.rows(
      picturesSql
        .updateTable('generations')
        .set({ stage: 'cancelled', finished_at: NOW, prompt: q`left(prompt, 1000)` })
        .where('order_id', '=', orderId),
    )
    await owe(tx, nextPicture, { orderId, why: 'over' })
    return true
  })
}

/** The first forbidden word in the prompt, in any case; a word must match whole, a phrase may stand anywhere. */
export function refusedWord(prompt: string, words: readonly string[]): string | undefined {
  const plain = ` ${normal(prompt)} `
  return words.find((word) => {
    const sought = normal(word)
    return sought !== '' && plain.includes(` ${sought} `)
  })
}

const normal = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()

/** Stores the refused prompt, so that admins see how the list of words and the providers decide. */
export async function keepRefusedPrompt(
  sql: Sql,
  refused: { personId: bigint; bot: string; prompt: string; by: 'words' | 'provider'; why: string },
): Promise<void> {
  await sql.rows(
    picturesSql.insertInto('refused_prompts').values({
      person_id: refused.personId,
      bot: refused.bot,
      prompt: shorten(refused.prompt, 1000),
      refused_by: refused.by,
      why: shorten(refused.why, 300),
    }),
  )
}
