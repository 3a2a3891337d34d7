import { feel, openInvoice } from './telegram.ts'
import { say } from './ui.tsx'
import { words } from './words.ts'

/**
 * Opens an invoice in Stars and waits until it is closed.
 * @returns whether it was paid, as the client says
 */
export async function payStars(link: string): Promise<boolean> {
  const status = await openInvoice(link)
  if (status === 'cancelled') say(words().notPaid)
  if (status !== 'paid') return false
  feel('success')
  say(words().paid)
  return true
}
