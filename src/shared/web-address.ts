import type { Config } from './config/config.ts'

/**
 * Where a bot's Mini App is, which Telegram opens by https only: there is one where PUBLIC_URL says how the gateway is
 * reached, and in the sandbox, whose chat page stands in for Telegram.
 */
export function miniAppAddress(config: Pick<Config, 'gateway'>, bot: string): string | undefined {
  const base = pagesAddress(config)
  return base && `${base}/app?bot=${bot}`
}

/** Where the pages are, by https; in the sandbox on this machine, to which browsers give the same trust. */
export function pagesAddress({ gateway }: Pick<Config, 'gateway'>): string | undefined {
  const { publicUrl, sandboxUrl, host, port } = gateway
  const here = sandboxUrl && `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`
  return publicUrl?.startsWith('https://') ? publicUrl.replace(/\/+$/, '') : here
}
