import assert from 'node:assert/strict'
import { parseEndpoint } from '../../../packages/zre/dist/wire/endpoint.js'

/** A step tells each peer a few things and each group that it is in; never more than that. */
const MAX_EFFECTS = 100

/** What the effects of a machine make of the world: mailboxes that are open, peers that are present. Anything odd throws. */
export class World {
  /** By peer, the number of the last message that was sent. */
  mailboxes = new Map()
  /** By peer, the groups that were told. */
  present = new Map()
  /** The machine asks when what had come by then is read. */
  reading
  #config

  constructor(config) {
    this.#config = config
  }

  perform(effects) {
    assert.ok(effects.length <= MAX_EFFECTS, 'too many effects of one input')
    for (const effect of effects) this[effect.type](effect)
  }

  /** As `perform`, and the machine must hold of the world what it is. */
  see(effects, state) {
    this.perform(effects)
    assert.ok(isSame(this.mailboxes, state.peers), 'a mailbox without a peer, or a peer without one')
    for (const peer of state.watched) {
      const isPresent = peer.view !== undefined && state.peers.get(peer.id) === peer
      assert.ok(isPresent, 'watched, and not present')
    }
    let views = 0
    for (const { id, view } of state.peers.values()) {
      if (view === undefined) continue
      views++
      assert.ok(isSame(this.#groupsOf({ id }), view.groups), 'groups that were not told')
    }
    assert.equal(this.present.size, views, 'who is gone was not told')
  }

  open({ id, endpoint }) {
    assert.notEqual(id, this.#config.id, 'a mailbox to ourselves')
    const { address } = parseEndpoint(endpoint)
    assert.ok(this.#config.isOnNetwork(address), `a connection to ${address}`)
    this.mailboxes.set(id, 0)
  }

  close({ id }) {
    assert.ok(this.mailboxes.delete(id), 'closed, and not open')
  }

  send({ id, message, sequence }) {
    const last = this.mailboxes.get(id)
    assert.notEqual(last, undefined, 'sent to where no mailbox is')
    if (message.type === 'hello') assert.equal(sequence, 1)
    else assert.equal(sequence, (last + 1) & 0xffff, 'a number is missing')
    assert.ok(message.type === 'hello' || last > 0 || sequence === 0, 'something before HELLO')
    this.mailboxes.set(id, sequence)
  }

  /** It is an answer to a PING: nothing of the world changes. */
  answered() {}

  /** An endpoint is probed, or the log is told: neither is a connection that anything is said over. */
  check() {}

  read({ at }) {
    assert.equal(this.reading, undefined, 'asked twice')
    this.reading = at
  }

  probe({ id }) {
    assert.ok(this.present.has(id), 'probed, and not present')
  }

  trouble() {}

  unreached({ id }) {
    assert.ok(this.mailboxes.has(id), 'not reached, and no mailbox to it')
  }

  stranger({ endpoint }) {
    assert.ok(!this.#config.isOnNetwork(parseEndpoint(endpoint).address), `${endpoint} is no stranger's`)
  }

  enter({ peer }) {
    assert.ok(!this.present.has(peer.id), 'entered twice')
    assert.notEqual(peer.address, '')
    this.present.set(peer.id, new Set())
  }

  exit({ peer }) {
    assert.ok(this.present.delete(peer.id), 'left, and was not there')
  }

  join({ peer, group }) {
    const groups = this.#groupsOf(peer)
    assert.ok(!groups.has(group), 'joined twice')
    groups.add(group)
  }

  leave({ peer, group }) {
    assert.ok(this.#groupsOf(peer).delete(group), 'left a group twice')
  }

  whisper({ peer, content }) {
    this.#groupsOf(peer)
    assert.ok(content.length > 0)
  }

  shout(effect) {
    this.whisper(effect)
  }

  evasive({ peer }) {
    this.#groupsOf(peer)
  }

  beacon() {}

  drop({ reason }) {
    assert.equal(typeof reason, 'string')
  }

  #groupsOf({ id }) {
    const groups = this.present.get(id)
    assert.ok(groups, 'heard of who is not there')
    return groups
  }
}

function isSame(one, other) {
  if (one.size !== other.size) return false
  for (const key of one.keys()) if (!other.has(key)) return false
  return true
}
