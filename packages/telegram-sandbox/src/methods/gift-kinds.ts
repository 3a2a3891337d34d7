import { randomInt } from '../lib/crypto.ts'
import type { Obj } from '../params.ts'
import type { Method } from './call.ts'

/** A few of Telegram's ordinary gifts: id and price in Stars. */
const GIFTS = [
  { id: '5170233102089322756', star_count: 15, upgrade_star_count: 25, emoji: '🧸' },
  { id: '5170145012310081615', star_count: 15, upgrade_star_count: 25, emoji: '💝' },
  { id: '5170250947678437525', star_count: 25, upgrade_star_count: 25, emoji: '🎁' },
  { id: '5168103777563050263', star_count: 25, upgrade_star_count: 25, emoji: '🌹' },
  { id: '5170144170496491616', star_count: 50, upgrade_star_count: 25, emoji: '🎂' },
  { id: '5168043875654172773', star_count: 100, upgrade_star_count: 25, emoji: '🏆' },
]

export type Gift = (typeof GIFTS)[number]

/** One of the gifts that can be bought. */
export const giftWith = (id: string): Gift | undefined => GIFTS.find((one) => one.id === id)

const stickerOf = (id: string, emoji: string): Obj => ({
  file_id: `CAAC${id}`,
  file_unique_id: `AgAD${id}`,
  type: 'custom_emoji',
  width: 512,
  height: 512,
  is_animated: true,
  is_video: false,
  emoji,
})

/** As Telegram describes it. */
export const giftView = ({ emoji, ...gift }: Gift): Obj => ({ ...gift, sticker: stickerOf(gift.id, emoji) })

/** What it becomes when it is upgraded: one of a kind. */
export function uniqueOf({ id, emoji }: Gift): Obj {
  const number = randomInt(1, 100_000)
  const rarity = { rarity_per_mille: 10 }
  return {
    gift_id: id,
    base_name: 'Sandbox',
    name: `Sandbox-${number}`,
    number,
    model: { name: 'Plain', sticker: stickerOf(id, emoji), ...rarity },
    symbol: { name: 'Star', sticker: stickerOf(`${id}1`, '⭐'), ...rarity },
    backdrop: {
      name: 'Sand',
      colors: { center_color: 0xe8d8a8, edge_color: 0xc8b070, symbol_color: 0x806020, text_color: 0x403010 },
      ...rarity,
    },
  }
}

export const getAvailableGifts: Method = () => ({ gifts: GIFTS.map(giftView) })
