import { z } from 'zod'
import { ASSETS } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { defineJob } from '../job.ts'
import { inLanguages } from '../../i18n/languages.ts'

/** A sum, written out in the reader's language when the notice is sent. */
const sum = z.object({ amount: z.string().regex(/^-?\d+$/), asset: z.enum(ASSETS as [Asset, ...Asset[]]) })

/** The same words in each language, for example the name of a plan or a badge. */
const words = z.object(inLanguages(() => z.string()))

const params = z.record(z.string(), z.union([z.string(), z.number(), sum, words]))

const notice = z.object({
  /** Makes the notice unique, for example `paid-<payment id>`. */
  key: z.string(),
  bot: z.string(),
  /** Telegram id as text: JSON has no bigint. */
  personId: z.string().regex(/^\d+$/),
  /** The text's name in locales/, and its variables. */
  text: z.string(),
  params: params.default({}),
  /** Further texts below the first one, a paragraph each. */
  list: z.array(z.object({ text: z.string(), params })).optional(),
  /** Rows of buttons under the text: each button is [text name, route, ...args]. */
  buttons: z.array(z.array(z.array(z.string()))).optional(),
  /** Buttons above these that open a page: the text's name and the address. */
  links: z.array(z.object({ text: z.string(), url: z.string() })).optional(),
  /**
   * The message that showed the order or payment that has now ended: it is edited to this text and loses its buttons.
   */
  card: z.object({ chatId: z.number(), messageId: z.number(), text: z.string() }).optional(),
  silent: z.boolean().optional(),
  /** A topic of the admins' group that the message goes to; the person's own chat if the group takes none. */
  topic: z.object({ chat: z.string().regex(/^-\d+$/), thread: z.number() }).optional(),
})
export type Notice = z.infer<typeof notice>

/** A message owed to a person about something that happened while they were not looking. */
export const sendNotice = defineJob<Notice>({
  name: 'notice.send',
  queue: 'notices',
  sealed: true,
  payload: notice as z.ZodType<Notice>,
  id: (job) => `notice-${job.key}`,
  attempts: 8,
  backoffMs: 1_000,
})
