import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { expireTokens, reset } from '../../sandbox/fragment/control.ts'
import type { Fault, Misfortune } from '../../sandbox/fragment/faults.ts'
import { startFragment } from '../../sandbox/fragment/server.ts'
import type { Settings } from '../../sandbox/fragment/settings.ts'
import { Rejected, Transient, UnknownOutcome } from '#shared/errors.ts'
import { lookUpRecipients } from '#shop/stars-premium/recipients.ts'
import { resellerClient } from '#shop/stars-premium/reseller/client.ts'
import { LoginFailed } from '#shop/stars-premium/reseller/errors.ts'
import { findRecipient, readPrices, readResellerWallet } from '#shop/stars-premium/reseller/misc.ts'
import { resellerSupplier } from '#shop/stars-premium/reseller/orders.ts'
import { memoryTokenStore } from '#shop/stars-premium/reseller/token-store.ts'
import type { Goods } from '#shop/stars-premium/supplier.ts'

let simulator: Awaited<ReturnType<typeof startFragment>>
beforeAll(async () => void (simulator = await startFragment({ settings: { stepMs: 5 } })))
afterAll(() => simulator.close())
afterEach(() => reset(simulator.state, { stepMs: 5 }))

const CALLBACK = 'http://127.0.0.1:9/unreachable'
const stars: Goods = { kind: 'stars', quantity: 50 }

function connect(
  more: {
    store?: ReturnType<typeof memoryTokenStore>
    presetJwt?: string
    apiKey?: string
    onLoginFailed?: (failure: string) => void
    /** Short only in tests where no answer ever comes in time, so that no test depends on the machine's speed. */
    orderTimeoutMs?: number
  } = {},
) {
  const { mnemonics, phoneNumber, apiKey } = simulator.state.settings
  const client = resellerClient({
    baseUrl: simulator.url,
    credentials: {
      apiKey: more.apiKey ?? apiKey,
      phoneNumber: `+${phoneNumber}`,
      mnemonics,
      version: 'V4R2',
    },
    store: more.store ?? memoryTokenStore(),
    presetJwt: more.presetJwt,
    ...(more.onLoginFailed && { onLoginFailed: more.onLoginFailed }),
    orderTimeoutMs: more.orderTimeoutMs ?? 60_000,
  })
  const supplier = resellerSupplier(client, { currency: 'ton', showSender: false })
  const buy = (goods = stars, username = 'alice_w', callbackUrl: string | null = CALLBACK) =>
    supplier.deliver({ goods, recipient: { username, telegramId: null }, callbackUrl })
  return { client, supplier, buy }
}

const misfortune = (what: Misfortune, more: Partial<Fault> = {}) =>
  simulator.state.faults.push({ on: 'order', what, ...more })
const settings = (more: Partial<Settings>) => Object.assign(simulator.state.settings, more)
const posts = (path = '/v1/order/') =>
  simulator.state.requests.filter((seen) => seen.method === 'POST' && seen.path.startsWith(path))
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

test('stars with a callback are in flight at first and delivered when a look-up says COMPLETED', async () => {
  const { buy, supplier } = connect()
  const first = await buy()
  expect(first).toMatchObject({ state: 'in_flight', receiver: 'alice_w', quantity: 50, kind: 'stars' })
  expect(first.cost).toEqual({ asset: 'TON', amount: 395_000_000n })
  const states = new Set<string>()
  await expect
    .poll(async () => {
      const { state } = (await supplier.lookup(first.id!))!
      states.add(state)
      return state
    })
    .toBe('delivered')
  expect([...states].every((state) => ['in_flight', 'sent', 'delivered'].includes(state))).toBe(true)
  expect(posts()[0]).toMatchObject({ path: '/v1/order/stars/' })
  expect(JSON.parse(posts()[0]!.body)).toEqual({
    username: 'alice_w',
    quantity: 50,
    show_sender: false,
    currency: 'ton',
    response_url: CALLBACK,
  })
})

test('without a callback the answer is the final result, for Premium too', async () => {
  const result = await connect().buy({ kind: 'premium', months: 6 }, 'bob', null)
  expect(result).toMatchObject({ state: 'delivered', kind: 'premium', quantity: 6 })
  expect(simulator.state.deliveries).toMatchObject([{ type: 'PREMIUM', quantity: 6, receiver: 'bob' }])
})

test('orders and wallets are read in the old and in the new shape of the API', async () => {
  settings({ orderShape: 'old', walletShape: 'old' })
  const { buy, client } = connect()
  expect(await buy()).toMatchObject({
    state: 'delivered',
    receiver: 'alice_w',
    cost: { amount: 395_000_000n },
  })
  expect(await readResellerWallet(client)).toEqual({
    balances: [{ asset: 'TON', amount: 4_999_605_000_000n }],
    address: simulator.state.settings.walletAddress,
  })
  settings({ walletShape: 'new' })
  expect((await readResellerWallet(client)).balances).toEqual([
    { asset: 'TON', amount: 4_999_605_000_000n },
    { asset: 'USDT', amount: 1_000_000_000n },
  ])
})

test('prices need no token and may be missing', async () => {
  const { client } = connect()
  const prices = await readPrices(client)
  expect(prices.stars[0]).toMatchObject({ quantity: 50, price: { asset: 'TON', amount: 375_000_000n } })
  expect(prices.premium.map((line) => line.months)).toEqual([3, 6, 12])
  settings({ listsPrices: false })
  expect(await readPrices(client)).toEqual({ stars: [], premium: [] })
  expect(simulator.state.logins).toBe(0)
})

test('F55 a recipient is found with name and picture, unknown ones are told apart from malformed names', async () => {
  const { client } = connect()
  expect(await findRecipient(client, 'mr_premium')).toMatchObject({
    username: 'mr_premium',
    name: 'Mr Premium',
    hasPremium: true,
  })
  settings({ tellsPremium: false })
  expect(await findRecipient(client, 'carol')).toMatchObject({ hasPremium: null })
  expect(await findRecipient(client, 'ghost_1')).toBeUndefined()
  expect(await failureOf(findRecipient(client, '@carol'))).toMatchObject({
    code: 'fragment.username-refused',
  })
  const photo = (await findRecipient(client, 'carol'))!.photo!
  const picture = await fetch(photo)
  expect(picture.headers.get('content-type')).toBe('image/png')
})

test.each([
  [{ kind: 'drop-after' }, 1],
  [{ kind: 'status-after', status: 502, html: true }, 1],
  [{ kind: 'status-after', status: 500 }, 1],
  [{ kind: 'silent-after' }, 1],
  [{ kind: 'delay-after', ms: 60_000 }, 1],
  [{ kind: 'garbage-after' }, 1],
  [{ kind: 'status-before', status: 500 }, 0],
  [{ kind: 'drop-before' }, 0],
  [{ kind: 'success-false' }, 1],
  [{ kind: 'coded', code: '10', error: 'TON network error' }, 0],
  [{ kind: 'coded', code: '12', error: 'TON connection' }, 0],
  // `errors` is no field of our request, so this is no refusal of a field, and nobody knows whether the purchase
  // happened before the time was up.
  [{ kind: 'field', field: 'errors', message: 'The transaction timed out' }, 0],
  [{ kind: 'coded', code: '13', error: 'Something with Telegram' }, 0],
  [{ kind: 'coded', code: '0', error: 'General error' }, 0],
] as [Misfortune, number][])(
  'F3 %j leaves the outcome unknown after one single POST',
  async (what, orders) => {
    misfortune(what)
    const isLate = what.kind === 'silent-after' || what.kind === 'delay-after'
    const patience = isLate ? { orderTimeoutMs: 400 } : {}
    const failure = await failureOf(connect(patience).buy(stars, 'alice_w', CALLBACK))
    if (what.kind === 'success-false') expect(failure).toBeUndefined()
    else expect(failure).toBeInstanceOf(UnknownOutcome)
    // A client that has waited long enough may stop before the server has read the request, so the server's count
    // is awaited.
    await expect.poll(() => posts().length).toBe(1)
    await expect.poll(() => simulator.state.orders.size).toBe(orders)
    expect(posts()).toHaveLength(1)
  },
)

test('success:false without a status leaves the order in flight, with the status FAILED it has failed', async () => {
  misfortune({ kind: 'success-false' })
  misfortune({ kind: 'success-false', status: 'FAILED' }, { skip: 1 })
  const { buy, supplier } = connect()
  const doubtful = await buy()
  expect(doubtful.state).toBe('in_flight')
  expect(await supplier.lookup(doubtful.id!)).toMatchObject({ state: 'failed' })
  expect(await buy()).toMatchObject({ state: 'failed', error: expect.stringContaining('not executed') })
})

test.each([
  ['11', 'KYC needed', 'fragment.kyc'],
  ['20', 'Recipient not found', 'fragment.recipient-unknown'],
])('a refusal with code %s is typed and final', async (code, error, typed) => {
  misfortune({ kind: 'coded', code, error })
  expect(await failureOf(connect().buy())).toMatchObject({ name: 'Rejected', code: typed })
  expect(posts()).toHaveLength(1)
})

test('F53 too little money in our wallet is told apart from other general errors', async () => {
  settings({ starPrice: '200' })
  expect(await failureOf(connect().buy())).toMatchObject({ code: 'fragment.wallet-empty' })
  settings({ starPrice: '0.0075' })
  simulator.state.wallet.ton = 0n
  const { client } = connect()
  const usdt = resellerSupplier(client, { currency: 'usdt_ton', showSender: false })
  const gasless = usdt.deliver({
    goods: stars,
    recipient: { username: 'al1', telegramId: null },
    callbackUrl: null,
  })
  expect(await failureOf(gasless)).toMatchObject({ code: 'fragment.wallet-empty' })
})

test('a field that the vendor refuses is a typed refusal', async () => {
  const { buy } = connect()
  expect(await failureOf(buy({ kind: 'stars', quantity: 49 }))).toMatchObject({
    code: 'fragment.quantity-refused',
  })
  expect(await failureOf(buy(stars, 'x'))).toMatchObject({ code: 'fragment.username-refused' })
  misfortune({ kind: 'field', field: 'months', message: 'no' })
  expect(await failureOf(buy({ kind: 'premium', months: 3 }))).toMatchObject({
    code: 'fragment.months-refused',
  })
  expect(simulator.state.orders.size).toBe(0)
})

test('after a 429 the client waits as long as it was told, and buys nothing meanwhile', async () => {
  misfortune({ kind: 'throttle', retryAfter: '2s' })
  const failure = await failureOf(connect().buy())
  expect(failure).toBeInstanceOf(Transient)
  expect(failure).toMatchObject({ retryAfterMs: 2_000 })
  expect(posts()).toHaveLength(1)
})

test('after a 429 that names no pause a call is not repeated at once either, be it an order or a look-up', async () => {
  misfortune({ kind: 'throttle', retryAfter: '' }, { times: -1 })
  misfortune({ kind: 'throttle', retryAfter: '' }, { on: 'user', times: -1 })
  const { buy, client } = connect()
  for (const call of [() => buy(), () => findRecipient(client, 'carol')]) {
    expect(await failureOf(call())).toMatchObject({ name: 'Transient', retryAfterMs: 5_000 })
  }
  expect(simulator.state.requests.filter(({ status }) => status === 429)).toHaveLength(2)
})

test('a refused connection is tried again because nothing was sent', async () => {
  const other = await startFragment()
  const port = Number(new URL(other.url).port)
  await other.close()
  const { mnemonics, phoneNumber, apiKey } = simulator.state.settings
  const client = resellerClient({
    baseUrl: `http://127.0.0.1:${port}`,
    credentials: { apiKey, phoneNumber, mnemonics, version: 'V4R2' },
    store: memoryTokenStore(),
    presetJwt: 'anything',
  })
  const failure = failureOf(client.buy('/order/stars/', { username: 'alice', quantity: 50 }))
  const revived = await startFragment({ port })
  expect(await failure).toBeUndefined()
  expect(revived.state.orders.size).toBe(1)
  await revived.close()
})

test.each([401, 403] as const)(
  'F51 fifty orders with a token that ends with %i make one login',
  async (status) => {
    settings({ expiredStatus: status, loginMs: 50 })
    const store = memoryTokenStore()
    const workers = [connect({ store }), connect({ store }), connect({ store })]
    await workers[0]!.buy()
    expireTokens(simulator.state)
    await Promise.all(Array.from({ length: 50 }, (_, index) => workers[index % 3]!.buy()))
    expect(simulator.state.logins).toBe(2)
    expect(simulator.state.orders.size).toBe(51)
  },
)

test('F52 a failed login makes everybody wait, without a storm and without losing the reason', async () => {
  const store = memoryTokenStore()
  const workers = [connect({ store, apiKey: 'wrong' }), connect({ store, apiKey: 'wrong' })]
  const failures = await Promise.all(
    Array.from({ length: 30 }, (_, index) => failureOf(workers[index % 2]!.buy())),
  )
  for (const failure of failures) {
    expect(failure).toBeInstanceOf(LoginFailed)
    expect((failure as LoginFailed).retryAfterMs).toBeGreaterThan(0)
  }
  expect(simulator.state.logins).toBe(1)
  expect((await store.get())!.failure).toContain('Invalid API key')
})

test('F52 a connection that refuses even new tokens does not cause login after login', async () => {
  const store = memoryTokenStore()
  settings({ tokenLifeMs: -1 })
  const { buy } = connect({ store })
  await Promise.all(Array.from({ length: 20 }, () => failureOf(buy())))
  expect(simulator.state.logins).toBeLessThanOrEqual(2)
  expect(simulator.state.orders.size).toBe(0)
  settings({ tokenLifeMs: 60_000 })
  await store.save({ ...(await store.get())!, retryAtMs: 0 })
  await buy()
  expect(await store.get()).toMatchObject({ failures: 0, failure: null, refused: false })
})

test('a token from the settings is used until it is refused; an API key typed in its place is never sent as a token', async () => {
  const first = memoryTokenStore()
  await readResellerWallet(connect({ store: first }).client)
  const { jwt } = (await first.get())!
  await readResellerWallet(connect({ presetJwt: jwt! }).client)
  expect(simulator.state.logins).toBe(1)
  await readResellerWallet(connect({ presetJwt: simulator.state.settings.apiKey }).client)
  expect(simulator.state.logins).toBe(2)
})

test('F35 a token that says when it expires is renewed before that time', async () => {
  settings({ tokenTellsExpiry: true, tokenLifeMs: 3_600_000 })
  const store = memoryTokenStore()
  const { client } = connect({ store })
  await readResellerWallet(client)
  const renewAtMs = (await store.get())!.renewAtMs!
  expect(renewAtMs).toBeLessThanOrEqual(Date.now() + 3_480_000)
  await store.save({ ...(await store.get())!, renewAtMs: Date.now() - 1 })
  await readResellerWallet(client)
  expect(simulator.state.logins).toBe(2)
  expect(simulator.state.requests.every((seen) => seen.status === 200)).toBe(true)
})

test('F52 a token close to its expiry stays in use while no new one can be had, without login after login or an alarm', async () => {
  settings({ tokenTellsExpiry: true, tokenLifeMs: 3_600_000 })
  const store = memoryTokenStore()
  const told: string[] = []
  const { client } = connect({ store, onLoginFailed: (failure) => void told.push(failure) })
  await readResellerWallet(client)
  settings({ apiKey: 'changed over there' })
  await store.save({ ...(await store.get())!, renewAtMs: Date.now() - 1 })
  for (let call = 0; call < 6; call++) await readResellerWallet(client)
  expect(simulator.state.logins).toBe(2)
  expect(await store.get()).toMatchObject({ failures: 1 })
  expect(told).toEqual([])
  expireTokens(simulator.state)
  for (let call = 0; call < 3; call++)
    expect(await failureOf(readResellerWallet(client))).toBeInstanceOf(LoginFailed)
  expect(told).toHaveLength(1)
  expect(simulator.state.logins).toBe(2)
})

test('a token from the settings may begin with JWT, the prefix of its header', async () => {
  const store = memoryTokenStore()
  await readResellerWallet(connect({ store }).client)
  await readResellerWallet(connect({ presetJwt: ` JWT ${(await store.get())!.jwt!}` }).client)
  expect(simulator.state.logins).toBe(1)
})

test('F55 a look-up that fails at the reseller does not declare the username unknown', async () => {
  const { client } = connect()
  const lookUp = () => failureOf(lookUpRecipients(async () => client, ['carol']))
  const answers = [
    [{ status: 400, json: { errors: [{ code: '10', error: 'TON network' }] } }, 'recipient.check'],
    [{ status: 400, json: { errors: [{ code: '20', error: 'not on Fragment' }] } }, 'recipient.unknown'],
    [{ status: 400, json: { username: ['no'] } }, 'recipient.unknown'],
    [{ status: 404, json: {} }, 'recipient.unknown'],
    [{ status: 403, json: { detail: 'no' } }, 'recipient.check'],
  ] as const
  for (const [answer, code] of answers) {
    misfortune({ kind: 'answer', ...answer }, { on: 'user', times: answer.status === 403 ? 2 : 1 })
    expect(await lookUp(), JSON.stringify(answer)).toMatchObject({ code })
  }
})

test('a wrong wallet version has an error code of its own', async () => {
  settings({ walletVersion: 'W5' })
  const failure = await failureOf(connect().buy())
  expect(failure).toBeInstanceOf(LoginFailed)
  expect((failure as Error).cause).toMatchObject({ code: 'fragment.login-version' })
})

test('an order the vendor does not know is undefined, never a failure of the order', async () => {
  const { supplier } = connect()
  expect(await supplier.lookup('00000000-0000-0000-0000-000000000000')).toBeUndefined()
  misfortune({ kind: 'status-before', status: 503 }, { on: 'get-order', times: -1 })
  expect(await failureOf(supplier.lookup('00000000-0000-0000-0000-000000000000'))).toBeInstanceOf(Transient)
})

test('a recipient without a username is refused before any call', async () => {
  const { supplier } = connect()
  const nameless = supplier.deliver({
    goods: stars,
    recipient: { username: null, telegramId: 1n },
    callbackUrl: null,
  })
  expect(await failureOf(nameless)).toBeInstanceOf(Rejected)
  expect(simulator.state.requests).toHaveLength(0)
})
