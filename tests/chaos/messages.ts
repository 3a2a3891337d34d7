import { sql as q } from 'kysely'
import pLimit from 'p-limit'
import { money } from '#shared/i18n/format.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import type { Notice } from '#shared/queue/jobs/notices.ts'
import { plain } from '../lib/phone.ts'
import { FIRST_PERSON } from './plan.ts'
import type { World } from './world.ts'

/** Later than this a person has asked what became of their money. */
const LATE_SECONDS = 60

export interface Promised {
  text: string
  /** When it was owed, in seconds. */
  at: number
}

/** A message of the bot with all that it said, in seconds when it came. */
export interface Said {
  at: number
  texts: string[]
}

/**
 * Compares what a person was promised to be told with what stands in their chat. Every message counts for the longest
 * promise that it begins with.
 * @returns which texts are missing, how many came once too often, and how late each was
 */
export function howTold(promised: Promised[], said: Said[]) {
  const texts = [...new Set(promised.map(({ text }) => text))].toSorted((a, b) => b.length - a.length)
  const heard = new Map(texts.map((text) => [text, [] as number[]]))
  for (const message of said)
    for (const text of new Set(message.texts.map((one) => texts.find((promise) => one.startsWith(promise)))))
      if (text !== undefined) heard.get(text)!.push(message.at)
  const owed = Map.groupBy(promised, ({ text }) => text)
  const missing = texts.filter((text) => heard.get(text)!.length === 0)
  const twice = texts.map((text) => Math.max(0, heard.get(text)!.length - owed.get(text)!.length))
  const late = texts.flatMap((text) => {
    const came = heard.get(text)!.toSorted((a, b) => a - b)
    return owed
      .get(text)!
      .toSorted((a, b) => a.at - b.at)
      .flatMap(({ at }, index) => (came[index] === undefined ? [] : [came[index] - at]))
  })
  return { missing, twice: twice.reduce((sum, count) => sum + count, 0), late }
}

/**
 * Reads every chat: the shop must have sent what it promised to tell, and whoever paid for a picture must
 * have it.
 * @returns how many messages were promised, how many of them people saw twice or late, and which are missing
 */
export async function readChats(
  world: World,
): Promise<{ promised: number; twice: number; late: number; latest: number; wrong: string[] }> {
  const texts = loadTexts()
  const notices = await world.db.rows(q<{ payload: Notice; at: number }>`
    select payload, extract(epoch from created_at)::float8 as at from outbox
    where job = 'notice.send' and (payload ->> 'personId')::bigint >= ${FIRST_PERSON}`)
  const pictures = await world.db.rows(q<{ person: bigint }>`
    select person_id as person from orders where good = 'image' and state = 'delivered'`)
  const promised = new Map<string, Promised[]>()
  for (const { payload, at } of notices) {
    const params = Object.fromEntries(
      Object.entries(payload.params).map(([name, value]) => [
        name,
        typeof value !== 'object'
          ? value
          : 'amount' in value
            ? money('en', BigInt(value.amount), value.asset)
            : value.en,
      ]),
    )
    const text = bare(texts.t('en', payload.text, params))
    promised.set(payload.personId, [...(promised.get(payload.personId) ?? []), { text, at }])
  }
  const painted = new Set(pictures.map(({ person }) => String(person)))
  const few = pLimit(8)
  const each = await Promise.all(
    [...new Set([...promised.keys(), ...painted])].map((person) =>
      few(async () => {
        const all = await world.phone(Number(person)).history()
        const said = all
          .filter((one) => one.from === 'bot')
          .map((one) => ({
            at: one.date,
            texts: [one, ...one.edits].map(({ text, caption }) => bare(text ?? caption ?? '')),
          }))
        const told = howTold(promised.get(person) ?? [], said)
        const photo = all.some((one) => one.photo && !one.deleted)
        return {
          ...told,
          wrong: [
            ...told.missing.map((text) => `${person} was never told: ${text}`),
            ...(painted.has(person) && !photo ? [`${person} paid for a picture and has none`] : []),
          ],
        }
      }),
    ),
  )
  const late = each.flatMap((one) => one.late)
  return {
    promised: notices.length,
    twice: each.reduce((sum, { twice }) => sum + twice, 0),
    late: late.filter((seconds) => seconds > LATE_SECONDS).length,
    latest: Math.round(Math.max(0, ...late)),
    wrong: each.flatMap(({ wrong }) => wrong),
  }
}

/** The text as a person reads it: without marks and with plain spaces. */
function bare(text: string): string {
  return plain(text)
    .replace(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .trim()
}
