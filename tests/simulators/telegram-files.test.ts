import { readFileSync } from 'node:fs'
import { InputFile } from 'grammy'
import { describe, expect, test } from 'vitest'
import { ANNA, expectRefusal, PNG, telegramFor, TOKEN } from './telegram-kit.ts'

describe('files', () => {
  test('an uploaded photo has a file_id that only the bot that got it can use (F49)', async () => {
    const { api, apiOf, control, url } = await telegramFor()
    await control('POST', '/bots', { token: '200:AAother', username: 'other_bot', name: 'Other' })
    await control('POST', '/people', { id: ANNA, first_name: 'Анна', started: ['other_bot'] })
    const sent = await api.sendPhoto(ANNA, new InputFile(PNG, 'a.png'), {
      caption: '<i>c</i>',
      parse_mode: 'HTML',
    })
    expect(sent).toMatchObject({ caption: 'c', photo: [{ width: 1, height: 1 }] })
    const id = sent.photo[0]!.file_id
    expect((await api.sendPhoto(ANNA, id)).photo[0]!.file_id).toBe(id)
    await expectRefusal(
      apiOf('200:AAother').sendPhoto(ANNA, id),
      400,
      'Bad Request: wrong file_id or the file is temporarily unavailable',
    )
    const { file_path } = await api.getFile(id)
    const bytes = await fetch(`${url}/file/bot${TOKEN}/${file_path}`).then((answer) => answer.arrayBuffer())
    expect(Buffer.from(bytes)).toEqual(PNG)
    await expectRefusal(
      api.sendPhoto(ANNA, new InputFile(Buffer.from('not an image'))),
      400,
      'Bad Request: IMAGE_PROCESS_FAILED',
    )
    await expectRefusal(
      api.sendDocument(ANNA, id),
      400,
      "Bad Request: can't use file of type Photo as Document",
    )
  })

  test('a large photo has several sizes, each with its own file_id, the largest last', async () => {
    const { api, control } = await telegramFor()
    const large = Buffer.from(PNG)
    large.writeUInt32BE(1280, 16)
    large.writeUInt32BE(640, 20)
    const { photo } = await api.sendPhoto(ANNA, new InputFile(large))
    expect(photo).toMatchObject([
      { width: 320, height: 160 },
      { width: 1280, height: 640 },
    ])
    expect(photo[0]!.file_id).not.toBe(photo[1]!.file_id)
    await control('POST', `/chats/shop_bot/${ANNA}/messages`, {
      photo: large.toString('base64'),
      caption: 'чек',
    })
    expect(await api.getUpdates()).toMatchObject([
      { message: { caption: 'чек', photo: [{}, { width: 1280 }] } },
    ])
    expect(await api.getFile(photo[0]!.file_id)).toHaveProperty('file_path')
  })

  test('a photo can be given by url, and the person gets it from the control API', async () => {
    const { api, chat, url } = await telegramFor()
    await api.sendPhoto(ANNA, new InputFile(PNG))
    const [first] = await chat()
    const link = `${url}${(first!['photo'] as { url: string }).url}`
    expect((await api.sendPhoto(ANNA, link)).photo).toHaveLength(1)
    await expectRefusal(
      api.sendPhoto(ANNA, `${url}/nothing.png`),
      400,
      'Bad Request: failed to get HTTP URL content',
    )
  })

  test('albums, documents, stickers, animations and media edits arrive', async () => {
    const { api, chat } = await telegramFor()
    const album = await api.sendMediaGroup(ANNA, [
      { type: 'photo', media: new InputFile(PNG), caption: 'a' },
      { type: 'photo', media: new InputFile(PNG) },
    ])
    expect(new Set(album.map((one) => (one as { media_group_id?: string }).media_group_id)).size).toBe(1)
    const document = await api.sendDocument(ANNA, new InputFile(Buffer.from('a;b'), 'transactions.csv'))
    expect(document.document.file_name).toBe('transactions.csv')
    await api.sendSticker(ANNA, new InputFile(PNG))
    await api.sendVideo(ANNA, new InputFile(PNG, 'v.mp4'))
    const animation = await api.sendAnimation(ANNA, new InputFile(PNG, 'a.gif'))
    await api.editMessageMedia(ANNA, animation.message_id, {
      type: 'photo',
      media: new InputFile(PNG),
      caption: 'now',
    })
    expect((await chat()).at(-1)).toMatchObject({ caption: 'now', photo: { width: 1 } })
    expect((await chat()).at(-1)).not.toHaveProperty('animation')
  })

  test('an album is copied as an album, a part of it as a message, and only what fits is put into it', async () => {
    const { api, chat } = await telegramFor()
    const photo = () => ({ type: 'photo' as const, media: new InputFile(PNG) })
    const ids = (await api.sendMediaGroup(ANNA, [photo(), photo()])).map(({ message_id }) => message_id)
    const copies = (await api.copyMessages(ANNA, ANNA, [...ids, 999])).map(({ message_id }) => message_id)
    const groups = (await chat()).map((message) => message['media_group_id'] as string)
    expect(groups[2]).toBe(groups[3])
    expect(groups[2]).not.toBe(groups[0])
    await api.copyMessages(ANNA, ANNA, [ids[1]!])
    expect((await chat()).at(-1)).not.toHaveProperty('media_group_id')
    await expectRefusal(
      api.copyMessages(ANNA, ANNA, ids.toReversed()),
      400,
      'Bad Request: message identifiers must be in a strictly increasing order',
    )
    await api.editMessageMedia(ANNA, copies[0]!, { ...photo(), caption: 'new' })
    await expectRefusal(
      api.editMessageMedia(ANNA, copies[1]!, { type: 'document', media: new InputFile(PNG, 'a.png') }),
      400,
      "Bad Request: can't change media type in the album",
    )
    const sticker = await api.sendSticker(ANNA, new InputFile(PNG))
    await expectRefusal(
      api.editMessageMedia(ANNA, sticker.message_id, photo()),
      400,
      'Bad Request: there is no media in the message to edit',
    )
  })

  test('what a bot does not say of a video, a voice message or music is read from the file', async () => {
    const { api } = await telegramFor()
    const file = (name: string) => new InputFile(`tests/fixtures/media/${name}`)
    const { video } = await api.sendVideo(ANNA, file('clip.mp4'))
    expect(video).toMatchObject({ width: 48, height: 32, duration: 3 })
    // A video that was filmed upright lies on its side within its file.
    expect((await api.sendVideo(ANNA, file('turned.mov'))).video).toMatchObject({ width: 32, height: 48 })
    expect((await api.sendVideoNote(ANNA, file('clip.mp4'))).video_note).toMatchObject({
      length: 48,
      duration: 3,
    })
    const { animation } = await api.sendAnimation(ANNA, file('dots.gif'))
    expect(animation).toMatchObject({ width: 24, height: 16, duration: 2 })
    expect((await api.sendVoice(ANNA, file('voice.ogg'))).voice).toMatchObject({ duration: 3 })
    const { audio } = await api.sendAudio(ANNA, file('song.mp3'))
    expect(audio).toMatchObject({ duration: 3, title: 'Чай', performer: 'Anna' })
    const said = await api.sendAudio(ANNA, audio.file_id, { duration: 7, title: 'Tea' })
    expect(said.audio).toMatchObject({ duration: 7, title: 'Tea', performer: 'Anna' })
  })

  test('the photos and the music of a profile are listed by page, with ids of the bot that asks', async () => {
    const { api, control } = await telegramFor()
    const music = readFileSync('tests/fixtures/media/song.mp3').toString('base64')
    const person = { id: ANNA, first_name: 'Анна' }
    await control('POST', '/people', { ...person, photo: PNG.toString('base64'), audios: [music] })
    const wide = Buffer.from(PNG)
    wide.writeUInt32BE(9, 16)
    await control('POST', '/people', { ...person, photo: wide.toString('base64') })
    const all = await api.getUserProfilePhotos(ANNA)
    expect(all).toMatchObject({ total_count: 2, photos: [[{ width: 9 }], [{ width: 1 }]] })
    expect(await api.getUserProfilePhotos(ANNA, { offset: 1, limit: 1 })).toMatchObject({
      total_count: 2,
      photos: [[{ width: 1 }]],
    })
    const { audios } = await api.getUserProfileAudios(ANNA)
    expect(audios).toMatchObject([{ title: 'Чай', duration: 3 }])
    await api.sendAudio(ANNA, audios[0]!.file_id)
  })
})
