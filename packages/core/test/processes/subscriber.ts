import { createSleuth } from '@sleuth/core'

/** An instance of `foo` on loopback that tells its parent, once in a while, the numbers of the events that it has got. */
const sleuth = await createSleuth({
  service: 'foo',
  interface: 'loopback',
  port: Number(process.argv[2]),
  handler: (_req, res) => res.end(),
})

const got: number[] = []
sleuth.subscribe(
  'n',
  ({ data }) => void got.push(typeof data === 'number' ? data : (data as { n: number }).n),
)
sleuth.subscribe('ready', () => {})
setInterval(() => process.send?.(got.splice(0)), 20)
