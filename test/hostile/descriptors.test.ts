import { describe, it } from 'node:test'
import { open } from './raw-peer.js'
import { type Attack, Scene, until } from './scene.js'
import { tableOf } from './table.js'

/** Of the attacked node: a bare process of Node has about 30, ZeroMQ a few for each peer. */
const DESCRIPTORS = 256

/** More connections than the node can have. The last wait to be accepted: more than 100 do not. */
const crowd: Attack = {
  name: 'more connections than there are file descriptors',
  shows: { handshake: DESCRIPTORS / 2 },
  run: async (scene) => {
    const sockets = []
    for (let count = 0; count < DESCRIPTORS + 50; count++) sockets.push(await open(scene.targetPort))
    await scene.served(100)
    for (const socket of sockets) socket.destroy()
  },
}

describe('a node that has no file descriptors left', { timeout: 30_000 }, () => {
  it('serves those whose connections stand, and newcomers when it has some again', async () => {
    const scene = await Scene.open({ descriptors: DESCRIPTORS })
    const outcome = await scene.suffer(crowd)
    await scene.peer()
    await until(async () => (await scene.peers()) === 2)
    await scene.close()
    console.log(`\n${tableOf([outcome])}\n`)
  })
})
