import { connect as connectPlain } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { AbstractConnector, Redis } from 'ioredis'
import type { RedisOptions } from 'ioredis'

/** Several nodes of one Redis Cluster, and the hash tag that all keys of this address have. */
export interface Cluster {
  nodes: { host: string; port: number }[]
  tag: string
}

/** A node that has not answered for this long does not count. */
const ASK_MS = 2_000

type Node = Cluster['nodes'][number]
type Stream = AbstractConnector['stream']
/** Beginning and end of a range of slots, the node that takes its writes, its replicas. */
type Slots = [number, number, [host: string | null, port: number], ...unknown[]][]

/**
 * Connects an ordinary client to the node that has the slot of the tag. ioredis's own client of a cluster follows a
 * slot while the slot moves (ASK); then a script writes at the new node a list that is still at the old one, see
 * docs/decisions/0094. Here such a command is refused, as by a server that is away, until the slot has moved.
 */
export function clusterConnector({ nodes, tag }: Cluster) {
  return class ClusterConnector extends AbstractConnector {
    readonly #options: RedisOptions

    constructor(options: unknown) {
      super((options as { disconnectTimeout: number }).disconnectTimeout)
      this.#options = options as RedisOptions
    }

    /**
     * Asks until a node answers, because ioredis ends a client for good whose connector fails. A client without a
     * strategy for retries asks once.
     */
    override async connect(emit: (type: string, error: Error) => void): Promise<Stream> {
      this.connecting = true
      for (let times = 1; ; times++) {
        try {
          const node = await this.#owner()
          if (!this.connecting) throw new Error('Connection is closed.')
          const { tls } = this.#options
          this.stream = tls ? connectTls({ ...node, ...tls }) : connectPlain(node)
          this.stream.once('error', (error) => (this.firstError = error))
          return this.stream
        } catch (error) {
          const delay = this.#options.retryStrategy?.(times)
          if (!this.connecting || typeof delay !== 'number') throw error
          emit('error', error as Error)
          await sleep(delay)
        }
      }
    }

    /** ioredis calls this for each command that a node has refused. */
    override disconnect(): void {
      if (this.stream?.writableEnded) this.connecting = false
      else super.disconnect()
    }

    /** The first answer counts. If that node was the last to hear of a change, the next MOVED leads here again. */
    #owner(): Promise<Node> {
      return Promise.any(nodes.map((node) => this.#ask(node))).catch((error: AggregateError) => {
        throw error.errors[0]
      })
    }

    async #ask(node: Node): Promise<Node> {
      const { username, password, tls } = this.#options
      const redis = new Redis({
        ...node,
        ...(username !== undefined && { username }),
        ...(password !== undefined && { password }),
        ...(tls && { tls }),
        lazyConnect: true,
        enableReadyCheck: false,
        retryStrategy: () => null,
        connectTimeout: ASK_MS,
        commandTimeout: ASK_MS,
      })
      let told: Error | undefined
      // This error says what went wrong. The failure of connecting says only that the connection is closed.
      redis.on('error', (error) => (told ??= error))
      try {
        await redis.connect()
        const [slot, info, slots] = await Promise.all([
          redis.cluster('KEYSLOT', tag),
          redis.cluster('INFO'),
          redis.cluster('SLOTS') as Promise<unknown>,
        ])
        // A node that is cut off from most others does not know who has the slot now.
        if (String(info).includes('cluster_state:fail')) {
          throw new Error(`CLUSTERDOWN says the node ${node.host}:${node.port}`)
        }
        const range = (slots as Slots).find(([from, to]) => from <= Number(slot) && Number(slot) <= to)
        if (!range) throw new Error(`CLUSTERDOWN no node has slot ${slot}, which "${tag}" belongs to`)
        const [host, port] = range[2]
        // A node that does not know its own name leaves it out.
        return { host: host && host !== '?' ? host : node.host, port }
      } catch (error) {
        throw told ?? error
      } finally {
        redis.disconnect()
      }
    }
  }
}
