import type { z } from 'zod'
import type { Role } from '#shared/roles.ts'
import type { PanelAdmin } from './admin.ts'

/** One request of the panel. It is an act of the bot's admin screens and needs the same role for the same things. */
export interface PanelRoute<Input = unknown, Output = unknown> {
  method: 'GET' | 'POST'
  /** The address below /panel/api. If it contains `:id`, the admin's right to that thing is checked. */
  path: string
  /**
   * The command, button or typed text of the bot that does the same; its line in src/shop/acts.ts says what it
   * reaches.
   */
  as: string
  minimum: Role
  /** The shape of the values of path, query and body together. */
  input?: z.ZodType<Input>
  /**
   * The route moves money or changes what holds for others, so the admin must have confirmed in the chat within the
   * last minutes.
   */
  confirmed?: true
  /** The typed text is a secret that its room encrypts, so it must arrive there unchanged. */
  secret?: true
  /** The body of the request is a file of at most so many bytes and not JSON. */
  upload?: number
  /** The route only previews an act, so other open pages need not be told. */
  looks?: true
  /** @param bytes the file of an upload, at least one byte */
  run(admin: PanelAdmin, input: Input, bytes?: Buffer): Promise<Output>
}

export function panelRoute<Input, Output>(route: PanelRoute<Input, Output>): PanelRoute<Input, Output> {
  return route
}

/** The answer as the page receives it. */
export type PanelAnswer<Route extends PanelRoute> = Awaited<ReturnType<Route['run']>>
