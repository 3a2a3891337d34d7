/** Every number a test may want smaller or larger. Times are ms, rates are messages. */
export const DEFAULTS = {
  globalPerSecond: 30,
  chatPerSecond: 1,
  chatBurst: 5,
  groupPerMinute: 20,
  paidPerSecond: 1000,
  floodGrowth: 2,
  invoiceAnswerMs: 10_000,
  callbackAnswerMs: 15_000,
  retryBaseMs: 2_000,
  retryMaxMs: 60_000,
  webhookTimeoutMs: 60_000,
  messageLifeMs: 24 * 60 * 60 * 1000,
  queryLifeMs: 150_000,
  latencyMs: 0,
  jitterMs: 0,
  insecureWebhooks: true,
  conflictDelayMs: 3_000,
  setWebhookMs: 1_000,
  keepMessages: 200,
  keepRequests: 10_000,
  keepEvents: 5_000,
  paidBroadcasts: true,
  messageEffects: true,
  anyToken: false,
}

export type Settings = typeof DEFAULTS

/** @throws Error for a name or a type that does not exist */
export function changeSettings(settings: Settings, change: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(change)) {
    const known = (DEFAULTS as Record<string, unknown>)[name]
    if (known === undefined) throw new Error(`there is no setting "${name}"`)
    if (typeof value !== typeof known) throw new Error(`setting "${name}" must be a ${typeof known}`)
    if (typeof value === 'number' && !(value >= 0))
      throw new Error(`setting "${name}" must be zero or positive`)
  }
  Object.assign(settings, change)
}
