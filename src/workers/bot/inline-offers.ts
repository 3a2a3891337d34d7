import type { Context } from '#shared/context.ts'
import type { Reader } from '#shared/reader.ts'

/* What features offer in inline mode: somebody types the bot's name in any chat and sends one of the offers there. */

/** Who types. The person may never have come to the bot. */
export interface InlineAsker extends Reader {
  app: Context
  bot: { name: string }
  /** The bot's user name. */
  username: string
  personId: bigint
  /** The person has come to one of the bots. */
  isKnown: boolean
}

export interface InlineWish {
  /** What was typed; '' = nothing yet. */
  word: string
  /** How many results of a long list the person has seen, and how many more are wanted. */
  offset: number
  size: number
}

/** All texts are plain. */
export interface InlineOffer {
  id: string
  /** The line in the list. */
  title: string
  /** The first line of the message; absent = the title. */
  heading?: string
  price?: string
  about: string
  /** The text of the key below the message and the deep link that it opens. */
  key: string
  link: string
  /** The address of a picture. */
  picture?: string
}

export interface InlineOffers {
  offers: InlineOffer[]
  /** The list goes on. */
  hasMore?: boolean
}

export const NOTHING: InlineOffers = { offers: [] }
