import { expect, test } from 'vitest'
import { readConfig } from '#shop/config.ts'
import { offeredModels, pictureProviders } from '#shop/pictures/catalogue.ts'
import type { Settings } from '#shared/settings/settings.ts'

const providers = pictureProviders(readConfig({ DATA_DIR: '/tmp', IMAGE_API_TOKEN: 'x' }))

/**
 * What pictures cost in a bot.
 * @param all the prices for all bots
 * @param own the prices of this bot, if it has any
 */
async function offered(all: Record<string, number>, own?: Record<string, number>) {
  const settings = {
    get: async ({ key }: { key: string }, bot = '') =>
      key === 'picture-prices' ? (bot === 'second' && own ? own : all) : [],
  } as unknown as Settings
  const models = await offeredModels(providers, settings, 'second')
  return Object.fromEntries(models.map(({ id, tokens }) => [id, Number(tokens)]))
}

test('F83 a bot’s own price of a picture holds from the price of all bots up: the deployment pays the provider', async () => {
  const [free, dear] = [0, 50]
  expect((await offered({}, { 'nano-2': free, 'nano-pro': dear }))['nano-2']).toBe(2)
  expect((await offered({}, { 'nano-2': free, 'nano-pro': dear }))['nano-pro']).toBe(dear)
  // A model that the bot's own list does not name keeps the price of all bots.
  expect((await offered({ 'nano-2': 9 }, { 'nano-pro': dear }))['nano-2']).toBe(9)
  expect((await offered({ 'nano-2': 9 }, { 'nano-2': 8 }))['nano-2']).toBe(9)
  // An admin who owns all bots may sell below the catalogue's price in all of them.
  expect((await offered({ 'nano-2': 1 }))['nano-2']).toBe(1)
  expect((await offered({ 'nano-2': 1 }, { 'nano-2': 1 }))['nano-2']).toBe(1)
})
