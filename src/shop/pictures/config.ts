import type { Reader } from '#shared/config/reader.ts'

declare module '#shared/config/config.ts' {
  interface Config {
    images: ReturnType<typeof readPictures>
  }
}

/** How the providers of pictures are reached. */
export function readPictures(read: Reader) {
  const imageUrl = read.url('IMAGE_API_URL')
  const replicateUrl = read.url('REPLICATE_API_URL')
  return {
    apiUrl: imageUrl ?? 'https://api.kie.ai',
    /** KIE AI takes photos on a host of its own. */
    uploadUrl: read.url('IMAGE_UPLOAD_URL') ?? imageUrl ?? 'https://kieai.redpandaai.co',
    apiToken: read.optional('IMAGE_API_TOKEN'),
    webhookUrl: read.url('IMAGE_WEBHOOK_URL'),
    webhookKey: read.optional('IMAGE_WEBHOOK_KEY'),
    replicateUrl: replicateUrl ?? 'https://api.replicate.com',
    replicateToken: read.optional('REPLICATE_API_TOKEN'),
    replicateWebhookSecret: read.optional('REPLICATE_WEBHOOK_SECRET'),
    openaiUrl: read.url('OPENAI_API_URL') ?? 'https://api.openai.com',
    openaiToken: read.optional('OPENAI_API_KEY'),
    /** Results are fetched over http from this machine only when a provider itself is there. */
    allowLoopback: [imageUrl, replicateUrl].some((url) => url !== undefined && isLoopback(url)),
    /** New tasks in 10 s that KIE AI accepts from this account; their support raises it. */
    startRate: read.integer('IMAGE_START_RATE', 20, { min: 1, max: 10_000 }),
    /** How often a task is looked at, and so how often its message is edited at most. */
    pollMs: read.integer('IMAGE_POLL_MS', 3_000, { min: 100, max: 60_000 }),
    /** A picture that takes longer is given up and its tokens go back. */
    deadlineMs: read.integer('IMAGE_DEADLINE_MS', 900_000, { min: 1_000, max: 86_400_000 }),
    /** A start that nothing was heard of for so long is lost; the slowest provider may take 110 s. */
    startTimeoutMs: read.integer('IMAGE_START_TIMEOUT_MS', 130_000, { min: 500, max: 3_600_000 }),
  }
}

const isLoopback = (url: string): boolean => /^(127\.|localhost$|\[::1\]$)/.test(new URL(url).hostname)
