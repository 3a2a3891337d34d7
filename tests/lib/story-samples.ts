/** Sample values for the lines of a story; text-samples.ts says what they are for. */
export const storySamples: Record<string, Record<string, string | [ru: string, en: string]>> = {
  'story-title-named': { of: ['Анна Попова', 'Anna Popova'], id: '523764018' },
  'story-title-update': { of: 'main', id: '900123' },
  'story-order': { id: 'o4t8w1', good: ['Звёзды', 'Stars'], price: ['500 ₽', '₽500'], part: '' },
  'story-part': { parent: 'o4t8w1' },
  'story-moved': {
    from: ['черновик', 'draft'],
    to: ['зарезервировано', 'reserved'],
    actor: ['автопроверка', 'upkeep'],
    why: '',
  },
  'story-noted': { actor: ['автопроверка', 'upkeep'], why: '' },
  'story-payment': { way: 'cryptopay', ref: '' },
  'story-paid': { came: '' },
  'story-job': { key: 'fulfil-o4t8w1-1', job: ['Покупка у поставщика', 'Buying from the supplier'] },
  'story-job-ended': { key: 'fulfil-o4t8w1-1', state: ['выполнено', 'done'], why: '' },
  'story-refund': { admin: '1', id: 'v3x8', payment: 'p7k2m9', why: '' },
  'story-refund-elsewhere': { id: 'v3x8', payment: 'p7k2m9', why: '' },
  'story-refund-ended': { payment: 'p7k2m9', why: '' },
  'story-came': { sum: '500.00 RUB' },
  'story-posting': {
    moves: ['резерв −90 ₽, продажи +90 ₽', 'held −₽90, sales +₽90'],
    reference: 'capture-o4t8w1',
    kind: ['Звёзды', 'Stars'],
  },
  'story-event': { event: 'f_2201', way: 'cryptopay' },
  'story-audit': { actor: '1', details: '{}' },
}
