import { sql as q } from 'kysely'
import { audit } from '#shared/audit.ts'
import { statements } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import type { AuditLogTable } from '#shared/tables.ts'
import { UserError } from '#shared/errors.ts'
import { inLanguages } from '#shared/i18n/languages.ts'
import { escapeHtml, inHtml } from '#shared/i18n/format.ts'
import { mayChangeForAll } from '#shared/settings/for-all.ts'
import { botRows } from '#shop/admin/run-time-bots.ts'
import { mustReach } from '#shared/acts.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { readItemForm } from '../form.ts'
import { readCategory, readItem, shelfId } from '../items.ts'
import { kindOf, textsOfForms } from '../kinds/list.ts'
import { saveItem, switchItem } from '../manage.ts'
import type { ItemChange } from '../manage.ts'
import type { Item } from '../tables.ts'

const auditSql = statements<typeof AuditLogTable>()

/** Admins: an item's page, its form, and whether it is sold. */
export const adminItem: Feature = {
  adminButtons: {
    'a-item': (chat, [id = '']) => showItemPage(chat, id),
    'a-item-new': askNew,
    'a-item-edit': ask,
    'a-item-sale': sell,
  },
  adminInputs: { 'a-item-new': (chat) => save(chat, ''), 'a-item-edit': (chat, [id = '']) => save(chat, id) },
}

/** @throws UserError `item.gone` */
export async function itemById(chat: Chat, text: string): Promise<Item> {
  const id = shelfId(text)
  const item = id === undefined ? undefined : await readItem(chat.app.db, id)
  if (!item) throw new UserError('item.gone')
  return item
}

/** @param report what was done a moment ago */
export async function showItemPage(chat: Chat, id: string, report: readonly string[] = []): Promise<void> {
  chat.session.awaiting = undefined
  const item = await itemById(chat, id)
  const { db } = chat.app
  const category = item.categoryId === null ? undefined : await readCategory(db, item.categoryId)
  const kind = kindOf(item)
  const state = await kind.state(db, item)
  const own = Object.entries(item.prices).map(
    ([bot, price]) => `${bot}: ${chat.money(BigInt(price), item.asset)}`,
  )
  await show(chat, {
    text: [
      ...report.flatMap((line) => [line, '']),
      chat.t('admin-item', {
        number: id,
        ...inLanguages((language) => escapeHtml(item.name[language])),
        kind: chat.t(`shelf-kind-${item.kind}`),
        state: chat.t(item.retired ? 'admin-item-retired' : 'admin-item-sold'),
        price: [chat.money(item.price, item.asset), ...own].join(' · '),
        bots: item.bots === null ? chat.t('admin-item-everywhere') : item.bots.join(', '),
        category: category ? escapeHtml(category.name[chat.language]) : '—',
        limit: item.perPerson ?? '—',
        from: item.soldFrom ? chat.when(item.soldFrom) : '—',
        until: item.soldUntil ? chat.when(item.soldUntil) : '—',
      }),
      chat.t(state.text, inHtml(state.params)),
      ...Object.entries(item.description).map(
        ([, words]) => `\n<blockquote>${escapeHtml(words)}</blockquote>`,
      ),
    ].join('\n'),
    keyboard: [
      ...(kind.fill ? [[button(chat, chat.t(kind.fill.text), [kind.fill.route, id], 'primary')]] : []),
      [button(chat, chat.t('shelf-key-edit'), ['a-item-edit', id])],
      [
        item.retired
          ? button(chat, chat.t('shelf-key-resell'), ['a-item-sale', id, 'on'])
          : button(chat, chat.t('shelf-key-retire'), ['a-item-sale', id, 'off'], 'danger'),
      ],
      back(chat, 'a-shelf'),
    ],
  })
}

const fieldsOf = (chat: Chat): string[] => ['admin-item-fields', ...textsOfForms].map((one) => chat.t(one))

async function askNew(chat: Chat): Promise<void> {
  chat.session.awaiting = { input: 'a-item-new', args: [] }
  await show(chat, {
    text: [chat.t('admin-item-ask-new'), ...fieldsOf(chat)].join('\n\n'),
    keyboard: [back(chat, 'a-shelf')],
  })
}

async function ask(chat: Chat, [id = '']: string[]): Promise<void> {
  await itemById(chat, id)
  chat.session.awaiting = { input: 'a-item-edit', args: [id] }
  await show(chat, {
    text: [chat.t('admin-item-ask', { number: id }), ...fieldsOf(chat)].join('\n\n'),
    keyboard: [back(chat, ['a-item', id])],
  })
}

async function save(chat: Chat, known: string): Promise<void> {
  const old = known === '' ? undefined : await itemById(chat, known)
  const change = readItemForm(typedText(chat), old)
  if (!old && change.bots === undefined && !(await servesAll(chat))) change.bots = [chat.bot.name]
  await mustServe(chat, change)
  const saved = await chat.app.db.tx(async (tx) => {
    // The same message again makes no second one.
    const update = chat.ctx.update.update_id
    const earlier = old ? undefined : await madeBy(tx, chat, update)
    if (earlier) return await readItem(tx, earlier)
    const item = await saveItem(tx, old?.id, change, chat.personId)
    const action = old ? 'item.changed' : 'item.created'
    const details = {
      update,
      fields: Object.keys(change).join(', '),
      amount: String(item.price),
      asset: item.asset,
    }
    await audit(tx, { actor: chat.personId, action, target: String(item.id), bot: chat.bot.name, details })
    return item
  })
  await showItemPage(chat, String(saved!.id))
}

/** By the line of the journal that the message has left. */
async function madeBy(tx: Sql, { personId, bot }: Chat, update: number): Promise<bigint | undefined> {
  const [line] = await tx.rows(
    auditSql
      .selectFrom('audit_log')
      .select('target')
      .where('actor_id', '=', personId)
      .where('action', '=', 'item.created')
      .where('bot', '=', bot.name)
      .where(q<string>`details ->> 'update'`, '=', String(update)),
  )
  return line && BigInt(line.target)
}

const servesAll = (chat: Chat): Promise<boolean> =>
  mayChangeForAll(chat.app.db, chat.app, chat.personId, 'admin')

/** What is sold in a bot is for its own admins to say. @throws UserError `bot.not-yours`, `item.all-bots`, `item.bot` */
async function mustServe(chat: Chat, { bots, prices }: ItemChange): Promise<void> {
  const named = [...(bots ?? []), ...Object.keys(prices ?? {})]
  const known = new Set((await botRows(chat.app.db)).map(({ name }) => name))
  const unknown = named.find((name) => !known.has(name))
  if (unknown !== undefined) throw new UserError('item.bot', { bot: unknown })
  for (const name of named) await mustReach(chat, 'bot', name, { minimum: 'admin' })
  if (bots === null && !(await servesAll(chat))) throw new UserError('item.all-bots', { bot: chat.bot.name })
}

async function sell(chat: Chat, [id = '', on = '']: string[]): Promise<void> {
  const item = await itemById(chat, id)
  const { app, bot, personId } = chat
  await switchItem(app.db, { id: item.id, retired: on === 'off', bot: bot.name, by: personId })
  await showItemPage(chat, id)
}
