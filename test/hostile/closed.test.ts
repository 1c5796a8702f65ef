import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { generateKeys } from '@sleuth/core'
import { Dealer } from 'zeromq'
import { open } from './raw-peer.js'
import { type Attack, type Outcome, Scene, until } from './scene.js'
import { tableOf } from './table.js'
import { frame, greeting, ready } from './zmtp.js'

/** Of 1 MiB. */
const FRAMES = 128
const part = Buffer.alloc(2 ** 20)

/** MiB: what a process takes and gives back by itself meanwhile. */
const MOST_GROWTH = 24

const [target, friend, stranger] = [generateKeys(), generateKeys(), generateKeys()]
const allow = [target.publicKey, friend.publicKey]

/** All frames of a message but the last. Whoever takes them keeps them: libzmq hands on whole messages. */
function sayEndless(say: (bytes: Buffer) => void): void {
  for (let count = 0; count < FRAMES; count++) say(frame(part, true))
}

const endless: Attack = {
  name: 'a message without end, at an open node',
  shows: {},
  run: async (scene) => {
    const raw = await scene.connect()
    sayEndless((bytes) => raw.raw(bytes))
    await raw.drained()
  },
}

const inTheClear: Attack = {
  name: 'a message without end, in the clear, at a closed node',
  shows: { handshake: 1 },
  run: async ({ targetPort }) => {
    const socket = await open(targetPort)
    socket.write(Buffer.concat([greeting, ready('DEALER', Buffer.alloc(17, 1))]))
    sayEndless((bytes) => socket.write(bytes))
    await until(() => socket.destroyed)
  },
}

const underOtherKey: Attack = {
  name: 'messages without end, under a key that is not let in',
  shows: { 'key-refused': 1 },
  run: async ({ targetPort }) => {
    const dealer = new Dealer({
      linger: 0,
      sendTimeout: 0,
      curveServerKey: target.publicKey,
      curvePublicKey: stranger.publicKey,
      curveSecretKey: stranger.secretKey,
    })
    const refused = new Promise((resolve) => dealer.events.on('handshake:error:auth', resolve))
    dealer.connect(`tcp://127.0.0.1:${targetPort}`)
    // Waits in the sender for a connection that never comes about.
    void dealer.send(Array.from({ length: FRAMES }, () => part)).catch(() => {})
    await refused
    dealer.close()
  },
}

const outcomes: Outcome[] = []
after(() => console.log(`\n${tableOf(outcomes)}\n`))

describe('a message of frames without end', { timeout: 120_000 }, () => {
  it('is gathered by an open node: that is what the others are measured by', async () => {
    const scene = await Scene.open()
    const outcome = await scene.suffer(endless)
    await scene.close()
    outcomes.push(outcome)
    assert.ok(outcome.peak > FRAMES / 2, `${outcome.peak} MiB`)
  })

  it('gets nowhere at one with keys', async () => {
    const security = { allow }
    const scene = await Scene.open({
      target: { security: { ...target, ...security } },
      good: { security: { ...friend, ...security } },
    })
    for (const attack of [inTheClear, underOtherKey]) outcomes.push(await scene.suffer(attack))
    await scene.close()
    for (const { name, peak } of outcomes.slice(1)) assert.ok(peak < MOST_GROWTH, `${name}: ${peak} MiB`)
  })
})
