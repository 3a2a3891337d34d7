import { allows } from '#shared/roles.ts'
import { humanReason, lettersAbout } from '#shop/admin/letters.ts'
import { storyOf, storyText } from '#shop/admin/story/story.ts'
import { readerWords } from '#shop/admin/story/words.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'

/** A key on the page of a payment or an order, with the question before its act. */
export interface DealAct {
  /** The address that carries it out, below /panel/api. */
  path: string
  title: string
  kind: 'primary' | 'danger' | ''
  /** Lines that say what the act would do. Without lines and without a field one press does it. */
  ask: string[]
  /** The address of the question, if it needs more than the row; it is asked when the key is pressed. */
  question: string | null
  /** What the page read and sends back, so that a second press is told apart from a second wish. */
  sends: Record<string, number | string>
  /** The field that the admin fills in. */
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

/** The keys that start jobs about an order or a payment again that were given up. */
export async function replaysOf(admin: PanelAdmin, of: string): Promise<DealAct[]> {
  if (!allows(admin.role, 'admin')) return []
  const letters = await lettersAbout(admin.app.db, of, await admin.served('admin'))
  return letters.map(({ id, job, reason }) => {
    const why = humanReason(reason)
    const key = `job-${job.replaceAll('.', '-')}`
    const name = admin.texts.has(admin.language, key) ? admin.t(key) : job
    return dealAct(admin, {
      path: `/letters/${id}/replay`,
      title: 'letter-replay',
      ask: [`${name}. ${admin.t(why.key, why.params)}`],
    })
  })
}

/** The lines of `npm run story` in the reader's language, with Moscow times. */
export async function storyLines(admin: PanelAdmin, of: string): Promise<string[]> {
  const say = readerWords(admin, admin.app.goods)
  const found = await storyOf(admin.app.db, of, await admin.served(), say)
  return found
    ? storyText(found, { name: admin.t('time-zone'), hours: 3 }, (kind) => admin.t(`story-kind-${kind}`))
        .split('\n')
        .slice(1)
    : []
}
