export type { Sleuth, SleuthPeer } from '@sleuth/core'
export { InjectSleuth, SLEUTH, SleuthModule, type SleuthModuleAsyncOptions } from './module.js'
export { RequestSleuth } from './request-sleuth.js'
