import { sql as q } from 'kysely'
import { expect, test } from 'vitest'
import { Rejected, Transient } from '#shared/errors.ts'
import { createLog } from '#shared/log.ts'
import { ensurePerson } from '#shared/people.ts'
import { makeWallet } from '#shop/payments/jobs.ts'
import type { PaymentProvider } from '#shop/payments/providers/port.ts'
import { askWallet, readDepositWallet, walletsOf } from '#shop/payments/wallets.ts'
import { onMakeWallet } from '#shop/payments/worker/wallet.ts'
import { openWalletShop } from '../lib/wallet-shop.ts'
import { atEnd } from '../lib/at-end.ts'

type WalletContext = Parameters<typeof onMakeWallet>[0]

const opened = async () => {
  const shop = await openWalletShop()
  atEnd(() => shop.close())
  const { db } = shop
  const personId = 5n
  await ensurePerson(db, personId, 'shop')
  const wish = { personId, bot: 'shop', provider: 'cryptomus', asset: 'USDT', network: 'tron' } as const
  return {
    db,
    personId,
    ask: () => db.tx((tx) => askWallet(tx, wish)),
    /** What is owed to billing for the address, newest last. */
    owed: () =>
      db.rows(q<{ key: string; payload: { reference: string } }>`
        select key, payload from outbox where job = ${makeWallet.name} order by id`),
    told: () =>
      db.rows(q<{ text: string; buttons: string[][][] }>`
        select payload ->> 'text' as text, payload -> 'buttons' as buttons from outbox
        where job = 'notice.send' order by id`),
    mine: () => walletsOf(db, personId),
    run: (job: { reference: string }, createWallet: PaymentProvider['createWallet'], lastTry = false) => {
      const provider = createWallet ? { name: 'cryptomus', createWallet } : undefined
      const context = {
        db,
        payments: new Map([['cryptomus', provider]]),
        log: createLog({ level: 'silent', name: 'test' }),
      }
      return onMakeWallet(context as unknown as WalletContext, job, { lastTry })
    },
  }
}
const away = () => Promise.reject(new Transient('cryptomus wallet: the connection failed'))
const refuses = () => Promise.reject(new Rejected('provider.refused', 'the network is switched off'))
const gives: PaymentProvider['createWallet'] = ({ asset, network }) =>
  Promise.resolve({ wallet: 'w1', address: 'TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE', asset, network })

test('F3 who gets no permanent address is told, can ask again or pay another way, and the next asking gives it', async () => {
  const { ask, owed, run, told, mine, db } = await opened()
  for (const ending of ['refused', 'away', 'removed'] as const) {
    const reference = await ask()
    const job = (await owed()).at(-1)!
    expect(job.payload, ending).toMatchObject({ reference })
    expect(await mine()).toMatchObject([{ address: null, late: false }])
    if (ending === 'away') {
      await expect(run(job.payload, away)).rejects.toThrow(Transient)
      expect(await mine()).toMatchObject([{ address: null }])
      await expect(run(job.payload, away, true)).rejects.toThrow(Transient)
    } else {
      const verdict = await run(job.payload, ending === 'refused' ? refuses : undefined)
      expect(verdict, 'operators find it among the dead letters').toMatchObject({ verdict: 'reject' })
    }
    // The screen offers this address anew.
    expect(await mine(), ending).toEqual([])
    expect((await told()).at(-1)).toMatchObject({
      text: 'wallet-refused',
      buttons: [[['wallet-again', 'wallet-make', 'USDT', 'tron']], [['wallet-other', 'top-up']]],
    })
    // The same job once more, as after a lost mark, tells nobody again.
    await run(job.payload, refuses)
  }
  expect((await told()).map(({ text }) => text)).toEqual(Array(3).fill('wallet-refused'))
  const reference = await ask()
  const jobs = await owed()
  expect(new Set(jobs.map(({ key }) => key)).size, 'each asking has a job of its own').toBe(4)
  await run(jobs.at(-1)!.payload, gives, true)
  expect(await readDepositWallet(db, reference)).toMatchObject({ address: expect.stringMatching(/^TQn9/) })
  expect((await told()).at(-1)!.text).toBe('wallet-ready')
  // A press of an old key changes nothing.
  await ask()
  expect(await owed()).toHaveLength(4)
})

test('F3 who waits for an address of a provider that is away reads so, and an asking of which nobody heard can be repeated', async () => {
  const { ask, owed, mine, db } = await opened()
  await ask()
  await ask()
  expect(await owed()).toHaveLength(1)
  await db.rows(q`update deposit_wallets set created_at = now() - interval '2 minutes'`)
  expect(await mine()).toMatchObject([{ address: null, late: true }])
  // As a release before left it, whose job became a dead letter and told nobody.
  await db.rows(q`update deposit_wallets set created_at = now() - interval '4 hours'`)
  await db.rows(
    q`update outbox set state = 'dead', key = payload ->> 'reference' where job = ${makeWallet.name}`,
  )
  expect(await mine()).toEqual([])
  await ask()
  expect(await owed()).toHaveLength(2)
  expect(await mine()).toMatchObject([{ address: null, late: false }])
})
