import { sql as q } from 'kysely'
import pLimit from 'p-limit'
import { money } from '#shared/i18n/format.ts'
import { loadTexts } from '#shared/i18n/texts.ts'
import type { Notice } from '#shared/queue/jobs/notices.ts'
import { BOT } from './fleet.ts'
import { type Bubble, plain } from '../lib/phone.ts'
import { FIRST_PERSON } from './plan.ts'
import type { World } from './world.ts'

/**
 * Reads every chat: the shop must have sent what it promised to tell, and whoever paid for a picture must
 * have it.
 * @returns how many messages were promised, and which are missing
 */
export async function unsaid(world: World): Promise<{ promised: number; wrong: string[] }> {
  const texts = loadTexts()
  const notices = await world.db.rows(q<{ payload: Notice }>`
    select payload from outbox where job = 'notice.send' and (payload ->> 'personId')::bigint >= ${FIRST_PERSON}`)
  const pictures = await world.db.rows(q<{ person: bigint }>`
    select person_id as person from orders where good = 'image' and state = 'delivered'`)
  const promised = new Map<string, string[]>()
  const add = (person: string, text: string) => promised.set(person, [...(promised.get(person) ?? []), text])
  for (const { payload } of notices) {
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
    add(payload.personId, bare(texts.t('en', payload.text, params)))
  }
  const painted = new Set(pictures.map(({ person }) => String(person)))
  const few = pLimit(8)
  const wrong = await Promise.all(
    [...new Set([...promised.keys(), ...painted])].map((person) =>
      few(async () => {
        const chat = `/chats/${BOT.username}/${person}`
        const all = (await world.control<{ messages: Bubble[] }>(chat)).messages
        const said = all
          .filter((one) => one.from === 'bot')
          .flatMap((one) => [one, ...one.edits])
          .map((one) => bare(one.text ?? one.caption ?? ''))
        const missing = (promised.get(person) ?? []).filter(
          (text) => !said.some((one) => one.startsWith(text)),
        )
        const photo = all.some((one) => one.photo && !one.deleted)
        return [
          ...missing.map((text) => `${person} was never told: ${text}`),
          ...(painted.has(person) && !photo ? [`${person} paid for a picture and has none`] : []),
        ]
      }),
    ),
  )
  return { promised: notices.length, wrong: wrong.flat() }
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
