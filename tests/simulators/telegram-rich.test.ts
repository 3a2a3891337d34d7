import { openSandbox } from '@telekassa/telegram-sandbox'
import { Api, InputFile } from 'grammy'
import { expect, onTestFinished, test } from 'vitest'
import { expectRefusal, PNG } from './telegram-kit.ts'

async function reader() {
  const sandbox = await openSandbox({ after: onTestFinished, patienceMs: 60_000 })
  const anna = sandbox.person(1)
  await anna.says('/start')
  return { sandbox, anna, api: new Api(sandbox.token, { apiRoot: sandbox.url }) }
}

test('a rich message is written as HTML, as Markdown or as blocks, and is the same', async () => {
  const { api, anna } = await reader()
  const html =
    '<h1>Menu</h1><p>Tea is <b>hot</b></p><ul><li>black</li><li>green</li></ul>' +
    '<table><tr><th align="left">Tea</th></tr><tr><td align="left">5</td></tr></table><hr/>'
  const markdown = '# Menu\n\nTea is **hot**\n\n- black\n- green\n\n| Tea |\n|-----|\n| 5 |\n\n---'
  const cell = (text: string, more: object = {}) => ({ text, align: 'left', valign: 'top', ...more })
  const item = (text: string) => ({ label: '•', blocks: [{ type: 'paragraph', text }] })
  const blocks = [
    { type: 'heading', text: 'Menu', size: 1 },
    { type: 'paragraph', text: ['Tea is ', { type: 'bold', text: 'hot' }] },
    { type: 'list', items: [item('black'), item('green')] },
    { type: 'table', cells: [[cell('Tea', { is_header: true })], [cell('5')]] },
    { type: 'divider' },
  ]
  for (const written of [{ html }, { markdown }, { blocks }]) {
    const sent = await api.sendRichMessage(1, written as { html: string })
    expect(sent.rich_message).toEqual({ blocks })
  }
  expect((await anna.messages()).at(-1)!.text).toBe('Menu\nTea is hot\n• black\n• green\nTea\n5')
})

test('a rich message has media, is edited into a text and back, and is streamed until somebody stops it', async () => {
  const { sandbox, api, anna } = await reader()
  const media = [{ id: 'sea', media: { type: 'photo' as const, media: new InputFile(PNG) } }]
  const sent = await api.sendRichMessage(1, { markdown: '![](tg://photo?id=sea "The sea")', media })
  expect(sent.rich_message!.blocks).toMatchObject([
    { type: 'photo', photo: [{ width: 1 }], caption: { text: 'The sea' } },
  ])
  expect(await api.editMessageText(1, sent.message_id, 'plain')).not.toHaveProperty('rich_message')
  const back = await api.raw.editMessageText({
    chat_id: 1,
    message_id: sent.message_id,
    rich_message: { html: '<p>rich</p>' },
  } as Parameters<typeof api.raw.editMessageText>[0])
  expect(back).toMatchObject({ rich_message: { blocks: [{ type: 'paragraph', text: 'rich' }] } })
  expect(back).not.toHaveProperty('text')
  expect(
    await api.sendRichMessageDraft(1, 7, { html: '<tg-thinking>Hm</tg-thinking>' }, { can_stop: true }),
  ).toBe(true)
  const me = (await api.getMe()).username
  await sandbox.control('POST', `/chats/${me}/1/stop_draft`, { draft_id: 7 })
  expect((await api.getUpdates()).at(-1)).toMatchObject({ stopped_message_generation: { draft_id: 7 } })
  expect((await anna.messages()).at(-1)!.text).toBe('rich')
})

test('what is too large, too deep or no rich message is refused', async () => {
  const { api } = await reader()
  const refused = (written: object, why: string) =>
    expectRefusal(api.sendRichMessage(1, written as { html: string }), 400, `Bad Request: ${why}`)
  await refused({}, 'RICH_MESSAGE_CONTENT_REQUIRED')
  await refused({ html: 'x', markdown: 'x' }, 'RICH_MESSAGE_CONTENT_REQUIRED')
  await refused({ html: '<p> </p>' }, 'RICH_MESSAGE_CONTENT_REQUIRED')
  await refused({ html: 'x'.repeat(32_769) }, 'message is too long')
  await refused({ html: '<hr>'.repeat(501) }, 'RICH_MESSAGE_BLOCKS_TOO_MUCH')
  const deep = (levels: number) =>
    `${'<details><summary>x</summary>'.repeat(levels)}x${'</details>'.repeat(levels)}`
  await refused({ html: deep(16) }, 'RICH_MESSAGE_TOO_DEEP')
  await refused(
    { html: '<blink>x</blink>' },
    'can\'t parse entities: Unsupported start tag "blink" at byte offset 0',
  )
  await refused({ html: '<p>x' }, 'can\'t parse entities: Can\'t find end tag corresponding to start tag "p"')
  await refused({ blocks: [{ type: 'song' }] }, 'can\'t parse InputRichBlock: type "song" is unsupported')
  expect((await api.sendRichMessage(1, { html: deep(15) })).rich_message!.blocks).toHaveLength(1)
})
