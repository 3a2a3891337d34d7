import type { InlineKeyboardButton } from 'grammy/types'
import type { Role } from '#shared/roles.ts'
import type { Order, Payment } from '#shared/db/entities/trade.ts'
import type { Chat } from './chat.ts'

type Rows = InlineKeyboardButton[][]

/** An entry of the admin panel's first page. */
export interface AdminSection {
  /** The button's text and the route of an admin button that opens it. */
  text: string
  route: string
  /** The role that sees it; `admin` by default. */
  minimum?: Role
  /** What waits for an admin here, 0 = nothing: shown in the text and, above zero, at the top of the page. */
  waiting?: (chat: Chat) => Promise<number>
  /** The line at the top, with the variable `count`. */
  waitingText?: string
}

/** What a feature adds to the admin panel. A line is HTML; rows of buttons use admin buttons of the feature. */
export interface AdminParts {
  sections?: readonly AdminSection[]
  /** Below a person's page. */
  person?: (chat: Chat, personId: bigint) => Promise<{ lines?: string[]; rows?: Rows }>
  /** Below an order's page: what can be done about it in its state. */
  order?: (chat: Chat, order: Order) => Promise<{ lines?: string[]; rows?: Rows }>
  payment?: (chat: Chat, payment: Payment) => Promise<{ lines?: string[]; rows?: Rows }>
  /** States of providers, wallets and the like, for /health. */
  health?: (chat: Chat) => Promise<string[]>
}
