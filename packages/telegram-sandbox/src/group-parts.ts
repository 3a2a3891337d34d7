import { randomBytes } from './lib/crypto.ts'
import type { GeneralTopic } from './methods/general-topic.ts'
import type { Obj } from './params.ts'
import type { Box, Stored, StoredFile } from './store.ts'

export interface Group {
  id: number
  type: 'group' | 'supergroup' | 'channel'
  title: string
  username?: string
  members: Map<number, string>
  migratedTo?: number
  lastMessageId: number
  box: Box
  description?: string
  /** What everybody may do; undefined = all of it. */
  permissions?: Obj
  /** Seconds between two messages of somebody who is no administrator; when each may write again, by id. */
  slowModeDelay?: number
  nextMessage?: Map<number, number>
  isForum?: boolean
  topics?: Map<number, Topic>
  general?: GeneralTopic
  photo?: StoredFile
  gifts?: Obj[]
  /** Who boosts it, until when. */
  boosts?: Boost[]
  /** More of what getChat says of it: linked_chat_id, available_reactions, message_auto_delete_time, ... */
  profile?: Obj
  /** The channel whose direct messages stand here. */
  messagesOf?: number
  /** What single people see, by `ephemeral_message_id`. */
  ephemeral?: Map<number, Stored>
  /** The name of its sticker set. */
  stickerSet?: string
  /** What restricted members may do, and until when they or banned ones are such; by id. */
  rights?: Map<number, Obj>
  /** Who made somebody an administrator, by the administrator's id: only they and the owner change it. */
  promotedBy?: Map<number, number>
  /** Titles of administrators and tags of members, by id. */
  titles?: Map<number, string>
  /** What single administrators may not do, by id: others may do everything. */
  withheld?: Map<number, string[]>
  /** Channels that may not write here. */
  bannedSenders?: Set<number>
  joinRequests?: Set<number>
  /** The bot that is assigned to answer them: it gets each with a query. */
  joinsBy?: number
}

export interface Topic {
  message_thread_id: number
  name: string
  icon_color: number
  icon_custom_emoji_id?: string
  closed?: boolean
  /** Who made it: a bot or a person. */
  by: number
}

/** A link into a group, as the Bot API shows it, with the number of its uses. */
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
  /** How often somebody opened the link. */
  asked?: number
}

export const linkSlug = () => randomBytes(12).toString('base64url')

/** A boost, as the Bot API shows it, with the person who gave it. */
export interface Boost extends Obj {
  boost_id: string
  expiration_date: number
  source: { source: string; user: Obj }
}
