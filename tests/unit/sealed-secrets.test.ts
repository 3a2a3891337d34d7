import type { Update } from 'grammy/types'
import { describe, expect, test } from 'vitest'
import { createSecrets } from '#shared/secrets.ts'
import { createAwaited, openSecrets, sealSecrets, tokenIn } from '#shared/telegram/sealed.ts'

const secrets = createSecrets(Buffer.alloc(32, 1).toString('base64'))
const TOKEN = `7000000001:AA${'x'.repeat(33)}`
const chat = { id: 1, type: 'private', first_name: 'A' }
const from = { id: 1, is_bot: false, first_name: 'A' }
const message = (more: object) => ({ message_id: 1, date: 1, chat, from, ...more })
const update = (more: object) => ({ update_id: 1, ...more }) as Update

describe('F86 a token is sealed at the door wherever somebody wrote it', () => {
  test.each<[string, Update]>([
    ['alone', update({ message: message({ text: TOKEN }) })],
    ['with words around it', update({ message: message({ text: `Вот токен: ${TOKEN}, спасибо` }) })],
    ['in BotFather’s own message', update({ message: message({ text: `Done!\n\n${TOKEN}\n\nKeep it` }) })],
    ['in an edited message', update({ edited_message: message({ text: ` ${TOKEN}` }) })],
    ['below a picture', update({ message: message({ photo: [], caption: `${TOKEN} !` }) })],
    [
      'in the message that is answered',
      update({ message: message({ text: 'этот?', reply_to_message: message({ text: TOKEN }) }) }),
    ],
    ['in a quote', update({ message: message({ text: 'этот?', quote: { text: TOKEN, position: 0 } }) })],
    ['in the name of a file', update({ message: message({ document: { file_name: `${TOKEN}.txt` } }) })],
    [
      'in a forwarded message',
      update({ message: message({ text: TOKEN, forward_origin: { type: 'hidden_user' } }) }),
    ],
    [
      'behind a link',
      update({
        message: message({ text: 'x', entities: [{ type: 'text_link', url: `https://t.me/${TOKEN}` }] }),
      }),
    ],
  ])('%s', (_, one) => {
    const sealed = sealSecrets(secrets, one)
    expect(JSON.stringify(sealed)).not.toContain(TOKEN.slice(11))
    expect(JSON.stringify(one)).toContain(TOKEN)
  })

  test('who asked for it reads it, with words around it, too, and nobody else does', () => {
    const typed = update({ message: message({ text: `токен ${TOKEN} вот` }) })
    const sealed = sealSecrets(secrets, typed)
    expect(tokenIn(openSecrets(secrets, sealed, true).message?.text)).toBe(TOKEN)
    expect(JSON.stringify(openSecrets(secrets, sealed, false))).not.toContain(TOKEN.slice(11))
    const forged = update({ message: message({ text: 'sealed:x' }) })
    expect(openSecrets(secrets, forged, true)).toBe(forged)
  })

  test('everything else stays the very same update', () => {
    const one = update({
      message: message({ text: 'a text of more than thirty-seven characters: 12:30 or later' }),
    })
    expect(sealSecrets(secrets, one)).toBe(one)
  })
})

describe('F86 what answers a question for a secret is sealed whole', () => {
  const anything: [string, Update][] = [
    ['a key of a few letters', update({ message: message({ text: 'abc123' }) })],
    ['a caption', update({ message: message({ photo: [], caption: 'abc123' }) })],
    ['the name of a file', update({ message: message({ document: { file_name: 'abc123.txt' } }) })],
    ['a contact', update({ message: message({ contact: { phone_number: 'abc123', first_name: 'A' } }) })],
    [
      'a forwarded message',
      update({ message: message({ text: 'abc123', forward_origin: { type: 'hidden_user' } }) }),
    ],
    ['an edited message', update({ edited_message: message({ text: 'abc123' }) })],
    ['a quote', update({ message: message({ text: 'x', quote: { text: 'abc123' } }) })],
  ]
  test.each(anything)('%s', (_, one) => {
    const sealed = sealSecrets(secrets, one, true)
    expect(JSON.stringify(sealed)).not.toContain('abc123')
    expect(openSecrets(secrets, sealed, true)).toEqual(one)
    // The person left the question meanwhile, so what they typed is read as any other text.
    expect(openSecrets(secrets, sealed, false)).toEqual(one)
    const { chat: where, from: who } = (sealed.message ?? sealed.edited_message)!
    expect([where, who]).toEqual([chat, from])
  })

  test('twelve words of a wallet are sealed unasked, and read by whoever handles them: they may be a prompt', () => {
    const words = 'able about above absent absorb abstract zebra zone zoo young youth year'
    const typed = update({ message: message({ text: `мои слова: ${words.replaceAll(' ', ', ')}` }) })
    const sealed = sealSecrets(secrets, typed)
    expect(JSON.stringify(sealed)).not.toContain('zebra')
    expect(openSecrets(secrets, sealed, false)).toEqual(typed)
  })

  test('a JWT is sealed unasked and stays so', () => {
    const jwt = `eyJ${'a'.repeat(30)}.${'b'.repeat(30)}.${'c'.repeat(30)}`
    const sealed = sealSecrets(secrets, update({ message: message({ text: `JWT ${jwt}` }) }))
    expect(JSON.stringify(sealed)).not.toContain(jwt.slice(5, 20))
    expect(JSON.stringify(openSecrets(secrets, sealed, false))).not.toContain(jwt.slice(5, 20))
    expect(openSecrets(secrets, sealed, true).message?.text).toBe(`JWT ${jwt}`)
  })

  test('the door asks about private messages only, never about commands and payments, and seals when it cannot know', async () => {
    const local = createAwaited({ redis: undefined, key: (name) => name })
    const typed = update({ message: message({ text: 'abc123' }) })
    expect(await local.by('main', typed)).toBe(false)
    await local.set('main', 1n, true)
    expect(await local.by('main', typed)).toBe(true)
    expect(await local.by('second', typed)).toBe(false)
    expect(await local.by('main', update({ message: message({ text: '/start' }) }))).toBe(false)
    expect(await local.by('main', update({ message: message({ successful_payment: {} }) }))).toBe(false)
    expect(
      await local.by('main', update({ message: message({ text: 'x', chat: { id: 1, type: 'group' } }) })),
    ).toBe(false)
    await local.set('main', 1n, false)
    expect(await local.by('main', typed)).toBe(false)
    const redis = { exists: () => Promise.reject(new Error('away')) } as never
    expect(await createAwaited({ redis, key: (name) => name }).by('main', typed)).toBe(true)
  })
})
