import type { JobType } from './job.ts'
import * as fragment from './jobs/fragment.ts'
import * as images from './jobs/images.ts'
import * as admin from './jobs/admin.ts'
import * as broadcasts from './jobs/broadcasts.ts'
import * as exports from './jobs/exports.ts'
import * as notices from './jobs/notices.ts'
import * as payments from './jobs/payments.ts'
import * as progress from './jobs/progress.ts'
import * as stars from './jobs/stars.ts'
import * as telegram from './jobs/telegram.ts'
import * as upkeep from './jobs/upkeep.ts'

/** Every kind of job there is. Adding one: an entry in jobs/, a handler in a worker, nothing else. */
export const catalogue: ReadonlyMap<string, JobType> = index([
  ...jobsOf(telegram),
  ...jobsOf(stars),
  ...jobsOf(fragment),
  ...jobsOf(images),
  ...jobsOf(payments),
  ...jobsOf(notices),
  ...jobsOf(admin),
  ...jobsOf(progress),
  ...jobsOf(broadcasts),
  ...jobsOf(exports),
  ...jobsOf(upkeep),
])

function jobsOf(module: Record<string, unknown>): JobType[] {
  return Object.values(module) as JobType[]
}

function index(types: JobType[]): Map<string, JobType> {
  const byName = new Map(types.map((type) => [type.name, type]))
  if (byName.size < types.length) throw new Error('two jobs of the catalogue have the same name')
  return byName
}
