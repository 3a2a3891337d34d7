import type { Browser, Page } from 'playwright-core'
import { panelLink } from './panel.ts'
import type { Phone } from './phone.ts'

const PATIENCE_MS = 60_000

/** An owner opens the panel in a browser of their own, in English. */
export async function panelPage(browser: Browser, shopUrl: string, owner: Phone) {
  await owner.create()
  await owner.start()
  await owner.key(/./)
  const context = await browser.newContext({ locale: 'en-US' })
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  await page.goto(`${shopUrl}/panel#${await panelLink(owner)}`)
  await page.getByRole('navigation').first().waitFor()
  const open = (place: string) => page.goto(`${shopUrl}/panel/${place}`)
  /** Presses a key of the page, and in the chat the one that says who sits there. */
  const pressSurely = async (words: RegExp, within: Pick<Page, 'getByRole'> = page) => {
    await within.getByRole('button', { name: words }).click()
    await owner.press(/Yes, it is me/)
  }
  return {
    page,
    /** Returns the money of a payment. */
    async refund(id: string) {
      await open(`payment/${id}`)
      await page.getByRole('button', { name: /Return the money/ }).click()
      await pressSurely(/Return the money/, page.getByRole('group'))
      // The page asks again by itself when it hears of the word in the chat.
      await page
        .getByText(/^Accepted/)
        .first()
        .waitFor()
    },
    /** Writes a mailing to the people who came by a tag, and starts it; the admin has confirmed before. */
    async mail(words: string, tag: string) {
      await open('new/mailing')
      await page.getByLabel('Text', { exact: true }).fill(words)
      await page.getByLabel('Came by the tag', { exact: true }).fill(tag)
      for (const key of [/Save the draft/, /Start the mailing/]) {
        await page.getByRole('button', { name: /Preview/ }).click()
        await page.getByRole('button', { name: key }).click()
      }
    },
    close: () => context.close(),
  }
}
