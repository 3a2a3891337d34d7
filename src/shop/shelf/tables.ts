import { defineEntity, p } from '@mikro-orm/core'
import type { InferEntity } from '@mikro-orm/core'
import { roomStatements } from '#shared/common-tables.ts'
import type { Language } from '#shared/i18n/languages.ts'
import type { Asset } from '#shared/money.ts'

type Names = Record<Language, string>

export const CategoryTable = defineEntity({
  name: 'ShelfCategory',
  tableName: 'shelf_categories',
  properties: {
    id: p.bigint().primary().autoincrement(),
    parentId: p.bigint().nullable(),
    name: p.json<Names>(),
    retired: p.boolean().default(false),
  },
})

/** A good of the owner's own. */
export const ItemTable = defineEntity({
  name: 'ShelfItem',
  tableName: 'shelf_items',
  properties: {
    id: p.bigint().primary().autoincrement(),
    /** See kinds/list.ts. */
    kind: p.text(),
    categoryId: p.bigint().nullable(),
    name: p.json<Names>(),
    description: p.json<Partial<Names>>().defaultRaw(`'{}'`),
    /** The address of a picture, shown above the description. */
    picture: p.text().nullable(),
    asset: p.text().$type<Asset>(),
    /** Minor units. */
    price: p.bigint(),
    /** Prices of single bots, minor units as text, by the bot's name. */
    prices: p.json<Record<string, string>>().defaultRaw(`'{}'`),
    /** The bots that sell it; null = all bots. */
    bots: p.array<string>().columnType('text[]').nullable(),
    perPerson: p.integer().nullable(),
    soldFrom: p.datetime().nullable(),
    soldUntil: p.datetime().nullable(),
    /** When at most this many lines are left, the admins are told. */
    low: p.integer().default(5),
    /** What every buyer gets, sealed. */
    content: p.blob().nullable(),
    /** Further data of the item's kind: see kinds/. */
    terms: p.json<Record<string, unknown>>().nullable(),
    /** How often lines were added: after each refill a low stock is told again. */
    refills: p.integer().default(0),
    /** What admins were told about the stock, with the number of the refill: `low-2`, `empty-2`. */
    told: p.text().nullable(),
    retired: p.boolean().default(false),
    createdBy: p.bigint(),
    createdAt: p.datetime().defaultRaw('now()'),
    updatedAt: p.datetime().defaultRaw('now()'),
  },
})
type ItemEntity = InferEntity<typeof ItemTable>
export type Item = {
  [Field in keyof ItemEntity as Field extends string ? Field : never]-?: Exclude<ItemEntity[Field], undefined>
}

/** One key, account or link of an item's stock. */
export const LineTable = defineEntity({
  name: 'ShelfLine',
  tableName: 'shelf_lines',
  properties: {
    id: p.bigint().primary().autoincrement(),
    itemId: p.bigint(),
    sealed: p.blob(),
    /** A keyed hash of the line, by which duplicates are found without decryption. */
    print: p.text(),
    /** The message that brought the line: if it is handled again, it adds nothing twice and reports no duplicates. */
    upload: p.text(),
    state: p.text().$type<'free' | 'reserved' | 'sold' | 'withdrawn'>().default('free'),
    orderId: p.text().nullable(),
    reservedUntil: p.datetime().nullable(),
    soldAt: p.datetime().nullable(),
    /** Why the line was taken from its buyer. */
    reason: p.text().nullable(),
  },
})

/** A code of the shop's own, made for an order. */
export const CodeTable = defineEntity({
  name: 'ShelfCode',
  tableName: 'shelf_codes',
  properties: {
    id: p.bigint().primary().autoincrement(),
    itemId: p.bigint(),
    orderId: p.text(),
    /** A keyed hash of the code, by which it is found without decryption. */
    print: p.text(),
    sealed: p.blob(),
    state: p.text().$type<'made' | 'used' | 'withdrawn'>().default('made'),
    madeAt: p.datetime().defaultRaw('now()'),
    usedAt: p.datetime().nullable(),
    /** The bot whose API key used the code. */
    usedBy: p.text().nullable(),
    /** The Idempotency-Key of the use. */
    reference: p.text().nullable(),
    usedFor: p.text().nullable(),
    /** Why the code was taken from its buyer. */
    reason: p.text().nullable(),
  },
})

/** An order for something that an admin does. */
export const ServiceTable = defineEntity({
  name: 'ShelfService',
  tableName: 'shelf_services',
  properties: {
    orderId: p.text().primary(),
    itemId: p.bigint(),
    bot: p.text(),
    /** The buyer's answers, encrypted. */
    answers: p.blob(),
    /** The time, set at payment, at which the money goes back by itself. */
    dueAt: p.datetime().nullable(),
    /** What admins were told of this order. */
    told: p.text().$type<'nothing' | 'new' | 'late'>().default('nothing'),
    takenBy: p.bigint().nullable(),
    /** The admin's text to the buyer, written at delivery, encrypted. */
    result: p.blob().nullable(),
    endedAt: p.datetime().nullable(),
  },
})

/** A file that every buyer of an item gets, as one bot knows it. */
export const FileTable = defineEntity({
  name: 'ShelfFile',
  tableName: 'shelf_files',
  properties: {
    itemId: p.bigint().primary(),
    bot: p.text().primary(),
    /** The version of the file: an id of an older version is not used any more. */
    version: p.text(),
    /** Whether an admin sent the file to this bot. */
    source: p.boolean(),
    type: p.text().$type<'document' | 'photo' | 'video'>(),
    name: p.text(),
    size: p.bigint(),
    /** Null while the file is being uploaded. */
    fileId: p.text().nullable(),
    claimedAt: p.datetime().defaultRaw('now()'),
  },
})

/** An order that is a gift: the first person who opens its link gets the goods. */
export const GiftTable = defineEntity({
  name: 'ShelfGift',
  tableName: 'shelf_gifts',
  properties: {
    orderId: p.text().primary(),
    /** A hash of the link's token: a reader of the table cannot open the gift. */
    hash: p.text(),
    /** The date at which the money goes back by itself. */
    dueAt: p.datetime(),
    openedBy: p.bigint().nullable(),
    endedAt: p.datetime().nullable(),
  },
})

/** The channel or group that an item lets its buyers into. */
export const ChatTable = defineEntity({
  name: 'ShelfChat',
  tableName: 'shelf_chats',
  properties: {
    itemId: p.bigint().primary().autoincrement(false),
    /** The bot that administers the chat; other bots may sell access too. */
    bot: p.text(),
    chatId: p.bigint(),
    title: p.text(),
    /** The invite link, the same for everybody: it lets nobody in and only asks the bot. */
    link: p.text(),
    /** Since when the bot lacks the rights to let people in. */
    lostAt: p.datetime().nullable(),
    /** When Telegram last refused somebody because the chat has no room; null = somebody came in since. */
    fullAt: p.datetime().nullable(),
    checkedAt: p.datetime().defaultRaw('now()'),
  },
})

/** An order's time in a chat. Several orders of one person follow one another. */
export const AccessTable = defineEntity({
  name: 'ShelfAccess',
  tableName: 'shelf_accesses',
  properties: {
    orderId: p.text().primary(),
    itemId: p.bigint(),
    /** The chat and its bot as they were at the time of the purchase. */
    bot: p.text(),
    chatId: p.bigint(),
    personId: p.bigint(),
    fromAt: p.datetime(),
    /** null = for ever. */
    untilAt: p.datetime().nullable(),
    /** Since when the person's request to join has had no known answer. */
    askedAt: p.datetime().nullable(),
    /** Since when Telegram has refused to let this person in, after the last request. */
    refusedAt: p.datetime().nullable(),
    joinedAt: p.datetime().nullable(),
    /** When the person was told that the access ends soon. */
    warnedAt: p.datetime().nullable(),
    endedAt: p.datetime().nullable(),
    /** When the person was seen outside the chat, or inside by another order. */
    outAt: p.datetime().nullable(),
    /** How often the bot tried to let the person in or take them out, and when it tries next. */
    tries: p.integer().default(0),
    tryAt: p.datetime().defaultRaw('now()'),
  },
})

export const shelfTables = [
  CategoryTable,
  ItemTable,
  LineTable,
  CodeTable,
  ServiceTable,
  FileTable,
  GiftTable,
  ChatTable,
  AccessTable,
] as const

export const shelfSql = roomStatements<(typeof shelfTables)[number]>()
