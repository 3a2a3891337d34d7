import { sql as q } from 'kysely'
import { createMailing, readMailing, scheduleMailing } from '#shop/mailings/mailings.ts'
import { editDraft } from '#shop/mailings/drafts.ts'
import type { Mailing } from '#shop/mailings/mailings.ts'
import type { Options } from '#shop/mailings/tables.ts'
import type { Content, Contents } from '#shop/mailings/content.ts'
import { newId } from '#shared/ids.ts'
import { OWNER } from './admin-shop.ts'
import type { AdminShop } from './admin-shop.ts'
import { eventually } from './eventually.ts'

/** Pictures of one pixel in different colours, so that their files differ. */
export const PIXELS = [
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
]

interface Shown {
  message_id: number
  text?: string
  caption?: string
  media_group_id?: string
  photo?: { url: string }
}

export type Mailings = ReturnType<typeof mailings>

/**
 * What tests of mailings need from a shop: crowds of people, contents, starts without screens, ways to a
 * screen, and what became of a mailing.
 */
export function mailings(shop: AdminShop) {
  /** Makes people who talk to the bot, in the shop and at Telegram; their tag is `t` and the first id. */
  async function crowd(count: number, first: number, bot = 'main', language = 'en'): Promise<void> {
    await shop.control('POST', '/people', { count, firstId: first, started: ['main_bot', 'second_bot'] })
    const ids = q`generate_series(${first}::bigint, ${first + count - 1}::bigint) g`
    await shop.db.rows(q`
      insert into persons (id, first_name, language) select g, 'P', ${language} from ${ids} on conflict do nothing`)
    await shop.db.rows(q`
      insert into bot_sessions (bot, person_id, start_param) select ${bot}, g, ${`t${first}`} from ${ids}
      on conflict do nothing`)
  }

  async function source(text: string): Promise<Content> {
    const message = await shop.send(OWNER, { text })
    return {
      text,
      media: [],
      buttons: [[{ text: 'Shop', url: 'https://example.com/' }]],
      sources: { main: { chatId: OWNER, messageIds: [message.message_id] } },
    }
  }

  /** Writes a draft to everybody with this tag. */
  async function draft(
    contents: string | Contents,
    first: number,
    more: { startAt?: Date; options?: Options; bots?: string[] } = {},
  ): Promise<string> {
    const id = newId()
    await createMailing(shop.db, { id, bot: 'main', createdBy: BigInt(OWNER) })
    await editDraft(shop.db, id, {
      contents: typeof contents === 'string' ? { '': await source(contents) } : contents,
      audience: { tag: `t${first}`, bots: more.bots },
      options: more.options,
      startAt: more.startAt,
    })
    return id
  }

  /** Opens a mailing from the newest list: a key of the list carries the mailing's id. */
  async function open(id: string): Promise<void> {
    await shop.say(OWNER, '/broadcast')
    const page = await eventually(
      async () => {
        const message = await shop.sees(OWNER, 'Mailings')
        const key = message.inline_keyboard?.flat().find(({ callback_data: data }) => data?.includes(id))
        return key && { message, key }
      },
      { what: `the list has the mailing ${id}` },
    )
    await shop.pressData(OWNER, page.message.message_id, page.key.callback_data!)
  }

  /** What the chat of this person shows. */
  const inbox = async (id: number, bot = 0) => (await shop.messages(id, bot)) as unknown as Shown[]

  /** Sends an album of as many pictures as there are captions. */
  async function album(captions: (string | undefined)[], group: string, firstPicture = 0): Promise<void> {
    for (const [at, caption] of captions.entries()) {
      const photo = PIXELS[(firstPicture + at) % PIXELS.length]
      await shop.send(OWNER, { photo, media_group_id: group, ...(caption && { caption }) })
    }
  }

  /** Writes the audience into the newest draft directly, so that a test need not press through the rules. */
  const aim = (first: number, bots?: string[]) =>
    shop.db.rows(q`
      update broadcasts set audience = ${JSON.stringify({ tag: `t${first}`, bots })}::jsonb
      where id = (select id from broadcasts order by created_at desc limit 1)`)

  return {
    crowd,
    inbox,
    album,
    aim,
    source,
    draft,
    open,
    /** Begins a new draft, up to the point where the bot waits for the message. */
    async write() {
      await shop.say(OWNER, '/broadcast')
      await shop.press(OWNER, 'New mailing')
      await shop.sees(OWNER, 'Send a message or an album')
    },
    /** Begins an edit of this mailing, up to the point where the bot waits for the message. */
    async edit(id: string) {
      await open(id)
      await shop.press(OWNER, 'Edit everywhere')
      await shop.sees(OWNER, 'Send a message or an album')
    },
    /** @param lateMs how late Telegram says that the page of the deletion is there */
    async deleteEverywhere(id: string, lateMs = 0) {
      await open(id)
      await shop.press(OWNER, 'Delete everywhere')
      await shop.sees(OWNER, 'Delete the message everywhere?')
      if (lateMs > 0) await this.fault('editMessageText', OWNER, { delay_ms: lateMs })
      await shop.press(OWNER, 'Delete everywhere')
    },
    /** Sets what Telegram does with the next call of this method to this person. */
    fault: (method: string, chat: number, what: Record<string, unknown>) =>
      shop.control('POST', '/faults', { on: 'call', method, chat, do: what }),
    /** Makes a mailing to everybody with this tag, and starts it. */
    async begin(contents: string | Contents, first: number, more: Parameters<typeof draft>[2] = {}) {
      const id = await draft(contents, first, more)
      await shop.db.tx((tx) => scheduleMailing(tx, id))
      return id
    },
    over: (id: string, state: Mailing['state'] = 'done') =>
      eventually(
        async () => {
          const mailing = await readMailing(shop.db, id)
          return mailing?.state === state ? mailing : undefined
        },
        { what: `broadcast ${id} is ${state}`, timeoutMs: 90_000 },
      ),
    /** The newest mailing, once it is in this state. */
    newest: (state: Mailing['state'] = 'done') =>
      eventually(
        async () => {
          const [row] = await shop.db.rows(
            q<{ id: string }>`select id from broadcasts order by created_at desc limit 1`,
          )
          const mailing = row && (await readMailing(shop.db, row.id))
          return mailing?.state === state ? mailing : undefined
        },
        { what: `the newest mailing is ${state}` },
      ),
    states: (id: string) =>
      shop.db.rows(q<{ state: string; count: bigint; reason: string | null }>`
        select state, count(*), min(reason) as reason from broadcast_recipients where broadcast_id = ${id}
        group by state order by state`),
    /** How often a copy arrived, by person. */
    async copies(
      method: 'copyMessage' | 'copyMessages' = 'copyMessage',
      bot = 0,
    ): Promise<Map<number, number>> {
      const seen = new Map<number, number>()
      for (const call of await shop.calls(method, bot)) {
        const params = call.params as { chat_id: number }
        if (call.ok) seen.set(params.chat_id, (seen.get(params.chat_id) ?? 0) + 1)
      }
      return seen
    },
  }
}
