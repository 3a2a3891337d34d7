import { z } from 'zod'
import type { Visitor } from './visitor.ts'

/** The number of an order or a payment. */
export const rowId = z.string().regex(/^[0-9a-z]{16}$/)

/** Made by the page when it is drawn: a second press, another try after a lost answer, are the same act. */
export const draft = z.string().regex(/^[0-9a-z]{8,32}$/)

/** What is sent as it is and no JSON: a picture. */
export class WebFile {
  readonly bytes: AsyncIterable<Uint8Array>
  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.bytes = bytes
  }
}

/** One request of a page: what it may say, and what is done. Everything it sends is JSON. */
export interface WebRoute<Input = unknown, Output = unknown> {
  method: 'GET' | 'POST'
  /** Below /app/api. */
  path: string
  /** The path's names, the query's and the body's, together. */
  input?: z.ZodType<Input>
  /** The route buys something: a shop with a news channel demands the person's subscription to it first. */
  buys?: true
  /** Its body is a file and no JSON. */
  upload?: true
  /** @param bytes the file of an upload, at least one byte */
  run(visitor: Visitor, input: Input, bytes?: Buffer): Promise<Output>
}

export function webRoute<Input, Output>(route: WebRoute<Input, Output>): WebRoute<Input, Output> {
  return route
}

/** What a page gets. */
export type WebAnswer<Route extends WebRoute> = Awaited<ReturnType<Route['run']>>
