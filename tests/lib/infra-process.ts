// This process starts the infrastructure in the folder of its first argument; tests kill it.
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { startInfra } from '../../bin/infra/start.ts'

const log = {
  info: (message: string) => console.log(message),
  warn: (message: string) => console.log(`warning: ${message}`),
}

try {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl } = process.env
  const infra = await startInfra({ databaseUrl, redisUrl, dataDir: process.argv[2]! }, log)
  console.log(`ready ${JSON.stringify({ databaseUrl: infra.databaseUrl, queue: infra.queue })}`)
  process.once('SIGINT', () => void drain())

  // Plays a worker that finishes its job after somebody pressed Ctrl-C.
  async function drain(): Promise<void> {
    await sleep(300)
    const client = new pg.Client({ connectionString: infra.databaseUrl })
    await client.connect()
    await client.query('select 1')
    await client.end()
    console.log('drained')
    await infra.stop()
  }
} catch (error) {
  console.log(`failed: ${(error as Error).message}`)
  process.exitCode = 1
}
