import type { Measures } from './media-measures.ts'
import type { Obj } from './params.ts'
import type { Invoice } from './payment-parts.ts'
import type { Sticker } from './stickers.ts'

export interface Stored {
  /** The message as the Bot API shows it to the bot. */
  api: Obj
  from: 'bot' | 'person' | 'service'
  botId: number
  deleted: boolean
  edits: Obj[]
  /** What the Bot API does not give back: reply keyboards, preview options, effects. */
  extra: Obj
  /** By this id the bot through which the message was sent knows it, where it has a keyboard. */
  inlineId?: string
  invoice?: Invoice
  game?: { shortName: string; title: string }
  /** The options that each voter of a poll has chosen. */
  /** The reactions of each person in a group, by the person's id. */
  reactions?: Map<number, string[]>
  votes?: Map<number, number[]>
  /** For paid media: the price, the payload for the bot, and who has bought them. */
  paid?: { stars: number; payload: string; buyers: Set<number> }
}

export interface StoredFile {
  id: string
  uniqueId: string
  kind: string
  name: string
  type: string
  bytes: Buffer
  width: number
  height: number
  path: string
  /** What the file says of itself, once it was read. */
  measures?: Measures
  sticker?: Sticker
  /** A photo's smaller size. */
  preview?: StoredFile
}
