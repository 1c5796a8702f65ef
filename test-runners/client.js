import { createSleuth } from '@sleuth/core'

export const client = await createSleuth()
