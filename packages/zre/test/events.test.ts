import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { describe, it } from 'node:test'
import type { ConnectedPeer, NodeEvents } from '@sleuth/zre'
import { Events } from '#src/events.js'

const peer = { id: 'peer' } as ConnectedPeer

describe('events', () => {
  it('are told in their order: a whisper waits for what was there before it', () => {
    const emitter = new EventEmitter<NodeEvents>()
    const told: string[] = []
    emitter.on('enter', () => told.push('enter'))
    emitter.on('whisper', (_peer, frames) => told.push(frames.join()))
    const events = new Events(emitter)
    events.add({ type: 'enter', peer })
    events.whisper(peer, [Buffer.from('hello')])
    assert.deepEqual(told, ['enter', 'hello'])
  })

  it('that a listener causes are told after those that were there before', () => {
    const emitter = new EventEmitter<NodeEvents>()
    const told: string[] = []
    const events = new Events(emitter)
    emitter.on('enter', () => {
      told.push('enter')
      events.whisper(peer, [Buffer.from('second')])
    })
    emitter.on('whisper', (_peer, frames) => told.push(frames.join()))
    events.add({ type: 'enter', peer })
    events.add({ type: 'whisper', peer, content: [Buffer.from('first')] })
    events.tellAll()
    assert.deepEqual(told, ['enter', 'first', 'second'])
  })
})
