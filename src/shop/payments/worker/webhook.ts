import { Transient } from '#shared/errors.ts'
import { readReference } from '../reference.ts'
import { confirmAbove } from '../settings.ts'
import { done, reject, type Verdict } from '#shared/queue/job.ts'
import type { Run } from '#shared/queue/executor.ts'
import type { PaymentWebhook } from '../jobs.ts'
import type { ProviderContext } from './context.ts'
import { confirmed, heedTogether } from './heed.ts'
import { checkSoon } from './poll.ts'

export type WebhookContext = ProviderContext & { heed: ReturnType<typeof heedTogether> }

/** Takes in an event of a provider. A sealed one is genuine; the provider is asked where money depends on it. */
export async function onWebhook(
  context: WebhookContext,
  job: PaymentWebhook,
  { sealed }: Pick<Run, 'sealed'>,
): Promise<Verdict> {
  const provider = context.payments.get(job.provider)
  if (!provider) return reject(`the provider ${job.provider} is not set up in this process`)
  const notice = provider.readWebhook(job.body)
  if (notice.signature === 'wrong') {
    context.log.warn(
      { provider: provider.name, invoice: notice.invoice },
      'a callback carries a wrong signature, which its provider does not promise',
    )
  }
  const threshold = BigInt(await context.settings.get(confirmAbove))
  const reading = sealed
    ? await confirmed(provider, notice, threshold)
    : await provider.lookup({ reference: notice.reference ?? '', invoice: notice.invoice })
  if (!reading) {
    // Either the event is faster than the provider's own look-up, or it is a test event about no invoice.
    if (readReference(notice.reference))
      throw new Transient(`${provider.name} does not know ${notice.invoice} (yet)`)
    context.log.warn(
      { provider: provider.name, invoice: notice.invoice },
      'an event is about an invoice that we do not know',
    )
    return done
  }
  await context.heed({ provider, reading, source: 'webhook' })
  // The provider's look-up may be slower than its event.
  const ours = readReference(reading.reference)
  if (ours && reading.state !== notice.state) await checkSoon(context.db, ours.id)
  return done
}
