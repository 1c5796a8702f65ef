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
