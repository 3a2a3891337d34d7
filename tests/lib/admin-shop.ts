import { sql as q } from 'kysely'
import { post, transfer } from '#shared/money/ledger.ts'
import { readBalance } from '#shared/money/read.ts'
import type { Asset } from '#shared/money.ts'
import { ensurePerson } from '#shared/people.ts'
import { phoneOf, type Words } from './phone.ts'
import { openShop } from './shop.ts'

export const OWNER = 1
export const SECOND = 2
const TOKENS = [
  '7000000001:AAmainmainmainmainmainmainmainmainm',
  '7000000002:AAsecondsecondsecondsecondsecondsec',
]
export const BOT_NAMES = ['main_bot', 'second_bot'] as const

export interface AdminShopOptions {
  workers?: string[]
  telegram?: Record<string, unknown>
  env?: Record<string, string>
  gateway?: boolean
  /** Receives every log line, from level trace on. */
  logTo?: { write(line: string): void }
}

export type AdminShop = Awaited<ReturnType<typeof openAdminShop>>

/** The shop together with the phones of two owners, and helpers for what admins do there. */
export async function openAdminShop(options: AdminShopOptions = {}) {
  const shop = await openShop({
    ...options,
    bots: TOKENS.map((token, index) => ({ name: index === 0 ? 'main' : 'second', token, admins: [OWNER] })),
    workers: options.workers ?? ['bot', 'billing', 'broadcasts', 'exports'],
    env: { TELEGRAM_SEND_RATE: '1000', TELEGRAM_CHAT_RATE: '0', ...options.env },
    connections: 6,
    proxied: false,
  })
  const { db, env, telegram, control, close } = shop
  const person = (id: number, first_name = `Person ${id}`, more: Record<string, unknown> = {}) =>
    control('POST', '/people', { id, first_name, language_code: 'en', started: [...BOT_NAMES], ...more })
  await person(OWNER, 'Olga')
  await person(SECOND, 'Sergey')

  const phone = (id: number, bot = 0) => phoneOf(control, BOT_NAMES[bot]!, id)
  const messages = (id: number, bot = 0) => phone(id, bot).messages()

  return {
    ...shop.shared,
    db,
    env,
    gatewayUrl: shop.url,
    telegram,
    control,
    person,
    phone,
    messages,
    last: async (id: number, bot = 0) => (await messages(id, bot)).findLast(({ from }) => from === 'bot'),
    say: (id: number, text: string, bot = 0) => phone(id, bot).say(text),
    send: (id: number, message: Record<string, unknown>, bot = 0) => phone(id, bot).send(message),
    sees: (id: number, words: Words, bot = 0) => phone(id, bot).hears(words),
    press: (id: number, words: Words, bot = 0) => phone(id, bot).press(words),
    pressData: (id: number, message_id: number, data: string, bot = 0) =>
      phone(id, bot).tap(message_id, data),
    calls: (method: string, bot = 0) =>
      control<{ params: Record<string, unknown>; ok: boolean; status: number; at: number }[]>(
        'GET',
        `/requests?bot=${BOT_NAMES[bot]}&method=${method}&limit=10000`,
      ),
    async give(id: number, amount: bigint, asset: Asset = 'TOK') {
      await ensurePerson(db, BigInt(id), 'main')
      await post(
        db,
        transfer(
          { system: 'adjustments' },
          { person: BigInt(id) },
          { asset, amount },
          { reference: `given-${Math.random()}`, kind: 'entry' },
        ),
      )
    },
    money: async (id: number, asset: Asset = 'TOK') => (await readBalance(db, BigInt(id), asset)).available,
    audits: (action: string) =>
      db.rows(q<{ actor: bigint; target: string; details: Record<string, unknown> }>`
        select actor_id as actor, target, details from audit_log where action = ${action} order by id`),
    close,
  }
}
