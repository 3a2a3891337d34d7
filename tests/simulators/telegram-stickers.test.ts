import { InputFile, type Api } from 'grammy'
import { expect, test } from 'vitest'
import { ANNA, expectRefusal, telegramFor } from './telegram-kit.ts'

/** The head of a PNG of this size, which is all that the simulator reads. Another `salt` makes another file. */
function png(width: number, height = width, salt = 0) {
  const bytes = Buffer.alloc(40, salt)
  bytes.writeUInt32BE(0x89504e47, 0)
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return new InputFile(bytes, 'sticker.png')
}
const tgs = () => new InputFile(Buffer.from([0x1f, 0x8b, 8, 0]), 'sticker.tgs')
const one = (sticker: InputFile | string, more: object = {}) => ({
  sticker,
  format: 'static' as const,
  emoji_list: ['🔥'],
  ...more,
})

const NAME = 'fires_by_shop_bot'
const make = (api: Api, more: object = {}) =>
  api.createNewStickerSet(ANNA, NAME, 'Fires', [one(png(512))], more)
const names = async (api: Api) => (await api.getStickerSet(NAME)).stickers.map(({ emoji }) => emoji)

test('a set of stickers is made, filled, ordered, shown and sent from, by its bot alone', async () => {
  const { api, apiOf, control, chat } = await telegramFor()
  expect(await make(api)).toBe(true)
  const uploaded = await api.uploadStickerFile(ANNA, 'static', png(512, 400, 1))
  expect(uploaded).toMatchObject({ file_size: 40 })
  await api.addStickerToSet(
    ANNA,
    NAME,
    one(uploaded.file_id, { emoji_list: ['💧', '🌊'], keywords: ['sea'] }),
  )
  await api.addStickerToSet(ANNA, NAME, one(uploaded.file_id, { emoji_list: ['👍'] }))
  expect(await names(api), 'the same file once more changes nothing').toEqual(['🔥', '💧'])
  const set = await api.getStickerSet(NAME.toUpperCase())
  expect(set).toMatchObject({ name: NAME, title: 'Fires', sticker_type: 'regular' })
  const [first, second] = set.stickers
  expect(second).toMatchObject({ width: 512, height: 400, type: 'regular', set_name: NAME, is_video: false })
  await api.setStickerPositionInSet(second!.file_id, 0)
  await api.setStickerEmojiList(first!.file_id, ['🧯'])
  expect(await names(api)).toEqual(['💧', '🧯'])
  await api.replaceStickerInSet(
    ANNA,
    NAME,
    first!.file_id,
    one(tgs(), { format: 'animated', emoji_list: ['🚒'] }),
  )
  const { sticker } = await api.sendSticker(ANNA, (await api.getStickerSet(NAME)).stickers[1]!.file_id)
  expect(sticker).toMatchObject({ emoji: '🚒', set_name: NAME, is_animated: true })
  expect((await chat()).at(-1)).toMatchObject({ sticker: { emoji: '🚒' } })

  const own = await api.sendSticker(ANNA, png(512, 100, 7), { emoji: '😎' })
  expect(own.sticker).toMatchObject({ emoji: '😎', width: 512, height: 100 })
  expect(own.sticker).not.toHaveProperty('set_name')

  await control('POST', '/bots', { token: '101:AAother', username: 'other_bot', name: 'Other' })
  const other = apiOf('101:AAother')
  const theirs = (await other.getStickerSet(NAME)).stickers[0]!
  expect(theirs.file_id, 'an id of their own').not.toBe(second!.file_id)
  expect(theirs.file_unique_id).toBe(second!.file_unique_id)
  await expectRefusal(other.setStickerSetTitle(NAME, 'Mine'), 400, 'Bad Request: STICKERSET_INVALID')
  await expectRefusal(other.deleteStickerFromSet(theirs.file_id), 400, 'Bad Request: STICKER_INVALID')

  await api.setStickerSetTitle(NAME, 'Waters')
  await api.setStickerSetThumbnail(NAME, ANNA, png(100), 'static')
  expect(await api.getStickerSet(NAME)).toMatchObject({ title: 'Waters', thumbnail: { width: 100 } })
  for (const { file_id: id } of (await api.getStickerSet(NAME)).stickers) await api.deleteStickerFromSet(id)
  await expectRefusal(api.getStickerSet(NAME), 400, 'Bad Request: STICKERSET_INVALID')
})

test("what Telegram makes no set of is refused in Telegram's words", async () => {
  const { api, raw } = await telegramFor()
  const refused = (call: Promise<unknown>, why: string) => expectRefusal(call, 400, `Bad Request: ${why}`)
  const set = (name: string, stickers: ReturnType<typeof one>[], more: object = {}) =>
    api.createNewStickerSet(ANNA, name, 'T', stickers, more)
  for (const name of ['fires', '1_by_shop_bot', 'a__b_by_shop_bot', `${'a'.repeat(60)}_by_shop_bot`])
    await refused(set(name, [one(png(512))]), 'invalid sticker set name is specified')
  await refused(set(NAME, []), 'at least 1 sticker must be specified')
  await refused(
    set(
      NAME,
      Array.from({ length: 51 }, () => one('x')),
    ),
    'too many stickers specified',
  )
  await refused(set(NAME, [one(png(300))]), 'STICKER_PNG_DIMENSIONS')
  await refused(set(NAME, [one(new InputFile(Buffer.from('none')))]), 'STICKER_PNG_NOPNG')
  await refused(set(NAME, [one(png(512), { format: 'animated' })]), 'STICKER_TGS_NOTGS')
  await refused(set(NAME, [one(png(512), { format: 'video' })]), 'STICKER_VIDEO_NOWEBM')
  await refused(set(NAME, [one(png(512))], { sticker_type: 'custom_emoji' }), 'STICKER_PNG_DIMENSIONS')
  await refused(set(NAME, [one(new InputFile(Buffer.alloc(600_000)))]), 'file is too big')
  const unparsed = "can't parse InputSticker:"
  await refused(set(NAME, [one('')]), `${unparsed} sticker not found`)
  await refused(set(NAME, [one('x', { emoji_list: ['fire'] })]), `${unparsed} expected a Unicode emoji`)
  await refused(set(NAME, [one('x', { emoji_list: [] })]), `${unparsed} emoji list must be non-empty`)
  await refused(set(NAME, [one('x', { format: 'gif' })]), `${unparsed} invalid sticker format specified`)
  await refused(api.createNewStickerSet(999, NAME, 'T', [one(png(512))]), 'user not found')
  await make(api)
  await refused(make(api), 'sticker set name is already occupied')
  const { stickers } = await api.getStickerSet(NAME)
  await refused(api.setStickerMaskPosition(stickers[0]!.file_id), 'STICKER_INVALID')
  await refused(api.setStickerPositionInSet(stickers[0]!.file_id, -1), 'wrong sticker position specified')
  const said = (await (await raw('deleteStickerFromSet', {})).json()) as { description: string }
  expect(said.description).toBe('Bad Request: sticker is not specified')
})

test('custom emoji have ids that any bot looks up, masks a place on the face, supergroups a set', async () => {
  const { api, control } = await telegramFor()
  const emoji = 'tiny_by_shop_bot'
  await api.createNewStickerSet(ANNA, emoji, 'Tiny', [one(png(100))], {
    sticker_type: 'custom_emoji',
    needs_repainting: true,
  })
  const [tiny] = (await api.getStickerSet(emoji)).stickers
  expect(tiny).toMatchObject({ type: 'custom_emoji', needs_repainting: true, width: 100 })
  expect(await api.getCustomEmojiStickers([tiny!.custom_emoji_id!, '5'])).toEqual([tiny])
  await expectRefusal(
    api.getCustomEmojiStickers(['five']),
    400,
    'Bad Request: invalid custom emoji identifier specified',
  )
  await api.setCustomEmojiStickerSetThumbnail(emoji, tiny!.custom_emoji_id!)
  const mask_position = { point: 'eyes' as const, x_shift: 0, y_shift: -1, scale: 1.5 }
  await make(api, { sticker_type: 'mask' })
  const [mask] = (await api.getStickerSet(NAME)).stickers
  await api.setStickerMaskPosition(mask!.file_id, mask_position)
  expect((await api.getStickerSet(NAME)).stickers[0]).toMatchObject({ type: 'mask', mask_position })

  const group = { id: -1005, type: 'supergroup', title: 'G', members: { 100: 'member' } }
  await control('POST', '/chats', group)
  await expectRefusal(
    api.setChatStickerSet(-1005, NAME),
    400,
    'Bad Request: not enough rights to change supergroup sticker set',
  )
  await control('PATCH', '/chats/-1005', { members: { 100: 'administrator' } })
  await api.setChatStickerSet(-1005, NAME)
  expect(await api.getChat(-1005)).toMatchObject({ sticker_set_name: NAME, can_set_sticker_set: true })
  await api.deleteChatStickerSet(-1005)
  expect(await api.getChat(-1005)).not.toHaveProperty('sticker_set_name')
})
