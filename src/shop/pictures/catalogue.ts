import type { Config } from '#shared/config/config.ts'
import { addressBelow } from '#shared/http.ts'
import type { PictureModel, PictureProvider } from './providers/port.ts'
import { buildProviders } from './providers/registry.ts'
import type { Secrets } from '#shared/secrets.ts'
import type { Settings } from '#shared/settings/settings.ts'
import { hiddenModels, picturePrices } from './settings.ts'

export type PictureProviders = ReadonlyMap<string, PictureProvider>

/** Every provider that the operator has set up. Without any the demo provider draws. */
export const pictureProviders = ({ images }: Config): PictureProviders =>
  buildProviders(images.providers, images.startRate)

/** A model as it is sold now. */
export interface OfferedModel extends PictureModel {
  provider: string
}

/** The models that a person can choose from, at the prices of this bot. */
export async function offeredModels(
  providers: PictureProviders,
  settings: Settings,
  bot: string,
): Promise<OfferedModel[]> {
  const price = await picturePricesOf(settings, bot)
  const hidden = await settings.get(hiddenModels, bot)
  return allModels(providers)
    .filter(({ id }) => !hidden.includes(id))
    .map((model) => ({ ...model, tokens: price(model) }))
}

/**
 * What each model costs in a bot ('' = in all others). The deployment pays the provider for the pictures of every
 * bot, so a bot's own price counts only if it is not below the price of all bots.
 */
export async function picturePricesOf(
  settings: Settings,
  bot: string,
): Promise<(model: PictureModel) => bigint> {
  const [all, own] = await Promise.all([settings.get(picturePrices), settings.get(picturePrices, bot)])
  return ({ id, tokens }) => {
    const [least, wanted] = [BigInt(all[id] ?? tokens), BigInt(own[id] ?? tokens)]
    return wanted > least ? wanted : least
  }
}

export function allModels(providers: PictureProviders): OfferedModel[] {
  return [...providers.values()].flatMap((provider) =>
    provider.models.map((model) => ({ ...model, provider: provider.name })),
  )
}

/** Finds the model of an order. Undefined when the catalogue no longer has this model. */
export function findModel(providers: PictureProviders, id: string): OfferedModel | undefined {
  return allModels(providers).find((model) => model.id === id)
}

const PURPOSE = 'image callback'
const CODE_LENGTH = 24

/**
 * The last part of a callback's address. It names an attempt of an order and has a code that only we can make, so
 * the gateway recognizes a stranger without asking the database.
 */
export function pictureToken(secrets: Secrets, provider: string, orderId: string, attempt: number): string {
  const about = `${provider}.${orderId}.${attempt}`
  return `${about}.${secrets.sign(PURPOSE, about, CODE_LENGTH)}`
}

/** @returns the provider's name; undefined when the token is not ours */
export function readPictureToken(secrets: Secrets, token: string): string | undefined {
  const at = token.lastIndexOf('.')
  const about = token.slice(0, Math.max(at, 0))
  const code = token.slice(at + 1)
  if (code.length !== CODE_LENGTH || !secrets.verify(PURPOSE, about, code)) return undefined
  return about.split('.')[0]
}

/** The address for callbacks of providers; undefined = there is none, and tasks are only polled. */
export function callbackUrl({ images, gateway }: Config, token: string): string | undefined {
  const address = addressBelow(images.webhookUrl ?? gateway.publicUrl, '/webhooks/images')
  return address && `${address}/${token}`
}
