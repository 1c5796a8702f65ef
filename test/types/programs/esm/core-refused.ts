import { createSleuth, SleuthError } from '@sleuth/core'

// @ts-expect-error a service is named by a string
await createSleuth({ service: 1, handler: () => {} })
// @ts-expect-error an option that there is not
await createSleuth({ servce: 'echo' })
// @ts-expect-error an option of the adapters
await createSleuth({ onError: () => {} })
const sleuth = await createSleuth()
// @ts-expect-error a URL is not a number
await sleuth.do(1)
// @ts-expect-error an event that there is not
sleuth.on('sideways', () => {})
// @ts-expect-error a question that there is not
await sleuth.inspect('A', 'secrets')
// @ts-expect-error a report of another question
;(await sleuth.inspect('A', 'info')).links
// @ts-expect-error what is found is not changed
sleuth.services()[0].instances.push()
createSleuth({
  service: 'echo',
  // @ts-expect-error over HTTP there is no peer
  handler: (req) => req.sleuthPeer.id,
})
createSleuth({
  service: 'echo',
  handler: (req) => {
    // @ts-expect-error all requests of a peer share it
    if (req.sleuthPeer) req.sleuthPeer.id = ''
  },
})
// @ts-expect-error keys without who else is let in
await createSleuth({ security: { publicKey: '', secretKey: '' } })
// @ts-expect-error a code that there is not
export const known = new SleuthError('SLEUTH_NOPE', 'no') instanceof Error
