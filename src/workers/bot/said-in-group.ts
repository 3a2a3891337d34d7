import type { Message } from 'grammy/types'

/** What a message of the bot is about: the first of its keys that leads to somebody's page. */
export interface Subject {
  of: 'person' | 'order' | 'payment'
  id: string
  /** Where the key leads to, and what it has besides. */
  route: string
  args: string[]
}

export interface SaidInGroup {
  group: number
  /** What the admin has written. */
  message: Message
  /** The message of the bot that is answered. */
  to: Message
  /** The message was there before and has been changed. */
  isEdited: boolean
  subject: Subject | undefined
  /** Answers in the group, below the admin's message. */
  say: (text: string, keys?: [text: string, route: string, ...args: string[]][]) => Promise<void>
}
