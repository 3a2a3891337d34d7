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
  /** The channel that stands in their profile. */
  personalChat?: number
  gifts: Obj[]
  /** The Stars of their own; nothing = enough for whatever they buy. */
  stars?: number
  /** In billionths; nothing = enough. */
  nanograms?: number
  /** More of what getChat says of them: bio, birthdate, emoji_status_custom_emoji_id, ... */
  profile?: Obj
  /** What those see who may not see the other photo. */
  publicPhoto?: StoredFile
  showsGiftButton?: boolean
  stories?: Map<number, Story>
}
