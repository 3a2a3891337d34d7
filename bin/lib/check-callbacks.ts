import type { Config } from '#shared/config/config.ts'
import { addressBelow } from '#shared/http.ts'
import { paymentProviders } from '#shop/payments/providers/registry.ts'
import { fail, ok, warn } from './findings.ts'
import type { Finding } from './findings.ts'

const TIMEOUT_MS = 10_000

/**
 * Calls every address at which third parties call us, with a token that nobody made: our gateway answers 401. When
 * nothing or something else answers, results come only by polling, which nobody would notice otherwise.
 */
export async function checkCallbacks({ images, fragment, gateway, payments }: Config): Promise<Finding[]> {
  const addresses = [
    ...[...paymentProviders(payments).keys()].map((name) => {
      const setting = `${name.toUpperCase()}_CALLBACK_URL`
      // Heleket gets this address with each invoice. For MulenPay an admin has typed the address in MulenPay's
      // cabinet.
      const own = payments[setting]
      return {
        setting: own ? setting : 'PUBLIC_URL',
        route: `/webhooks/${name}`,
        base: own || gateway.publicUrl,
      }
    }),
    {
      setting: images.webhookUrl ? 'IMAGE_WEBHOOK_URL' : 'PUBLIC_URL',
      route: '/webhooks/images',
      base: images.webhookUrl ?? gateway.publicUrl,
    },
    { setting: 'FRAGMENT_CALLBACK_URL', route: '/webhooks/fragment', base: fragment.callbackUrl },
  ]
  return Promise.all(
    addresses.flatMap(({ setting, route, base }) => {
      const address = addressBelow(base, route)
      return address ? [call(setting, address)] : []
    }),
  )
}

async function call(setting: string, address: string): Promise<Finding> {
  try {
    const { status } = await fetch(`${address}/doctor`, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (status === 401) return ok('callbacks', `${address} leads to our gateway`)
    return fail(
      'callbacks',
      `${address} answers ${status} where our gateway answers 401: set ${setting} to the address under which the gateway is reached, without the route`,
    )
  } catch {
    return warn(
      'callbacks',
      `${address} does not answer from here: start the gateway, or see whether ${setting} is reached from outside`,
    )
  }
}
