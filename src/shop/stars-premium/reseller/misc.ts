import { Rejected } from '#shared/errors.ts'
import type { Money } from '#shared/money.ts'
import { readResellerMoney } from './amounts.ts'
import type { ResellerClient } from './client.ts'
import { pricesSchema, userSchema, walletSchema } from './schemas.ts'

export interface SupplierPrices {
  stars: { quantity: number; price: Money }[]
  premium: { months: number; price: Money }[]
}

/** GET /misc/prices/, without a token. Empty lists when the vendor names no prices. */
export async function readPrices(client: ResellerClient): Promise<SupplierPrices> {
  const raw = (await client.getPublic('/misc/prices/')).parse(pricesSchema)
  const priced = <T extends { price: string; currency: string }>(lines: T[] | null | undefined) =>
    (lines ?? []).flatMap((line) => {
      const price = readResellerMoney(line.price, line.currency)
      return price ? [{ ...line, price }] : []
    })
  return { stars: priced(raw.stars), premium: priced(raw.premium) }
}

export interface ResellerWallet {
  balances: Money[]
  address: string | null
}

/** GET /misc/wallet/ in either version: our own money at the reseller. */
export async function readResellerWallet(
  client: ResellerClient,
  signal?: AbortSignal,
): Promise<ResellerWallet> {
  const raw = (await client.get('/misc/wallet/', signal)).parse(walletSchema)
  const lines = 'balances' in raw ? raw.balances : [{ currency: 'ton', amount: raw.balance }]
  return {
    balances: lines.flatMap(({ amount, currency }) => readResellerMoney(amount, currency) ?? []),
    address: 'address' in raw ? (raw.address ?? null) : null,
  }
}

export interface FoundRecipient {
  username: string
  name: string | null
  photo: string | null
  /** null where the vendor does not say. */
  hasPremium: boolean | null
}

/**
 * GET /misc/user/<username>/: who would get it.
 * @returns undefined when nobody has this name
 * @throws Rejected `fragment.username-refused`, Transient, LoginFailed
 */
export async function findRecipient(
  client: ResellerClient,
  username: string,
): Promise<FoundRecipient | undefined> {
  if (!USERNAME.test(username)) throw new Rejected('fragment.username-refused', 'not a username')
  const reply = await client.get(`/misc/user/${username}/`, undefined, [404])
  if (reply.status === 404) return undefined
  const raw = reply.parse(userSchema)
  return {
    username: raw.username,
    name: raw.name ?? null,
    photo: raw.photo && URL.canParse(raw.photo) ? raw.photo : null,
    hasPremium: raw.has_premium ?? null,
  }
}

/** What the vendor takes for a username, without @. */
export const USERNAME = /^[a-zA-Z][a-zA-Z0-9_]{2,31}$/
