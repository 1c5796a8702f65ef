import { createSleuth, SleuthError } from '@sleuth/core'

// @ts-expect-error a service is named by a string
await createSleuth({ service: 1, handler: () => {} })
// @ts-expect-error an option that there is not
await createSleuth({ servce: 'echo' })
const sleuth = await createSleuth()
// @ts-expect-error a URL is not a number
await sleuth.do(1)
// @ts-expect-error an event that there is not
sleuth.on('sideways', () => {})
// @ts-expect-error what is found is not changed
sleuth.services()[0].instances.push()
// @ts-expect-error a code that there is not
export const known = new SleuthError('SLEUTH_NOPE', 'no') instanceof Error
