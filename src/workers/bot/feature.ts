import type { Role } from '#shared/roles.ts'
import type { Acts } from '#shared/acts.ts'
import type { AdminParts, Chat } from './chat.ts'
import type { SaidInGroup } from './said-in-group.ts'
import type { InlineAsker, InlineOffers, InlineWish } from './inline-offers.ts'

/**
 * The answer to a pressed button: nothing, a toast (`after` = what is done after it), or an alert that the person must
 * close; `stale` = the button does nothing any more, which an alert says.
 */
export type Answer = void | { toast: string; after?: () => Promise<void> } | { alert: string } | 'stale'

/**
 * A part of the bot as plain data: which function handles which command, button and typed text. To add a feature, add
 * a file in its room's bot/ and a line in that folder's features.ts.
 */
export interface Feature {
  /** `/name argument`; the argument is trimmed, '' when there is none. */
  commands?: Record<string, (chat: Chat, argument: string) => Promise<void>>
  /** Like commands, only for admins of this bot; for everybody else the command is unknown. */
  adminCommands?: Record<string, (chat: Chat, argument: string) => Promise<void>>
  /** Handlers by the route in the button's data. */
  buttons?: Record<string, (chat: Chat, args: string[]) => Promise<Answer>>
  /**
   * Buttons whose press may wait until the database is back. That is safe for a button that names a draft with the
   * price that the person saw: the press takes effect once, and asks again if the price has changed.
   */
  mayWait?: readonly string[]
  /**
   * Commands, buttons and inputs that work without a subscription to the news channel: help, and everything about
   * money that was already paid.
   */
  open?: readonly string[]
  /** Like buttons, only for admins; the role is checked at every press. */
  adminButtons?: Record<string, (chat: Chat, args: string[]) => Promise<Answer>>
  /**
   * Admin buttons whose outcome is one line that the whole group may read: below an alert in the admins' group they do
   * this, and every other one opens its page in the private chat of whoever pressed it. See in-place.ts.
   */
  groupButtons?: Record<string, (chat: Chat, args: string[]) => Promise<Answer>>
  /** What a typed message means while the session awaits this input. */
  inputs?: Record<string, (chat: Chat, args: string[]) => Promise<void>>
  /** Like inputs, only for admins; the role is checked again when the text arrives. */
  adminInputs?: Record<string, (chat: Chat, args: string[]) => Promise<void>>
  /** Inputs whose answer is a secret: it is encrypted at the door, and its message is deleted before anything else. */
  secretInputs?: readonly string[]
  /** Old names of buttons with their present names: keys in messages of earlier releases go on working. */
  formerly?: Former
  /** The role that an admin command, button or input of this feature needs; `admin` by default. */
  minimumRole?: Record<string, Role>
  /** What the feature adds to the admin panel. */
  admin?: AdminParts
  /**
   * Handlers of deep links `?start=<prefix>_<value>`, called after the welcome.
   * @returns a further link that the value contains: it is followed next
   */
  links?: Record<string, (chat: Chat, value: string) => Promise<string | void>>
  /** What the feature offers to somebody who types the bot's name in any chat. It only reads. */
  inline?: (asker: InlineAsker, wish: InlineWish) => Promise<InlineOffers>
  /** Takes what an admin writes in the admins' group in answer to a message of the bot. One feature does. */
  inGroup?: (chat: Chat, said: SaidInGroup) => Promise<void>
  /** Handles every other update; returns true when the update was for this feature. */
  other?: (chat: Chat) => Promise<boolean>
}

type Former = Readonly<Record<string, string>>
type Table<T> = ReadonlyMap<string, T>

export interface Routes {
  commands: Table<NonNullable<Feature['commands']>[string]>
  adminCommands: Table<NonNullable<Feature['adminCommands']>[string]>
  buttons: Table<NonNullable<Feature['buttons']>[string]>
  adminButtons: Table<NonNullable<Feature['adminButtons']>[string]>
  groupButtons: Table<NonNullable<Feature['groupButtons']>[string]>
  inputs: Table<NonNullable<Feature['inputs']>[string]>
  adminInputs: Table<NonNullable<Feature['adminInputs']>[string]>
  secretInputs: ReadonlySet<string>
  minimumRole: Table<Role>
  /** The reach of each admin command, button and input. */
  acts: Acts
  mayWait: ReadonlySet<string>
  open: ReadonlySet<string>
  admin: readonly AdminParts[]
  links: Table<NonNullable<Feature['links']>[string]>
  inline: NonNullable<Feature['inline']>[]
  inGroup: NonNullable<Feature['inGroup']> | undefined
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
  /** The table with the old names of its entries added. */
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
    groupButtons: merge((feature) => feature.groupButtons),
    inputs: merge((feature) => feature.inputs),
    adminInputs: merge((feature) => feature.adminInputs),
    secretInputs: new Set(features.flatMap((feature) => feature.secretInputs ?? [])),
    minimumRole: withFormer(merge((feature) => feature.minimumRole)),
    acts: Object.fromEntries(withFormer(new Map(Object.entries(acts)))),
    mayWait: namesOf((feature) => feature.mayWait),
    open: namesOf((feature) => feature.open),
    admin: features.flatMap((feature) => feature.admin ?? []),
    links: merge((feature) => feature.links),
    inline: features.flatMap((feature) => feature.inline ?? []),
    inGroup: features.find((feature) => feature.inGroup)?.inGroup,
    others: features.flatMap((feature) => feature.other ?? []),
  }
}
