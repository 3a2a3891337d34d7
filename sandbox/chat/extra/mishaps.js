import { api } from './api.js'
import { emit } from '../js/bus.js'
import { failure } from '../js/dialog.js'
import { h, replaceChildren } from '../js/dom.js'
import { state } from '../js/store.js'
import { switchCard } from '../js/switch-card.js'
import { inLanguage, t } from '../js/words.js'

const GROUPS = ['fragment', 'payments', 'pictures']
const SPEEDS = [1, 10]

/**
 * The switches of what the providers do to the shop, by provider, and of how fast they are.
 * @returns {{speed, element, paint}} `paint` shows what `api.mishaps()` says
 */
export function mishapLists() {
  const speed = h('div', { class: 'segments', role: 'group', 'aria-label': t('speed') })
  const lists = GROUPS.map((group) => ({
    mishaps: state.config.mishaps.filter((one) => one.group === group),
    heading: h('h2', {}, t(`mishaps_${group}`)),
    list: h('ul', { class: 'cards' }),
  })).filter(({ mishaps }) => mishaps.length > 0)

  function paint({ on, speed: factor }) {
    replaceChildren(speed, h('span', { class: 'muted' }, t('speed')), SPEEDS.map(speedKey(factor)))
    for (const { list, mishaps } of lists)
      replaceChildren(
        list,
        mishaps.map((one) => card(one, on.includes(one.id))),
      )
  }
  paint({ on: [], speed: 1 })
  return {
    speed,
    element: h(
      'div',
      { class: 'mishaps' },
      lists.flatMap(({ heading, list }) => [heading, list]),
    ),
    paint,
  }
}

const speedKey = (current) => (factor) =>
  h(
    'button',
    {
      class: 'segment',
      type: 'button',
      'data-key': `speed-${factor}`,
      'aria-pressed': String(factor === current),
      onclick: () => change(() => api.setSpeed(factor)),
    },
    `${factor}×`,
  )

const card = ({ id, group, title, expected }, on) =>
  switchCard({
    id,
    title,
    expected,
    on,
    label: `${t(`mishaps_${group}`)}: ${inLanguage(title)}`,
    onclick: () => change(() => api.setMishap(id, !on)),
  })

async function change(work) {
  await work().catch(failure)
  emit('faults')
}
