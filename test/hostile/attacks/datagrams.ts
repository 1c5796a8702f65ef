import { randomBytes } from 'node:crypto'
import { beacon, sendDatagrams } from '../datagrams.js'
import type { Attack } from '../scene.js'

const many = (count: number, make: (index: number) => Buffer) =>
  Array.from({ length: count }, (_, at) => make(at))

/** What anyone can send who is on the network. */
export const datagrams: Attack[] = [
  {
    name: 'random datagrams',
    shows: { 'beacon-signature': 1000 },
    run: ({ port }) =>
      sendDatagrams(
        port,
        many(2000, (index) => randomBytes(index % 64)),
      ),
  },
  {
    name: 'datagrams that are almost beacons',
    shows: { 'beacon-size': 50, 'beacon-version': 50, encrypted: 50 },
    run: async ({ port }) => {
      await sendDatagrams(
        port,
        many(100, () => beacon(randomBytes(16), 9).subarray(0, 21)),
      )
      const altered = (version: number, more: number) =>
        Buffer.concat([beacon(randomBytes(16), 9).fill(version, 3, 4), Buffer.alloc(more)])
      await sendDatagrams(
        port,
        many(100, () => altered(2, 0)),
      )
      await sendDatagrams(
        port,
        many(100, () => altered(3, 32)),
      )
    },
  },
  {
    name: 'beacons that say that the caller, and the node itself, stop',
    shows: { 'forged-stop': 2 },
    callerShows: { 'forged-stop': 2 },
    run: async (scene) => {
      const { port, good, targetId } = scene
      while ((await scene.times('forged-stop')) < 2) {
        await sendDatagrams(
          port,
          many(20, (index) => beacon(index % 2 === 0 ? good.id : targetId, 0)),
        )
      }
    },
  },
  {
    name: 'beacons of nodes that are not there',
    shows: { 'greeting-limit': 1000 },
    run: ({ port }) =>
      sendDatagrams(
        port,
        many(3000, (index) => beacon(randomBytes(16), 1024 + index)),
      ),
  },
  {
    name: 'beacons that claim the place of another',
    shows: { 'own-endpoint': 1, 'endpoint-taken': 1 },
    callerShows: { 'endpoint-taken': 1 },
    run: async ({ port, targetPort, good }) => {
      await sendDatagrams(
        port,
        many(20, (index) => beacon(randomBytes(16), index % 2 === 0 ? targetPort : good.port)),
      )
    },
  },
]
