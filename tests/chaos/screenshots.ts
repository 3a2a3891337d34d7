// Takes the pictures of docs/screenshots (npm exec -- node tests/chaos/screenshots.ts): a person pays while the billing
// worker is dead, and the worker comes back.
import { openPicturedShop } from './pictured-shop.ts'

const shop = await openPicturedShop({ viewport: { width: 1200, height: 760 } })
for (const name of ['gateway', 'bot', 'fragment', 'images', 'broadcasts', 'exports']) await shop.start(name)
const billing = await shop.start('billing')

const chat = await shop.context.newPage()
const queues = await shop.context.newPage()
const key = (name: RegExp) => chat.locator('.key', { hasText: name }).last()
const shoot = async (when: string) => {
  await queues.goto(
    `${shop.url}/ops/queues/queue/billing?status=${when === 'dead' ? 'waiting' : 'completed'}`,
  )
  await queues.getByText('stars.paid').first().waitFor()
  await shop.keep(`queues-${when}`, await queues.screenshot())
  await chat.bringToFront()
  await shop.keep(`sandbox-${when}`, await chat.screenshot())
}

await chat.goto(`${shop.url}/sandbox`)
await chat.locator('.people-list:visible').getByRole('button', { name: 'New customer' }).click()
await chat.getByRole('button', { name: 'Start', exact: true }).click()
await chat.getByRole('textbox', { name: 'Message' }).fill('/buy')
await chat.keyboard.press('Enter')
await key(/^10\stokens/).click({ timeout: 60_000 })
await key(/^Pay\s50/).waitFor()
await billing.kill('SIGKILL')
await key(/^Pay\s50/).click()
await chat.getByRole('dialog').getByRole('button', { name: 'Pay 50 Stars' }).click()
await chat.getByText('You paid 50 Stars').waitFor()
await chat.getByRole('dialog').waitFor({ state: 'detached' })
await chat.waitForTimeout(3_000)
await shoot('dead')

await shop.start('billing')
await chat
  .locator('.bubble', { hasText: /Credited|credited/ })
  .last()
  .waitFor({ timeout: 60_000 })
await chat.waitForTimeout(1_500)
await shoot('back')

await shop.close()
process.exit(0)
