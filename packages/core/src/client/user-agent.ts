import { createRequire } from 'node:module'

const { version } = createRequire(import.meta.url)('@sleuth/core/package.json') as { version: string }

/** What calls say in `user-agent`, unless their caller does. */
export const product = `sleuth/${version}`
