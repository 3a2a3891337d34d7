import type { Story } from './methods/stories.ts'
import type { Obj } from './params.ts'
import type { StoredFile } from './store.ts'

export interface Person {
  id: number
  first_name: string
  last_name?: string
  username?: string
  language_code?: string
  is_premium?: boolean
  deactivated?: boolean
  photo?: StoredFile
  /** Photos that they had before, the newest first. */
  olderPhotos?: StoredFile[]
  /** The music in their profile. */
  audios?: StoredFile[]
  starsSpent: number
  premiumUntil?: number
  /** The channel in the person's profile. */
  personalChat?: number
  gifts: Obj[]
  /** The person's Stars; undefined = enough for everything. */
  stars?: number
  /** Who referred the person: this affiliate gets so many of each 1,000 Stars that the person pays to a bot. */
  affiliate?: { user: number; perMille: number }
  /** In billionths; nothing = enough. */
  nanograms?: number
  /** Further fields of getChat: bio, birthdate, emoji_status_custom_emoji_id, ... */
  profile?: Obj
  /** The photo for people who may not see the usual one. */
  publicPhoto?: StoredFile
  showsGiftButton?: boolean
  stories?: Map<number, Story>
}
