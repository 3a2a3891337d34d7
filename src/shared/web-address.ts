import type { Config } from './config/config.ts'

/**
 * Where a bot's Mini App is, which Telegram opens by https only: there is one where PUBLIC_URL says how the gateway is
 * reached, and in the sandbox, whose chat page stands in for Telegram.
 */
export function miniAppAddress({ gateway }: Pick<Config, 'gateway'>, bot: string): string | undefined {
  const { publicUrl, sandboxUrl, host, port } = gateway
  const here = sandboxUrl && `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`
  const base = publicUrl?.startsWith('https://') ? publicUrl.replace(/\/+$/, '') : here
  return base && `${base}/app?bot=${bot}`
}
