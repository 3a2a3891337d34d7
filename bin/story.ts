import './lib/require-node.ts'
import { openDb } from '#shared/db/db.ts'
import { databaseProblem } from './lib/check-database.ts'
import { storyOf, storyText } from '#shop/admin/story/story.ts'
import { fail, readSettings } from './lib/process.ts'
import { openDatabase } from './lib/servers.ts'

// Tells what happened to one order, payment, charge, update, job or person. Exit code: 0 told, 1 cannot look, 3 no
// such id.

const NOT_FOUND = 3
const [id, ...rest] = process.argv.slice(2)
if (!id || rest.length > 0) {
  fail([
    'Usage: npm run story -- ID',
    'ID: an order, a payment, an id of a provider, charge or supplier, an update (main-123), a job, a person or @name.',
  ])
}
const { config } = readSettings()
// The whole story is in the database, so with DATABASE_URL set no queue is opened.
const servers = await openDatabase(config)
let found = false
try {
  const problem = await databaseProblem(servers.databaseUrl, [], false)
  if (problem) fail([`telekassa cannot use this database: ${problem}`])
  const db = await openDb(servers.databaseUrl, { max: 1, name: 'story', prepared: false })
  try {
    const story = await storyOf(db, id)
    found = story !== undefined
    if (story) console.log(storyText(story))
    else
      console.error(`Nothing here is called ${id}: no order, payment, event, update, job, posting or person.`)
  } finally {
    await db.close()
  }
} finally {
  await servers.stop()
}
process.exit(found ? 0 : NOT_FOUND)
