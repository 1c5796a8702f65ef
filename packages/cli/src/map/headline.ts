// The line at the top: what is wrong, worst first, as sentences.

import { onlyFails } from './health.js'
import type { Network } from './network.js'
import type { ServiceView, View } from './view.js'
import { type Level, percent, perSecond, plural, reasonOf, troubleOf } from './words.js'

const MOST_SENTENCES = 6

export interface Headline {
  readonly level: Level
  readonly words: string
  /** What else is wrong. */
  readonly more: readonly string[]
}

interface Trouble {
  readonly weight: number
  readonly level: Level
  readonly words: string
}

export function headlineOf(view: View, network: Network): Headline {
  const troubles = [...view.services.flatMap(troublesOf), ...astrayOf(view), ...strangersOf(network)].sort(
    (a, b) => Number(b.level === 'bad') - Number(a.level === 'bad') || b.weight - a.weight,
  )
  const [first, ...others] = troubles
  if (first === undefined) return { ...quiet(view), more: silenceOf(view, network) }
  const more = others.slice(0, MOST_SENTENCES).map(({ words }) => words)
  if (others.length > MOST_SENTENCES) more.push(`And ${others.length - MOST_SENTENCES} more.`)
  return { level: first.level, words: first.words, more: [...more, ...silenceOf(view, network)] }
}

function quiet({ services }: View): { level: Level; words: string } {
  if (services.length === 0) return { level: 'none', words: 'No service is there yet.' }
  const here = services.reduce((all, service) => all + service.here, 0)
  const what = `${plural(here, 'instance')} of ${plural(services.length, 'service')}`
  const known = services.some(({ figures }) => figures !== undefined)
  if (!known)
    return { level: 'none', words: `${what} ${here === 1 ? 'is' : 'are'} here. There are no figures yet.` }
  const rate = services.reduce((all, service) => all + (service.figures?.rate ?? 0), 0)
  if (rate === 0) return { level: 'good', words: `All is well: ${what}. Nobody calls now.` }
  return {
    level: 'good',
    words: `All is well: ${what} answer ${perSecond(rate).replace(' a', ' requests a')}. None fails.`,
  }
}

function troublesOf(view: ServiceView): Trouble[] {
  const parts: string[] = []
  const { service, here, lost, failed, called, state } = view
  if (here === 0 && lost.length === 0 && state.level === 'bad') {
    if (called === 0) return []
    return [
      {
        weight: 1000,
        level: 'bad',
        words: `Nobody offers ${service}: ${perSecond(called)} ask for it in vain.`,
      },
    ]
  }
  if (lost.length > 0) {
    const reasons = [...new Set(lost.map(({ reason }) => reasonOf(reason)))].join(', ')
    const all = here + lost.length
    const who = here === 0 ? plural(all, 'instance') : `${lost.length} of ${plural(all, 'instance')}`
    parts.push(
      `${here === 0 ? 'All of ' : ''}${who} of ${service} ${lost.length === 1 && here > 0 ? 'has' : 'have'} gone: ${reasons}`,
    )
  }
  if (failed > 0) parts.push(`${percent(failed)} of calls to ${parts.length > 0 ? 'it' : service} fail`)
  const busy = view.instances.filter(({ here, state }) => here && isOwnTrouble(state))
  const [first] = busy
  if (first !== undefined && (parts.length === 0 || lost.length === 0)) {
    const who = busy.length === 1 ? `${first.name} of ${service}` : `${busy.length} instances of ${service}`
    const words = busy.length === 1 ? first.state.words : `are in trouble; the first ${first.state.words}`
    if (!(failed > 0 && onlyFails(first.state))) parts.push(`${who} ${joint(words)}`)
  }
  if (parts.length === 0) return []
  const weight = (here === 0 ? 500 : 0) + failed * 200 + lost.length * 10 + busy.length
  return [{ weight, level: state.level === 'bad' ? 'bad' : 'note', words: `${capital(parts.join('; '))}.` }]
}

function isOwnTrouble({ level }: { level: Level }): boolean {
  return level === 'bad' || level === 'note'
}

/** “not ready: …” needs a verb after the name of who it is. */
function joint(words: string): string {
  return /^(not|overloaded|busy)/.test(words) ? `is ${words}` : words
}

function astrayOf({ astray }: View): Trouble[] {
  return astray.map(({ from, rate }) => {
    const words = `${from} calls a service that nobody offers: ${perSecond(rate).replace(' a', ' calls a')} fail.`
    return { weight: 300, level: 'bad', words }
  })
}

function strangersOf({ strangers }: Network): Trouble[] {
  return strangers.flatMap(({ name, endpoint, state }) => {
    const trouble = troubleOf(state)
    return trouble === undefined
      ? []
      : [
          {
            weight: 5,
            level: 'note' as const,
            words: `The node ${name ?? 'without a name'} at ${endpoint} ${trouble}.`,
          },
        ]
  })
}

/** Why some figures are missing: it is not a fault, but nobody should take it for one. */
function silenceOf({ services }: View, { members }: Network): string[] {
  const silent = [...members.values()].filter(
    ({ service, silence }) => service !== undefined && silence === 'refused',
  )
  if (services.length === 0 || silent.length === 0) return []
  const who = `${plural(silent.length, 'instance')} ${silent.length === 1 ? 'tells' : 'tell'}`
  return [
    `${who} no figures to this map: they are there with “introspection: true” in the options of createSleuth.`,
  ]
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
