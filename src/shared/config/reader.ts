import { readFileSync } from 'node:fs'
import { readDatabaseAddress } from '../db/address.ts'
import { readQueueMap } from '../queue/queue-map.ts'
import type { QueueMap } from '../queue/queue-map.ts'
import { isRedisAddress } from '../queue/redis-address.ts'
import { readTyped } from '../money.ts'
import type { Asset } from '../money.ts'
import { shorten } from '../storable.ts'

export type Environment = Record<string, string | undefined>

/** Reads settings one by one and collects what is wrong with them; `NAME_FILE` may hold the path of a secret. */
export class ConfigReader {
  readonly problems: string[] = []
  private readonly environment: Environment
  private readonly say: (line: string) => void

  constructor(environment: Environment, say: (line: string) => void) {
    this.environment = environment
    this.say = say
  }

  /** Something that does not stop the shop, but that its operator may have meant otherwise. */
  note(sentence: string): void {
    this.say(sentence)
  }

  problem(sentence: string): void {
    this.problems.push(sentence)
  }

  /** An empty value counts as not set, because compose files pass `NAME=` for a variable that is left out. */
  optional(name: string, aliases: string[] = []): string | undefined {
    for (const key of [name, ...aliases]) {
      const value = this.environment[key]?.trim() || this.fromFile(key)
      if (!value) continue
      if (/^(["']).*\1$/s.test(value)) {
        // `docker run --env-file` and Kubernetes hand the quotes on; a folder or a key with quotes would be another one.
        this.problem(`${key} stands in quotes, which would be part of the value: take them away`)
        continue
      }
      if (key !== name) this.say(`${key} is read as ${name}`)
      return value
    }
    return undefined
  }

  text(name: string, fallback: string): string {
    return this.optional(name) ?? fallback
  }

  flag(name: string): boolean {
    const value = this.optional(name)?.toLowerCase()
    if (value === undefined || value === 'false' || value === '0') return false
    if (value !== 'true' && value !== '1') this.problem(`${name} must be true or false, not "${value}"`)
    return true
  }

  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.optional(name)
    if (value === undefined) return fallback
    if (choices.includes(value as T)) return value as T
    this.problem(`${name} must be one of ${choices.join(', ')}, not "${value}"`)
    return fallback
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const value = this.optional(name)
    return value === undefined ? fallback : this.parseInteger(name, value, range)
  }

  /** A decimal text above zero, like a price of a part of a kopeck. */
  decimal(name: string, fallback: string): string {
    const value = this.text(name, fallback)
    if (/^\d{1,9}(\.\d{1,6})?$/.test(value) && Number(value) > 0) return value
    this.problem(`${name} must be a number above zero with a point, like ${fallback}, not "${value}"`)
    return fallback
  }

  /** A text of these characters. @param like says in words what is allowed; the value may be a secret and is not quoted */
  matching(name: string, shape: RegExp, like: string): string | undefined {
    const value = this.optional(name)
    if (value === undefined || shape.test(value)) return value
    this.problem(`${name} must be ${like}`)
    return undefined
  }

  /** A number from 0 to 1. */
  share(name: string, fallback: number): number {
    const value = Number(this.optional(name) ?? fallback)
    if (value >= 0 && value <= 1) return value
    this.problem(`${name} must be a share from 0 to 1, like 0.02`)
    return fallback
  }

  /** Comma-separated whole numbers, at least one, without repeats, in the order given. */
  integers(
    name: string,
    fallback: string,
    range: { min: number; max: number },
    aliases: string[] = [],
  ): number[] {
    const parts = (this.optional(name, aliases) ?? fallback).split(',')
    const numbers = parts.map((part) => this.parseInteger(name, part.trim(), range))
    return [...new Set(numbers)]
  }

  url(name: string): string | undefined {
    const value = this.optional(name)
    if (value === undefined) return undefined
    if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
      this.problem(`${name} must be an http or https address, not "${shorten(value, 80)}"`)
      return undefined
    }
    return value.replace(/\/+$/, '')
  }

  /** Errors never quote the value, because it holds a password. */
  redisUrl(name: string): string | undefined {
    const value = this.optional(name)
    if (value === undefined || isRedisAddress(value)) return value
    this.problem(
      `${name} must be one address like redis://user:password@host:6379 or redis://host:6379/1, with rediss:// for TLS, or of Sentinels like redis+sentinel://user:password@s1:26379,s2:26379/NAME, or of a cluster like redis+cluster://user:password@h1:6379,h2:6379, and special characters in the password percent-encoded`,
    )
    return undefined
  }

  /** Which queues are on which servers. Errors never quote the value, because it holds passwords. */
  redisQueues(name: string): QueueMap | undefined {
    const value = this.optional(name)
    if (value === undefined) return undefined
    try {
      return readQueueMap(value)
    } catch (error) {
      this.problem(`${name} ${(error as Error).message}`)
      return undefined
    }
  }

  /** Errors never quote the value. Node's own error about an unreadable address would contain all of it. */
  databaseUrl(name: string, aliases: string[], parse = readDatabaseAddress): string | undefined {
    const value = this.optional(name, aliases)
    if (value === undefined) return undefined
    try {
      parse(value)
      return value
    } catch (error) {
      const { message } = error as Error
      const what = /^(its parameter|target_session|sslmode|ENOENT)/.test(message) ? `: ${message}` : ''
      this.problem(
        what
          ? `${name}${what}`
          : `${name} must be an address like postgres://user:password@host:5432/database, with special characters in the password percent-encoded (/ is %2F, # is %23)`,
      )
      return undefined
    }
  }

  /** Minor units of the asset, above zero. */
  money(name: string, fallback: string, asset: Asset): bigint {
    const value = this.text(name, fallback)
    try {
      const amount = readTyped(value, asset)
      if (amount > 0n) return amount
    } catch {
      // Reported below, together with amounts that are not above zero.
    }
    this.problem(`${name} must be an amount of ${asset} above zero, like ${fallback}, not "${value}"`)
    return readTyped(fallback, asset)
  }

  /** `3:799,6:1499` -> [{ months: 3, price: 79900n }, ...]. */
  premiumPrices(name: string, fallback: string): { months: number; price: bigint }[] {
    const prices = this.text(name, fallback)
      .split(',')
      .map((pair) => {
        const [months = '', price = ''] = pair.split(':')
        if (!['3', '6', '12'].includes(months.trim())) {
          this.problem(`${name} knows 3, 6 and 12 months, like ${fallback}, not "${pair}"`)
        }
        return { months: Number(months), price: this.priceAfterColon(name, fallback, pair, price) }
      })
    if (new Set(prices.map(({ months }) => months)).size < prices.length)
      this.problem(`${name} has two prices for the same months: keep one of them, like ${fallback}`)
    return prices
  }

  private priceAfterColon(name: string, fallback: string, pair: string, typed: string): bigint {
    try {
      const price = readTyped(typed, 'RUB')
      if (price > 0n) return price
    } catch {
      // Reported below, together with prices that are not above zero.
    }
    this.problem(`${name} needs a price in RUB above zero after the colon, like ${fallback}, not "${pair}"`)
    return 1n
  }

  private parseInteger(name: string, text: string, { min, max }: { min: number; max: number }): number {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (number >= min && number <= max) return number
    this.problem(`${name} must be a whole number from ${min} to ${max}, not "${text}"`)
    return min
  }

  private fromFile(name: string): string | undefined {
    const path = this.environment[`${name}_FILE`]?.trim()
    if (!path) return undefined
    try {
      const value = readFileSync(path, 'utf8').trim()
      // Taken as not set, an empty secret would make another key or turn the shop into a sandbox.
      if (value === '')
        this.problem(`${name}_FILE: ${path} is empty: put the value there, or take ${name}_FILE away`)
      return value
    } catch (error) {
      this.problem(`${name}_FILE cannot be read: ${(error as Error).message}`)
      return undefined
    }
  }
}

/** The password of an address, both as it is written and decoded, even if the address cannot be parsed. */
export function passwordsIn(address: string | undefined): string[] {
  const own = /^[\w+]+:\/\/[^:@/]*:(.+)@/s.exec(address ?? '')?.[1]
  const ofSentinels = /[?&]sentinelPassword=([^&]+)/.exec(address ?? '')?.[1]
  return [own, ofSentinels]
    .filter((one) => one !== undefined)
    .flatMap((written) => {
      try {
        return [written, decodeURIComponent(written)]
      } catch {
        return [written]
      }
    })
}
