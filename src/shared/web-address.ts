import type { Config } from './config/config.ts'

/**
 * The address of a bot's Mini App. Telegram opens only https, so there is one when PUBLIC_URL names the gateway's
 * address, and in the sandbox, whose chat page stands in for Telegram.
 */
export function miniAppAddress(config: Pick<Config, 'gateway'>, bot: string): string | undefined {
  const base = pagesAddress(config)
  return base && `${base}/app?bot=${bot}`
}

/** The https address of the pages; in the sandbox an address on this machine, which browsers trust like https. */
export function pagesAddress({ gateway }: Pick<Config, 'gateway'>): string | undefined {
  const { publicUrl, sandboxUrl, host, port } = gateway
  const here = sandboxUrl && `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`
  return publicUrl?.startsWith('https://') ? publicUrl.replace(/\/+$/, '') : here
}
