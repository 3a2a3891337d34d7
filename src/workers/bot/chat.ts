import type { Context as GrammyContext } from 'grammy'
import type { InlineKeyboardButton } from 'grammy/types'
import type { Waiting } from '#shared/attention.ts'
import type { Balance } from '#shared/money/read.ts'
import type { WaitingOrder } from '#shared/good.ts'
import type { Reader } from '#shared/reader.ts'
import type { Served } from '#shared/owners.ts'
import type { Role } from '#shared/roles.ts'
import type { Context } from '#shared/context.ts'
import type { Order, Payment } from '#shared/money/tables.ts'
import type { Log } from '#shared/log.ts'
import type { PressedInGroup } from '#shared/queue/jobs/telegram.ts'
import type { SettingGroups } from '#shared/settings/edit.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'
import type { KeptScreen } from '#shared/telegram/over-card.ts'

/** What a bot remembers of a person between updates; stored in bot_sessions.session_data. */
export interface Session {
  /** The id of the message that navigation edits. */
  anchor?: number
  /** The screen that navigation shows in a message which was a card a moment ago: see over-card.ts. */
  over?: KeptScreen
  /** The id of the message whose keys replace the phone's keyboard. */
  replyKeys?: number
  /** What the next typed text answers: an input of a feature, with its arguments. */
  awaiting?: { input: string; args: string[] }
  /** The last question and the newest update that waited when it was answered: see asked-again.ts. */
  asked?: { what: string; until: number }
  /** A typed sum with two possible readings, about which the person is asked: see unclear-sum.ts. */
  unclear?: { input: string; args: string[]; text: string; sum: string; asked: number }
  /**
   * A press or command that is carried out after the person has subscribed to the news channel: see news-channel.ts.
   */
  wanted?: string
  /** Data of features; a feature writes only under its own name. */
  [feature: string]: unknown
}

/** One update being handled: who, in which bot, in which language, and with what. */
export interface Chat extends Reader {
  app: Context
  bot: ServedBot
  ctx: GrammyContext
  /** Telegram id of the person. */
  personId: bigint
  /** The person's role in this bot, read with every update; undefined = the person is no admin. */
  role: Role | undefined
  isAdmin: boolean
  /** The group in which the admin pressed the key or wrote; its keys are bound to the group. */
  group?: bigint
  /** The alert of the group below which the key was pressed. */
  pressed?: PressedInGroup
  /** Whether a key with this route would do something for the person; false for admins' keys above their role. */
  reaches(route: string): boolean
  /**
   * The bots that this admin serves with at least this role (`read-only` by default), and whose things they may
   * therefore reach.
   */
  served(minimum?: Role): Promise<Served>
  /** The additions of all features to the admin panel. */
  adminParts: readonly AdminParts[]
  /** Every setting that admins change at run time. */
  settingGroups: SettingGroups
  /** This is the person's first contact with this bot. */
  isNew: boolean
  /** When the update arrived here, milliseconds by the database's clock. */
  arrivedAt: number
  session: Session
  /** The typed text after the person has chosen the meaning of the sum in it: see unclear-sum.ts. */
  typed?: string
  /** The person's balances at the moment when the update arrived. */
  wallet: readonly Balance[]
  /** The person's newest order in this bot that waited for money when the update arrived. */
  waiting: WaitingOrder | null
  /**
   * To be called before a question is shown: its answer may be a secret, and the person may answer before Telegram
   * has said that the question was shown.
   */
  tellDoors(): Promise<void>
  log: Log
}

/** The text that the person typed in answer to a question. */
export const typedText = (chat: Chat): string => chat.typed ?? chat.ctx.message?.text ?? ''

type Rows = InlineKeyboardButton[][]

/** An entry on the first page of the admin panel. */
export interface AdminSection {
  /** The text of the button and the route of the admin button that opens the section. */
  text: string
  route: string
  /** The role that sees it; `admin` by default. */
  minimum?: Role
  /** What waits for an admin here; if something does, it is shown at the top of the page as well. */
  waiting?: (chat: Chat) => Promise<Waiting>
  /** The line at the top, with the variable `count`. */
  waitingText?: string
}

/**
 * The parts that a feature adds to the admin panel. A line is HTML; rows of buttons call admin buttons of the feature.
 */
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
