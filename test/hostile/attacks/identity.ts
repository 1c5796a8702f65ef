import { packet } from '../packets.js'
import { Zre } from '../raw-peer.js'
import type { Attack } from '../scene.js'

/** The most calls that one theft may cost: there are four callers, whose calls end each time that the peer is lost. */
const MOST_LOST = 20

/** The calls after which a theft is over. They go on by a connection of their own. */
const CALLS = 100

/**
 * Without keys anyone can connect under the routing id of another, whose connection is dead from then on. It finds out by
 * PINGs or heartbeats within 15 s, and connects again: see `Scene.linked`. These attacks cost calls.
 */
export const identity: Attack[] = [
  {
    name: "a message under the caller's routing id",
    shows: { unproven: 1 },
    mayFail: MOST_LOST,
    run: async (scene) => {
      const thief = await scene.connect(scene.good.id)
      thief.say(Zre.whisper, Buffer.alloc(0), [packet()], 30_000)
      await scene.served(CALLS)
    },
  },
  {
    name: "a HELLO under the caller's routing id, that is not where the caller is",
    shows: { unproven: 1 },
    mayFail: MOST_LOST,
    run: async (scene) => {
      await scene.peer(scene.good.id)
      await scene.served(CALLS)
    },
  },
  {
    name: "a GOODBYE under the caller's routing id",
    shows: { unproven: 1 },
    mayFail: MOST_LOST,
    run: async (scene) => {
      const thief = await scene.peer(scene.good.id)
      thief.say(Zre.goodbye, Buffer.alloc(0))
      await scene.served(CALLS)
    },
  },
  {
    name: "the caller's routing id without a word, 3 times in a row",
    shows: {},
    mayFail: 3 * MOST_LOST,
    run: async (scene) => {
      for (let count = 0; count < 3; count++) {
        await scene.connect(scene.good.id)
        await scene.served(CALLS)
      }
    },
  },
]
