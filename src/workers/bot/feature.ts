import type { Role } from '#shared/roles.ts'
import type { Acts } from '#shared/acts.ts'
import type { AdminParts, Chat } from './chat.ts'

/** What a pressed button answers: nothing, a toast, or an alert that the person must close. */
export type Answer = void | { toast: string } | { alert: string }

/**
 * A part of the bot, as plain data: who handles which command, button and typed text. Adding a feature is a
 * file in its room's bot/ and a line in that folder's features.ts.
 */
export interface Feature {
  /** `/name argument`; the argument is trimmed, '' when there is none. */
  commands?: Record<string, (chat: Chat, argument: string) => Promise<void>>
  /** Like commands, for admins of this bot; others get the answer to an unknown command. */
  adminCommands?: Record<string, (chat: Chat, argument: string) => Promise<void>>
  /** By the route in the button's data. */
  buttons?: Record<string, (chat: Chat, args: string[]) => Promise<Answer>>
  /**
   * Buttons whose press may wait for the database, because it is safe then: it names a draft with the price that the
   * person saw, is carried out once, and asks again when the price is another one by now.
   */
  mayWait?: readonly string[]
  /**
   * Commands, buttons and inputs that nobody needs a subscription to the news channel for: help, and whatever is about
   * money that somebody has paid already.
   */
  open?: readonly string[]
  /** Like buttons, for admins; the right is checked at every press. */
  adminButtons?: Record<string, (chat: Chat, args: string[]) => Promise<Answer>>
  /** What a typed message means while the session awaits this input. */
  inputs?: Record<string, (chat: Chat, args: string[]) => Promise<void>>
  /** Like inputs, for admins; the right is checked when the text arrives, not only when it was asked for. */
  adminInputs?: Record<string, (chat: Chat, args: string[]) => Promise<void>>
  /** Inputs that take a secret: sealed at the door, and their message is deleted before anything is done with it. */
  secretInputs?: readonly string[]
  /** Names of buttons as keys of earlier releases have them, each with its name now: those keys go on working. */
  formerly?: Former
  /** The role that an admin command, button or input of this feature asks for; without an entry it is `admin`. */
  minimumRole?: Record<string, Role>
  /** What the feature adds to the admin panel. */
  admin?: AdminParts
  /** Deep links `?start=<prefix>_<value>`, after the person was welcomed. @returns true when it took over the screen */
  links?: Record<string, (chat: Chat, value: string) => Promise<boolean>>
  /** Updates that are none of the above; return true when it was yours. */
  other?: (chat: Chat) => Promise<boolean>
}

type Former = Readonly<Record<string, string>>
type Table<T> = ReadonlyMap<string, T>

export interface Routes {
  commands: Table<NonNullable<Feature['commands']>[string]>
  adminCommands: Table<NonNullable<Feature['adminCommands']>[string]>
  buttons: Table<NonNullable<Feature['buttons']>[string]>
  adminButtons: Table<NonNullable<Feature['adminButtons']>[string]>
  inputs: Table<NonNullable<Feature['inputs']>[string]>
  adminInputs: Table<NonNullable<Feature['adminInputs']>[string]>
  secretInputs: ReadonlySet<string>
  minimumRole: Table<Role>
  /** What each admin command, button and input reaches. */
  acts: Acts
  mayWait: ReadonlySet<string>
  open: ReadonlySet<string>
  admin: readonly AdminParts[]
  links: Table<NonNullable<Feature['links']>[string]>
  others: NonNullable<Feature['other']>[]
}

/** @throws when two features claim the same command, button or input */
export function routesOf(features: readonly Feature[], acts: Acts): Routes {
  const merge = <T>(pick: (feature: Feature) => Record<string, T> | undefined): Map<string, T> => {
    const table = new Map<string, T>()
    for (const [name, handler] of features.flatMap((feature) => Object.entries(pick(feature) ?? {}))) {
      if (table.has(name)) throw new Error(`two features claim "${name}"`)
      table.set(name, handler)
    }
    return table
  }
  const former = Object.entries(Object.assign({}, ...features.map(({ formerly }) => formerly)) as Former)
  /** With the former names of what it holds. */
  const withFormer = <T>(table: Map<string, T>): Map<string, T> => {
    for (const [old, name] of former) if (table.has(name)) table.set(old, table.get(name)!)
    return table
  }
  const namesOf = (pick: (feature: Feature) => readonly string[] | undefined): Set<string> => {
    const names = new Set(features.flatMap((feature) => pick(feature) ?? []))
    for (const [old, name] of former) if (names.has(name)) names.add(old)
    return names
  }
  return {
    commands: merge((feature) => feature.commands),
    adminCommands: merge((feature) => feature.adminCommands),
    buttons: withFormer(merge((feature) => feature.buttons)),
    adminButtons: withFormer(merge((feature) => feature.adminButtons)),
    inputs: merge((feature) => feature.inputs),
    adminInputs: merge((feature) => feature.adminInputs),
    secretInputs: new Set(features.flatMap((feature) => feature.secretInputs ?? [])),
    minimumRole: withFormer(merge((feature) => feature.minimumRole)),
    acts: Object.fromEntries(withFormer(new Map(Object.entries(acts)))),
    mayWait: namesOf((feature) => feature.mayWait),
    open: namesOf((feature) => feature.open),
    admin: features.flatMap((feature) => feature.admin ?? []),
    links: merge((feature) => feature.links),
    others: features.flatMap((feature) => feature.other ?? []),
  }
}
