import { crc32, deflateSync } from 'node:zlib'
import { priceOf, USERNAME } from './orders.ts'
import { type Answer, moneyText, type Profile, type State } from './state.ts'

const LISTED = [
  50, 75, 100, 150, 250, 350, 500, 750, 1000, 1500, 2500, 5000, 10000, 25000, 35000, 50000, 100000,
]

/** GET /v1/misc/prices/, without authorisation. */
export function prices(state: State): Answer {
  if (!state.settings.listsPrices) return { status: 200, json: { stars: null, premium: null } }
  const updated_at = new Date().toISOString()
  const line = (type: 'STARS' | 'PREMIUM', count: number) => ({
    price: moneyText(priceOf(state, type, count, 'ton').price),
    currency: 'ton',
    updated_at,
  })
  return {
    status: 200,
    json: {
      stars: LISTED.map((quantity) => ({ quantity, ...line('STARS', quantity) })),
      premium: [3, 6, 12].map((months) => ({ months, ...line('PREMIUM', months) })),
    },
  }
}

/** GET /v1/misc/wallet/ in the chosen shape. */
export function wallet(state: State): Answer {
  const ton = moneyText(state.wallet.ton)
  if (state.settings.walletShape === 'old') {
    return { status: 200, json: { balance: ton, address: state.settings.walletAddress } }
  }
  const balances = [
    { currency: 'ton', amount: ton },
    { currency: 'usdt_ton', amount: moneyText(state.wallet.usdt_ton) },
  ]
  return { status: 200, json: { balances } }
}

/**
 * GET /v1/misc/user/<username>/: every name exists except `ghost…` and `nobody…`, unless a fault or a profile says
 * otherwise.
 */
export function user(state: State, username: string): Answer {
  if (!USERNAME.test(username)) return { status: 400, json: { username: ['Enter a valid username.'] } }
  const profile = profileOf(state, username)
  if (!profile.exists) return { status: 404, json: { detail: 'Not found.' } }
  const json = { username, photo: `${state.url}/photo/${username}.png`, name: profile.name }
  return {
    status: 200,
    json: state.settings.tellsPremium ? { ...json, has_premium: profile.hasPremium } : json,
  }
}

function profileOf(state: State, username: string): Profile {
  const key = username.toLowerCase()
  const told = state.profiles.get(key)
  if (told) return told
  const name = key.split('_').map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  return { exists: !/^(ghost|nobody)/.test(key), name: name.join(' '), hasPremium: /premium/.test(key) }
}

/** A square whose colour depends on the name. */
export function photo(username: string): Buffer {
  const size = 96
  const colour = Buffer.alloc(4)
  colour.writeUInt32BE(crc32(username.toLowerCase()))
  const row = Buffer.concat([Buffer.alloc(1), ...Array<Buffer>(size).fill(colour.subarray(1))])
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(data.length, 0)
    frame.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 2], 8)
  const pixels = deflateSync(Buffer.concat(Array<Buffer>(size).fill(row)))
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
