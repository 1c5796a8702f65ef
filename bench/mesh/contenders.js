// Each loads what it needs, and gives a function that joins one node to the mesh and resolves to what closes it. `changed(1)`:
// another node is known now; `changed(-1)`: one is not known any more.

export const contenders = {
  async sleuth({ udpPort, index }) {
    const { createSleuth } = await import('@sleuth/core')
    const options = { interface: 'loopback', service: 'mesh', handler: (_req, res) => res.end() }
    // What is loaded when the first node joins is loaded now.
    const first = await createSleuth({ ...options, port: 10_000 + (index % 10_000) })
    await first.close()
    return async (_node, changed) => {
      const sleuth = await createSleuth({ ...options, port: udpPort })
      for (const { instances } of sleuth.services()) for (const _ of instances) changed(1)
      sleuth.on('up', () => changed(1))
      sleuth.on('down', () => changed(-1))
      return () => sleuth.close()
    }
  },

  /** By broadcast, as on a network of its own. */
  async cote({ udpPort }) {
    const { default: cote } = await import('cote')
    return async (_node, changed) => {
      const network = { broadcast: '127.255.255.255', port: udpPort, log: false }
      const responder = new cote.Responder({ name: 'mesh' }, network)
      await new Promise((resolve) => responder.sock.on('bind', resolve))
      responder.discovery.on('added', () => changed(1))
      responder.discovery.on('removed', () => changed(-1))
      return () => responder.close()
    }
  },

  /** Told by address where the others are: it needs no beacons. */
  async moleculer({ tcpPort, total, index }) {
    const { default: moleculer } = await import('moleculer')
    return async (node, changed) => {
      const urls = Array.from({ length: total }, (_, id) => `127.0.0.1:${tcpPort + id}/node-${id}`)
      const own = index + node
      const broker = new moleculer.ServiceBroker({
        nodeID: `node-${own}`,
        logger: false,
        transporter: { type: 'TCP', options: { udpDiscovery: false, port: tcpPort + own, urls } },
      })
      broker.createService({
        name: 'mesh',
        actions: { none: () => undefined },
        events: { '$node.connected': () => changed(1), '$node.disconnected': () => changed(-1) },
      })
      await broker.start()
      return () => broker.stop()
    }
  },
}
