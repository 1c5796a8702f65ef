/** A node that serves nobody, in a process that is told how many file descriptors it may have: it tells what it costs. */
import { createNode } from '@sleuth/zre'

const lines: string[] = []
const none = () => {}
const logger = {
  trace: none,
  debug: none,
  info: none,
  warn: none,
  error: (_fields: object, line: string) => lines.push(line),
}
const node = await createNode({ interface: 'loopback', port: Number(process.argv[2]), logger })
process.send?.({ endpoint: node.endpoint })

/** CPU time since the last report, as a share of the time that has passed. */
let [cpu, at] = [process.cpuUsage(), performance.now()]
process.on('message', async (message) => {
  if (message === 'stop') {
    await node.close()
    process.disconnect()
    return
  }
  const { user, system } = process.cpuUsage(cpu)
  const share = (user + system) / 1000 / (performance.now() - at)
  cpu = process.cpuUsage()
  at = performance.now()
  process.send?.({ share, lines, dropped: node.stats().dropped })
})
