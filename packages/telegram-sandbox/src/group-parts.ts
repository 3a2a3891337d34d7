import { randomBytes } from './lib/crypto.ts'
import type { Obj } from './params.ts'

export interface Topic {
  message_thread_id: number
  name: string
  icon_color: number
  icon_custom_emoji_id?: string
  closed?: boolean
}

/** A link into a group, as the Bot API shows it, with what it was used for. */
export interface InviteLink {
  slug: string
  group: number
  creator: Obj
  creates_join_request: boolean
  is_primary: boolean
  is_revoked: boolean
  name?: string
  expire_date?: number
  member_limit?: number
  subscription_period?: number
  subscription_price?: number
  /** How often somebody opened it. */
  asked?: number
}

export const linkSlug = () => randomBytes(12).toString('base64url')

/** A boost, as the Bot API shows it, with whose it is. */
export interface Boost extends Obj {
  boost_id: string
  expiration_date: number
  source: { source: string; user: Obj }
}
