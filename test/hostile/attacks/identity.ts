import { packet } from '../packets.js'
import { Zre } from '../raw-peer.js'
import type { Attack } from '../scene.js'

/** The most calls that one theft may cost: four callers that pause for 20 ms have as many in a second. */
const MOST_LOST = 200

/** The calls after which whose identity it was has recovered. */
const RECOVERED = 100

/**
 * Without keys anyone can connect under the routing id of another, whose connection is dead from then on. It finds out by
 * the heartbeats, and connects again. The last of all attacks, since these cost calls.
 */
export const identity: Attack[] = [
  {
    name: "a message under the caller's routing id",
    shows: { unproven: 1 },
    mayFail: MOST_LOST,
    run: async (scene) => {
      const thief = await scene.connect(scene.good.id)
      thief.say(Zre.whisper, Buffer.alloc(0), [packet()], 30_000)
      await scene.served(RECOVERED)
    },
  },
  {
    name: "a HELLO under the caller's routing id, that is not where the caller is",
    shows: { unproven: 1 },
    mayFail: MOST_LOST,
    run: async (scene) => {
      await scene.peer(scene.good.id)
      await scene.served(RECOVERED)
    },
  },
  {
    name: "a GOODBYE under the caller's routing id",
    shows: { unproven: 1 },
    mayFail: MOST_LOST,
    run: async (scene) => {
      const thief = await scene.peer(scene.good.id)
      thief.say(Zre.goodbye, Buffer.alloc(0))
      await scene.served(RECOVERED)
    },
  },
  {
    name: "the caller's routing id without a word, 3 times in a row",
    shows: {},
    mayFail: 3 * MOST_LOST,
    run: async (scene) => {
      for (let count = 0; count < 3; count++) {
        await scene.connect(scene.good.id)
        await scene.served(RECOVERED)
      }
    },
  },
]
