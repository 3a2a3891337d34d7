import type { Db } from '#shared/db/db.ts'
import { ok, warn } from './findings.ts'
import type { Finding } from './findings.ts'

/** Checks the server of DATABASE_READ_URL. Without it nothing fails, but the primary does its work. */
export async function checkReplica(db: Db): Promise<Finding[]> {
  if (!db.replica) return []
  const { away, ageSeconds } = await db.replica()
  if (away !== undefined)
    return [
      warn(
        'replica',
        `${away}: lists, statistics and exports are asked of the primary. Check DATABASE_READ_URL and that server, runbook Replica`,
      ),
    ]
  const [row] = await db.reads.rows<{ hot_standby_feedback: string }>({
    text: 'show hot_standby_feedback',
    values: [],
  })
  return [
    row!.hot_standby_feedback === 'on'
      ? ok('replica', `${ageSeconds.toFixed(1)} s behind at most`)
      : warn(
          'replica',
          'it drops a long read when the primary cleans up, and the primary reads again: alter system set hot_standby_feedback = on there',
        ),
  ]
}
