import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { drawPicture } from '#shop/admin/chart.ts'
import type { StatisticsChart } from '#shop/admin/chart.ts'

const plain: StatisticsChart = {
  title: 'Revenue',
  number: '₽5',
  footer: '7 days',
  kind: 'bars',
  labels: ['20.11', '21.11'],
  values: [2, 3],
  language: 'en',
  empty: 'Nothing',
}

/** The columns between which these rows have ink. */
async function ink(
  picture: StatisticsChart,
  top: number,
  bottom: number,
): Promise<[first: number, last: number]> {
  const image = sharp(await drawPicture(picture))
    .removeAlpha()
    .greyscale()
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true })
  const columns: number[] = []
  for (let x = 0; x < info.width; x++)
    for (let y = top; y < bottom; y++) if (data[y * info.width + x]! < 200) columns.push(x)
  return [Math.min(...columns), Math.max(...columns)]
}

describe('a picture of statistics', () => {
  test('has room for the largest number and for how it changed', async () => {
    const delta = { text: '12,345 %', rising: false }
    for (const number of ['₽5', '₽12,345,678.50', '₽1,112,345,678,901.50']) {
      const [first, last] = await ink({ ...plain, number, delta }, 130, 260)
      expect([number, first >= 60, last <= 1080 - 60]).toEqual([number, true, true])
    }
  })

  test('names its rows with their numbers, however long they are', async () => {
    const rows: StatisticsChart = {
      ...plain,
      kind: 'rows',
      labels: ['Stars', 'Pictures'],
      values: [1_000_000, 4],
    }
    const long = 'A subscription for a month with a very long name of its own'
    const [first] = await ink({ ...rows, labels: [long, 'Pictures'] }, 330, 900)
    // A name that is cut off by the edge of the chart would begin at that edge, 44 px from the left.
    expect(first).toBeGreaterThan(46)
    // Beside a million, four and seven are bars of the same size.
    const four = await drawPicture(rows)
    expect(four.equals(await drawPicture(rows))).toBe(true)
    expect(four.equals(await drawPicture({ ...rows, values: [1_000_000, 7] }))).toBe(false)
  })
})
