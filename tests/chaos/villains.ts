import { createHash, createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql as q } from 'kysely'
import { KEYS } from '../../sandbox/payments/start.ts'
import type { PageInvoice } from '../../sandbox/payments/vendor.ts'
import { openBackend } from '#shared/queue/backend.ts'
import { sendNotice } from '#shared/queue/jobs/notices.ts'
import { starsPaid } from '#shared/queue/jobs/stars.ts'
import { telegramUpdate } from '#shared/queue/jobs/telegram.ts'
import { openProducer } from '#shared/queue/producer.ts'
import { readQueueMap } from '#shared/queue/queue-map.ts'
import { catalogue } from '#shop/jobs.ts'
import { patiently } from './patiently.ts'
import { BOT, RIVAL, SECOND_BOT, queuesOver } from './fleet.ts'
import { FIRST_PERSON } from './plan.ts'
import { Refused } from './world.ts'
import type { World } from './world.ts'

/**
 * Dishonest people, who want what is not theirs while others buy and everything dies: a vendor that lies
 * under its own key, a thief who has the bot's token, an intruder who can write to Redis, and the owner of a
 * second bot on the same database.
 */

/** A friend of the rival, who opened the second bot; and a person whom only the main bot knows. */
const FRIEND = 3
const MULE = 4
/** The references of another shop with the same account at the vendor begin like this. */
export const OTHER_SHOP = 'tk-deadbeef-'
/** What the rival may not read about people who have never opened the second bot. */
const NAMES = /\bBuyer\b|@buyer_|An order waits for a decision/

interface Door {
  status: number
  what: string
}

export type Villains = Awaited<ReturnType<typeof openVillains>>

export async function openVillains(world: World) {
  const tried = new Map<string, number>()
  const wrong: string[] = []
  let number = 0
  for (const [id, name, bot] of [
    [RIVAL, 'Rival', SECOND_BOT],
    [FRIEND, 'Friend', SECOND_BOT],
    [MULE, 'Mule', BOT],
  ] as const)
    await world.phone(id).create({ first_name: name, started: [bot.username] })

  // Both write to the second bot first, so that the shop knows them.
  await world.phone(FRIEND, SECOND_BOT).say('/start')
  await world.phone(MULE).say('/start')

  /** A door may be down, or have no queue to give to. In either case the shop has believed nothing. */
  async function knock(path: string, body: string, headers: Record<string, string>): Promise<number> {
    return fetch(world.balancer + path, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    }).then(
      ({ status }) => status,
      () => 0,
    )
  }
  const took = (status: number) => status >= 200 && status < 300
  const mustRefuse = ({ status, what }: Door) => {
    if (took(status)) wrong.push(`${what} was let in with ${status}`)
  }

  const invoices = async () =>
    (await world.vendor('cryptopay')<PageInvoice[]>('/invoices')).filter(({ reference }) =>
      /^tk-(?!deadbeef)/.test(reference),
    )
  /** An invoice that the vendor has and that the shop never asked for. */
  async function another(reference: string): Promise<PageInvoice> {
    for (;;) {
      const made = await fetch(`${world.vendorAt('cryptopay')}/api/createInvoice`, {
        method: 'POST',
        headers: { 'Crypto-Pay-API-Token': KEYS.cryptopay.token, 'content-type': 'application/json' },
        body: JSON.stringify({ currency_type: 'fiat', fiat: 'RUB', amount: '5000', payload: reference }),
      }).catch(() => undefined)
      const all = made && (await world.vendor('cryptopay')<PageInvoice[]>('/invoices'))
      const one = all?.findLast((invoice) => invoice.reference === reference)
      if (one) return one
      await sleep(200)
    }
  }
  function event(
    invoice: Pick<PageInvoice, 'id' | 'reference'>,
    amount: string,
    key: string = KEYS.cryptopay.token,
  ) {
    const update = {
      update_id: 9_000_000 + ++number,
      update_type: 'invoice_paid',
      request_date: new Date().toISOString(),
      payload: {
        invoice_id: Number(invoice.id),
        status: 'paid',
        currency_type: 'fiat',
        fiat: 'RUB',
        amount,
        payload: invoice.reference,
        paid_asset: 'USDT',
        paid_amount: '1000000',
      },
    }
    const body = JSON.stringify(update)
    const secret = createHash('sha256').update(key).digest()
    const sign = createHmac('sha256', secret).update(body).digest('hex')
    return knock('/webhooks/cryptopay', body, { 'crypto-pay-api-signature': sign })
  }

  const from = (id: number) => ({ id, is_bot: false, first_name: 'Mule', language_code: 'en' })
  const message = (id: number, more: object) => ({
    message_id: 900_000 + ++number,
    date: Math.floor(Date.now() / 1_000),
    chat: { id, type: 'private', first_name: 'Mule' },
    from: from(id),
    ...more,
  })
  const successful = (payload: string) => ({
    currency: 'XTR',
    total_amount: 25_000,
    invoice_payload: payload,
    telegram_payment_charge_id: `stxStolen${++number}`,
    provider_payment_charge_id: '',
  })
  const anyPayment = () =>
    patiently(async () => {
      const [row] = await world.db.rows(q<{ id: string }>`
        select id from payments where person_id >= ${FIRST_PERSON} order by created_at desc limit 1`)
      return row?.id ?? 'none'
    })
  /** A thief who has the token and the source of an earlier release would work the secret out like this. */
  const guesses = [
    BOT.token,
    createHash('sha256').update(BOT.token).digest('hex'),
    createHmac('sha256', 'telegram webhook').update(BOT.token).digest('base64url'),
    '',
  ]
  async function tellOfMoney(more: object): Promise<void> {
    for (const guess of guesses) {
      const update = { update_id: 8_000_000 + ++number, message: message(MULE, more) }
      const headers: Record<string, string> = guess ? { 'x-telegram-bot-api-secret-token': guess } : {}
      mustRefuse({
        status: await knock('/telegram/main', JSON.stringify(update), headers),
        what: 'an update with a stolen token',
      })
    }
  }

  const rival = world.phone(RIVAL, SECOND_BOT)
  const unlessRefused = (error: unknown) => {
    if (!(error instanceof Refused)) throw error
  }
  const say = (text: string) => rival.say(text).catch(unlessRefused)
  /** Presses the key of the last screen that says yes, whichever it is. */
  async function sayYes(): Promise<void> {
    const last = (await rival.history()).findLast((one) => one.from === 'bot' && one.inline_keyboard)
    for (const key of last?.inline_keyboard?.flat() ?? []) {
      if (!/^(Yes|Approve|Refund|Credit)/i.test(key.text) || !key.callback_data) continue
      await rival.tap(last!.message_id, key.callback_data, 3_000).catch(unlessRefused)
    }
  }

  const [url = '', ...more] = world.redisUrls
  const map = more.length > 0 ? readQueueMap(queuesOver(world.redisUrls)) : undefined
  const backend = await openBackend({ kind: 'redis', url, map }, 'tk')
  const forger = openProducer(backend, catalogue)
  const byHand = (work: () => Promise<unknown>) =>
    work().then(
      () => true,
      () => false,
    )

  /**
   * Each act of a villain.
   * @returns false when there was nothing to do the act to, or no door to do it at
   */
  const acts: Record<string, () => Promise<unknown>> = {
    'thief of the token tells of a payment': async () =>
      tellOfMoney({ successful_payment: successful(await anyPayment()) }),
    'thief of the token tells of a refund': async () =>
      tellOfMoney({ refunded_payment: successful(await anyPayment()) }),
    'thief of the token speaks as the owner': async () =>
      tellOfMoney({ from: from(1), text: `/adjust ${MULE} 1000000 gift` }),
    'writer to Redis puts a payment there': () =>
      byHand(async () => {
        const { total_amount: stars, telegram_payment_charge_id: chargeId } = successful('')
        await forger.add(starsPaid, {
          bot: 'main',
          personId: String(MULE),
          chargeId,
          stars,
          payload: 'none',
          updateId: 1,
        })
      }),
    'writer to Redis speaks as the owner': () =>
      byHand(() =>
        forger.add(telegramUpdate, {
          bot: 'main',
          update: {
            update_id: 7_000_000 + ++number,
            message: message(1, { text: `/adjust ${MULE} 900 gift` }),
          },
        } as never),
      ),
    'writer to Redis sends a message': () =>
      byHand(() =>
        forger.add(sendNotice, {
          key: `lie-${++number}`,
          bot: 'main',
          personId: String(MULE),
          text: 'failed',
          params: {},
        }),
      ),
    async 'rival gives a stranger money'() {
      await say(`/adjust ${MULE} 900 gift`)
      await sayYes()
    },
    async 'rival gives a friend too much'() {
      await say(`/adjust ${FRIEND} 90000000 gift`)
      await sayYes()
    },
    async 'rival refunds what another bot sold'() {
      await say(`/payments ${await anyPayment()}`)
      await sayYes()
    },
    async 'rival looks for strangers'() {
      await say(`/find buyer_${FIRST_PERSON}`)
      await say(`/find ${FIRST_PERSON + 1}`)
    },
    async 'vendor forges a signature'() {
      const one = (await invoices()).at(-1)
      if (!one) return false
      mustRefuse({ status: await event(one, '1000.00', 'another token'), what: 'a forged event' })
      return true
    },
    async 'vendor says that an unpaid invoice was paid'() {
      const one = (await invoices()).findLast(({ paid }) => paid === undefined)
      return took(await event(one ?? (await another('made up')), '1000.00'))
    },
    async 'vendor tells an inflated sum'() {
      const one = (await invoices()).findLast(({ paid }) => paid !== undefined)
      return one !== undefined && took(await event(one, '999999.00'))
    },
    async 'vendor repeats what it told'() {
      const one = (await invoices()).findLast(({ paid }) => paid !== undefined)
      if (!one) return false
      const answers = [await event(one, '1000.00'), await event(one, '1000.00'), await event(one, '1000.00')]
      return answers.some(took)
    },
    async 'vendor tells of another shop’s invoice'() {
      const { id } = await another(`${OTHER_SHOP}${String(++number).padStart(16, '0')}-${MULE}`)
      await world.vendor('cryptopay')(`/invoices/${id}/payments`, 'POST', { way: 'exact' })
    },
  }
  const names = Object.keys(acts)

  async function tryTo(name: string): Promise<void> {
    if ((await acts[name]!()) !== false) tried.set(name, (tried.get(name) ?? 0) + 1)
  }

  return {
    tried,
    /** Does the next act, all of them in turn. */
    strike: (turn: number) => tryTo(names[turn % names.length]!),
    /** Does the acts for which there was no occasion so far. */
    async catchUp(): Promise<void> {
      for (const name of names) if (!tried.has(name)) await tryTo(name)
    },
    kinds: names.length,
    /** What the villains gained, in one sentence each; an empty list if they gained nothing. */
    async gains(): Promise<string[]> {
      const mine = [RIVAL, FRIEND, MULE]
      const wallets = await world.db.rows(q<{ person: bigint; asset: string; amount: bigint }>`
        select person_id as person, asset, available + held as amount from wallets
        where person_id = any(${mine}) and available + held <> 0`)
      const postings = await world.db.rows(
        q<{ reference: string }>`select reference from postings where bot = 'second'`,
      )
      const acted = await world.db.rows(q<{ action: string; target: string }>`
        select action, target from audit_log where actor_id = ${RIVAL}
          and action not in ('adjustment.asked') and action !~ '^(person|find|read)'`)
      const answers = (await rival.history()).filter((one) => one.from === 'bot')
      const mule = await world.phone(MULE).history()
      return [
        ...wrong,
        ...wallets.map(({ person, asset, amount }) => `the villain ${person} has ${amount} ${asset}`),
        ...postings.map(({ reference }) => `the second bot's owner moved money: ${reference}`),
        ...acted.map(({ action, target }) => `the second bot's owner did ${action} to ${target}`),
        ...answers.filter(({ text = '' }) => NAMES.test(text)).map(({ text }) => `the rival read: ${text}`),
        ...(tried.has('rival looks for strangers') && answers.length === 0
          ? ['the rival was never answered']
          : []),
        ...mule
          .filter(({ from: by, text = '' }) => by === 'bot' && /did not work/.test(text))
          .map(() => 'a made-up message was sent'),
      ]
    },
    close: () => backend.close(),
  }
}
