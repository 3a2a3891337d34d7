import { UserError } from '#shared/errors.ts'
import { ASSETS, isAsset, readTyped } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { shorten } from '#shared/storable.ts'
import { isFieldOfKinds, isItemKind, kindOf } from './kinds/list.ts'
import type { ItemChange } from './manage.ts'
import type { Item } from './tables.ts'
import { LANGUAGES, inLanguages } from '#shared/i18n/languages.ts'
import { MOSCOW_OFFSET, inMoscow } from '#shared/i18n/moscow.ts'

/*
 * An item's form as an admin types it: one `name: value` per line. A line without a field's name continues the line
 * before, so a description may have many lines.
 */

const FIELDS = [
  'kind',
  ...LANGUAGES,
  ...LANGUAGES.map((language) => `${language}-text`),
  'picture',
  'price',
  'category',
  'limit',
  'from',
  'until',
  'bots',
  'low',
]
/** Takes a field's value away. */
const NONE = /^(no|нет|-|—)$/i

/** @throws UserError `item.line` with the first line that belongs to no form */
export function readFields(text: string, known: (name: string) => boolean): Map<string, string> {
  const fields = new Map<string, string>()
  let last: string | undefined
  for (const line of text.split('\n')) {
    const [, name = '', value = ''] = /^\s*([a-z][\w-]{0,70})\s*:\s*(.*)$/i.exec(line) ?? []
    const field = name.toLowerCase()
    if (known(field)) {
      if (fields.has(field)) throw new UserError('item.line', { line: shorten(line.trim(), 60) })
      fields.set(field, value.trim())
      last = field
    } else if (last !== undefined && last.endsWith('-text')) {
      fields.set(last, `${fields.get(last)}\n${line.trimEnd()}`.trim())
    } else if (line.trim() !== '') {
      throw new UserError('item.line', { line: shorten(line.trim(), 60) })
    }
  }
  if (fields.size === 0) throw new UserError('item.line', { line: shorten(text.trim(), 60) })
  return fields
}

/**
 * @param old the item that is changed: fields that are left out stay, and a price without an asset keeps the asset
 * @throws UserError `item.line`, `item.invalid`, `amount.*`
 */
export function readItemForm(text: string, old: Item | undefined): ItemChange {
  return itemChangeOf(readFields(text, isField), old)
}

/** What a line of an item's form may be called. */
export const isField = (name: string): boolean =>
  FIELDS.includes(name) || name.startsWith('price-') || isFieldOfKinds(name)

/** Reads the fields of an item, whether they were typed in the chat or in a form of the panel. */
export function itemChangeOf(fields: ReadonlyMap<string, string>, old: Item | undefined): ItemChange {
  const get = (name: string) => fields.get(name)
  const has = (name: string) => fields.has(name)
  const change: ItemChange = {}
  if (has('kind')) change.kind = get('kind')!.toLowerCase()
  if (LANGUAGES.some(has)) change.name = inLanguages((language) => get(language) ?? old?.name[language] ?? '')
  if (LANGUAGES.some((language) => has(`${language}-text`))) {
    const words = inLanguages((language) => get(`${language}-text`) ?? old?.description[language])
    const kept = Object.entries(words).filter(([, one]) => one !== undefined && !NONE.test(one))
    change.description = Object.fromEntries(kept) as Item['description']
  }
  if (has('picture')) change.picture = orNone(get('picture')!)
  if (has('price')) Object.assign(change, priceOf(get('price')!, old?.asset ?? 'RUB'))
  const prices = [...fields].filter(([name]) => name.startsWith('price-'))
  if (prices.length > 0) change.prices = pricesOf(prices, change, old)
  if (has('category')) change.categoryId = category(get('category')!)
  if (has('limit')) change.perPerson = number('limit', get('limit')!)
  if (has('low')) change.low = number('low', get('low')!) ?? 0
  if (has('from')) change.soldFrom = moment('from', get('from')!, false)
  if (has('until')) change.soldUntil = moment('until', get('until')!, true)
  if (has('bots')) change.bots = botsOf(get('bots')!)
  const own = [...fields.keys()].filter(isFieldOfKinds)
  const named = change.kind ?? old?.kind ?? ''
  const form = isItemKind(named) ? kindOf({ kind: named }).form : undefined
  const strange = own.find((name) => !form?.has(name))
  if (strange !== undefined) throw new UserError('item.not-of-kind', { field: strange })
  if (form && own.length > 0) change.terms = form.read(fields, old?.terms ?? null)
  return change
}

const orNone = (text: string): string | null => (NONE.test(text) || text === '' ? null : text)

/** Reads `500 RUB`, `20 TOK` or `0.5 TON`. A sum without an asset is in the item's present asset. */
function priceOf(text: string, asset: Asset): { asset: Asset; price: bigint } {
  const [, sum = text, named] = /^(.*?)\s*([a-z]{3,4})$/i.exec(text) ?? []
  const code = named?.toUpperCase() ?? asset
  if (!isAsset(code)) throw new UserError('item.asset', { assets: ASSETS.join(', ') })
  return { asset: code, price: readTyped(sum, code) }
}

function pricesOf(own: [string, string][], change: ItemChange, old: Item | undefined): Item['prices'] {
  const asset = change.asset ?? old?.asset ?? 'RUB'
  const kept = change.asset !== undefined && change.asset !== old?.asset ? {} : { ...old?.prices }
  for (const [name, text] of own) {
    const bot = name.slice('price-'.length)
    if (NONE.test(text)) {
      delete kept[bot]
      continue
    }
    const given = priceOf(text, asset)
    if (given.asset !== asset) throw new UserError('item.invalid', { what: name })
    kept[bot] = String(given.price)
  }
  return kept
}

function category(text: string): bigint | null {
  if (NONE.test(text)) return null
  if (!/^\d{1,18}$/.test(text)) throw new UserError('item.invalid', { what: 'category' })
  return BigInt(text)
}

function number(what: string, text: string): number | null {
  if (NONE.test(text)) return null
  if (!/^\d{1,40}$/.test(text)) throw new UserError('item.invalid', { what })
  return Number(text)
}

/** A date or a minute in Moscow time. A date as an end includes the whole day. */
function moment(what: string, text: string, end: boolean): Date | null {
  if (NONE.test(text)) return null
  const [, day, clock] = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}))?$/.exec(text) ?? []
  const at = new Date(`${day}T${clock ?? '00:00'}:00${MOSCOW_OFFSET}`)
  // JavaScript turns 30 February into another date, so the date is compared with the typed one.
  const real = !Number.isNaN(at.getTime()) && inMoscow(at).startsWith(day!)
  if (!real) throw new UserError('item.invalid', { what })
  return clock === undefined && end ? new Date(at.getTime() + 86_400_000) : at
}

/** `all`, or names of bots; @returns null for all */
function botsOf(text: string): string[] | null {
  if (/^(all|все)$/i.test(text)) return null
  const names = [...new Set(text.split(/[\s,;]+/).filter(Boolean))]
  if (names.length === 0) throw new UserError('item.invalid', { what: 'bots' })
  return names
}
