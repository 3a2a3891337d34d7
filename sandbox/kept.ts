import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { personas } from './chat/personas.ts'

// The shop remembers over a restart what this Telegram would forget. Without the Stars of its bots the books would differ
// from Telegram for ever, and ten minutes later the owner would be told so. Without the people who have pressed Start,
// a mailing would count every one of them among those who have stopped the bot.

/** A killed sandbox forgets at most the Stars of this time. */
const STARS_MS = 1_000
/** The people of this time: a crowd of 5,000 is some 700 kB of JSON, too much for every second. */
const PEOPLE_MS = 5_000

type Stars = Record<string, number>

/** A person as `GET /control/people` shows them: `started` and `blocked` name bots. */
interface KnownPerson {
  id: number
  first_name: string
  started: string[]
  blocked: string[]
}

const starsIn = (folder: string) => join(folder, 'telegram-stars.json')
const peopleIn = (folder: string) => join(folder, 'telegram-people.json')

/** The Stars of each bot by its username, as they were when the sandbox ended. */
export const keptStars = (folder: string | undefined): Stars => kept(folder && starsIn(folder), {})

/** Brings back the people, and in which bots they have pressed Start or blocked them. */
export async function bringPeople(telegramUrl: string, folder: string): Promise<void> {
  const people = kept<KnownPerson[]>(peopleIn(folder), []).filter(({ started }) => started.length > 0)
  if (people.length === 0) return
  // Personas are called what this version calls them.
  const names = new Map(personas.map((one) => [one.id, one.first_name]))
  await control(
    telegramUrl,
    'people',
    'POST',
    people.map((one) => ({ ...one, first_name: names.get(one.id) ?? one.first_name })),
  )
  for (const { id, blocked } of people)
    for (const block of blocked) await control(telegramUrl, `people/${id}`, 'PATCH', { block })
}

/** Writes Stars and people down whenever they have changed. */
export function keepTelegram(telegramUrl: string, folder: string): { close(): Promise<void> } {
  const keepers = [
    keep(starsIn(folder), STARS_MS, async () => {
      const bots = await control<{ username: string; stars: number }[]>(telegramUrl, 'bots')
      return Object.fromEntries(bots.map(({ username, stars }) => [username, stars]))
    }),
    keep(peopleIn(folder), PEOPLE_MS, () =>
      control<KnownPerson[]>(telegramUrl, `people?limit=${Number.MAX_SAFE_INTEGER}`),
    ),
  ]
  return {
    async close() {
      await Promise.all(keepers.map((one) => one.close()))
    },
  }
}

function kept<T>(file: string | undefined, none: T): T {
  try {
    return JSON.parse(readFileSync(file ?? '', 'utf8')) as T
  } catch {
    return none
  }
}

function keep(file: string, everyMs: number, read: () => Promise<unknown>) {
  let written = ''
  const write = async () => {
    const now = JSON.stringify(await read())
    if (now === written) return
    // A process that is killed while it writes a file in place leaves half a file, which is as good as none.
    writeFileSync(`${file}.new`, now, { mode: 0o600 })
    renameSync(`${file}.new`, file)
    written = now
  }
  // A full disk, for example, is no reason to end the sandbox.
  const timer = setInterval(() => void write().catch(() => {}), everyMs)
  timer.unref()
  return {
    async close() {
      clearInterval(timer)
      await write().catch(() => {})
    },
  }
}

async function control<T>(telegramUrl: string, path: string, method = 'GET', body?: unknown): Promise<T> {
  const answer = await fetch(`${telegramUrl}/control/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`the Telegram simulator answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}
