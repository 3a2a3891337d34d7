import pLimit from 'p-limit'

const FIRST_OF_CROWD = 100_001
/** How many presses are under way at once: enough to fill a queue, few enough to leave the page usable. */
const PRESSES_AT_ONCE = 8

/** Lets `count` made-up people press Start, so that the shop knows them and can send them a mailing. */
export async function pressStart(telegramUrl: string, bot: string, count: number): Promise<void> {
  await post(`${telegramUrl}/control/people`, { count, firstId: FIRST_OF_CROWD })
  const limit = pLimit(PRESSES_AT_ONCE)
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      limit(() => post(`${telegramUrl}/control/chats/${bot}/${FIRST_OF_CROWD + index}/start`, {})),
    ),
  )
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok)
    throw new Error(`the Telegram simulator answered ${response.status}: ${await response.text()}`)
}
