import type { Update } from 'grammy/types'
import { describe, expect, test } from 'vitest'
import { createSecrets } from '#shared/secrets.ts'
import { openToken, sealToken } from '#shared/telegram/intake.ts'

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
    [
      'behind a link',
      update({
        message: message({ text: 'x', entities: [{ type: 'text_link', url: `https://t.me/${TOKEN}` }] }),
      }),
    ],
  ])('%s', (_, one) => {
    const sealed = sealToken(secrets, one)
    expect(JSON.stringify(sealed)).not.toContain(TOKEN.slice(11))
    expect(JSON.stringify(one)).toContain(TOKEN)
  })

  test('who asked for it reads it, with words around it, too', () => {
    const sealed = sealToken(secrets, update({ message: message({ text: `токен ${TOKEN} вот` }) }))
    expect(openToken(secrets, sealed.message?.text)).toBe(TOKEN)
    expect(openToken(secrets, TOKEN)).toBeUndefined()
    expect(openToken(secrets, 'sealed:x')).toBeUndefined()
  })

  test('everything else stays the very same update', () => {
    const one = update({
      message: message({ text: 'a text of more than thirty-seven characters: 12:30 or later' }),
    })
    expect(sealToken(secrets, one)).toBe(one)
  })
})
