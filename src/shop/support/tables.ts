import { defineEntity, p } from '@mikro-orm/core'
import { roomStatements } from '#shared/common-tables.ts'

/** The payment or the order that a message is about. */
export interface About {
  kind: 'payment' | 'order'
  id: string
}

/** What a person and the admins of a bot wrote to each other. */
export const SupportMessageTable = defineEntity({
  name: 'SupportMessage',
  tableName: 'support_messages',
  properties: {
    id: p.text().primary(),
    bot: p.text(),
    personId: p.bigint(),
    /** The admin who answered; null = the person wrote. */
    adminId: p.bigint().nullable(),
    text: p.text(),
    /** Telegram's id of a photo or a file that came with the words; valid in this bot. */
    fileId: p.text().nullable(),
    fileKind: p.text().$type<'photo' | 'document'>().nullable(),
    /** The payment or the order that the message is about. */
    paymentId: p.text().nullable(),
    orderId: p.text().nullable(),
    /** A person's message that nobody has answered or put away. */
    waits: p.boolean().default(false),
    /** When an admin saw it. */
    readAt: p.datetime().nullable(),
    /** The message in the person's chat that says whether it was read. */
    cardMessageId: p.bigint().nullable(),
    createdAt: p.datetime().defaultRaw('now()'),
  },
})

export const supportTables = [SupportMessageTable] as const
export const supportSql = roomStatements<(typeof supportTables)[number]>()
