import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createCanvas, GlobalFonts } from '@napi-rs/canvas'
import { expect, test } from 'vitest'
import { KEY_BEGINNINGS, ON_KEYS } from '#shared/i18n/uses.ts'
import { screensOfTexts } from '../lib/texts-page.ts'

/**
 * A message takes 85 % of the width of the narrowest phone, and the words of a key keep six pixels from either
 * side.
 */
const ROOM_PX = (360 - 2 * 12) * 0.85 - 2 * 6
const fonts = dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json'))
GlobalFonts.registerFromPath(join(fonts, 'ttf/DejaVuSans-Bold.ttf'), 'wide')
const pen = createCanvas(1, 1).getContext('2d')
// This font is wider than those of phones, so a text that fits here fits everywhere.
pen.font = '14px wide'

test('no key is cut off on a phone of 360 px', () => {
  const onKeys = screensOfTexts()
    .flatMap(({ texts }) => texts)
    .filter(({ key }) => ON_KEYS.has(key) || KEY_BEGINNINGS.some((one) => key.startsWith(one)))
    // Texts of messages begin with the same words as some keys; their form tells them apart.
    .filter(({ key, forms }) => ON_KEYS.has(key) || !/[<\n:.?]/.test(forms.ru[0]!))
  const shown = onKeys.flatMap(({ key, forms }) => [...forms.ru, ...forms.en].map((text) => ({ key, text })))
  expect(shown.length).toBeGreaterThan(300)
  const cut = shown.filter(({ text }) => pen.measureText(text).width > ROOM_PX)
  expect(cut).toEqual([])
})
