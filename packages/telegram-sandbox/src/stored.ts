import type { Obj } from './params.ts'
import type { Invoice } from './payment-parts.ts'

export interface Stored {
  /** The message as the Bot API shows it to the bot. */
  api: Obj
  from: 'bot' | 'person' | 'service'
  botId: number
  deleted: boolean
  edits: Obj[]
  /** What the Bot API does not give back: reply keyboards, preview options, effects. */
  extra: Obj
  invoice?: Invoice
  game?: { shortName: string; title: string }
  /** Of a poll: the options of each who voted. */
  /** In a group what each person reacted, by their id. */
  reactions?: Map<number, string[]>
  votes?: Map<number, number[]>
  /** Of paid media: their price, what the bot wants to hear, and who has bought them. */
  paid?: { stars: number; payload: string; buyers: Set<number> }
}
