import { describe, expect, test } from 'vitest'
import {
  beyond,
  describedFile,
  int,
  LIMITS,
  readmeWith,
  rows,
  tableOf,
  unknownMethods,
  withinLimits,
  type Limit,
} from '../../packages/telegram-sandbox/table.ts'
import { readRepositoryFile } from '../lib/compose.ts'
import { sources } from '../lib/sources.ts'

const FOLDER = 'packages/telegram-sandbox'

describe("the simulator of Telegram against the Bot API's description, which others keep", () => {
  test('its README has the table of today: npm exec -- node packages/telegram-sandbox/table.ts', () => {
    const readme = readRepositoryFile(`${FOLDER}/README.md`)
    expect(readme).toBe(readmeWith(readme, tableOf(rows())))
    expect(readRepositoryFile(`${FOLDER}/src/described.ts`)).toBe(describedFile())
  })

  test('no method works that the description does not know', () => {
    expect(unknownMethods()).toEqual([])
    expect(rows().length).toBeGreaterThan(180)
  })

  test('whatever the shop calls works', () => {
    const source = sources('src/**/*.ts')
      .map((file) => file.text)
      .join('\n')
    const called = rows().filter(({ method }) => new RegExp(`\\bapi(\\.raw)?\\.${method}\\(`).test(source))
    expect(called.length).toBeGreaterThan(25)
    expect(called.filter(({ state }) => state === 'not')).toEqual([])
  })

  test('each limit of the description is checked: refused, cut or taken to the nearest, and what just fits passes', () => {
    const all = Object.entries(LIMITS).flatMap(([method, fields]) =>
      Object.entries(fields).map(([field, limit]) => ({ method, field, limit })),
    )
    expect(all.length).toBeGreaterThan(90)
    const wrong = all.flatMap(({ method, field, limit }) => {
      const way = beyond(method, field)
      const call = (value: unknown) => ({ values: { [field]: value }, files: new Map() })
      const outcome = (value: unknown) => {
        try {
          return withinLimits(method, call(value)).values[field]
        } catch (error) {
          return `refused: ${(error as Error).message}`
        }
      }
      const most = largest(limit)
      const seen =
        way === 'nearest'
          ? int(call(Number(most) + 1), field) <= Number(most) + 1 && int(call(1e12), field) < 1e12
          : way === 'method'
            ? BY_METHOD.includes(`${method}.${field}`)
            : way === 'cut'
              ? outcome(tooMuch(limit)) === most
              : outcome(tooMuch(limit)) === `refused: Bad Request: ${way}`
      return seen && outcome(most) === most ? [] : [`${method}.${field}: ${way}`]
    })
    expect(wrong).toEqual([])
  })
})

/** What the simulator's own tests send too long, because their limit holds after the markup was taken out. */
const BY_METHOD = `sendMessage.text sendMessageDraft.text editMessageText.text editEphemeralMessageText.text
  copyMessage.caption sendPhoto.caption sendLivePhoto.caption sendAudio.caption sendDocument.caption
  sendVideo.caption sendAnimation.caption sendVoice.caption sendPaidMedia.caption editMessageCaption.caption
  editEphemeralMessageCaption.caption postStory.caption editStory.caption sendPoll.explanation
  sendPoll.description sendLocation.live_period setWebhook.secret_token`.split(/\s+/)

function largest({ of, values }: Limit): unknown {
  const most = values.at(-1)!
  if (of === 'items') return Array.from({ length: most }, (_, n) => n)
  if (of === 'characters') return '😀'.repeat(most)
  return of === 'bytes' ? 'x'.repeat(most) : most
}

function tooMuch(limit: Limit): unknown {
  const most = largest(limit)
  if (Array.isArray(most)) return [...most, 0]
  if (typeof most === 'string') return `${most}${limit.of === 'bytes' ? 'x' : '😀'}`
  return Number(most) + 1
}
