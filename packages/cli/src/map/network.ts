// What the map remembers: who is there, who has gone, and what happened.

import type { DownReason, Instance, PeerInfo, Service } from '@sleuth/core'
import { Window } from '../samples/figures.js'
import type { Sample } from '../samples/sample.js'
import type { Silence } from './health.js'
import { isOrderly, reasonOf } from './words.js'

/** Figures are of so many milliseconds. */
const WINDOW = 10_000
/** How long an instance stays in the list after it has gone, in milliseconds. */
const MOURNED = 300_000
const LEFT_SHOWN = 15_000
const MOST_GONE = 200
const MOST_HAPPENINGS = 200

/** A node that is there: an instance of a service, or one that only calls. */
export interface Member {
  /** A short key, since ids are long. */
  readonly key: number
  readonly id: string
  readonly name: string
  readonly service: string | undefined
  readonly instance: Instance | undefined
  readonly endpoint: string
  readonly window: Window
  silence: Silence | undefined
}

export interface Gone {
  readonly key: number
  readonly service: string
  readonly instance: Instance
  readonly reason: DownReason
  /** Milliseconds since 1970. */
  readonly at: number
}

export interface Happening {
  readonly key: number
  /** Milliseconds since 1970. */
  readonly at: number
  /** Empty: it is about the map itself. */
  readonly service: string
  readonly name: string
  readonly level: 'good' | 'none' | 'bad'
  readonly words: string
}

export class Network {
  readonly members = new Map<string, Member>()
  readonly gone = new Map<string, Gone>()
  readonly happenings: Happening[] = []
  /** Nodes that were heard and can't be used. */
  strangers: readonly PeerInfo[] = []
  #keys = 0

  constructor(now: number) {
    this.#note({ at: now, service: '', name: '', level: 'none', words: 'This map begins to listen.' })
  }

  /** Takes over who is there now. */
  update(services: readonly Service[], peers: readonly PeerInfo[], now: number): void {
    const present = new Set<string>()
    for (const { service, instances } of services) {
      for (const instance of instances) {
        present.add(instance.id)
        this.#keep(instance.id, service, instance, instance.name, instance.endpoint)
      }
    }
    for (const peer of peers) {
      if (peer.state !== 'connected' || present.has(peer.id)) continue
      present.add(peer.id)
      this.#keep(peer.id, undefined, undefined, peer.name ?? '', peer.endpoint)
    }
    for (const id of this.members.keys()) if (!present.has(id)) this.members.delete(id)
    this.strangers = peers.filter(({ id, state }) => state !== 'connected' && !present.has(id))
    this.#forget(now)
  }

  up(service: string, instance: Instance, now: number): void {
    // It takes the place of one that was lost before.
    const first = [...this.gone.values()].find((gone) => gone.service === service && !isOrderly(gone.reason))
    if (!this.gone.delete(instance.id) && first !== undefined) this.gone.delete(first.instance.id)
    this.#note({ at: now, service, name: instance.name, level: 'good', words: 'joined' })
  }

  down(service: string, instance: Instance, reason: DownReason, now: number): void {
    const orderly = isOrderly(reason)
    this.members.delete(instance.id)
    this.gone.set(instance.id, { key: this.#key(), service, instance, reason, at: now })
    while (this.gone.size > MOST_GONE) this.gone.delete(this.gone.keys().next().value as string)
    const words = `${orderly ? 'left' : 'gone'}: ${reasonOf(reason)}`
    this.#note({ at: now, service, name: instance.name, level: orderly ? 'none' : 'bad', words })
  }

  sampled(id: string, sample: Sample): void {
    const member = this.members.get(id)
    if (member === undefined) return
    member.silence = undefined
    member.window.add(sample)
  }

  silent(id: string, silence: Silence): void {
    const member = this.members.get(id)
    if (member !== undefined) member.silence = silence
  }

  /** Nobody looks: what was sampled says nothing about the time after it. */
  pause(): void {
    for (const [id, member] of this.members) {
      this.members.set(id, { ...member, window: new Window(WINDOW), silence: 'waiting' })
    }
  }

  #keep(
    id: string,
    service: string | undefined,
    instance: Instance | undefined,
    name: string,
    endpoint: string,
  ): void {
    const known = this.members.get(id)
    if (known !== undefined && known.service === service) {
      this.members.set(id, Object.assign(known, { instance, name, endpoint }))
    } else {
      const member = { key: this.#key(), id, name, service, instance, endpoint }
      this.members.set(id, { ...member, window: new Window(WINDOW), silence: 'waiting' })
    }
  }

  #forget(now: number): void {
    for (const [id, { at, reason }] of this.gone) {
      if (now - at > (isOrderly(reason) ? LEFT_SHOWN : MOURNED)) this.gone.delete(id)
    }
  }

  #note(happening: Omit<Happening, 'key'>): void {
    this.happenings.push({ key: this.#key(), ...happening })
    if (this.happenings.length > MOST_HAPPENINGS) this.happenings.shift()
  }

  #key(): number {
    this.#keys += 1
    return this.#keys
  }
}
