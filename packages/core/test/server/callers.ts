import type { RemoteCaller } from '#src/server/types.js'

export function callerAt(port: number): RemoteCaller {
  const peer = {
    id: `${port}`,
    name: 'caller',
    service: undefined,
    address: '127.0.0.1',
    verified: true,
    publicKey: undefined,
  }
  return { peer: Object.freeze(peer), port }
}
