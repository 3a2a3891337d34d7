import { z } from 'zod'
import type { Context } from '#shared/context.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import type { Asset } from '#shared/money.ts'
import { lastAttempt } from '#shared/money/attempts.ts'
import type { Order } from '#shared/money/tables.ts'
import type { Reader } from '#shared/reader.ts'
import { objection, openDecision, retryVerdict } from './decisions.ts'
import type { OrderDecision } from './decisions.ts'
import { resellerTerms } from './settings.ts'
import { currentEvidence } from './wallet.ts'

/** The admin who decides, in the chat or at the panel. */
interface Deciding extends Pick<Reader, 't' | 'money' | 'when'> {
  app: Pick<Context, 'db' | 'settings'>
}

/** The decisions in the order in which their keys are shown. */
const DECISIONS: readonly OrderDecision[] = ['delivered', 'failed', 'retry', 'refund']

/** What is known of the purchase, whether a second try would be safe, and what can be decided in this state. */
export async function decisionsOn(
  admin: Deciding,
  order: Order,
): Promise<{ lines: string[]; decisions: OrderDecision[] }> {
  const attempt = await lastAttempt(admin.app.db, order.id)
  const inDoubt = order.state === 'unknown' || order.state === 'review'
  const asset = await walletAsset(admin)
  const wallet =
    inDoubt && attempt?.supplier === 'fragment' ? await currentEvidence(admin.app.db, asset) : undefined
  const [verdict, open] = [retryVerdict(attempt), await openDecision(admin.app.db, order.id)]
  const attempts = attempt
    ? [
        admin.t('fadmin-attempt', {
          number: attempt.number,
          supplier: admin.t(`supplier-${attempt.supplier}`),
          state: admin.t(`fadmin-attempt-${attempt.state}`),
          ref: escapeHtml(attempt.supplierRef ?? '—'),
        }),
      ]
    : [admin.t('fadmin-no-attempt')]
  const facts = wallet
    ? 'why' in wallet.facts
      ? [
          admin.t('fadmin-evidence-unclear', {
            why: admin.t(`fadmin-unclear-${wallet.facts.why}`, { count: wallet.facts.count ?? 0 }),
          }),
        ]
      : [
          admin.t(`fadmin-evidence-${wallet.verdict}`, {
            before: coin(admin, wallet.facts.before, asset),
            booked: coin(admin, wallet.facts.booked, asset),
            now: coin(admin, wallet.facts.now, asset),
            missing: coin(admin, wallet.facts.missing, asset),
          }),
        ]
    : []
  const listed = inDoubt && attempt?.supplier === 'star-gifts' ? listEvidence(admin, order) : []
  const retry = inDoubt ? [admin.t(`fadmin-retry-${verdict}`)] : []
  if (open) {
    const made = admin.t(`fadmin-do-${open.decision}`)
    return {
      lines: [...attempts, ...facts, ...listed, admin.t('fadmin-decision-asked', { decision: made })],
      decisions: [],
    }
  }
  return {
    lines: [...attempts, ...facts, ...listed, ...retry],
    decisions: DECISIONS.filter((one) => objection(order, attempt, one) === undefined),
  }
}

/** What the worker found in the bot's list of Stars when it gave the order to the admins. */
const listFacts = z.object({ facts: z.object({ given: z.array(z.iso.datetime()), rivals: z.number() }) })

function listEvidence(admin: Deciding, { details }: Order): string[] {
  const { data } = listFacts.safeParse(details)
  if (!data) return []
  const { given, rivals } = data.facts
  const times = given.map((at) => admin.when(new Date(at))).join(', ')
  return [admin.t('fadmin-evidence-stars', { given: given.length, times, rivals })]
}

async function walletAsset(admin: Deciding): Promise<Asset> {
  return (await admin.app.settings.get(resellerTerms)).currency === 'ton' ? 'TON' : 'USDT'
}

const coin = (admin: Deciding, amount: string, asset: Asset) => admin.money(BigInt(amount), asset)
