import { randomBytes } from 'node:crypto'
import { beacon, sendDatagrams } from '../datagrams.js'
import type { Attack, Scene } from '../scene.js'

const many = (count: number, make: (index: number) => Buffer) =>
  Array.from({ length: count }, (_, at) => make(at))

/** Sends datagrams again until they show: a machine that is busy loses some. */
async function flood(scene: Scene, counter: string, times: number, make: () => Buffer[]): Promise<void> {
  do await sendDatagrams(scene.port, make())
  while ((await scene.times(counter)) < times)
}

/** What anyone can send who is on the network. */
export const datagrams: Attack[] = [
  {
    name: 'random datagrams',
    shows: { 'beacon-signature': 1000 },
    run: (scene) =>
      flood(scene, 'beacon-signature', 1000, () => many(2000, (index) => randomBytes(index % 64))),
  },
  {
    name: 'datagrams that are almost beacons',
    shows: { 'beacon-size': 50, 'beacon-version': 50, encrypted: 50 },
    run: async (scene) => {
      const altered = (version: number, more: number) =>
        Buffer.concat([beacon(randomBytes(16), 9).fill(version, 3, 4), Buffer.alloc(more)])
      await flood(scene, 'beacon-size', 50, () => many(100, () => beacon(randomBytes(16), 9).subarray(0, 21)))
      await flood(scene, 'beacon-version', 50, () => many(100, () => altered(2, 0)))
      await flood(scene, 'encrypted', 50, () => many(100, () => altered(3, 32)))
    },
  },
  {
    name: 'beacons that say that the caller, and the node itself, stop',
    shows: { 'forged-stop': 2 },
    callerShows: { 'forged-stop': 2 },
    run: (scene) => {
      const { good, targetId } = scene
      return flood(scene, 'forged-stop', 2, () =>
        many(20, (index) => beacon(index % 2 === 0 ? good.id : targetId, 0)),
      )
    },
  },
  {
    name: 'beacons of nodes that are not there',
    shows: { 'greeting-limit': 1000 },
    run: (scene) =>
      flood(scene, 'greeting-limit', 1000, () =>
        many(3000, (index) => beacon(randomBytes(16), 1024 + index)),
      ),
  },
  {
    name: 'beacons that claim the place of another',
    shows: { 'own-endpoint': 1, 'endpoint-taken': 1 },
    callerShows: { 'endpoint-taken': 1 },
    run: async (scene) => {
      const { targetPort, good } = scene
      for (const [counter, port] of [
        ['own-endpoint', targetPort],
        ['endpoint-taken', good.port],
      ] as const)
        await flood(scene, counter, 1, () => many(10, () => beacon(randomBytes(16), port)))
    },
  },
]
