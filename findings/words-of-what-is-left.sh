#!/usr/bin/env bash
# number-to-words-ru 2.4.1, rubles 3.0.0, n2words 4.0.0 (ru-RU): sums in words, as invoices in Russian have them.
# A good guess: they take the sum that a program has, a number of roubles, and write the same sum, rounded to kopecks; what is
#   left of 0.1 + 0.2 - 0.3 is nothing, and a bigint is that many roubles or an error.
# What happens: number-to-words-ru drops the letter e: what is left (5.55e-17) is five roubles and fifty-five kopecks, 1e-7 is
#   seventeen roubles. A bigint is no rouble at all, without an error. n2words cuts off instead of rounding: 1.15 * 3 is
#   3.44 and 17.9 - 10 is 7.89, a kopeck less than in `toFixed(2)`. `rubles` rounds well, but gives null for a bigint.
# Seen: the table below.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install number-to-words-ru@2.4.1 rubles@3.0.0 n2words@4.0.0
script <<'JS'
import assert from 'node:assert/strict'
import { toCurrency } from 'n2words/ru-RU'
import ru from 'number-to-words-ru'
import { rubles } from 'rubles'

const sums = { left: 0.1 + 0.2 - 0.3, tiny: 1e-7, three: 1.15 * 3, rest: 17.9 - 10, bigint: 150n }
const seen = {}
for (const [name, sum] of Object.entries(sums)) seen[name] = [ru.convert(sum), rubles(sum), toCurrency(sum)]
console.table(seen)
assert.deepEqual(seen, {
  left: ['Пять рублей 55 копеек', null, 'ноль рублей'],
  tiny: ['Семнадцать рублей 00 копеек', null, 'ноль рублей'],
  three: ['Три рубля 45 копеек', 'три рубля 45 копеек', 'три рубля и сорок четыре копейки'],
  rest: ['Семь рублей 90 копеек', 'семь рублей 90 копеек', 'семь рублей и восемьдесят девять копеек'],
  bigint: ['Ноль рублей 00 копеек', null, 'сто пятьдесят рублей'],
})
JS
