import { z } from 'zod'
import { audit, cameBy } from '#shared/audit.ts'
import { UserError } from '#shared/errors.ts'
import type { Served } from '#shared/owners.ts'
import { allows } from '#shared/roles.ts'
import type { Role } from '#shared/roles.ts'
import { plain } from '../views.ts'
import type { PanelAdmin } from './admin.ts'
import { csvLine, Streamed } from './csv.ts'
import { panelRoute } from './route.ts'
import type { PanelRoute } from './route.ts'

/** A row of a list: texts and sums, and the page that its first cell opens. */
export interface ListRow {
  id: string
  opens: string | null
  cells: string[]
}

/** An act on the chosen rows. Each row is a request of its own, so some may succeed while others fail. */
export interface ListAct {
  title: string
  minimum: Role
  /** The address in the panel's API, with `:id`. */
  path: string
  kind: 'primary' | 'danger' | ''
  /** The question before the act, if the key's text does not say everything. */
  ask?: string
  choice?: { name: string; options: string[]; text: (option: string) => string }
}

interface PanelList {
  name: string
  /** The act of the bot that shows the same data. */
  as: string
  minimum: Role
  title: string
  columns: string[]
  /** The filters by name: each with its title and, if there are only a few choices, their names. */
  filters: Record<
    string,
    (admin: PanelAdmin, served: Served) => { title: string; options?: [string, string][] }
  >
  acts?: ListAct[]
  /** The form that creates a new row: its key and its page. */
  make?: { title: string; minimum: Role; opens: string }
  read: (
    admin: PanelAdmin,
    served: Served,
    given: Readonly<Record<string, string | undefined>>,
    page: { after: string | undefined; limit: number },
  ) => Promise<{ rows: ListRow[] }>
}

const PAGE = 50
const FILTER_LENGTH = 100
/** Rows read at once for a file, so that memory stays small and no connection is held between two steps. */
const STEP = 500

/**
 * A list of the panel, on pages and as a file. A page begins after the last row of the page before, by that row's key:
 * so every page costs the same, and a row that arrives meanwhile makes none appear twice.
 */
export function panelList(list: PanelList): PanelRoute[] {
  return [pageOf(list), fileOf(list)]
}

type Given = Record<string, string | undefined>
type Narrow = () => Promise<Pick<ReturnType<typeof narrowed>, 'wanted' | 'served'>>

const inputOf = (list: PanelList) => {
  const word = z.string().trim().max(FILTER_LENGTH).optional()
  return z.object(Object.fromEntries(['after', ...Object.keys(list.filters)].map((name) => [name, word])))
}

/** @throws UserError `panel.filter` for an unknown choice */
function narrowed(list: PanelList, admin: PanelAdmin, served: Served, given: Given) {
  const filters = Object.entries(list.filters).map(([name, filterOf]) => {
    const { title, options } = filterOf(admin, served)
    const value = given[name] ?? ''
    if (options && value !== '' && !options.some(([one]) => one === value))
      throw new UserError('panel.filter')
    return {
      name,
      title: plain(title),
      value,
      options: options?.map(([one, text]): [string, string] => [one, plain(text)]),
    }
  })
  const wanted = Object.fromEntries(filters.map(({ name, value }) => [name, value || undefined]))
  return { filters, wanted, served: wanted['bot'] === undefined ? served : [wanted['bot']] }
}

const columnsOf = (list: PanelList, { t }: PanelAdmin): string[] =>
  list.columns.map((column) => t(`panel-column-${column}`))

function pageOf(list: PanelList): PanelRoute {
  return panelRoute({
    method: 'GET',
    path: `/lists/${list.name}`,
    as: list.as,
    minimum: list.minimum,
    input: inputOf(list),
    async run(admin, given: Given) {
      const { filters, wanted, served } = narrowed(list, admin, await admin.served(list.minimum), given)
      const page = { after: given['after'] || undefined, limit: PAGE + 1 }
      const { rows } = await list.read(admin, served, wanted, page)
      const shown = rows.slice(0, PAGE)
      return {
        title: plain(admin.t(list.title)),
        columns: columnsOf(list, admin),
        filters,
        rows: shown,
        next: rows.length > PAGE ? shown.at(-1)!.id : null,
        /** Whether the whole list can be saved as a file. */
        isFile: allows(admin.role, fileRole(list)),
        make:
          list.make && allows(admin.role, list.make.minimum)
            ? { title: plain(admin.t(list.make.title)), opens: list.make.opens }
            : null,
        acts: (list.acts ?? [])
          .filter(({ minimum }) => allows(admin.role, minimum))
          .map(({ title, path, kind, ask, choice }) => ({
            title: plain(admin.t(title)),
            path,
            kind,
            ask: ask === undefined ? null : plain(admin.t(ask)),
            choice: choice
              ? {
                  name: choice.name,
                  options: choice.options.map((one) => [one, plain(admin.t(choice.text(one)))]),
                }
              : null,
          })),
      }
    },
  }) as PanelRoute
}

/** A whole list as a file is an export, which in the bot needs the role admin; lists for owners stay for owners. */
const fileRole = ({ minimum }: PanelList): Role => (allows(minimum, 'admin') ? minimum : 'admin')

function fileOf(list: PanelList): PanelRoute {
  const minimum = fileRole(list)
  return panelRoute({
    method: 'GET',
    path: `/files/${list.name}`,
    as: minimum === list.minimum ? list.as : 'x-do',
    minimum,
    input: inputOf(list),
    async run(admin, given: Given) {
      // The rights are read again at each step: a bot or the role may be taken away while a long file is sent.
      const narrow = async () => narrowed(list, admin, await admin.served(minimum), given)
      await narrow()
      return new Streamed(fileLines(list, admin, narrow, given))
    },
  }) as PanelRoute
}

/** The journal gets a line only for a file that is really sent, not for one that was refused. */
async function* fileLines(
  list: PanelList,
  admin: PanelAdmin,
  narrow: Narrow,
  given: Given,
): AsyncIterable<string> {
  await cameBy('panel', () =>
    audit(admin.app.db, {
      actor: admin.personId,
      action: 'panel.file',
      target: `list ${list.name}`,
      bot: admin.bot.name,
      details: Object.fromEntries(Object.entries(given).filter(([name, value]) => name !== 'after' && value)),
    }),
  )
  yield* lines(list, admin, narrow)
}

async function* lines(list: PanelList, admin: PanelAdmin, narrow: Narrow): AsyncIterable<string> {
  const write = (rows: readonly string[][]) => rows.map((cells) => csvLine(admin.language, cells)).join('')
  yield `\ufeff${write([columnsOf(list, admin)])}`
  for (let after: string | undefined; ;) {
    await admin.mustStay()
    const { wanted, served } = await narrow()
    const { rows } = await list.read(admin, served, wanted, { after, limit: STEP })
    if (rows.length > 0) yield write(rows.map(({ cells }) => cells))
    if (rows.length < STEP) return
    const last = rows.at(-1)!.id
    // If a list returned the same last row again, its file would never end.
    if (last === after) throw new Error(`the list ${list.name} stands still at ${last}`)
    after = last
  }
}

export interface ListAnswer {
  title: string
  columns: string[]
  filters: { name: string; title: string; value: string; options?: [value: string, title: string][] }[]
  rows: ListRow[]
  isFile: boolean
  make: { title: string; opens: string } | null
  /** The row behind which the next page begins; null = this is the last page. */
  next: string | null
  acts: {
    title: string
    path: string
    kind: 'primary' | 'danger' | ''
    ask: string | null
    choice: { name: string; options: [value: string, title: string][] } | null
  }[]
}

/** A filter by bot for the bots that this admin sees; none if there is only one. */
export const byBot = (admin: PanelAdmin, served: Served) => ({
  title: admin.t('panel-column-bot'),
  options: (served ?? [...admin.app.bots.keys()]).map((name): [string, string] => [name, name]),
})

export const byPerson = ({ t }: PanelAdmin) => ({ title: t('panel-filter-person') })

/** @throws UserError `panel.filter` when the text is no id of a person */
export function personGiven(word: string | undefined): bigint | undefined {
  if (word === undefined) return undefined
  if (!/^\d{1,18}$/.test(word)) throw new UserError('panel.filter')
  return BigInt(word)
}

/** The name of a payment method or good: ours in the reader's language, a vendor's as the vendor writes it. */
export const named = ({ texts, t, language }: PanelAdmin, key: string, name: string): string =>
  texts.has(language, key) ? plain(t(key)) : name

export const stateOf = (admin: PanelAdmin, state: string): string =>
  named(admin, `state-${state.replaceAll('_', '-')}`, state)

/** @throws UserError `panel.filter` when the text is no number of a row */
export function numberGiven(word: string): bigint {
  if (!/^\d{1,18}$/.test(word)) throw new UserError('panel.filter')
  return BigInt(word)
}
