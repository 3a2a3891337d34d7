import { storyOf, storyText } from '#shop/admin/story/story.ts'
import { readerWords } from '#shop/admin/story/words.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'

/** A key on the page of a payment or an order, with what stands between it and the act. */
export interface DealAct {
  /** Where it is posted, below /panel/api. */
  path: string
  title: string
  kind: 'primary' | 'danger' | ''
  /** What it would do, read before it is done; without a line and without a field one press does it. */
  ask: string[]
  /** Where the same is asked for when the key is pressed: it takes more than a look at the row. */
  question: string | null
  /** What the page has read and sends back, so that a second press is told apart from a second wish. */
  sends: Record<string, number>
  /** What the admin types for it. */
  field: { name: string; title: string; most: number; isLong: boolean } | null
}

export const dealAct = (
  admin: PanelAdmin,
  { title, ask = [], ...rest }: Pick<DealAct, 'path' | 'title'> & Partial<DealAct>,
): DealAct => ({
  kind: 'primary',
  question: null,
  sends: {},
  field: null,
  title: plain(admin.t(title)),
  ask: ask.flatMap((one) => plain(one).split('\n')).filter(Boolean),
  ...rest,
})

/** What `npm run story` prints, in the reader's words; times are Moscow's. */
export async function storyLines(admin: PanelAdmin, of: string): Promise<string[]> {
  const say = readerWords(admin, admin.app.goods)
  const found = await storyOf(admin.app.db, of, await admin.served(), say)
  return found
    ? storyText(found, { name: admin.t('time-zone'), hours: 3 }, (kind) => admin.t(`story-kind-${kind}`))
        .split('\n')
        .slice(1)
    : []
}
