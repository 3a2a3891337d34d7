import { sql as q } from 'kysely'
import type { Chat } from '../chat.ts'
import type { Feature } from '../feature.ts'
import { send } from '../screen.ts'

/** /health: people learn that the bot answers, admins learn how its parts are. */
export const health: Feature = {
  commands: {
    async health(chat) {
      await send(chat, { text: chat.isAdmin ? await report(chat) : chat.t('health-ok') })
    },
  },
}

async function report(chat: Chat): Promise<string> {
  const { db, producer } = chat.app
  const [outbox] = await db.rows(q<{ owed: bigint; dead: bigint }>`
    select count(*) filter (where state = 'owed') as owed, count(*) filter (where state = 'dead') as dead
    from outbox where state in ('owed', 'dead')`)
  const lines = await Promise.all(
    [...producer.queues].map(async ([name, queues]) => {
      const counts = await Promise.all(
        queues.map((queue) => queue.getJobCounts('wait', 'active', 'delayed', 'failed')),
      )
      const sum = (state: string) => counts.reduce((total, one) => total + (one[state] ?? 0), 0)
      return `${name}: ${sum('wait')} / ${sum('active')} / ${sum('delayed')} / ${sum('failed')}`
    }),
  )
  return [
    chat.t('health-title'),
    chat.t('health-outbox', { owed: String(outbox!.owed), dead: String(outbox!.dead) }),
    chat.t('health-queues'),
    ...lines.map((line) => `<code>${line}</code>`),
  ].join('\n')
}
