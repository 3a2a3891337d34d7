import type { Config } from '#shared/config/config.ts'
import { Rejected, explain } from '#shared/errors.ts'
import type { PaymentProvider } from '#shop/payments/providers/port.ts'
import { cabinetPath, paymentProviders } from '#shop/payments/providers/registry.ts'
import type { Finding } from './findings.ts'

/**
 * Asks about every provider that is set up: does it accept our key, does our door refuse a forged event, and where
 * do events go?
 */
export async function checkPayments(config: Config): Promise<Finding[]> {
  const providers = [...paymentProviders(config.payments, config.gateway.publicUrl).values()]
  const findings = await Promise.all(
    providers.map((provider) => checkOne(provider, config.gateway.publicUrl)),
  )
  return findings.flat()
}

async function checkOne(provider: PaymentProvider, publicUrl: string | undefined): Promise<Finding[]> {
  const check = provider.name
  return [await credentials(provider), selfTest(provider), ...whereTo(provider, publicUrl)].map((one) => ({
    check,
    ...one,
  }))
}

/** Looks up an invoice that does not exist: a provider says so only to a key that it accepts. */
async function credentials(provider: PaymentProvider): Promise<Omit<Finding, 'check'>> {
  try {
    await provider.lookup({ reference: 'doctor-asks-whether-the-key-works' })
    return { level: 'ok', says: 'the provider takes the key' }
  } catch (error) {
    if (error instanceof Rejected)
      return { level: 'fail', says: `the provider refuses us: ${explain(error)}` }
    return { level: 'warn', says: `the provider cannot be asked: ${explain(error)}` }
  }
}

function selfTest(provider: PaymentProvider): Omit<Finding, 'check'> {
  const body = Buffer.from('{"uuid":"forged","status":"paid","sign":"00000000000000000000000000000000"}')
  const headers = { 'crypto-pay-api-signature': '0'.repeat(64) }
  const believed = provider.isGenuine({ body, headers, token: 'forged' })
  return believed
    ? { level: 'fail', says: 'a forged event would be believed: do not take payments' }
    : { level: 'ok', says: 'a forged event is refused' }
}

function whereTo(provider: PaymentProvider, publicUrl: string | undefined): Omit<Finding, 'check'>[] {
  if (!publicUrl) {
    return [
      { level: 'warn', says: 'PUBLIC_URL is not set: no events arrive, payments are found by polling only' },
    ]
  }
  const path = cabinetPath(provider.name)
  return path ? [{ level: 'ok', says: `set this address in its cabinet: ${publicUrl}${path}` }] : []
}
