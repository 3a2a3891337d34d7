import { Redis } from 'ioredis'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'
import { reservePort } from './port.ts'
import { startPrivateRedis } from './redis.ts'
import type { PrivateRedis } from './redis.ts'

export interface ClusterNode extends PrivateRedis {
  client: Redis
  id: string
}

/** A Redis Cluster of three primaries with a third of the slots each; the first has a replica, which is the last node. */
export async function startRedisCluster() {
  const nodes = await Promise.all(
    [0, 1, 2, 3].map(async (index) => {
      const bus = await reservePort()
      const server = await startPrivateRedis([
        '--cluster-enabled',
        'yes',
        '--cluster-port',
        String(bus),
        '--cluster-node-timeout',
        '2000',
        // Otherwise the replica's first copy waits for others for five seconds.
        '--repl-diskless-sync-delay',
        '0',
      ])
      const client = new Redis(server.url).on('error', () => {})
      atEnd(() => client.disconnect())
      await client.cluster('SET-CONFIG-EPOCH', index + 1)
      return { ...server, bus, client, id: String(await client.cluster('MYID')) }
    }),
  )
  const [first, second, third, replica] = nodes as unknown as [
    ClusterNode,
    ClusterNode,
    ClusterNode,
    ClusterNode,
  ]
  const primaries = [first, second, third]
  const bounds = [0, 5461, 10_923, 16_384]
  for (const [index, { client }] of primaries.entries())
    await client.cluster(
      'ADDSLOTS',
      ...Array.from({ length: bounds[index + 1]! - bounds[index]! }, (_, slot) => bounds[index]! + slot),
    )
  for (const { url, bus } of nodes)
    await first.client.call('CLUSTER', 'MEET', '127.0.0.1', new URL(url).port, bus)
  await eventually(async () => String(await replica.client.cluster('NODES')).includes(first.id))
  await eventually(async () => {
    await replica.client.cluster('REPLICATE', first.id)
    return true
  })
  await eventually(async () => /master_link_status:up/.test(await replica.client.info('replication')))
  for (const { client } of nodes)
    await eventually(async () => {
      const state = String(await client.cluster('INFO'))
      return state.includes('cluster_state:ok') && state.includes('cluster_known_nodes:4')
    })
  return {
    nodes: nodes as ClusterNode[],
    first,
    second,
    third,
    replica,
    /** The address of a part of the cluster. The names a, b and c are on the third, the first and the second node. */
    address: (name: string, login = '') =>
      `redis+cluster://${login}${nodes.map(({ url }) => new URL(url).host).join(',')}/${name}`,
    async stop() {
      await Promise.all(nodes.map((node) => node.kill()))
    },
  }
}

/**
 * Moves the slot of a hash tag to another node, as redis-cli does.
 * @param meanwhile is called when both nodes know that the slot moves, and no key has moved
 */
export async function moveSlot(
  tag: string,
  from: ClusterNode,
  to: ClusterNode,
  meanwhile: () => Promise<unknown>,
): Promise<void> {
  const slot = Number(await from.client.cluster('KEYSLOT', tag))
  await to.client.cluster('SETSLOT', slot, 'IMPORTING', from.id)
  await from.client.cluster('SETSLOT', slot, 'MIGRATING', to.id)
  await meanwhile()
  const { hostname, port } = new URL(to.url)
  await eventually(async () => {
    const keys = (await from.client.cluster('GETKEYSINSLOT', slot, 10)) as string[]
    if (keys.length === 0) return true
    await from.client.call('MIGRATE', hostname, port, '', 0, 5_000, 'REPLACE', 'KEYS', ...keys)
  })
  for (const { client } of [to, from]) await client.cluster('SETSLOT', slot, 'NODE', to.id)
}

/**
 * Whether a node can move a slot by itself, all keys at once, as Valkey does from 9.0 on: it copies them while it goes on
 * serving, and hands over in a moment.
 */
export const movesAtOnce = async ({ client }: ClusterNode) =>
  Number(/valkey_version:(\d+)/.exec(await client.info('server'))?.[1] ?? 0) >= 9

/** Moves the slot of a hash tag to another node, all keys at once. */
export async function moveSlotAtOnce(tag: string, from: ClusterNode, to: ClusterNode): Promise<void> {
  const slot = Number(await from.client.cluster('KEYSLOT', tag))
  await from.client.call('CLUSTER', 'MIGRATESLOTS', 'SLOTSRANGE', slot, slot, 'NODE', to.id)
  const end = await eventually(async () => {
    const [last] = (await from.client.call('CLUSTER', 'GETSLOTMIGRATIONS')) as [string[]]
    const state = last[last.indexOf('state') + 1]!
    return /success|failed|cancelled/.test(state) ? last.join(' ') : undefined
  })
  if (!end.includes('state success')) throw new Error(`the slot did not move: ${end}`)
}
