import { z } from 'zod'
import type { Visitor } from './visitor.ts'

/** The number of an order or a payment. */
export const rowId = z.string().regex(/^[0-9a-z]{16}$/)

/**
 * The page makes this id when it is drawn, so that a second press, or a repeat after a lost answer, is the same act.
 */
export const draft = z.string().regex(/^[0-9a-z]{8,32}$/)

/** An answer that is a file and not JSON. */
export class WebFile {
  readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  /** The file is saved under this name and never shown. A file without a name is shown when it is a picture. */
  readonly name: string | undefined
  constructor(bytes: WebFile['bytes'], name?: string) {
    this.bytes = bytes
    this.name = name
  }
}

/** One request of a page: what it may say, and what is done. Everything it sends is JSON. */
export interface WebRoute<Input = unknown, Output = unknown> {
  method: 'GET' | 'POST'
  /** The address below /app/api. */
  path: string
  /** The shape of the values of path, query and body together. */
  input?: z.ZodType<Input>
  /** The route buys something: a shop with a news channel demands the person's subscription to it first. */
  buys?: true
  /** The body of the request is a file and not JSON. */
  upload?: true
  /** @param bytes the file of an upload, at least one byte */
  run(visitor: Visitor, input: Input, bytes?: Buffer): Promise<Output>
}

export function webRoute<Input, Output>(route: WebRoute<Input, Output>): WebRoute<Input, Output> {
  return route
}

/** The answer as the page receives it. */
export type WebAnswer<Route extends WebRoute> = Awaited<ReturnType<Route['run']>>
