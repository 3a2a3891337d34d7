import { openBenchStage } from './lib/stage.ts'
import { benchBots } from './scale/bots.ts'
import { benchPeople } from './scale/people.ts'
import { benchRedis } from './scale/redis.ts'
import { benchReplicas } from './scale/replicas.ts'

// How the shop grows: with replicas, with people and their orders, with bots, with Redis servers. Each on servers of its own.

await benchRedis()
for (const bench of [benchReplicas, benchBots, benchPeople]) {
  const infra = await openBenchStage()
  try {
    await bench(infra)
  } finally {
    await infra.stop()
  }
}
process.exit(0)
