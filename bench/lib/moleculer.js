/** Two nodes that know each other by address. */
export function moleculerOptions(nodeID, port) {
  const ports = { server: port, client: port + 1 }
  return {
    nodeID,
    logger: false,
    transporter: {
      type: 'TCP',
      options: {
        udpDiscovery: false,
        port: ports[nodeID],
        urls: Object.entries(ports).map(([id, at]) => `127.0.0.1:${at}/${id}`),
      },
    },
  }
}

/** So many nodes that know each other by address. */
export function moleculerNodes(port, count) {
  const urls = Array.from({ length: count }, (_, at) => `127.0.0.1:${port + at}/node-${at}`)
  return urls.map((_, at) => ({
    nodeID: `node-${at}`,
    logger: false,
    transporter: { type: 'TCP', options: { udpDiscovery: false, port: port + at, urls } },
  }))
}
