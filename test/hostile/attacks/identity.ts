import { packet } from '../packets.js'
import { RawPeer, Zre } from '../raw-peer.js'
import { type Attack, type Scene, until } from '../scene.js'

/** The most calls that one theft may cost: those of a second, at 4 callers that pause for 20 ms. */
const MOST_LOST = 200

/** Whose identity it was calls again. */
async function recovered(scene: Scene): Promise<void> {
  const before = scene.calls
  await until(() => scene.calls > before + 100)
}

/**
 * Without keys anyone can connect under the routing id of another, whose connection is cut by that. Last of all: these
 * cost calls.
 */
export const identity: Attack[] = [
  {
    name: "a message under the caller's routing id",
    shows: { gap: 1 },
    mayFail: MOST_LOST,
    run: async (scene) => {
      const thief = await RawPeer.open(scene.targetPort, scene.goodId)
      thief.say(Zre.whisper, Buffer.alloc(0), [packet()], 30_000)
      await recovered(scene)
      thief.close()
    },
  },
  {
    name: "a HELLO under the caller's routing id",
    shows: {},
    mayFail: MOST_LOST,
    run: async (scene) => {
      const thief = await scene.peer(scene.goodId)
      await recovered(scene)
      thief.close()
    },
  },
  {
    name: "a GOODBYE under the caller's routing id",
    shows: {},
    mayFail: MOST_LOST,
    run: async (scene) => {
      const thief = await scene.peer(scene.goodId)
      thief.say(Zre.goodbye, Buffer.alloc(0))
      await recovered(scene)
      thief.close()
    },
  },
  {
    name: "the caller's routing id, 3 times in a row",
    shows: {},
    mayFail: 3 * MOST_LOST,
    run: async (scene) => {
      for (let count = 0; count < 3; count++) {
        const thief = await RawPeer.open(scene.targetPort, scene.goodId)
        await recovered(scene)
        thief.close()
      }
    },
  },
]
