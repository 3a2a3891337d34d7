import { expect, test } from 'vitest'
import { createFiles, csvLine } from '#shop/web/panel/csv.ts'

const silent = { warn: () => {} } as unknown as Parameters<typeof createFiles>[0]

test('a cell that a spreadsheet would run, or spoil, is a text, and quotes are doubled', () => {
  expect(csvLine('en', ['=1+1', '@x', '-5', '"a"', '123456789012345', '12e5', '5,5'])).toBe(
    `"'=1+1","'@x","'-5","""a""","'123456789012345","'12e5","5,5"\r\n`,
  )
  expect(csvLine('ru', ['а', 'б'])).toBe('"а";"б"\r\n')
  // Full-width signs, and white space of any script before a sign.
  for (const text of ['＝1+1', '＋1', '－1', '＠x', ' =1', '\u00a0+1', '\u3000@x', '\u200b-1', '\t1'])
    expect(csvLine('en', [text])).toBe(`"'${text}"\r\n`)
  for (const text of ['12,50', '28.11.2026 19:30', 'a=1', ' a', ''])
    expect(csvLine('en', [text])).toBe(`"${text}"\r\n`)
})

test('an admin saves one file at a time, and the next one when it is over or was given up', async () => {
  const files = createFiles(silent)
  async function* endless() {
    for (;;) yield 'line\r\n'
  }
  const first = files.stream(1n, endless())
  expect(() => files.stream(1n, endless())).toThrow('panel.file')
  // The file of another admin is saved meanwhile.
  const other = files.stream(2n, endless())
  for (const file of [first, other]) {
    const over = new Promise((done) => file.once('close', done))
    file.destroy()
    await over
  }
  async function* short() {
    yield 'one'
    yield 'two'
  }
  let text = ''
  for await (const chunk of files.stream(1n, short())) text += String(chunk)
  expect(text).toBe('onetwo')
  expect(() => files.stream(1n, short())).not.toThrow()
})
