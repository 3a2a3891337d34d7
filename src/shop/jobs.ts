import type { Catalogue, JobType } from '#shared/queue/job.ts'
import * as alerts from '#shared/queue/jobs/admin.ts'
import * as notices from '#shared/queue/jobs/notices.ts'
import * as orders from '#shared/queue/jobs/orders.ts'
import * as stars from '#shared/queue/jobs/stars.ts'
import * as telegram from '#shared/queue/jobs/telegram.ts'
import * as upkeep from '#shared/queue/jobs/upkeep.ts'
import * as admin from './admin/jobs.ts'
import * as exports from './exports/jobs.ts'
import * as loyalty from './loyalty/jobs.ts'
import * as mailings from './mailings/jobs.ts'
import * as payments from './payments/jobs.ts'
import * as pictures from './pictures/jobs.ts'
import * as shelf from './shelf/jobs.ts'
import * as starsPremium from './stars-premium/jobs.ts'
import * as support from './support/jobs.ts'

const rooms = [admin, exports, loyalty, mailings, payments, pictures, shelf, starsPremium, support]

/** Every kind of job there is, collected from the rooms. */
export const catalogue: Catalogue = index(
  [telegram, stars, notices, alerts, orders, upkeep, ...rooms].flatMap(
    (module: Record<string, unknown>) => Object.values(module) as JobType[],
  ),
)

function index(types: JobType[]): Catalogue {
  const byName = new Map(types.map((type) => [type.name, type]))
  if (byName.size < types.length) throw new Error('two jobs of the catalogue have the same name')
  return byName
}
