import { keccak_256 } from '@noble/hashes/sha3.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base58, base58xmr, bech32, bech32m, createBase58check } from '@scure/base'
import type { Payment } from '#shared/money/tables.ts'
import { UserError } from '#shared/errors.ts'

/*
 * Whether a text is an address of a network, by the checksum in the address: coins that are sent to a mistyped address,
 * or in another network, are gone. Addresses of Solana carry no checksum, so only their length is looked at. An address
 * of Ethereum has its checksum in its capitals, and none if all its letters have one case.
 */

type Test = (address: string) => boolean

const decoded = <Value>(read: () => Value): Value | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

const checked = createBase58check(sha256)

/** Base58 with a double SHA-256: one byte of version, then 20 of hash. */
const versions =
  (...allowed: number[]): Test =>
  (address) => {
    const bytes = decoded(() => checked.decode(address))
    return bytes?.length === 21 && allowed.includes(bytes[0]!)
  }

/** Version 0 of a witness has the checksum of BIP 173, later ones that of BIP 350. */
const witness =
  (prefix: string): Test =>
  (address) => {
    const old = decoded(() => bech32.decode(address as `${string}1${string}`, 90))
    const read = old ?? decoded(() => bech32m.decode(address as `${string}1${string}`, 90))
    if (read?.prefix !== prefix) return false
    const [version = 99, ...words] = read.words
    const length = decoded(() => bech32.fromWords(words))?.length ?? 0
    if (version === 0) return old !== undefined && (length === 20 || length === 32)
    return old === undefined && version <= 16 && length >= 2 && length <= 40
  }

/** EIP-55: in an address with small and capital letters the capitals are the checksum. */
const ethereum: Test = (address) => {
  const hex = /^0x([0-9a-fA-F]{40})$/.exec(address)?.[1]
  if (!hex) return false
  const lower = hex.toLowerCase()
  if (hex === lower || hex === hex.toUpperCase()) return true
  const hash = Buffer.from(keccak_256(Buffer.from(lower))).toString('hex')
  return Array.from(lower).every(
    (one, at) => hex[at] === (Number(`0x${hash[at]}`) >= 8 ? one.toUpperCase() : one),
  )
}

/** A tag, a workchain, 32 bytes of hash and CRC-16/XMODEM; tags from 0x80 up are of the test network. */
const ton: Test = (address) => {
  if (!/^[A-Za-z0-9_/+-]{48}$/.test(address)) return false
  const bytes = Buffer.from(address, 'base64url')
  const [tag, chain] = bytes
  if ((tag !== 0x11 && tag !== 0x51) || (chain !== 0 && chain !== 0xff)) return false
  return crc16(bytes.subarray(0, 34)) === bytes.readUInt16BE(34)
}

function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    crc ^= byte << 8
    for (let bit = 0; bit < 8; bit++) crc = ((crc & 0x8000 ? 0x1021 : 0) ^ (crc << 1)) & 0xffff
  }
  return crc
}

const monero: Test = (address) => {
  if (address.length !== 95 && address.length !== 106) return false
  const bytes = decoded(() => base58xmr.decode(address))
  if (!bytes || ![18, 19, 42].includes(bytes[0]!)) return false
  const sum = keccak_256(bytes.subarray(0, -4)).subarray(0, 4)
  return Buffer.from(sum).equals(Buffer.from(bytes.subarray(-4)))
}

const bitcoin = [versions(0x00, 0x05), witness('bc')]
const litecoin = [versions(0x30, 0x32), witness('ltc')]
const any =
  (tests: Test[]): Test =>
  (address) =>
    tests.some((test) => test(address))

/** By the vendors' names of networks. */
const NETWORKS = new Map<string, Test>([
  ['tron', versions(0x41)],
  ['eth', ethereum],
  ['bsc', ethereum],
  ['polygon', ethereum],
  ['arbitrum', ethereum],
  ['avalanche', ethereum],
  ['ton', ton],
  ['sol', (address) => decoded(() => base58.decode(address))?.length === 32],
  ['btc', any(bitcoin)],
  ['ltc', any(litecoin)],
  ['doge', versions(0x1e, 0x16)],
  ['dash', versions(0x4c, 0x10)],
  ['xmr', monero],
])

/** The length of the longest address. Nothing longer is decoded, because base58 costs the square of its length. */
const LONGEST = 128

/** The networks whose address this may be: several for one of Ethereum's kind, none for a mistyped one. */
export const networksOf = (address: string): string[] =>
  address.length > LONGEST ? [] : [...NETWORKS].flatMap(([name, test]) => (test(address) ? [name] : []))

/**
 * Refuses an address that money would be lost at.
 * @param name of the network as networkOf says; undefined = nobody told how the money came: then any network's address may be right
 * @returns whether its checksum was compared; false = a network whose addresses are not known here
 * @throws UserError `address.broken`, `address.other` with the networks that it is of
 */
export function checkAddress(address: string, name: string | undefined): boolean {
  const fits = networksOf(address)
  if (name !== undefined && !NETWORKS.has(name)) {
    if (!/^[A-Za-z0-9:_-]{20,128}$/.test(address)) throw new UserError('address.broken', { network: name })
    return false
  }
  if (name === undefined ? fits.length > 0 : fits.includes(name)) return true
  if (fits.length > 0) throw new UserError('address.other', { network: name!, other: fits.join(', ') })
  throw name === undefined
    ? new UserError('address.none')
    : new UserError('address.broken', { network: name })
}

/** The network in which the money of a payment came, as its vendor named it; undefined = nobody said. */
export function networkOf({ details }: Pick<Payment, 'details'>): string | undefined {
  const { sent } = details
  const network = typeof sent === 'object' && sent !== null && 'network' in sent ? sent.network : undefined
  return typeof network === 'string' && network !== '' ? network.toLowerCase() : undefined
}

/** Words of a free text that look like addresses of coins and are none, as far as we know. */
export const brokenAddresses = (text: string): string[] =>
  (text.match(/(?<![\w:/.@-])(?:0x[0-9a-fA-F]{30,}|[A-Za-z0-9_-]{26,})(?![\w@-])/g) ?? []).filter(
    (word) => /\d/.test(word) && /[A-Za-z]/.test(word) && networksOf(word).length === 0,
  )
