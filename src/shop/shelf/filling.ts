import { audit } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import { UserError } from '#shared/errors.ts'
import type { Reader } from '#shared/reader.ts'
import { setFile } from './files.ts'
import type { SentFile } from './files.ts'
import { file as fileKind } from './kinds/file.ts'
import { stock } from './kinds/stock.ts'
import { text as sameText } from './kinds/text.ts'
import { addLines } from './add-lines.ts'
import type { Uploaded } from './add-lines.ts'
import { setContent } from './manage.ts'
import { sealContent, shelfSecrets } from './seal.ts'
import type { Item } from './tables.ts'

/** The admin who fills the shelf, in the chat or at the panel. */
interface Filler {
  app: Pick<Context, 'db'> & Parameters<typeof shelfSecrets>[0]
  personId: bigint
  bot: { name: string }
}

/** @param wanted.upload names the message or the form that brought the lines: the same again goes on where it was cut off */
export async function fillStock(
  { app, personId, bot }: Filler,
  item: Item,
  { upload, chunks }: { upload: string; chunks: AsyncIterable<string> | Iterable<string> },
): Promise<Uploaded> {
  if (item.kind !== stock.name) throw new UserError('item.gone')
  const done = await addLines(app.db, await shelfSecrets(app), { itemId: item.id, upload }, chunks)
  const details = { added: done.added, doubles: done.doubles.count, bad: done.bad.count }
  const line = { actor: personId, action: 'item.filled', target: String(item.id), bot: bot.name, details }
  await audit(app.db, line)
  return done
}

export function fillingWords({ t }: Pick<Reader, 't'>, { added, doubles, bad }: Uploaded): string[] {
  const listed = ({ count, lines }: Uploaded['bad']) =>
    `${lines.join(', ')}${count > lines.length ? ' …' : ''}`
  return [
    t('admin-stock-added', { count: added }),
    ...(doubles.count > 0
      ? [t('admin-stock-doubles', { count: doubles.count, lines: listed(doubles) })]
      : []),
    ...(bad.count > 0 ? [t('admin-stock-bad', { count: bad.count, lines: listed(bad) })] : []),
  ]
}

/** A message holds 4,096 characters, with the name of the item above. */
const LONGEST_TEXT = 3_000

/** Sets the text of an item whose buyers all get the same. People who have bought the item see the new text. */
export async function fillText({ app, personId, bot }: Filler, item: Item, typed: string): Promise<void> {
  const text = typed.trim()
  if (item.kind !== sameText.name) throw new UserError('item.gone')
  if (text === '' || text.length > LONGEST_TEXT) throw new UserError('item.text', { most: LONGEST_TEXT })
  const sealed = sealContent(await shelfSecrets(app), item.id, text)
  await app.db.tx(async (tx) => {
    await setContent(tx, item.id, sealed)
    await audit(tx, { actor: personId, action: 'item.filled', target: String(item.id), bot: bot.name })
  })
}

/** Sets the file of an item, which this bot has been sent. People who have bought the item get the new one. */
export async function fillFile({ app, personId, bot }: Filler, item: Item, sent: SentFile): Promise<void> {
  if (item.kind !== fileKind.name) throw new UserError('item.gone')
  await app.db.tx(async (tx) => {
    await setFile(tx, { itemId: item.id, bot: bot.name }, sent)
    await audit(tx, { actor: personId, action: 'item.filled', target: String(item.id), bot: bot.name })
  })
}
