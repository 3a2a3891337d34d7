import { h } from './dom.js'
import { inLanguage, t } from './words.js'

/** A card with a switch: what happens when it is on, and what to expect then. `label` where the title is not enough. */
export function switchCard({ id, title, expected, on, note, label, onclick }) {
  return h(
    'li',
    { class: `card fault${on ? ' on' : ''}` },
    h(
      'div',
      { class: 'card-head' },
      h('b', {}, inLanguage(title)),
      h(
        'button',
        {
          class: 'toggle',
          type: 'button',
          role: 'switch',
          'data-key': id,
          'aria-checked': String(on),
          'aria-label': label ?? inLanguage(title),
          onclick,
        },
        h('span'),
      ),
    ),
    h('p', { class: 'expected' }, h('span', {}, `${t('expected')}: `), inLanguage(expected)),
    note ? h('p', { class: 'hits' }, note) : null,
  )
}
