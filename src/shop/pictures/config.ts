import type { ConfigReader } from '#shared/config/reader.ts'
import { PICTURE_VARIABLES, RESULT_HOSTS } from './providers/registry.ts'

declare module '#shared/config/config.ts' {
  interface Config {
    images: ReturnType<typeof readPictures>
  }
}

/** Reads how pictures are made. */
export function readPictures(read: ConfigReader) {
  const providers: Readonly<Record<string, string | undefined>> = Object.fromEntries(
    PICTURE_VARIABLES.map((name) => [name, name.endsWith('_URL') ? read.url(name) : read.optional(name)]),
  )
  /** A picture that takes longer than this, ms, is given up and its tokens are returned. */
  const deadlineMs = read.integer('IMAGE_DEADLINE_MS', 900_000, { min: 1_000, max: 86_400_000 })
  /** A start without any news for this long, ms, counts as lost; the slowest provider may take 110 s. */
  const startTimeoutMs = read.integer('IMAGE_START_TIMEOUT_MS', 130_000, { min: 500, max: 3_600_000 })
  if (deadlineMs < startTimeoutMs)
    read.problem(
      `IMAGE_DEADLINE_MS is ${deadlineMs}, less than IMAGE_START_TIMEOUT_MS, ${startTimeoutMs}: a picture would be given up while the provider may still start it; set IMAGE_DEADLINE_MS to ${startTimeoutMs} or more`,
    )
  return {
    /** The variables of the providers by name. The registry says which providers there are. */
    providers,
    webhookUrl: read.url('IMAGE_WEBHOOK_URL'),
    /** Results are fetched over http from this machine only when a provider runs on this machine. */
    allowLoopback: RESULT_HOSTS.some((name) => providers[name] !== undefined && isLoopback(providers[name])),
    /** New tasks in 10 s that KIE AI accepts from this account. KIE AI's support can raise the number. */
    startRate: read.integer('IMAGE_START_RATE', 20, { min: 1, max: 10_000 }),
    /** How often a task is looked up, ms; its message is edited at most that often. */
    pollMs: read.integer('IMAGE_POLL_MS', 3_000, { min: 100, max: 60_000 }),
    deadlineMs,
    startTimeoutMs,
  }
}

const isLoopback = (url: string): boolean => /^(127\.|localhost$|\[::1\]$)/.test(new URL(url).hostname)
