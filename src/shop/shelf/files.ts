import { sql as q } from 'kysely'
import type { RawBuilder } from 'kysely'
import type { Message } from 'grammy/types'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { shorten } from '#shared/storable.ts'
import { MOST_BYTES } from '#shared/telegram/files.ts'
import { shelfSql } from './tables.ts'
import { NOW } from '#shared/db/build.ts'

/*
 * One file for every buyer of an item. A Telegram file id is valid in one bot only: the bot that received the file has
 * an id at once; another bot uploads the file once, when its first buyer wants it, and keeps its own id.
 */

/** A bot sends files of up to 50 MB (Bot API), so a larger one could reach no other bot's buyers. */
const MOST_MB = 50
/** After this many minutes an upload without an end counts as cut off. */
const CLAIM_MINUTES = 2

export interface SentFile {
  type: 'document' | 'photo' | 'video'
  fileId: string
  name: string
  size: number
}

/**
 * The file in an admin's message.
 * @throws UserError `item.file-none`, `item.file-empty`, `item.file-big`
 */
export function fileIn(message: Message | undefined): SentFile {
  const photo = message?.photo?.at(-1)
  const { document, video } = message ?? {}
  const given = document ?? video ?? photo
  if (!given) throw new UserError('item.file-none')
  const size = given.file_size ?? 0
  if (given.file_size === 0) throw new UserError('item.file-empty')
  if (size > MOST_MB * 1024 * 1024) throw new UserError('item.file-big', { most: MOST_MB })
  const type = document ? 'document' : video ? 'video' : 'photo'
  const name = document?.file_name ?? video?.file_name ?? (video ? 'video.mp4' : photo ? 'photo.jpg' : 'file')
  return { type, fileId: given.file_id, name: shorten(name, 100), size }
}

const fileColumns = [
  ...(['item_id as itemId', 'bot', 'version', 'source', 'type', 'name', 'size'] as const),
  'file_id as fileId',
] as const

export type ItemFile = NonNullable<Awaited<ReturnType<typeof soldFile>>>

/** The file as the admin sent it, in the bot that it was sent to. */
export async function soldFile(sql: Sql, itemId: bigint) {
  const [row] = await sql.rows(
    shelfSql
      .selectFrom('shelf_files')
      .select(fileColumns)
      .where('item_id', '=', itemId)
      .where('source', '=', true),
  )
  return row
}

/**
 * Whether buyers of this bot can get the file: a bot cannot download more than 20 MB, so a larger file cannot be
 * brought to another bot.
 */
export const isWithin = ({ bot, size }: Pick<ItemFile, 'bot' | 'size'>, own: string): boolean =>
  bot === own || size <= BigInt(MOST_BYTES)

/** An item has a file that is `isWithin` the bot, as a condition on rows `i` of shelf_items. */
export const withinBot = (bot: string): RawBuilder<boolean> => q<boolean>`exists (
  select from shelf_files f where f.item_id = i.id and f.source and (f.bot = ${bot} or f.size <= ${MOST_BYTES}))`

/** Replaces the file, also for earlier buyers; other bots upload the new one when it is wanted. */
export async function setFile(
  tx: Sql,
  { itemId, bot }: { itemId: bigint; bot: string },
  { type, name, size, fileId }: SentFile,
): Promise<void> {
  // The lock orders two admins who send a file at once: the later one's file stays.
  await tx.rows(shelfSql.selectFrom('shelf_items').select('id').where('id', '=', itemId).forUpdate())
  await tx.rows(shelfSql.updateTable('shelf_files').set({ source: false }).where('item_id', '=', itemId))
  const row = { version: newId(), source: true, type, name, size: BigInt(size), file_id: fileId }
  await tx.rows(
    shelfSql
      .insertInto('shelf_files')
      .values({ item_id: itemId, bot, ...row })
      .onConflict((on) => on.columns(['item_id', 'bot']).doUpdateSet(row)),
  )
}

/** @returns this bot's id of exactly this file, if it has one */
export async function ownFileId(
  sql: Sql,
  { itemId, version }: Pick<ItemFile, 'itemId' | 'version'>,
  bot: string,
): Promise<string | undefined> {
  const [row] = await sql.rows(
    shelfSql
      .selectFrom('shelf_files')
      .select('file_id as fileId')
      .where('item_id', '=', itemId)
      .where('bot', '=', bot)
      .where('version', '=', version),
  )
  return row?.fileId ?? undefined
}

/**
 * Claims the upload before it begins, so that of many buyers at once only one uploads.
 * @returns whether this caller does
 */
export async function claimUpload(sql: Sql, file: ItemFile, bot: string): Promise<boolean> {
  const { itemId, version, type, name, size } = file
  const row = { version, type, name, size, file_id: null, claimed_at: NOW }
  const rows = await sql.rows(
    shelfSql
      .insertInto('shelf_files')
      .values({ item_id: itemId, bot, source: false, ...row })
      .onConflict((on) =>
        on
          .columns(['item_id', 'bot'])
          .doUpdateSet(row)
          .where(
            q<boolean>`not shelf_files.source and (shelf_files.version <> ${version} or (shelf_files.file_id is null
              and shelf_files.claimed_at < now() - ${CLAIM_MINUTES} * interval '1 minute'))`,
          ),
      )
      .returning('bot'),
  )
  return rows.length > 0
}

/** @param fileId undefined = the upload failed, and the next buyer's press repeats it */
export async function endUpload(
  sql: Sql,
  { itemId, version }: ItemFile,
  bot: string,
  fileId: string | undefined,
): Promise<void> {
  await sql.rows(
    shelfSql
      .updateTable('shelf_files')
      .set(fileId === undefined ? { claimed_at: q`'-infinity'` } : { file_id: fileId })
      .where('item_id', '=', itemId)
      .where('bot', '=', bot)
      .where('version', '=', version)
      .where('file_id', 'is', null),
  )
}
