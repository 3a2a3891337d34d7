import type { Context as GrammyContext } from 'grammy'
import type { InlineKeyboardButton } from 'grammy/types'
import type { RawBuilder } from 'kysely'
import type { Balance } from '#shared/money/read.ts'
import type { WaitingOrder } from '#shared/good.ts'
import type { Reader } from '#shared/reader.ts'
import type { Served } from '#shared/owners.ts'
import type { Role } from '#shared/roles.ts'
import type { Context } from '#shared/context.ts'
import type { Order, Payment } from '#shared/money/tables.ts'
import type { Log } from '#shared/log.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'

/** What a bot remembers of a person between updates; kept in bot_sessions.session_data. */
export interface Session {
  /** The one message that navigation edits. */
  anchor?: number
  /** The message whose keys stand in place of the phone's keyboard. */
  replyKeys?: number
  /** What the next typed text means: an input of a feature, with its arguments. */
  awaiting?: { input: string; args: string[] }
  /** The last question, and the newest update that waited when it was answered: see asked-again.ts. */
  asked?: { what: string; until: number }
  /** The typed sum that reads two ways and is asked about: see unclear-sum.ts. */
  unclear?: { input: string; args: string[]; text: string; sum: string; asked: number }
  /** The press or command that waits for a subscription to the news channel: see news-channel.ts. */
  wanted?: string
  /** What features keep; a feature writes only under its own name. */
  [feature: string]: unknown
}

/** One update being handled: who, in which bot, in which language, and with what. */
export interface Chat extends Reader {
  app: Context
  bot: ServedBot
  ctx: GrammyContext
  /** Telegram id of the person. */
  personId: bigint
  /** The person's role in this bot, read with every update; undefined = no admin. */
  role: Role | undefined
  isAdmin: boolean
  /** Whether a key of this route does anything for the person: not one for admins above their role. */
  reaches(route: string): boolean
  /** The bots that this admin serves with at least this role, `read-only` by default: whose things they may reach. */
  served(minimum?: Role): Promise<Served>
  /** What all features add to the admin panel. */
  adminParts: readonly AdminParts[]
  /** Every setting that admins change at run time. */
  settingGroups: SettingGroups
  /** First contact of this person with this bot. */
  isNew: boolean
  session: Session
  /** What was typed, once the sum in it was made clear by a key: see unclear-sum.ts. */
  typed?: string
  /** What the person had when the update arrived. */
  wallet: readonly Balance[]
  /** Their newest order in this bot that waits for money, when the update arrived. */
  waiting: WaitingOrder | null
  /**
   * Statements that are written together with the end of the update, for what may as well be written when it is handled
   * again: each for rows of its own.
   */
  withTheEnd: RawBuilder<unknown>[]
  log: Log
}

/** What the person typed in answer to a question. */
export const typedText = (chat: Chat): string => chat.typed ?? chat.ctx.message?.text ?? ''

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
