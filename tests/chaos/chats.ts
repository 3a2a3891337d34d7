import { EventEmitter, once } from 'node:events'
import http from 'node:http'
import { createInterface } from 'node:readline'

export interface Chats {
  /** Resolves when anything happens in this person's chat, or after `ms`. */
  change(person: number, ms: number): Promise<void>
  close(): void
}

/** What happens in all chats, as one stream, so that the run's people need not ask again and again. */
export async function listenToChats(url: string): Promise<Chats> {
  const people = new EventEmitter().setMaxListeners(0)
  const request = http.get(url)
  request.on('error', () => {})
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const lines = createInterface({ input: response }).on('line', (line) => {
    const person = /^data: .*?"person":(\d+)/.exec(line)?.[1]
    if (person) people.emit(person)
  })
  for (const end of [response, lines]) end.on('error', () => {})
  return {
    change: (person, ms) =>
      new Promise((resolve) => {
        const wake = () => {
          clearTimeout(timer)
          people.off(String(person), wake)
          resolve()
        }
        const timer = setTimeout(wake, ms)
        people.on(String(person), wake)
      }),
    close: () => request.destroy(),
  }
}
