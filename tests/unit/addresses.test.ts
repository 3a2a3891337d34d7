import { describe, expect, test } from 'vitest'
import { brokenAddresses, checkAddress, networksOf } from '#shop/payments/addresses.ts'

/** Addresses from the networks' own documents and test vectors. */
const GOOD: [string, string][] = [
  ['tron', 'TXhfYSWt2oKRrHAJVJeYRuit6ZzKuoEKXj'],
  ['tron', 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t'],
  ['eth', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'],
  ['bsc', '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed'],
  ['polygon', '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb'],
  ['ton', 'EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N'],
  ['sol', 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v'],
  ['btc', '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2'],
  ['btc', '3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy'],
  ['btc', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'],
  ['btc', 'bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0'],
  ['doge', 'DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L'],
]

describe('F116 an address is checked for its network before coins are sent', () => {
  test.each(GOOD)('%s: %s is one', (network, address) => {
    expect(checkAddress(address, network)).toBe(true)
  })

  test.each(GOOD)('%s: %s with one character changed, or cut, is none', (network, address) => {
    // A character in the middle becomes an x, which is no digit of Ethereum's. Of an address of Solana only the length
    // can be checked.
    const at = 12
    const other = address[at] === 'x' ? 'y' : 'x'
    const mistyped = address.slice(0, at) + other + address.slice(at + 1)
    if (network !== 'sol') expect(() => checkAddress(mistyped, network)).toThrow('address.')
    expect(() => checkAddress(address.slice(0, -2), network)).toThrow('address.')
    expect(() => checkAddress(`${address}7`, network)).toThrow('address.')
  })

  test('capitals that are not those of its checksum make an address of Ethereum wrong', () => {
    expect(() => checkAddress('0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', 'eth')).toThrow('address.broken')
  })

  test('an address of another network is refused by the name of that network', () => {
    expect(() => checkAddress('EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N', 'tron')).toThrow(
      'address.other {"network":"tron","other":"ton"}',
    )
    expect(networksOf('0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed')).toEqual([
      'eth',
      'bsc',
      'polygon',
      'arbitrum',
      'avalanche',
    ])
  })

  test('an address of the test network of TON is none', () => {
    const bytes = Buffer.from('EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N', 'base64url')
    bytes[0]! |= 0x80
    expect(networksOf(bytes.toString('base64url'))).toEqual([])
  })

  test('an address whose network nobody told must be one of some network', () => {
    expect(checkAddress('TXhfYSWt2oKRrHAJVJeYRuit6ZzKuoEKXj', undefined)).toBe(true)
    expect(() => checkAddress('TXyz1234567890abcdefabcdefabcdefab', undefined)).toThrow('address.none')
  })

  test('a network that is not known here is said to be unchecked, and nonsense is refused there, too', () => {
    expect(checkAddress('qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a', 'bch')).toBe(false)
    expect(() => checkAddress('to my wallet, please', 'bch')).toThrow('address.broken')
  })

  test('a megabyte is refused at once', () => {
    expect(networksOf('1'.repeat(1_000_000))).toEqual([])
  })

  test('a mistyped address within the words of requisites is found, a card, a link and a good address are not', () => {
    expect(brokenAddresses('USDT TRC-20: TXhfYSWt2oKRrHAJVJeYRuit6ZzKuoEKXk, без комиссии')).toEqual([
      'TXhfYSWt2oKRrHAJVJeYRuit6ZzKuoEKXk',
    ])
    expect(
      brokenAddresses(
        'TXhfYSWt2oKRrHAJVJeYRuit6ZzKuoEKXj 2200123412341234 https://t.me/abcdefghijklmnopqrstuvwxyz12 @abcdefghijklmnopqrstuvwxyz12',
      ),
    ).toEqual([])
  })
})
