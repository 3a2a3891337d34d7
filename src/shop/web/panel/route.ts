import type { z } from 'zod'
import type { Role } from '#shared/roles.ts'
import type { PanelAdmin } from './admin.ts'

/** One request of the panel. It is an act of the bot's admin screens, by another way: same reach, same role. */
export interface PanelRoute<Input = unknown, Output = unknown> {
  method: 'GET' | 'POST'
  /** Below /panel/api. Whose thing it is about is asked of `:id`. */
  path: string
  /** The command, button or typed text of the bot that it is: its line in src/shop/acts.ts says what it reaches. */
  as: string
  minimum: Role
  /** The path's names, the query's and the body's, together. */
  input?: z.ZodType<Input>
  /** It moves money or changes what holds for others: wants a word in the chat of the last minutes. */
  confirmed?: true
  /** What is typed is sealed by whoever keeps it, and must come to them as it is. */
  secret?: true
  /** It only says what an act would do: other pages need not look again. */
  looks?: true
  run(admin: PanelAdmin, input: Input): Promise<Output>
}

export function panelRoute<Input, Output>(route: PanelRoute<Input, Output>): PanelRoute<Input, Output> {
  return route
}

/** What a page gets. */
export type PanelAnswer<Route extends PanelRoute> = Awaited<ReturnType<Route['run']>>
