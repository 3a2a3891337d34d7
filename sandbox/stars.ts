import { readFileSync, writeFileSync } from 'node:fs'

// The shop's books remember the Stars of its bots over a restart. A Telegram that had forgotten them would differ from
// the books for ever, and ten minutes later the owner would be told so.

/** A killed sandbox forgets at most the Stars of this time. */
const KEEP_MS = 1_000

type Stars = Record<string, number>

/** The Stars of each bot by its username, as they were when the sandbox ended. */
export function keptStars(file: string | undefined): Stars {
  try {
    return JSON.parse(readFileSync(file ?? '', 'utf8')) as Stars
  } catch {
    return {}
  }
}

/** Writes them down whenever they have changed. */
export function keepStars(telegramUrl: string, file: string): { close(): Promise<void> } {
  let written = ''
  const keep = async () => {
    const answer = await fetch(`${telegramUrl}/control/bots`)
    const bots = (await answer.json()) as { username: string; stars: number }[]
    const now = JSON.stringify(Object.fromEntries(bots.map(({ username, stars }) => [username, stars])))
    if (now === written) return
    writeFileSync(file, now, { mode: 0o600 })
    written = now
  }
  // A full disk, for example, is no reason to end the sandbox.
  const timer = setInterval(() => void keep().catch(() => {}), KEEP_MS)
  timer.unref()
  return {
    async close() {
      clearInterval(timer)
      await keep().catch(() => {})
    },
  }
}
