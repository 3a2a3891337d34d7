import { idFrom } from '#shared/ids.ts'
import type { Db } from '#shared/db/db.ts'
import { createSecrets } from '#shared/secrets.ts'
import { setChat } from '#shop/shelf/chats.ts'
import { setFile } from '#shop/shelf/files.ts'
import { addLines } from '#shop/shelf/add-lines.ts'
import { saveItem, setContent } from '#shop/shelf/manage.ts'
import type { ItemChange } from '#shop/shelf/manage.ts'
import { sealContent, shelfSecrets } from '#shop/shelf/seal.ts'
import { BOT, ENCRYPTION_KEY } from './fleet.ts'
import { SHELF_KINDS } from './plan.ts'
import type { ShelfKind } from './plan.ts'

/** An item of each kind. A person may buy each once, so whoever has two was given one too many. */
const ITEMS: Record<ShelfKind, ItemChange> = {
  'item-stock': { kind: 'stock', perPerson: 1 },
  'item-text': { kind: 'text', perPerson: 1 },
  // The price is paid on the way, in Stars.
  'item-code': { kind: 'code', perPerson: 1, asset: 'TOK', price: 5n },
  'item-file': { kind: 'file', perPerson: 1 },
  'item-service': {
    kind: 'service',
    perPerson: 1,
    terms: { hours: 24, asks: [{ type: 'text', name: { ru: 'Ник', en: 'Nick' } }] },
  },
  'item-access': { kind: 'access', perPerson: 1 },
  'item-gift': { kind: 'stock' },
}

/** The name of the item as its key shows it. */
export const itemName = (kind: ShelfKind): string => `Own ${kind.slice('item-'.length)}`

/** More lines than all people of a run buy: how a sold-out item behaves is the matter of another test. */
const LINES = 2_000
const CLUB = -1_001_000_000_777

export type ShelfOfRun = Awaited<ReturnType<typeof stockShelf>>

/** Puts the owner's goods on the shelf, before the first buyer comes. */
export async function stockShelf(db: Db, telegram: string) {
  const secrets = createSecrets(ENCRYPTION_KEY)
  const shelf = await shelfSecrets({ db, secrets })
  async function api<T>(method: string, body: FormData | object): Promise<T> {
    const answer = await fetch(`${telegram}/bot${BOT.token}/${method}`, {
      method: 'POST',
      ...(body instanceof FormData
        ? { body }
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const { result, description } = (await answer.json()) as { result?: T; description?: string }
    if (result === undefined) throw new Error(`${method}: ${description}`)
    return result
  }
  const ids = {} as Record<ShelfKind, bigint>
  for (const kind of SHELF_KINDS) {
    const name = { ru: itemName(kind), en: itemName(kind) }
    const change = { name, asset: 'RUB' as const, price: 500n, ...ITEMS[kind] }
    ids[kind] = (await db.tx((tx) => saveItem(tx, undefined, change, 1n))).id
  }
  for (const kind of ['item-stock', 'item-gift'] as const) {
    const lines = Array.from({ length: LINES }, (_, at) => `${kind}-${idFrom('chaos line', kind, at)}`)
    await addLines(db, shelf, { itemId: ids[kind], upload: kind }, [lines.join('\n')])
  }
  await setContent(db, ids['item-text'], sealContent(shelf, ids['item-text'], TEXT))
  const form = new FormData()
  form.set('chat_id', '1')
  form.set('document', new Blob(['the guide']), 'guide.txt')
  const { document } = await api<{ document: { file_id: string } }>('sendDocument', form)
  const file = { type: 'document', fileId: document.file_id, name: 'guide.txt', size: 9 } as const
  await db.tx((tx) => setFile(tx, { itemId: ids['item-file'], bot: 'main' }, file))
  const bot = Number(BOT.token.split(':')[0])
  const chat = { id: CLUB, type: 'channel', title: 'Club', members: { [bot]: 'administrator', 1: 'creator' } }
  await fetch(`${telegram}/control/chats`, { method: 'POST', body: JSON.stringify(chat) })
  const { invite_link: link } = await api<{ invite_link: string }>('createChatInviteLink', {
    chat_id: CLUB,
    creates_join_request: true,
  })
  const door = { itemId: ids['item-access'], bot: 'main', chatId: BigInt(CLUB), title: 'Club', link }
  await db.tx((tx) => setChat(tx, door))
  return {
    secrets,
    ids,
    club: CLUB,
    /** Calls the Bot API as the bot, past the front of Telegram. */
    api,
    /** Whether the person is in the club, by Telegram's own books. */
    async isIn(person: number): Promise<boolean> {
      const member = await api<{ status: string }>('getChatMember', { chat_id: CLUB, user_id: person })
      return member.status === 'member'
    },
  }
}

/** What everybody who has bought the text reads. */
export const TEXT = 'the words that everybody gets'
