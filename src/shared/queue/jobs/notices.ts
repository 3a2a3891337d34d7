import { z } from 'zod'
import { ASSETS } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { ROLES } from '#shared/roles.ts'
import { ALERT_TOPICS } from '#shared/alert-topics.ts'
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
   * The message that showed the order or payment that has now ended: it is edited to this text and loses its buttons. Where
   * the row is named, the message is the one that shows it when the notice is sent.
   */
  card: z
    .object({
      chatId: z.number(),
      messageId: z.number(),
      text: z.string(),
      orderId: z.string().optional(),
      paymentId: z.string().optional(),
    })
    .optional(),
  /** The order whose missing money this message asks for: the message becomes the card of the order. */
  asksFor: z.string().optional(),
  silent: z.boolean().optional(),
  /** A photo or a file of this bot that the text is the caption of; a text too long for that goes without the file. */
  file: z.object({ kind: z.enum(['photo', 'document']), id: z.string() }).optional(),
  /**
   * The message is for the admins: it goes into this topic of the bot's group, or to each admin with this role where no
   * group takes it; with `groupOnly` nobody hears of it then. `personId` names one of them, who reads it where a release without this field sends it.
   */
  team: z
    .object({ topic: z.enum(ALERT_TOPICS), minimum: z.enum(ROLES), groupOnly: z.boolean().optional() })
    .optional(),
  /** What a release without `team` owed to a topic. */
  topic: z.object({ chat: z.string(), thread: z.number() }).optional(),
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
